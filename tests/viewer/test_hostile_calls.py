"""Rubbish to the whole application: every route and every callback answers it with a sentence."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from studies import write_volumes
from werkzeug.test import TestResponse

from analysis.cohort.study import Study
from viewer.app import create_app
from viewer.cohort_state import CohortState
from viewer.refusals import CALLS
from viewer.view_state import ViewState

PATIENT = "P-00001-000"
MANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
FILTERS = (
    '{"x":{"type":"near"}}',
    '{"x":{"conditions":3}}',
    '{"x":{"conditions":[]}}',
    '{"x":{"type":"inRange","filter":"a"}}',
    '{"patient":{"type":"equals","filter":{"a":1}}}',
)
WORDS = st.one_of(
    st.sampled_from([PATIENT, "reference", "baseline", "distmap", "voxel", "t1c", "WT", "1", "-1", "glb"]),
    st.sampled_from(
        ["distmap:NCR:1", "dice:WT:baseline", "linear,0,0,1,1,2,2", "x:asc", "0,1,0,1", *FILTERS]
    ),
    st.sampled_from(["..", "../../etc/passwd", "\0", "a\\b", "~", "'--", "NaN", "1e999", "9" * 30]),
    st.text(max_size=12),
)
NAMES = st.sampled_from([*ViewState.__slots__, *CohortState.__slots__, "like", "step", "source", "m", ""])
QUERIES = st.lists(st.tuples(NAMES, WORDS), max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | NAMES, inner, max_size=3)
    ),
    max_leaves=6,
)
ROW_REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "startRow": JSON,
        "endRow": st.just(20) | JSON,
        "filterModel": st.dictionaries(
            st.sampled_from(["x", "patient", "fold", "winner"]),
            st.fixed_dictionaries(
                {}, optional={"type": JSON, "filter": JSON, "conditions": st.lists(JSON) | JSON}
            ),
        ),
        "sortModel": st.lists(st.fixed_dictionaries({}, optional={"colId": WORDS, "sort": JSON})) | JSON,
    },
)


@dataclass(frozen=True, repr=False)
class Served:
    """An application, its addresses and its callbacks."""

    client: FlaskClient
    addresses: tuple[str, ...]
    callbacks: tuple[dict[str, Any], ...]


def served(folder: Path) -> Served:
    """Serve a study; a failure of ours becomes an answer of 500, as on a real server."""
    app = create_app(folder)
    app.server.logger.disabled = True
    rules = [rule.rule for rule in app.server.url_map.iter_rules() if "GET" in (rule.methods or ())]
    client = app.server.test_client()
    known = client.get("/_dash-dependencies").get_json()
    return Served(client, tuple(rules), tuple(one for one in known if not one["clientside_function"]))


@pytest.fixture(scope="module")
def prepared(boxes: Study) -> Served:
    return served(boxes.folder)


@pytest.fixture(scope="module")
def unprepared(tmp_path_factory: pytest.TempPathFactory) -> Served:
    study = write_volumes(tmp_path_factory.mktemp("unprepared") / "study")
    return served(study.folder)


def query_of(pairs: list[tuple[str, str]]) -> str:
    return "?" + "&".join(f"{name}={quote(value, errors='ignore')}" for name, value in pairs)


def called(callback: dict[str, Any], values: Sequence[object]) -> dict[str, Any]:
    """Write a call of the page with values of one's own."""
    sources = [dict(source, value=value) for source, value in zip(arguments(callback), values, strict=True)]
    names = callback["output"].removeprefix("..").removesuffix("..").split("...")
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    count = len(callback["inputs"])
    return {
        "output": callback["output"],
        "outputs": outputs if callback["output"].startswith("..") else outputs[0],
        "inputs": sources[:count],
        "state": sources[count:],
        "changedPropIds": [],
    }


def arguments(callback: dict[str, Any]) -> list[dict[str, Any]]:
    return [*callback["inputs"], *callback["state"]]


def writing(served: Served, output: str) -> dict[str, Any]:
    return next(one for one in served.callbacks if output in one["output"].strip(".").split("..."))


def assert_answered(answer: TestResponse) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and answer.mimetype == "text/plain":
        assert len(answer.text.splitlines()) == 1
        assert "Traceback" not in answer.text


@pytest.mark.slow
@MANY
@given(data=st.data(), pairs=QUERIES)
def test_no_address_with_any_query_is_answered_by_a_failure(
    prepared: Served, unprepared: Served, data: st.DataObject, pairs: list[tuple[str, str]]
) -> None:
    server = data.draw(st.sampled_from([prepared, unprepared]))
    rule = data.draw(st.sampled_from(server.addresses))
    path = re.sub(r"<[^>]*>", lambda _: quote(data.draw(WORDS), errors="ignore"), rule)
    assert_answered(server.client.get(path + query_of(pairs)))


