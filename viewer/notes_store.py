"""Notes and flags on patients and components, kept in one SQLite file: an append-only history.

A change never overwrites: it appends a version, and deleting appends one that says so. Whoever changes a note
names the version they saw; when somebody else was faster, nothing is written and a sentence says who.
Every write is one immediate transaction, so any number of processes may write at a time. The journal is
SQLite's plain one, not a write-ahead log, which needs shared memory and so fails on network disks.
"""

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

FLAGS = ("review", "interesting", "error")
LONGEST_TEXT, LONGEST_AUTHOR, LONGEST_NAME = 4000, 80, 200
PATIENCE_S = 15.0
_SCHEMA = 1
_ACTIONS = ("add", "edit", "delete")
_LAST_VERSION = 10**9
_CREATE = """
CREATE TABLE IF NOT EXISTS entry (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  note TEXT NOT NULL, version INTEGER NOT NULL, action TEXT NOT NULL,
  patient TEXT NOT NULL, component TEXT NOT NULL, flag TEXT NOT NULL, text TEXT NOT NULL,
  author TEXT NOT NULL, time_utc TEXT NOT NULL,
  UNIQUE (note, version));
CREATE INDEX IF NOT EXISTS of_patient ON entry (patient);
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""


class NoteError(ValueError):
    """A note that can't be kept as it is; the message is a sentence for people."""


class StaleNoteError(NoteError):
    """Somebody else changed the note since it was seen."""


class NotesUnavailableError(OSError):
    """The file can't be read or written; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes.

    Attributes:
        patient: id.
        text: up to 4000 characters; may be empty where a flag says it all.
        author: who writes, up to 80 characters.
        flag: one of `FLAGS`, or empty.
        component: `source:label:number`, or empty for the whole case.
    """

    patient: str
    text: str
    author: str
    flag: str = ""
    component: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one note.

    Attributes:
        note: id of the note.
        version: 1, 2, ...
        action: `add`, `edit` or `delete`.
        patient: id.
        component: as in `Draft`.
        flag: as in `Draft`.
        text: as in `Draft`.
        author: of this version.
        time_utc: ISO 8601, in UTC.
    """

    note: str
    version: int
    action: str
    patient: str
    component: str
    flag: str
    text: str
    author: str
    time_utc: str


COLUMNS = tuple(field.name for field in fields(Entry))
_NAMES = ", ".join(COLUMNS)
_INSERT = f"INSERT INTO entry ({_NAMES}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class NoteStore:
    """The notes of a study.

    Attributes:
        path: of the SQLite file; it is made with the first note.
    """

    path: Path

    def current(self, patient: str | None = None) -> list[Entry]:
        """List the last version of every note that is not deleted, oldest note first.

        Args:
            patient: only those about this patient.
        """
        last: dict[str, Entry] = {}
        for entry in self.history():
            last[entry.note] = entry
        return [
            entry
            for entry in last.values()
            if entry.action != "delete" and (patient is None or entry.patient == patient)
        ]

    def history(self, note: str | None = None) -> list[Entry]:
        """List every version of every note, or of one, in the order they were written."""
        if not self.path.is_file():
            return []
        where = "" if note is None else " WHERE note = ?"
        with _said(self.path), closing(_opened(self.path, is_writing=False)) as database:
            rows = database.execute(
                f"SELECT {_NAMES} FROM entry{where} ORDER BY place",  # noqa: S608 - our own names
                () if note is None else (note,),
            )
            return [Entry(*row) for row in rows]

    def add(self, draft: Draft) -> Entry:
        """Keep a new note.

        Raises:
            NoteError: if it says nothing, or more than fits.
            NotesUnavailableError: if the file can't be written.
        """
        entry = _entry(uuid.uuid4().hex, 1, "add", checked(draft))
        with self._writing() as database:
            database.execute(_INSERT, astuple(entry))
        return entry

    def edit(self, note: str, seen: int, draft: Draft) -> Entry:
        """Append a version to a note; it stays about what it was about.

        Args:
            note: its id.
            seen: the version that the author saw.
            draft: the new words and flag; what it says of patient and component does not count.

        Raises:
            StaleNoteError: if it has changed since.
            NoteError: if there is no such note, or the draft is none.
            NotesUnavailableError: if the file can't be written.
        """
        return self._append(note, seen, "edit", draft)

    def delete(self, note: str, seen: int, author: str) -> Entry:
        """Append a version that says the note is deleted; its words stay in the history. Raises as `edit`."""
        return self._append(note, seen, "delete", Draft("", "", author))

    def take_in(self, entries: Sequence[Entry]) -> int:
        """Take in versions from elsewhere, all or none.

        What is there already is left as it is. A note whose versions differ from ours is kept beside ours
        under an id of its own, so that neither is lost.

        Returns:
            How many versions were new.

        Raises:
            NoteError: if a version is none.
            NotesUnavailableError: if the file can't be written.
        """
        for entry in entries:
            _check_entry(entry)
        new = 0
        with self._writing() as database:
            for given in _by_note(entries).values():
                is_ours = not _differs(_versions(database, given[0].note), given)
                versions = given if is_ours else [replace(one, note=_twin(one.note, given)) for one in given]
                known = _versions(database, versions[0].note)
                for one in versions:
                    if one.version not in known:
                        database.execute(_INSERT, astuple(one))
                        new += 1
        return new

    def _append(self, note: str, seen: int, action: str, draft: Draft) -> Entry:
        with self._writing() as database:
            versions = _versions(database, note)
            if not versions:
                raise NoteError("This note is not there: it was written for another study.")
            last = versions[max(versions)]
            if last.version != seen:
                what = "deleted" if last.action == "delete" else "changed"
                raise StaleNoteError(
                    f"{last.author} {what} this note at {last.time_utc}, after you opened it. "
                    "Nothing is lost and nothing was written: look at it and try again."
                )
            if last.action == "delete":
                raise NoteError(f"{last.author} deleted this note at {last.time_utc}.")
            kept = replace(draft, patient=last.patient, component=last.component)
            if action == "delete":
                kept = replace(kept, text=last.text, flag=last.flag)
            entry = _entry(note, last.version + 1, action, checked(kept))
            database.execute(_INSERT, astuple(entry))
        return entry

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Open one immediate transaction: all of it is written at the end, or nothing."""
        with _said(self.path), closing(_opened(self.path, is_writing=True)) as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")


