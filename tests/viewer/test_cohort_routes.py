import csv
import io
import json
from urllib.parse import quote

import numpy as np
import pytest

from analysis.cohort.results import read_table
from benchmarks.synthetic_tables import write_synthetic_tables
from viewer.app import create_app
from viewer.cohort_rows import MOST_CLIENT_ROWS

EXTRA = "?columns=hd95_pooled_mm,features&regions=ET,NCR&methods=distmap"


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    study = write_synthetic_tables(tmp_path_factory.mktemp("few") / "study", 60)
    return study, create_app(study.folder)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    study = write_synthetic_tables(tmp_path_factory.mktemp("many") / "study", MOST_CLIENT_ROWS + 10)
    return study, create_app(study.folder)


def lines(app, query):
    answer = app.server.test_client().get(f"/cohort/patients.csv{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_csv_gives_back_the_very_numbers_of_the_results(few):
    study, app = few
    rows = lines(app, EXTRA)
    patients, metrics = read_table(study, "patients"), read_table(study, "metrics")
    assert [row["Patient"] for row in rows] == patients["patient"].tolist()
    for method, title in (("baseline", "Baseline"), ("consensus", "CC-Consensus")):
        written = [float(row[f"Dice average, {title}"]) for row in rows]
        assert written == patients[f"dice_average_{method}"].tolist()
    wanted = metrics.query("metric == 'hd95_pooled_mm' and region == 'NCR' and method == 'distmap'")["value"]
    written = [float(row["HD95 pooled, NCR, DistMap, mm"] or "nan") for row in rows]
    assert np.array_equal(written, wanted, equal_nan=True)
    assert [float(row["sphericity_WT"]) for row in rows] == read_table(study, "features")[
        "sphericity_WT"
    ].tolist()


def test_the_csv_has_only_the_columns_that_are_shown(few):
    heads = lines(few[1], EXTRA)[0].keys()
    assert "HD95 pooled, ET, DistMap, mm" in heads
    assert not [head for head in heads if "HD95" in head and ("Baseline" in head or "ED" in head)]
    assert not [head for head in lines(few[1], "")[0] if "HD95" in head]


def test_the_csv_has_the_rows_that_are_shown_in_their_order(few):
    study, app = few
    patients = read_table(study, "patients")
    model = {"x": {"filterType": "number", "type": "greaterThan", "filter": 0}}
    rows = lines(app, f"?sort=dice_average_distmap:desc&filter={quote(json.dumps(model))}")
    kept = patients[patients["x"] > 0].sort_values("dice_average_distmap", ascending=False, kind="stable")
    assert [row["Patient"] for row in rows] == kept["patient"].tolist()
    box = lines(app, "?box=0,10,-10,10&find=0001")
    inside = patients[(patients["x"] >= 0) & patients["patient"].str.contains("0001")]
    assert [row["Patient"] for row in box] == inside["patient"].tolist()


def test_a_lasso_in_the_address_limits_the_rows(few):
    study, app = few
    patients = read_table(study, "patients")
    left = lines(app, "?lasso=linear,-2,-2,0,-2,0,2,-2,2")
    assert [row["Patient"] for row in left] == patients[patients["x"] < 0]["patient"].tolist()


def test_a_filter_that_means_nothing_is_refused_and_not_ignored(few):
    model = quote(json.dumps({"x": {"type": "near", "filter": 0}}))
    answer = few[1].server.test_client().get(f"/cohort/patients.csv?filter={model}")
    assert answer.status_code == 400
    assert "means nothing here" in answer.text


def test_the_next_patient_follows_the_order_of_the_table(few):
    study, app = few
    ids = read_table(study, "patients").sort_values("y", kind="stable")["patient"].tolist()
    client = app.server.test_client()
    for at, step, wanted in ((3, 1, 4), (3, -1, 2), (0, -1, 0), (59, 1, 59)):
        found = client.get(f"/cohort/place.json?sort=y:asc&patient={ids[at]}&step={step}").get_json()
        assert found == {"place": at, "patient": ids[wanted]}
    assert client.get("/cohort/place.json?sort=y:asc&patient=nobody&step=1").get_json()["patient"] == ids[0]


def test_ids_that_resemble_a_word_are_offered(few):
    found = few[1].server.test_client().get("/cohort/ids.json?like=0002").get_json()
    assert found
    assert all("0002" in one for one in found)


def rows_of(app, request, search=""):
    body = {
        "output": "table.getRowsResponse",
        "outputs": {"id": "table", "property": "getRowsResponse"},
        "inputs": [{"id": "table", "property": "getRowsRequest", "value": request}],
        "state": [{"id": "address", "property": "search", "value": search}],
        "changedPropIds": ["table.getRowsRequest"],
    }
    answer = app.server.test_client().post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    return answer.get_json()["response"]["table"]["getRowsResponse"]


def test_a_page_of_rows_is_cut_from_the_sorted_and_filtered_whole(many):
    study, app = many
    patients = read_table(study, "patients")
    request = {
        "startRow": 100,
        "endRow": 120,
        "sortModel": [{"colId": "x", "sort": "desc"}],
        "filterModel": {"winner": {"filterType": "text", "type": "equals", "filter": "DistMap"}},
    }
    found = rows_of(app, request, "?find=0001")
    kept = patients[(patients["winner"] == "D") & patients["patient"].str.contains("0001")]
    kept = kept.sort_values("x", ascending=False, kind="stable")
    assert found["rowCount"] == len(kept)
    assert [row["patient"] for row in found["rowData"]] == kept["patient"].tolist()[100:120]


def test_a_large_cohorts_page_carries_neither_its_rows_nor_its_ids(many):
    _study, app = many
    layout = app.server.test_client().get("/_dash-layout").get_data(as_text=True)
    assert '"rowModelType":"infinite"' in layout.replace('": "', '":"')
    assert layout.count("SYN-0") < 50
