"""`glioscope report`: the paper's tables and figures, recomputed from a study."""

from pathlib import Path
from typing import Annotated

import typer

from viewer.commands.arguments import StudyFolder


def report(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the page, tables and figures.")],
    selectors: Annotated[
        bool, typer.Option(help="Fit the classifiers of Appendix B (minutes on a thousand patients).")
    ] = True,
    jobs: Annotated[int, typer.Option(min=0, help="Processes at once; 0 takes every processor.")] = 0,
) -> None:
    """Write tables, figures, and one page that links them.

    Tables are CSV, Markdown and LaTeX, figures PNG and SVG. What the study can't fill is named on the
    page with the reason. Prints the page's path. Exit code 1 if some patients' files could not be read.
    Research use only, not for clinical decisions.
    """
    from analysis.ceiling.selectors import SelectorOptions
    from analysis.cohort.study import read_study
    from viewer.preparation.executors import available_jobs, here
    from viewer.report import write_report

    processes = jobs or available_jobs()
    written = write_report(
        read_study(study),
        output,
        here(processes),
        with_selectors=selectors,
        options=SelectorOptions(jobs=processes),
    )
    typer.echo(written.page)
    for failure in written.failures:
        typer.echo(failure, err=True)
    typer.echo(written.sentence, err=True)
    raise typer.Exit(1 if written.failures else 0)
