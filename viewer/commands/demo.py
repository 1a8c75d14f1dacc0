"""`glioscope demo`: a synthetic study, prepared and served, by one command."""

from pathlib import Path
from typing import Annotated

import typer

SEED = 1


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where it is kept.")] = Path("demo-study"),
    patients: Annotated[int, typer.Option(min=1, help="How many scans; 12 pin all six cases.")] = 12,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8050,
    jobs: Annotated[
        int, typer.Option(min=0, help="Processes while it is made; 0 takes every processor.")
    ] = 0,
) -> None:
    """Make a synthetic study, prepare it and browse it.

    Takes about two minutes the first time and seconds the next: what is there already is kept. No person's
    data is in it. The address goes to stdout; stop with Ctrl-C, and delete the folder when you are done.
    """
    from analysis.cohort.study import read_study
    from analysis.synthetic.study import Recipe, check_folder, write_synthetic_study
    from analysis.wording import counted
    from viewer.commands.serve import answer
    from viewer.preparation.executors import available_jobs, here
    from viewer.preparation.prepare import prepare_study
    from viewer.preparation.progress import shown
    from viewer.server import Serving

    recipe = Recipe(patients, SEED)
    check_folder(folder, recipe)
    workers = jobs or available_jobs()
    typer.echo(f"1 of 3  {counted(patients, 'synthetic patient')} in {folder}", err=True)
    for _ in shown(write_synthetic_study(folder, recipe, jobs=workers), patients, "synthesize"):
        pass
    typer.echo("2 of 3  what is right and wrong about their label maps", err=True)
    summary = prepare_study(read_study(folder), here(workers))
    typer.echo(summary.sentence, err=True)
    typer.echo("3 of 3  the page; stop with Ctrl-C", err=True)
    answer(Serving(folder), "127.0.0.1", port)
