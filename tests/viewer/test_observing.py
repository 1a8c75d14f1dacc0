"""A supervisor can ask, a request can be followed, and no line of log names a patient or holds a token."""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from studies import write_volumes

from viewer.app import create_app
from viewer.observing import LOG_FORMATS, Write, add_health, observe, writer
from viewer.open_study import OpenStudy

PATIENT = "P-00001-000"
TOKEN = "a-token-that-nobody-may-read"  # noqa: S105 - made up
LOCAL = {"Host": "127.0.0.1"}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_volumes(tmp_path / "study").folder


@pytest.fixture
def lines() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def client(study, lines):
    return create_app(study, log=lines.append).server.test_client()


def test_a_server_whose_study_can_be_read_is_well(client):
    answer = client.get("/health", headers=LOCAL)
    assert answer.status_code == 200
    assert set(answer.get_json()) == {"status", "version", "study"}
    assert (answer.get_json()["status"], answer.get_json()["study"]) == ("ok", "readable")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_server_whose_study_is_gone_is_not_well_and_recovers(study, client):
    client.get("/", headers=LOCAL)
    file = study / "study.toml"
    whole = file.read_bytes()
    for damage in (file.unlink, lambda: file.write_bytes(b"schema = [")):
        damage()
        answer = client.get("/health", headers=LOCAL)
        assert (answer.status_code, answer.get_json()["study"]) == (503, "unreadable")
    file.write_bytes(whole)
    assert client.get("/health", headers=LOCAL).status_code == 200


def test_each_answer_carries_an_id_of_its_own_and_so_does_its_line(client, lines):
    answers = [client.get("/health", headers=LOCAL) for _ in range(2)]
    ids = [answer.headers["X-Request-ID"] for answer in answers]
    assert len(set(ids)) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)
    assert [line["request"] for line in lines] == ids


def test_a_proxys_id_is_kept(client, lines):
    answer = client.get("/health", headers={**LOCAL, "X-Request-ID": "proxy-17"})
    assert answer.headers["X-Request-ID"] == lines[0]["request"] == "proxy-17"


@pytest.mark.parametrize("given", ["two words", "x" * 65, 'q"}', "", "ü"])
def test_an_id_that_is_no_plain_word_is_replaced(client, given):
    found = client.get("/health", headers={**LOCAL, "X-Request-ID": given}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", found)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        (f"/mesh/{PATIENT}/reference/voxel.packed?token={TOKEN}", "/mesh/<patient>/<source>/<mode>.packed"),
        (f"/labels/{PATIENT}/reference.u8", "/labels/<patient>/<source>.u8"),
        (f"/case/{PATIENT}.json?token={TOKEN}", "/case/<patient>.json"),
        (f"/nowhere/{PATIENT}/deep?token={TOKEN}", None),
        (f"/?patient={PATIENT}&token={TOKEN}", "/"),
    ],
)
def test_a_line_has_the_routes_template_and_neither_ids_nor_tokens(client, lines, path, route):
    answer = client.get(path, headers=LOCAL)
    (line,) = lines
    assert line["event"] == "answered"
    assert line["status"] == answer.status_code
    assert line["bytes"] == len(answer.data)
    assert line["ms"] >= 0
    assert route is None or line["route"] == route
    assert PATIENT not in json.dumps(line)
    assert TOKEN not in json.dumps(line)


def test_a_refused_request_has_a_line_too(client, lines):
    client.get("/health", headers={"Host": "evil.example"})
    assert (lines[0]["status"], lines[0]["route"]) == (400, "/health")


def _failing(write: Write | None) -> Flask:
    server = Flask(f"test-{uuid.uuid4()}")  # apps of one name share a logger
    observe(server, write)

    @server.get("/broken/<patient>")
    def broken(patient: str) -> str:
        raise RuntimeError(f"no such thing as {patient}")

    return server


def test_a_failure_is_written_without_its_message_and_with_its_place(lines, caplog):
    answer = _failing(lines.append).test_client().get(f"/broken/{PATIENT}?token={TOKEN}")
    assert answer.status_code == 500
    failed, answered = lines
    assert (failed["event"], failed["error"], failed["route"]) == (
        "failed",
        "RuntimeError",
        "/broken/<patient>",
    )
    assert re.search(r"test_observing\.py:\d+ broken$", failed["at"][-1])
    assert failed["request"] == answered["request"] == answer.headers["X-Request-ID"]
    assert PATIENT not in json.dumps(lines)
    assert caplog.records == []


def test_without_a_log_flasks_own_message_about_a_failure_has_the_template_too(caplog):
    _failing(None).test_client().get(f"/broken/{PATIENT}?token={TOKEN}")
    (record,) = caplog.records
    assert record.getMessage() == "Exception on /broken/<patient> [GET]"


@pytest.mark.parametrize("form", LOG_FORMATS)
def test_a_written_line_is_one_line_in_the_form_that_was_asked_for(form, capfd):
    write = writer(form)
    if write is None:
        assert form == "off"
        return
    write({"event": "answered", "route": "/x\ny", "status": 200})
    out, err = capfd.readouterr()
    assert out == ""
    if form == "json":
        assert json.loads(err) | {"time": ""} == {
            "time": "",
            "event": "answered",
            "route": "/x\ny",
            "status": 200,
        }
    else:
        assert re.fullmatch(r"\S+Z?\+?\S* answered route=/x\ny status=200\n", err)


def test_health_needs_no_more_than_a_study(study):
    server = Flask("test")
    add_health(server, OpenStudy(study))
    assert server.test_client().get("/health").get_json()["status"] == "ok"
