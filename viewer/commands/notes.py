"""`glioscope notes`: take the notes of a study away, and bring notes in."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from viewer.notes_store import NoteStore

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Export and import notes and flags, with their whole history.",
)

_STUDY = Annotated[Path, typer.Argument(help="The study's folder.")]
_STATE = Annotated[
    Path | None, typer.Option(help="Folder of the notes, where the study is served with --state.")
]


class Format(StrEnum):
    """What the file is."""

    json = "json"
    csv = "csv"


@app.command("export")
def take_away(
    study: _STUDY,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; stdout where none is named.")
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="By default what the file's name ends in, else json.")
    ] = None,
    state: _STATE = None,
) -> None:
    """Write every version of every note."""
    from analysis.cohort.atomic import write_bytes_atomically
    from analysis.cohort.study import read_study
    from analysis.cohort.usage import UsageError
    from viewer.notes_files import as_csv, as_json
    from viewer.notes_store import NotesUnavailableError

    ending = output.suffix.removeprefix(".").lower() if output else ""
    if output and form is None and ending not in set(Format):
        raise UsageError(f"{output}: the name must end in .json or .csv, or --format must say which")
    try:
        entries = _store(study, state).history()
    except NotesUnavailableError as error:
        raise UsageError(str(error)) from error
    is_csv = (form or Format(ending or "json")) is Format.csv
    text = as_csv(entries) if is_csv else as_json(read_study(study).name, entries)
    if output is None:
        sys.stdout.write(text)
        return
    write_bytes_atomically(output, text.encode())
    typer.echo(output)


@app.command("import")
def bring_in(
    study: _STUDY,
    file: Annotated[Path, typer.Argument(help="What `notes export` or the page wrote: JSON or CSV.")],
    state: _STATE = None,
) -> None:
    """Take notes in; what is there already is left as it is, so that twice is no more than once.

    A note that was changed on both sides is kept twice.
    """
    from analysis.cohort.places import reason_of
    from analysis.cohort.usage import UsageError
    from viewer.notes_files import read_notes
    from viewer.notes_store import NoteError, NotesUnavailableError

    try:
        new = _store(study, state).take_in(read_notes(file.read_text("utf-8")))
    except (NoteError, NotesUnavailableError) as error:
        raise UsageError(f"{file}: {error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no text: {error}") from error
    except OSError as error:
        raise UsageError(f"{file} can't be read: {reason_of(error, file)}") from error
    typer.echo(f"{new} new version{'' if new == 1 else 's'}", err=True)


def _store(study: Path, state: Path | None) -> "NoteStore":
    from analysis.cohort.study import read_study
    from viewer.notes_store import NoteStore

    return NoteStore(read_study(study, state).notes_path)
