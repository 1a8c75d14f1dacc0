"""`glioscope check`: look at every input file of a study and say everything that is wrong with it."""

import json as json_format
from typing import Annotated

import typer

from viewer.commands.arguments import StudyFolder


def check(
    study: StudyFolder,
    jobs: Annotated[int, typer.Option(min=0, help="Processes at once; 0 takes every processor.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False,
) -> None:
    """Check the inputs of a study; writes nothing.

    One line on stdout for each finding of each patient. Exit code 0 without errors (there may be warnings),
    1 if some patients have errors, 2 if all have.
    """
    from analysis.cohort.study import read_study
    from viewer.checking import check_study
    from viewer.preparation.executors import available_jobs, here

    report = check_study(read_study(study), here(jobs or available_jobs()))
    if json:
        typer.echo(json_format.dumps(report.as_json(), indent=2))
    else:
        for finding in report.findings:
            typer.echo(f"{finding.severity}: {finding.sentence}")
    typer.echo(report.sentence, err=True)
    raise typer.Exit(report.exit_code)
