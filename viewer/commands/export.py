"""`glioscope export`: surfaces as files for other programs."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.commands.arguments import StudyFolder

if TYPE_CHECKING:
    from viewer.exports import Order
    from viewer.open_study import Reading


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
    patients: Annotated[list[str], typer.Argument(metavar="PATIENT...", help="Whose surfaces.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The file; a folder where there is more than one to write.")
    ],
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
) -> None:
    """Write surfaces as GLB (metres, +Y up) or STL, OBJ or PLY (RAS mm). Research use only.

    A file names its patient, method, labels, voxel counts and the SHA-256 of the label map it was made from.
    Exit code 1 if some label maps are missing and the rest is written.
    """
    from analysis.cohort.usage import UsageError
    from viewer.exports import Order, checked
    from viewer.open_study import NotInStudyError, read
    from viewer.preparation.progress import shown

    reading = read(study)
    sources = tuple(method or [source.name for source in reading.cohort.sources])
    labels = tuple(label) if label else None
    orders = [Order(patient, source, mode.value, labels) for patient in patients for source in sources]
    targets = _targets(orders, output, format_)
    failed = []
    for order, target in shown(iter(list(zip(orders, targets, strict=True))), len(orders), "export"):
        try:
            checked(reading, order)
        except NotInStudyError as error:
            failed.append(str(error))
        else:
            _write(reading, order, target)
    if len(failed) == len(orders):
        raise UsageError(failed[0])
    for sentence in failed:
        typer.echo(sentence, err=True)
    if failed:
        raise typer.Exit(1)


def _targets(orders: "list[Order]", output: Path, form: Format | None) -> list[Path]:
    """Name a file for each order.

    Raises:
        UsageError: if the name says no format, or contradicts the one that was asked for.
    """
    from analysis.cohort.usage import UsageError

    ending = output.suffix.removeprefix(".").lower()
    if len(orders) == 1 and not output.is_dir():
        if ending not in set(Format) or (form is not None and ending != form):
            raise UsageError(f"{output}: the name must end in .{form or ', .'.join(Format)}")
        return [output]
    if output.is_file() or ending in set(Format):
        raise UsageError(f"{output}: {len(orders)} files are to be written, so --output must name a folder")
    return [output / f"{one.patient}_{one.source}_{one.mode}.{form or Format.glb}" for one in orders]


def _write(reading: "Reading", order: "Order", target: Path) -> None:
    from analysis.cohort.nifti import NiftiError
    from analysis.cohort.usage import UsageError
    from viewer.exports import write

    try:
        write(reading, order, target)
    except (OSError, NiftiError) as error:
        raise UsageError(f"{target}: {error}") from error
    typer.echo(target)
