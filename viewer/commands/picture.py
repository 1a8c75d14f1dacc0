"""`glioscope picture`: patients as PNG, without a window."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.commands.arguments import StudyFolder
from viewer.commands.export import Mode

if TYPE_CHECKING:
    from viewer.case_pictures import Shot
    from viewer.open_study import Reading


class Preset(StrEnum):
    """From where; the paper's figures look from the left."""

    left = "left"
    right = "right"
    front = "front"
    back = "back"
    top = "top"
    oblique = "oblique"


def picture(
    study: StudyFolder,
    patients: Annotated[list[str], typer.Argument(metavar="PATIENT...", help="Who.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The file, .png; a folder for several patients.")
    ],
    method: Annotated[
        list[str] | None,
        typer.Option(help="Whose label maps, `reference` for the ground truth; all by default. Repeatable."),
    ] = None,
    mode: Annotated[Mode, typer.Option(help="How surfaces are made.")] = Mode.volume_true,
    preset: Annotated[Preset, typer.Option(help="From where.")] = Preset.left,
    size: Annotated[int, typer.Option(min=16, max=4096, help="Width and height of a view in pixels.")] = 480,
    brain: Annotated[bool, typer.Option("--brain", help="Draw the brain around.")] = False,
    turntable: Annotated[
        int, typer.Option(min=0, max=360, help="Frames of a turn around, as animated PNG; 0 for none.")
    ] = 0,
) -> None:
    """Draw patients on black, without a display.

    One method, or several two a row at one scale; or one method turning round. Exit code 1 if some patients
    can't be drawn and the rest is. Research use only.
    """
    from analysis.cohort.usage import UsageError
    from viewer.case_pictures import Shot
    from viewer.open_study import NotInStudyError, read
    from viewer.preparation.progress import shown

    reading = read(study)
    sources = method or [source.name for source in reading.cohort.sources]
    if turntable and len(sources) > 1:
        raise UsageError("--turntable turns one method: name it with --method")
    shot = Shot(mode.value, preset.value, (size, size), brain)
    failed = []
    targets = _targets(patients, output)
    for patient, target in shown(iter(targets.items()), len(targets), "picture"):
        try:
            _draw(reading, (patient, sources), (shot, turntable), target)
        except NotInStudyError as problem:
            failed.append(str(problem))
        else:
            typer.echo(target)
    if len(failed) == len(targets):
        raise UsageError(failed[0])
    for sentence in failed:
        typer.echo(sentence, err=True)
    raise typer.Exit(1 if failed else 0)


def _targets(patients: list[str], output: Path) -> dict[str, Path]:
    from analysis.cohort.usage import UsageError

    if len(patients) == 1 and not output.is_dir():
        if output.suffix.lower() != ".png":
            raise UsageError(f"{output}: the name must end in .png")
        return {patients[0]: output}
    if output.suffix or output.is_file():
        raise UsageError(f"{output}: {len(patients)} pictures are drawn, so --output must name a folder")
    return {patient: output / f"{patient}.png" for patient in patients}


def _draw(reading: "Reading", who: tuple[str, list[str]], how: "tuple[Shot, int]", target: Path) -> None:
    """Draw one patient's file.

    Raises:
        UsageError: if a file can't be read or written, or there is nothing to draw with.
    """
    from analysis.cohort.atomic import write_bytes_atomically
    from analysis.cohort.nifti import NiftiError
    from analysis.cohort.places import reason_of
    from analysis.cohort.usage import UsageError
    from meshing.pictures import animation_bytes, png_bytes
    from viewer.case_pictures import case_montage, case_turntable

    (patient, sources), (shot, frame_count) = who, how
    try:
        if frame_count:
            data = animation_bytes(case_turntable(reading, patient, sources[0], shot, frame_count))
        else:
            data = png_bytes(case_montage(reading, patient, sources, shot))
        write_bytes_atomically(target, data)
    except (OSError, NiftiError) as error:
        raise UsageError(f"{target}: {reason_of(error, target)}") from error
