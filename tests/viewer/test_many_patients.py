"""A cohort of 100,000: the page stays small, and rows, order, filters and charts come from the server."""

import gzip
import json
import sys
from pathlib import Path

import pytest

from analysis.cohort.results import read_table
from analysis.cohort.study import read_study
from viewer.app import create_app

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.cohort_page import callback, outputs_of, rows
from benchmarks.synthetic_tables import write_synthetic_tables

COUNT = 100_000
LOCAL = {"Host": "127.0.0.1"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many") / "study"
    write_synthetic_tables(folder, COUNT)
    return folder


@pytest.fixture(scope="module")
def client(folder):
    return create_app(folder).server.test_client()


@pytest.fixture(scope="module")
def x(folder):
    return read_table(read_study(folder), "patients", columns=["patient", "x"])


def page(client, search, **asked):
    answer = rows(client, search, **asked)()
    assert len(gzip.compress(answer)) < 120_000
    return json.loads(answer)["response"]["table"]["getRowsResponse"]


def test_the_page_does_not_grow_with_the_cohort(client):
    assert len(client.get("/_dash-layout", headers=LOCAL).data) < 150_000
    table = callback(client, outputs_of(client, "table.rowData"), {"classes-slot.data": ""}, {})
    assert len(table) < 1000


def test_a_page_of_rows_is_sorted_and_filtered_on_the_server(client, x):
    first = page(client, "", sortModel=[{"colId": "x", "sort": "desc"}])
    assert first["rowCount"] == COUNT
    assert [row["patient"] for row in first["rowData"]] == (
        x.sort_values("x", ascending=False, kind="stable")["patient"].head(200).tolist()
    )
    condition = {"x": {"filterType": "number", "type": "greaterThan", "filter": 0.001}}
    assert page(client, "", filterModel=condition)["rowCount"] == int((x["x"] > 0.001).sum())
    name = x["patient"].iloc[77_777]
    assert [row["patient"] for row in page(client, f"?find={name}")["rowData"]] == [name]


def test_the_scatter_is_counted_in_cells_not_sent_point_by_point(client):
    figure = callback(
        client, outputs_of(client, "scatter.figure"), {"chart-slot.data": ""}, {"ringed-slot.data": ""}
    )
    assert len(gzip.compress(figure)) < 60_000
    assert "counts a cell" in figure.decode()


def test_ids_are_offered_few_at_a_time(client, x):
    offered = client.get(f"/cohort/ids.json?like={x['patient'].iloc[5][:-4]}", headers=LOCAL).get_json()
    assert 0 < len(offered) <= 50
