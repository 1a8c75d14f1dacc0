"""`glioscope snapshot`: a case as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer


def snapshot(
    study: Annotated[Path, typer.Argument(help="The study's folder.")],
    patient: Annotated[str, typer.Argument(help="Whose case.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file; its name ends in .html.")],
    link: Annotated[
        str,
        typer.Option(
            help="What the page's address says after `?` of the view to open with, or a copied link."
        ),
    ] = "",
    state: Annotated[
        Path | None, typer.Option(help="Folder for derived files, where the study can't be written to.")
    ] = None,
) -> None:
    """Write a case as one page that opens without a server.

    It has 3D panels, slices, scores and components. It holds the surfaces, label maps and one image, so
    it is worth as much care as the scan itself. Research use only, not for clinical decisions.
    """
    from dataclasses import replace

    from analysis.cohort.atomic import write_bytes_atomically
    from analysis.cohort.nifti import NiftiError
    from analysis.cohort.usage import UsageError
    from viewer.open_study import NotInStudyError, OpenStudy
    from viewer.snapshot import snapshot as offered
    from viewer.view_state import read_query

    if output.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{output}: the name must end in .html")
    view, problems = read_query(link.partition("?")[2] or link)
    for sentence in problems:
        typer.echo(sentence, err=True)
    opened = OpenStudy(study, state)
    try:
        made = offered(opened.read(), replace(view, patient=patient), opened.cache)
        written = made.make()
    except (NotInStudyError, NiftiError) as error:
        raise UsageError(str(error.args[0])) from error
    except PermissionError as error:
        hint = "--state DIR puts derived files elsewhere"
        raise UsageError(f"{error.filename}: {error.strerror}; {hint}") from error
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_bytes_atomically(output, written)
    except OSError as error:
        raise UsageError(f"{output}: {error}") from error
    typer.echo(f"{len(written) / 1e6:.1f} MB", err=True)
    typer.echo(output)
