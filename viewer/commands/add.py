"""`glioscope add`: put another method into a study."""

from dataclasses import replace
from typing import Annotated

import typer

from viewer.commands.arguments import StudyFolder


def add(
    study: StudyFolder,
    method: Annotated[list[str], typer.Option(help="NAME=DIR, or NAME=PATH with {patient}. Repeatable.")],
    role: Annotated[
        list[str] | None, typer.Option(help="ROLE=NAME; roles are baseline, distmap, consensus. Repeatable.")
    ] = None,
) -> None:
    """Add methods to a study.

    `prepare` then computes only what they add. Writes study.toml anew (comments in it are lost). Patients
    need no command: those whose files appear in the study's folders belong to it. Prints the path of
    study.toml.
    """
    from analysis.cohort.study import STUDY_FILE, read_study, write_study
    from analysis.cohort.usage import UsageError
    from viewer.study_building import check_common_patients, method_at, with_roles
    from viewer.study_making import description

    before = read_study(study)
    if not before.has_volumes:
        raise UsageError(f"{study} holds published tables without volumes; no method can be added to it")
    added = [method_at(study, text) for text in method]
    for one in added:
        if one.name in [known.name for known in before.methods]:
            raise UsageError(f"{study} has a method {one.name!r} already")
    after = replace(before, methods=with_roles([*before.methods, *added], role or []))
    check_common_patients(after)
    write_study(after)
    typer.echo(description(after), err=True)
    typer.echo(study / STUDY_FILE)
