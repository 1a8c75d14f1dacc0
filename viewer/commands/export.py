"""`glioscope export`: surfaces as files for other programs."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.commands.arguments import StudyFolder

if TYPE_CHECKING:
    from viewer.cohort_export import Outcome


class Mode(StrEnum):
    """How surfaces are made."""

    voxel = "voxel"
    volume_true = "volume-true"
    paper = "paper"
    paper_literal = "paper-literal"


class Format(StrEnum):
    """What the files are."""

    glb = "glb"
    stl = "stl"
    obj = "obj"
    ply = "ply"


def export(
    study: StudyFolder,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The file; a folder where there is more than one to write.")
    ],
    patients: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATIENT]...", help="Whose surfaces; everybody's by default."),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(help="Whose label maps, `reference` for the ground truth; all by default. Repeatable."),
    ] = None,
    label: Annotated[list[int] | None, typer.Option(help="Only this label. Repeatable.")] = None,
    mode: Annotated[Mode, typer.Option(help="How surfaces are made.")] = Mode.volume_true,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="What the files are; taken from the file's name by default, else glb."),
    ] = None,
    together: Annotated[
        bool, typer.Option("--together", help="All methods of a patient side by side in one file.")
    ] = False,
    components: Annotated[
        bool, typer.Option("--components", help="Every component as an object of its own.")
    ] = False,
    triangles: Annotated[
        float,
        typer.Option(min=0.01, max=1, help="Share of a smooth surface's triangles to keep (of a whole one)."),
    ] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write surfaces as GLB, STL, OBJ or PLY.

    GLB is in metres, +Y up; the others are in RAS mm. Research use only. A file names its patient,
    method, labels, components, voxel counts, recipe, how far the surface is from the voxels, and the
    SHA-256 of the label map; beside an STL, which can't, lies a .stl.json. Without a patient the whole
    cohort is written. Exit code 1 if something is missing and the rest is written.
    """
    from analysis.cohort.usage import UsageError
    from viewer.cohort_export import tasks, written
    from viewer.exports import Order
    from viewer.open_study import read
    from viewer.preparation.progress import shown

    if components and triangles < 1:
        raise UsageError("--components and --triangles: components are small, they are kept whole")
    reading = read(study)
    sources = tuple(method or [source.name for source in reading.cohort.sources])
    labels = tuple(label) if label else None
    orders = [
        Order(patient, source, mode.value, labels, components, triangles)
        for patient in patients or sorted(reading.patients)
        for source in sources
    ]
    wanted = tasks(orders, output, format_.value if format_ else None, is_together=together)
    outcomes = []
    for outcome in shown(written(reading, wanted), len(wanted), "export"):
        outcomes.append(outcome)
        if outcome.is_written and not as_json:
            typer.echo(outcome.target)
    _close(outcomes, as_json=as_json)


def _close(outcomes: "list[Outcome]", *, as_json: bool) -> None:
    """Say what failed, and leave with the exit code that says how much."""
    import json

    from analysis.cohort.usage import UsageError

    problems = [outcome.problem for outcome in outcomes if outcome.problem]
    if not any(outcome.is_written for outcome in outcomes):
        raise UsageError(problems[0] if problems else "the study has no patient")
    if as_json:
        files = [str(outcome.target) for outcome in outcomes if outcome.is_written]
        typer.echo(json.dumps({"written": files, "problems": problems}))
    for sentence in problems:
        typer.echo(sentence, err=True)
    if problems:
        raise typer.Exit(1)
