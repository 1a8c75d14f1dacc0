"""Notes as JSON and as CSV, with their whole history; what is written is read back the same."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from viewer.notes_store import COLUMNS, Entry, NoteError, is_text

FORMAT, SCHEMA = "glioscope-notes", 1
# A spreadsheet takes a cell that begins so for a formula; an apostrophe before it makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "'")


def as_json(study: str, entries: Sequence[Entry]) -> str:
    """Write notes as JSON."""
    rows = [{name: getattr(entry, name) for name in COLUMNS} for entry in entries]
    document = {"format": FORMAT, "schema": SCHEMA, "study": study, "entries": rows}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def as_csv(entries: Sequence[Entry]) -> str:
    """Write notes as CSV, a line a version."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_guarded(getattr(entry, name)) for name in COLUMNS])
    return sink.getvalue()


def read_notes(text: str) -> list[Entry]:
    """Read what `as_json` or `as_csv` wrote.

    Raises:
        NoteError: if it is neither.
    """
    if text.lstrip().startswith(("{", "[")):
        return _from_json(text)
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    except csv.Error as error:
        raise NoteError(f"This is no file of notes: {error}.") from error
    if not rows or tuple(rows[0]) != COLUMNS:
        raise NoteError(f"This is no file of notes: its first line should name {', '.join(COLUMNS)}.")
    return [
        _entry(dict(zip(COLUMNS, map(_unguarded, row), strict=False)), f"line {number}")
        for number, row in enumerate(rows[1:], 2)
    ]


def _from_json(text: str) -> list[Entry]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoteError(f"This is no file of notes: {error}.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NoteError(f"This is no file of notes: it should say format {FORMAT!r}.")
    if document.get("schema") != SCHEMA:
        raise NoteError(f"Notes of schema {document.get('schema')!r}, this program reads {SCHEMA}.")
    rows = document.get("entries")
    if not isinstance(rows, list):
        raise NoteError("This is no file of notes: it should have a list of entries.")
    return [_entry(row, f"entry {number}") for number, row in enumerate(rows, 1)]


def _entry(row: Any, where: str) -> Entry:  # noqa: ANN401 - whatever a file holds
    if not isinstance(row, dict) or set(row) != set(COLUMNS):
        raise NoteError(f"{where} should have exactly {', '.join(COLUMNS)}.")
    try:
        version = int(row["version"])
    except (TypeError, ValueError, OverflowError) as error:
        raise NoteError(f"{where}: {str(row['version'])[:40]!r} is no version.") from error
    words = {name: row[name] for name in COLUMNS if name != "version"}
    if not all(isinstance(word, str) and is_text(word) for word in words.values()):
        raise NoteError(f"{where} holds something that is no text.")
    return Entry(version=version, **words)


def _guarded(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
