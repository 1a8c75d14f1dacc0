"""Files of notes made up to break something: taken in, or refused with a sentence."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from studies import write_volumes

from viewer.app import create_app
from viewer.notes_files import FORMAT, SCHEMA, read_notes
from viewer.notes_store import COLUMNS, NoteError, NoteStore

FILES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
ANY_TEXT = st.text(st.characters(), max_size=8)  # halves of characters, too
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    ANY_TEXT,
    st.lists(ANY_TEXT, max_size=2),
    st.just(10**30),
)
GOOD = {
    "note": "a",
    "version": 1,
    "action": "add",
    "patient": "P-1",
    "component": "",
    "flag": "review",
    "text": "t",
    "author": "Anna",
    "time_utc": "2026-01-02T03:04:05Z",
}
ENTRIES = st.lists(
    st.dictionaries(st.sampled_from([*COLUMNS, "x"]), VALUES, max_size=3).map(lambda odd: GOOD | odd),
    max_size=3,
)
HEAD = ",".join(COLUMNS) + "\n"
WORST = (
    "[" * 100_000,
    '{"a":' * 50_000,
    HEAD + '"' + "x" * 200_000,
    HEAD + "\0",
    HEAD + ",".join(["9" * 5000] * len(COLUMNS)),
    json.dumps({"format": FORMAT, "schema": SCHEMA, "entries": [GOOD | {"version": float("inf")}]}),
    json.dumps({"format": FORMAT, "schema": SCHEMA, "entries": [GOOD | {"note": "\ud800"}]}),
    json.dumps({"format": FORMAT, "schema": SCHEMA, "entries": [GOOD | {"version": 10**30}]}),
)


def taken_or_refused(text: str, folder: Path) -> None:
    with suppress(NoteError):
        NoteStore(folder / "notes.sqlite").take_in(read_notes(text))


@given(
    st.text(max_size=200)
    | st.text(st.sampled_from('[]{}",:\n\r\0e1'), max_size=60).map(lambda tail: HEAD + tail)
)
def test_no_text_at_all_does_anything_but_parse_or_refuse(text: str) -> None:
    with suppress(NoteError):
        read_notes(text)


@FILES
@given(ENTRIES)
def test_no_entry_near_a_good_one_does_anything_but_come_in_or_be_refused(
    tmp_path: Path, entries: list[dict[str, object]]
) -> None:
    taken_or_refused(json.dumps({"format": FORMAT, "schema": SCHEMA, "entries": entries}), tmp_path)


@pytest.mark.parametrize("text", WORST, ids=range(len(WORST)))
def test_the_worst_files_are_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(NoteError):
        NoteStore(tmp_path / "notes.sqlite").take_in(read_notes(text))


def test_the_server_refuses_them_too_and_says_why(tmp_path: Path) -> None:
    client = create_app(write_volumes(tmp_path / "study").folder).server.test_client()
    for text in WORST:
        answer = client.post("/notes/import", data=text.encode())
        assert (answer.status_code, answer.text.count("\n")) == (400, 1), answer.text
    for body in (b"[" * 100_000, b'{"patient": "P-00001-000", "text": "\\ud800", "author": "Anna"}'):
        answer = client.post("/notes/add", data=body, content_type="application/json")
        assert (answer.status_code, answer.text.count("\n")) == (400, 1), answer.text