@pytest.mark.slow
@MANY
@given(data=st.data())
def test_no_callback_with_any_values_is_answered_by_a_failure(
    prepared: Served, unprepared: Served, data: st.DataObject
) -> None:
    server = data.draw(st.sampled_from([prepared, unprepared]))
    callback = data.draw(st.sampled_from(server.callbacks))
    values = [
        data.draw(ROW_REQUESTS if source["property"] == "getRowsRequest" else QUERIES.map(query_of) | JSON)
        for source in arguments(callback)
    ]
    assert_answered(server.client.post(CALLS, json=called(callback, values)))


@pytest.mark.slow
@MANY
@given(body=JSON | st.dictionaries(st.sampled_from(["output", "outputs", "inputs", "state"]), JSON))
def test_a_call_of_any_json_is_refused_in_one_sentence(prepared: Served, body: object) -> None:
    answer = prepared.client.post(CALLS, json=body)
    assert answer.status_code == 400
    assert_answered(answer)


@pytest.mark.slow
@MANY
@given(
    path=st.sampled_from(["/notes/add", "/notes/edit", "/notes/delete", "/notes/import"]),
    body=JSON
    | st.dictionaries(
        st.sampled_from(["patient", "component", "text", "author", "flag", "note", "version"]), JSON
    ),
)
def test_no_note_of_any_json_is_answered_by_a_failure(unprepared: Served, path: str, body: object) -> None:
    assert_answered(unprepared.client.post(path, json=body))


def rubbish_row_requests() -> Iterator[dict[str, Any]]:
    whole = {"startRow": 0, "endRow": 20}
    yield {}
    yield {"startRow": "a", "endRow": None}
    yield {**whole, "filterModel": {"x": 3}}
    yield {**whole, "sortModel": "x"}
    yield {**whole, "filterModel": {"x": {"type": "near", "filter": 0}}}
    yield {**whole, "filterModel": {"x": {"type": "equals", "filter": 10**400}}}
    yield {**whole, "filterModel": {"x": {"conditions": [3]}}}
    yield {**whole, "filterModel": {"patient": {"type": "near"}}}


@pytest.mark.parametrize("request_", list(rubbish_row_requests()))
def test_a_rubbish_request_for_rows_is_refused_in_one_sentence(
    prepared: Served, request_: dict[str, Any]
) -> None:
    call = called(writing(prepared, "table.getRowsResponse"), [request_, ""])
    answer = prepared.client.post(CALLS, json=call)
    assert answer.status_code == 400
    assert answer.text.endswith(".\n")
    assert answer.text.count("\n") == 1


@pytest.mark.parametrize(
    "call",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"output": 3}',
        b'{"output": "scores.children"}',
        b'{"output": "scores.children", "inputs": [{"id": "case-slot", "property": "data", "value": 3}]}',
        b'{"output": "scatter.clickData"}',
        b'{"output": "scores.children", "x": "\\ud800"}',
    ],
)
def test_what_is_no_call_of_the_page_is_refused_in_one_sentence(prepared: Served, call: bytes) -> None:
    answer = prepared.client.post(CALLS, data=call, content_type="application/json")
    assert answer.status_code == 400
    assert answer.text.endswith(".\n")
    assert answer.text.count("\n") == 1


def test_a_call_about_a_patient_that_is_unknown_is_refused_in_one_sentence(prepared: Served) -> None:
    call = called(writing(prepared, "stage.panels"), ["?patient=nobody"])
    answer = prepared.client.post(CALLS, json=call)
    assert (answer.status_code, answer.text) == (404, "No patient 'nobody' in this study.\n")


def test_a_call_that_the_page_makes_is_answered(prepared: Served) -> None:
    call = called(writing(prepared, "stage.panels"), [f"?patient={PATIENT}"])
    answer = prepared.client.post(CALLS, data=json.dumps(call), content_type="application/json")
    assert answer.status_code == 200


def test_the_call_that_a_note_was_saved_is_answered(prepared: Served) -> None:
    """What wakes the list of notes is a time, no text."""
    call = called(writing(prepared, "notes-list.children"), [f"?patient={PATIENT}", 1_790_000_000_000])
    assert prepared.client.post(CALLS, json=call).status_code == 200


def test_a_script_of_an_unknown_library_is_not_found(prepared: Served) -> None:
    assert prepared.client.get("/_dash-component-suites/numpy/core.js").status_code == 404


def test_components_that_are_not_there_yet_are_not_found(unprepared: Served) -> None:
    answer = unprepared.client.get("/cohort/components.csv")
    assert (answer.status_code, answer.text.count("\n")) == (404, 1)
