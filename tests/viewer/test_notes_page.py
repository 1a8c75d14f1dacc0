"""Notes over HTTP and on the page: written, refused, listed, taken away and brought back."""

import json

import pytest
from cohorts import make_cohort
from prepared import PATIENTS

from viewer.app import create_app
from viewer.notes_card import flags_of_components, flags_of_patients, listed
from viewer.notes_store import Draft, NoteStore
from viewer.same_origin import is_own

ONE, TWO = PATIENTS[:2]
NOTE = {"patient": ONE, "component": "distmap:ET:1", "text": "missed", "author": "Anna", "flag": "review"}


@pytest.fixture
def client(boxes, tmp_path):
    return create_app(boxes.folder, state=tmp_path).server.test_client()


def words(component):
    if component is None or isinstance(component, str):
        return component or ""
    children = getattr(component, "children", None)
    return " ".join(words(child) for child in (children if isinstance(children, list) else [children]))


def test_a_note_is_written_changed_and_deleted(client, tmp_path):
    first = client.post("/notes/add", json=NOTE).get_json()
    assert (first["version"], first["component"]) == (1, "distmap:ET:1")
    change = {"note": first["note"], "version": 1, "text": "seen", "author": "Ben", "flag": ""}
    assert client.post("/notes/edit", json=change).get_json()["version"] == 2
    late = client.post("/notes/edit", json=change)
    assert (late.status_code, late.text.split(" at ")[0]) == (409, "Ben changed this note")
    gone = client.post("/notes/delete", json={"note": first["note"], "version": 2, "author": "Anna"})
    assert gone.status_code == 200
    assert NoteStore(tmp_path / "notes.sqlite").current() == []
    assert len(NoteStore(tmp_path / "notes.sqlite").history()) == 3


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"patient": "nobody"}, 404, "No patient 'nobody' in this study."),
        ({"component": "../../x"}, 400, "There can be no component '../../x'"),
        ({"text": 7}, 400, "text should be text."),
        ({"text": "", "flag": ""}, 400, "A note needs words or a flag."),
        ({"text": "x" * 70_000}, 400, "A note has at most 65536 bytes."),
        ({"flag": "urgent"}, 400, "There is no flag 'urgent'"),
    ],
)
def test_what_is_no_note_is_refused_in_one_sentence(client, change, status, sentence):
    answer = client.post("/notes/add", json=NOTE | change)
    assert (answer.status_code, answer.text.count("\n")) == (status, 1)
    assert answer.text.startswith(sentence)


def test_a_note_that_is_no_json_is_refused(client):
    assert client.post("/notes/add", data="text=1").status_code == 400
    assert client.post("/notes/add", json=[1]).status_code == 400
    assert client.post("/notes/edit", json={"note": "n", "version": True}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:9"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({}, 200),
    ],
)
def test_only_our_own_page_may_write(client, headers, status):
    assert client.post("/notes/add", json=NOTE, headers=headers).status_code == status


@pytest.mark.parametrize("path", ["/notes/edit", "/notes/delete", "/notes/import", "/_dash-update-component"])
def test_every_request_that_may_change_something_is_held_to_its_site(client, path):
    answer = client.post(path, json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert answer.text == "This request comes from another site, and is refused.\n"


def test_reading_from_another_site_is_no_change(client):
    assert client.get("/notes/export.json", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_an_origin_counts_only_where_the_browser_does_not_say_more():
    assert is_own("same-origin", "https://proxy.example", "127.0.0.1:8050")
    assert not is_own("cross-site", "http://127.0.0.1:8050", "127.0.0.1:8050")
    assert is_own(None, "http://127.0.0.1:8050", "127.0.0.1:8050")


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_what_is_taken_away_can_be_brought_to_another_study(client, boxes, tmp_path, ending):
    note = client.post("/notes/add", json=NOTE).get_json()
    client.post(
        "/notes/edit", json={"note": note["note"], "version": 1, "text": "=2", "author": "Ben", "flag": ""}
    )
    taken = client.get(f"/notes/export.{ending}")
    assert taken.headers["Content-Disposition"] == f'attachment; filename="glioscope-notes.{ending}"'
    other = create_app(boxes.folder, state=tmp_path / "other").server.test_client()
    assert other.post("/notes/import", data=taken.data).get_json() == {"new": 2}
    assert other.post("/notes/import", data=taken.data).get_json() == {"new": 0}
    assert other.get(f"/notes/export.{ending}").data == taken.data


def test_a_file_that_is_none_of_notes_is_refused(client):
    answer = client.post("/notes/import", data=b"\xff\xfe")
    assert (answer.status_code, answer.text) == (400, "This is no file of notes: it is not UTF-8 text.\n")
    assert client.post("/notes/import", data=json.dumps({"format": "x"})).status_code == 400


def test_notes_go_beside_the_state_and_leave_the_study_alone(client, boxes, tmp_path):
    client.post("/notes/add", json=NOTE)
    assert (tmp_path / "notes.sqlite").is_file()
    assert not (boxes.folder / "notes.sqlite").exists()


def test_a_file_of_notes_that_is_broken_is_said_not_thrown(client, tmp_path):
    (tmp_path / "notes.sqlite").write_bytes(b"broken" * 100)
    answer = client.post("/notes/add", json=NOTE)
    assert answer.status_code == 503
    assert "is no file of notes" in answer.text
    assert client.get("/notes/export.json").status_code == 503


def test_the_list_names_author_flag_component_and_earlier_versions(tmp_path):
    store = NoteStore(tmp_path / "notes.sqlite")
    first = store.add(Draft(ONE, "first <b>words</b>", "Anna", "error", "distmap:ET:1"))
    store.edit(first.note, 1, Draft("", "second words", "Ben", "review"))
    (article,) = listed(make_cohort([]), store.current(), {first.note: store.history()})
    text = words(article)
    for part in (
        "review",
        "ET 1 of DistMap",
        "Ben",
        "second words",
        "1 earlier version",
        "first <b>words</b>",
    ):
        assert part in text
    assert words(listed(make_cohort([]), [], {})[0]) == "Nothing is noted about this case."


def test_flags_are_counted_by_patient_and_by_component(tmp_path):
    store = NoteStore(tmp_path / "notes.sqlite")
    for patient, flag, component in (
        (ONE, "error", ""),
        (ONE, "review", "a:b:1"),
        (ONE, "review", "a:b:1"),
        (TWO, "", ""),
    ):
        store.add(Draft(patient, "x", "Anna", flag, component))
    assert flags_of_patients(store.current()) == {ONE: "review ×2, error", TWO: "note"}
    assert flags_of_components(store.current()) == {"a:b:1": "review ×2"}
