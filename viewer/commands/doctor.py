"""`glioscope doctor`: say what is installed, what is missing, and what a cache holds."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from analysis.cohort.places import place
from viewer.commands.arguments import StateFolder


def doctor(
    study: Annotated[
        Path | None,
        typer.Argument(parser=place, metavar="[STUDY]", help="A study, to look into its cache."),
    ] = None,
    state: StateFolder = None,
    empty_cache: Annotated[
        bool, typer.Option("--empty-cache", help="Delete everything derived in the study's cache.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False,
) -> None:
    """Say what is installed, what is missing, what is cached.

    What is missing comes with how to get it, what is cached with its size. Exit code 1 if something that
    glioscope itself needs is missing; extras may be missing.
    """
    from analysis.cohort.study import read_study
    from analysis.cohort.usage import UsageError
    from viewer import health
    from viewer.study_state import require_state_of_remote

    if empty_cache and study is None:
        raise UsageError("--empty-cache needs the study whose cache to empty")
    if study is not None:
        require_state_of_remote(study, state)
    cache = None if study is None else read_study(study, state).cache_folder
    if cache is not None and empty_cache:
        freed_bytes = health.empty_cache(cache)
        typer.echo(f"freed {health.size_text(freed_bytes)} of {cache}", err=True)
    report = health.report(cache)
    typer.echo(json_format.dumps(report.as_json(), indent=2) if json else report.text)
    raise typer.Exit(report.exit_code)
