"""Requests made up to break something: each is answered, none with an error of the program's own."""

from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from studies import write_volumes

from viewer.open_study import OpenStudy
from viewer.routes import add_routes
from viewer.view_state import ViewState, read_query
from viewer.what_if import WhatIfs

PATIENT = "P-00001-000"
ANSWERS = {200, 304, 308, 400, 404, 405, 422}
ROUTES = (
    "mesh/{}/{}/{}.packed",
    "mesh/{}/brain.packed",
    "labels/{}/{}.u8",
    "image/{}/{}.u8",
    "image/{}/{}.json",
    "thumbnail/{}.png?source={}",
    "case/{}.json",
    "export/{}/{}.{}?mode={}",
    "errors/{}/{}/{}.packed",
    "distance/{}/{}/{}.packed",
    "what-if/{}/{}.packed?{}",
    "what-if/{}/labels.u8?{}",
)
# What the study has, what other systems stumble over, and anything.
PIECES = st.one_of(
    st.sampled_from([PATIENT, "reference", "baseline", "voxel", "glb", "t1c", "WT", "flip=distmap:NCR:1"]),
    st.sampled_from(["..", "../../etc/passwd", "%00", "%2e%2e%2f", "a\\b", "C:", "~", "$(id)", "'--", "NaN"]),
    st.text(max_size=12),
)
FIELDS = st.sampled_from([*ViewState.__slots__, "x", ""])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "study"
    write_volumes(folder)
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    server = Flask("test")
    server.testing = True  # an exception of ours reaches the test instead of becoming a page
    add_routes(server, OpenStudy(folder), WhatIfs())
    return server.test_client()


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(
    route=st.sampled_from(ROUTES),
    pieces=st.lists(PIECES, min_size=4, max_size=4),
    coding=st.sampled_from(["gzip", "identity", ""]),
)
@example(route=ROUTES[-1], pieces=[PATIENT, "\udcff", "", ""], coding="gzip")
def test_no_made_up_address_is_more_than_answered(
    client: FlaskClient, folder: Path, route: str, pieces: list[str], coding: str
) -> None:
    quoted = [quote(piece, safe="%=:", errors="surrogatepass") for piece in pieces]
    answer = client.get("/" + route.format(*quoted), headers={"Accept-Encoding": coding})
    assert answer.status_code in ANSWERS
    if answer.status_code != 200:
        assert str(folder) not in answer.text


@pytest.mark.parametrize("query", [b"\xff\xfe", b"flip=%ff%fe", b"mode=%00", b"=" * 5000, b"&" * 5000])
def test_a_query_of_any_bytes_is_answered(client: FlaskClient, query: bytes) -> None:
    environ = {"QUERY_STRING": query.decode("latin-1")}
    answer = client.get(f"/what-if/{PATIENT}/labels.u8", environ_overrides=environ)
    assert answer.status_code in ANSWERS


@given(st.lists(st.tuples(FIELDS, st.text(max_size=30)), max_size=6))
def test_any_query_is_read_as_a_state_that_reads_back_the_same(pairs: list[tuple[str, str]]) -> None:
    text = "&".join(f"{name}={quote(value, errors='ignore')}" for name, value in pairs)
    state, _ = read_query("?" + text)
    assert read_query(state.query()) == (state, ())


@given(st.text(max_size=200))
def test_no_text_at_all_is_more_than_a_query_that_says_little(text: str) -> None:
    assert isinstance(read_query(text)[0], ViewState)