def is_text(words: str) -> bool:
    """Say whether something can be written in UTF-8: JSON may hold halves of characters, which can't."""
    return not any("\ud800" <= letter <= "\udfff" for letter in words)


def checked(draft: Draft) -> Draft:
    """Trim a draft and see that it can be kept.

    Raises:
        NoteError: with the reason.
    """
    text = draft.text.replace("\r\n", "\n").strip()
    _check_words(text, draft.flag)
    if not draft.patient or len(draft.patient) > LONGEST_NAME or len(draft.component) > LONGEST_NAME:
        raise NoteError("A note is about a patient of the study, or one of its components.")
    kept = replace(draft, text=text, author=_name(draft.author))
    is_plain = all(ord(letter) >= 32 or letter in "\n\t" for part in astuple(kept) for letter in part)
    if not is_plain or not all(is_text(part) for part in astuple(kept)):
        raise NoteError("A note holds text only, no control characters.")
    return kept


def _check_words(text: str, flag: str) -> None:
    if not text and not flag:
        raise NoteError("A note needs words or a flag.")
    if len(text) > LONGEST_TEXT:
        raise NoteError(f"A note has at most {LONGEST_TEXT} characters, this one has {len(text)}.")
    if flag and flag not in FLAGS:
        raise NoteError(f"There is no flag {flag[:40]!r}; there are {', '.join(FLAGS)}.")


def _name(author: str) -> str:
    name = " ".join(author.split())
    if not name:
        raise NoteError("Say who writes: the name field is empty.")
    if len(name) > LONGEST_AUTHOR:
        raise NoteError(f"A name has at most {LONGEST_AUTHOR} characters, this one has {len(name)}.")
    return name


def _entry(note: str, version: int, action: str, draft: Draft) -> Entry:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Entry(
        note, version, action, draft.patient, draft.component, draft.flag, draft.text, draft.author, now
    )


def _check_entry(entry: Entry) -> None:
    draft = Draft(entry.patient, entry.text, entry.author, entry.flag, entry.component)
    is_version = entry.action in _ACTIONS and 1 <= entry.version <= _LAST_VERSION
    if not is_version or not 0 < len(entry.note) <= LONGEST_NAME:
        raise NoteError(f"Version {entry.version} of note {entry.note[:40]!r} is no version of a note.")
    if checked(draft) != draft:
        raise NoteError(f"Version {entry.version} of note {entry.note[:40]!r} has blanks at its ends.")
    try:
        datetime.fromisoformat(entry.time_utc)
    except ValueError as error:
        raise NoteError(f"Note {entry.note[:40]!r}: {entry.time_utc[:40]!r} is no time.") from error


def _by_note(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.note, []).append(entry)
    return {note: sorted(versions, key=lambda one: one.version) for note, versions in found.items()}


def _differs(known: dict[int, Entry], versions: Sequence[Entry]) -> bool:
    return any(one.version in known and known[one.version] != one for one in versions)


def _twin(note: str, versions: Sequence[Entry]) -> str:
    """Name the other history of a note, always alike for the same one."""
    return f"{note[: LONGEST_NAME - 33]}~{uuid.uuid5(uuid.NAMESPACE_OID, repr(list(versions))).hex}"


def _versions(database: sqlite3.Connection, note: str) -> dict[int, Entry]:
    rows = database.execute(f"SELECT {_NAMES} FROM entry WHERE note = ?", (note,))  # noqa: S608 - our own names
    return {entry.version: entry for entry in (Entry(*row) for row in rows)}


def _opened(path: Path, *, is_writing: bool) -> sqlite3.Connection:
    if is_writing:
        path.parent.mkdir(parents=True, exist_ok=True)
    mode = "rwc" if is_writing else "ro"
    address = f"{path.absolute().as_uri()}?mode={mode}"
    database = sqlite3.connect(address, uri=True, timeout=PATIENCE_S, isolation_level=None)
    found = database.execute("PRAGMA user_version").fetchone()[0]
    if found > _SCHEMA:
        database.close()
        raise NotesUnavailableError(f"{path} has notes of schema {found}, this program reads {_SCHEMA}.")
    if is_writing and found < _SCHEMA:
        database.executescript(f"BEGIN IMMEDIATE; {_CREATE} PRAGMA user_version = {_SCHEMA}; COMMIT;")
    return database


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk complain of into a sentence."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise NotesUnavailableError(
                f"{path} was busy for {PATIENCE_S:g} s; nothing was written, try again."
            ) from error
        raise NotesUnavailableError(
            f"Notes can't be kept in {path}: {error}. Serve a study that can't be written with --state DIR."
        ) from error
    except sqlite3.DatabaseError as error:
        raise NotesUnavailableError(f"{path} is no file of notes: {error}.") from error
    except PermissionError as error:
        raise NotesUnavailableError(
            f"Notes can't be kept in {path}: {error.strerror}. Serve the study with --state DIR."
        ) from error
