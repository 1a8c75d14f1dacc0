import sqlite3
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.notes_files import as_csv, as_json, read_notes
from viewer.notes_store import (
    FLAGS,
    LONGEST_TEXT,
    Draft,
    Entry,
    NoteError,
    NoteStore,
    NotesUnavailableError,
    StaleNoteError,
    checked,
)

ANNA = Draft("P-1", "a satellite that Baseline misses", "Anna", "review", "distmap:ET:1")
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.just("\n"), max_size=60)
ENTRIES = st.lists(
    st.builds(
        Entry,
        note=st.uuids().map(lambda one: one.hex),
        version=st.just(1),
        action=st.just("add"),
        patient=st.sampled_from(["P-1", "P-2"]),
        component=st.sampled_from(["", "distmap:ET:1"]),
        flag=st.sampled_from(FLAGS),
        text=TEXT.map(str.strip),
        author=st.just("=Anna"),
        time_utc=st.just("2026-01-02T03:04:05Z"),
    ),
    max_size=5,
    unique_by=lambda one: one.note,
)


@pytest.fixture
def store(tmp_path):
    return NoteStore(tmp_path / "deep" / "notes.sqlite")


def test_a_note_is_kept_with_author_and_time(store):
    entry = store.add(ANNA)
    assert store.current("P-1") == [entry]
    assert (entry.version, entry.action, entry.author, entry.flag) == (1, "add", "Anna", "review")
    assert entry.time_utc.endswith("Z")
    assert store.current("P-2") == []


def test_reading_makes_no_file(store):
    assert store.current() == []
    assert not store.path.exists()


def test_editing_and_deleting_keep_what_was(store):
    first = store.add(ANNA)
    second = store.edit(first.note, 1, Draft("other", "agreed", "Ben"))
    assert (second.patient, second.component, second.text, second.flag) == (
        "P-1",
        "distmap:ET:1",
        "agreed",
        "",
    )
    third = store.delete(first.note, 2, "Carla")
    assert store.current() == []
    assert store.history(first.note) == [first, second, third]
    assert (third.author, third.text) == ("Carla", "agreed")


def test_the_file_itself_refuses_to_change_or_forget_a_version(store):
    store.add(ANNA)
    with sqlite3.connect(store.path) as database:
        for change in ("UPDATE entry SET text = 'x'", "DELETE FROM entry"):
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                database.execute(change)
    database.close()


def test_who_changes_what_somebody_else_changed_is_told_and_loses_nothing(store):
    note = store.add(ANNA).note
    store.edit(note, 1, Draft("", "mine", "Ben"))
    with pytest.raises(StaleNoteError, match=r"Ben changed this note at 20.*Nothing is lost"):
        store.edit(note, 1, Draft("", "late", "Carla"))
    with pytest.raises(StaleNoteError, match="Ben changed"):
        store.delete(note, 1, "Carla")
    assert [entry.text for entry in store.current()] == ["mine"]
    store.delete(note, 2, "Ben")
    with pytest.raises(StaleNoteError, match="Ben deleted this note"):
        store.edit(note, 2, Draft("", "late", "Carla"))
    with pytest.raises(NoteError, match="Ben deleted this note"):
        store.edit(note, 3, Draft("", "late", "Carla"))


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (Draft("P-1", "  ", "Anna"), "needs words or a flag"),
        (Draft("P-1", "x" * (LONGEST_TEXT + 1), "Anna"), "at most 4000 characters, this one has 4001"),
        (Draft("P-1", "x", " \n "), "name field is empty"),
        (Draft("P-1", "x", "A" * 81), "A name has at most 80"),
        (Draft("P-1", "x", "Anna", "urgent"), "no flag 'urgent'; there are review, interesting, error"),
        (Draft("P-1", "x\x00y", "Anna"), "control characters"),
        (Draft("P-1", "x", "An\x00na"), "control characters"),
        (Draft("", "x", "Anna"), "about a patient"),
    ],
)
def test_what_is_no_note_is_refused_in_one_sentence(store, draft, words):
    with pytest.raises(NoteError, match=words):
        store.add(draft)
    assert store.history() == []


def test_sql_in_a_note_is_only_text(store):
    nasty = "'); DROP TABLE entry; -- \" ? :a"
    entry = store.add(Draft("P-1' OR '1'='1", nasty, nasty, "", nasty))
    assert store.current("P-1' OR '1'='1") == [entry]
    assert store.current("P-1") == []
    assert store.history("x' OR '1'='1") == []


