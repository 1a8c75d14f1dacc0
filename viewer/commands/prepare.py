"""`glioscope prepare`: compute what a study lacks, and write its results."""

import json as json_format
from dataclasses import asdict
from typing import Annotated

import typer

from viewer.commands.arguments import StateFolder, StudyFolder


def prepare(
    study: StudyFolder,
    jobs: Annotated[int, typer.Option(min=0, help="Processes at once; 0 takes every processor.")] = 0,
    cluster: Annotated[
        str, typer.Option(help="Address of a Dask scheduler, or local:N for N workers here.")
    ] = "",
    state: StateFolder = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    json: Annotated[bool, typer.Option("--json", help="What was done, as JSON.")] = False,
) -> None:
    """Compute what is missing, and write the results.

    May be stopped or killed at any moment and run again: what is done is not done twice. A patient that can't
    be read does not stop the others; it is named in results/failures.parquet, and the exit code is 1.
    """
    from analysis.cohort.study import read_study
    from viewer.preparation.executors import chosen
    from viewer.preparation.prepare import plan_study, prepare_study
    from viewer.study_state import require_state_of_remote

    require_state_of_remote(study, state)
    read = read_study(study, state)
    with chosen(jobs, cluster) as place:
        if dry_run:
            work = plan_study(read, place)
            for line in [json_format.dumps(asdict(work), indent=2)] if json else work.lines:
                typer.echo(line)
            typer.echo(work.sentence, err=True)
            return
        summary = prepare_study(read, place)
    typer.echo(json_format.dumps(asdict(summary), indent=2) if json else read.results_folder)
    for line in summary.failure_lines:
        typer.echo(line, err=True)
    typer.echo(summary.sentence, err=True)
    raise typer.Exit(summary.exit_code)