def test_a_note_of_another_study_can_not_be_edited(store):
    with pytest.raises(NoteError, match="another study"):
        store.edit("nothing", 1, ANNA)


@given(ENTRIES)
def test_json_and_csv_give_back_every_version(entries):
    assert read_notes(as_json("Study", entries)) == entries
    assert read_notes(as_csv(entries)) == entries


def test_a_spreadsheet_takes_no_cell_for_a_formula(store):
    store.add(Draft("P-1", "=HYPERLINK(1)", "@Anna"))
    text = as_csv(store.history())
    assert "'=HYPERLINK(1)" in text
    assert "'@Anna" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no file of notes"),
        ("a,b\n1,2\n", "first line should name note, version"),
        ("{", "no file of notes"),
        ('{"format": "x"}', "should say format 'glioscope-notes'"),
        ('{"format": "glioscope-notes", "schema": 2}', "schema 2, this program reads 1"),
        ('{"format": "glioscope-notes", "schema": 1, "entries": [{}]}', "entry 1 should have exactly"),
        ("[1]", "should say format"),
    ],
)
def test_what_is_no_file_of_notes_is_refused(text, words):
    with pytest.raises(NoteError, match=words):
        read_notes(text)


def test_taking_in_twice_adds_nothing_and_a_differing_history_is_kept_beside_ours(store, tmp_path):
    note = store.add(ANNA).note
    other = NoteStore(tmp_path / "other.sqlite")
    assert other.take_in(store.history()) == 1
    assert other.take_in(store.history()) == 0
    store.edit(note, 1, Draft("", "here", "Anna"))
    other.edit(note, 1, Draft("", "there", "Ben"))
    assert store.take_in(other.history()) == 2
    assert sorted(entry.text for entry in store.current()) == ["here", "there"]
    assert store.take_in(other.history()) == 0


def test_a_bad_version_takes_in_nothing(store):
    good = store.add(ANNA)
    bad = Entry("n", 0, "add", "P-1", "", "", "x", "Anna", "2026-01-02T03:04:05Z")
    late = Entry("m", 1, "add", "P-1", "", "", "x", "Anna", "yesterday")
    for wrong in (bad, late):
        with pytest.raises(NoteError):
            store.take_in([Entry("k", 1, "add", "P-1", "", "", "x", "Anna", "2026-01-02T03:04:05Z"), wrong])
    assert store.history() == [good]


def test_a_file_that_is_none_of_ours_is_named(tmp_path):
    path = tmp_path / "notes.sqlite"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 40)
    with pytest.raises(NotesUnavailableError, match="is no file of notes"):
        NoteStore(path).current()
    folder = tmp_path / "folder.sqlite"
    folder.mkdir()
    with pytest.raises(NotesUnavailableError, match="--state DIR"):
        NoteStore(folder).add(ANNA)


def test_notes_of_a_later_program_are_left_alone(store):
    store.add(ANNA)
    with sqlite3.connect(store.path) as database:
        database.execute("PRAGMA user_version = 9")
    database.close()
    with pytest.raises(NotesUnavailableError, match="schema 9, this program reads 1"):
        store.add(ANNA)


WRITER = """
import sys
from pathlib import Path
from viewer.notes_store import Draft, NoteStore, StaleNoteError
store, who = NoteStore(Path(sys.argv[1])), sys.argv[2]
for number in range(25):
    store.add(Draft("P-1", f"{who} {number}", who))
    while True:
        shared = store.current("P-0")[0]
        try:
            store.edit(shared.note, shared.version, Draft("", f"{shared.text} {who}{number}", who))
            break
        except StaleNoteError:
            continue
"""


@pytest.mark.slow
def test_two_processes_that_write_at_once_lose_nothing(store):
    shared = store.add(Draft("P-0", "shared", "Anna")).note
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(store.path), who]) for who in ("ben", "carla")
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    assert sorted(entry.text for entry in store.current("P-1")) == sorted(
        f"{who} {number}" for who in ("ben", "carla") for number in range(25)
    )
    history = store.history(shared)
    assert [entry.version for entry in history] == list(range(1, 52))
    words = history[-1].text.split()[1:]
    assert sorted(words) == sorted(f"{who}{number}" for who in ("ben", "carla") for number in range(25))


def test_threads_that_write_at_once_lose_nothing(store):
    def write(who):
        for number in range(5):
            store.add(Draft("P-1", f"{who} {number}", "Anna"))

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.current()) == 20


def test_windows_line_ends_become_plain_ones():
    assert checked(Draft("P-1", "a\r\nb", "Anna  M. ")) == Draft("P-1", "a\nb", "Anna M.")
