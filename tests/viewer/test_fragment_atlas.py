import csv
import io
import json

import numpy as np
import pytest

from analysis.cohort.results import read_table
from benchmarks.synthetic_tables import write_synthetic_tables
from viewer import fragment_atlas
from viewer.app import create_app
from viewer.fragment_atlas import AtlasSource, atlas_bytes, read_atlas, read_pieces, taken
from viewer.open_study import read


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_synthetic_tables(tmp_path_factory.mktemp("atlas") / "study", 40, components_each=27)


@pytest.fixture(scope="module")
def app(study):
    return create_app(study.folder)


def decoded(data):
    """Read the bytes as viewer/frontend/src/atlas/columns.ts does."""
    assert data[:8] == b"GATL0001"
    length = int.from_bytes(data[8:12], "little")
    head = json.loads(data[12 : 12 + length])
    at, columns = 12 + length, {}
    for name, kind in head["columns"]:
        assert at % 4 == 0
        columns[name] = np.frombuffer(data, np.dtype(f"<{kind}"), head["count"], at)
        at += columns[name].nbytes + -columns[name].nbytes % 4
    assert at == len(data)
    return head, columns


def test_the_bytes_hold_every_component_of_the_results(study):
    head, columns = decoded(atlas_bytes(read_atlas(read(study.folder))))
    table = read_table(study, "components")
    assert head["count"] == head["total"] == len(table)
    assert np.array(head["patients"])[columns["patient"]].tolist() == table["patient"].tolist()
    assert np.array(head["methods"])[columns["method"]].tolist() == table["method"].tolist()
    assert columns["voxels"].tolist() == table["voxel_count"].tolist()
    assert columns["component"].tolist() == table["component"].tolist()
    assert columns["distance_mm"] == pytest.approx(table["distance_to_main_mm"], rel=1e-6)
    words = [*head["outcomes"], ""]
    written = [words[min(code, 4)] for code in columns["outcome"]]
    assert written == table["outcome"].fillna("").tolist()


def test_too_many_components_are_thinned_evenly_and_the_total_is_said(study, monkeypatch):
    monkeypatch.setattr(fragment_atlas, "MOST_COMPONENTS", 400)
    atlas = read_atlas(read(study.folder))
    table = read_table(study, "components")
    assert atlas.total == len(table) == 1080
    assert atlas.columns["voxels"].tolist() == table["voxel_count"][::3].tolist()


def test_the_route_answers_unchanged_bytes_with_nothing(app):
    client = app.server.test_client()
    first = client.get("/cohort/components.bin")
    assert first.status_code == 200
    assert (
        client.get("/cohort/components.bin", headers={"If-None-Match": first.headers["ETag"]}).status_code
        == 304
    )


def test_a_brush_and_a_polygon_take_what_they_say(study):
    atlas = read_atlas(read(study.folder))
    voxels, distance = atlas.columns["voxels"], atlas.columns["distance_mm"]
    pieces = read_pieces("distance*voxels:2,50_label:1*0,0,2,0,2,1,0,1*outcome")
    expected = (
        (voxels >= 2) & (voxels <= 50) & (atlas.columns["label"] == 1) & (distance < 9) & (voxels < 100)
    )
    assert 0 < expected.sum() < len(expected)
    assert np.array_equal(taken(atlas, pieces), expected)


def test_the_patients_of_a_selection_are_those_with_such_a_component(study):
    reading = read(study.folder)
    source, table = AtlasSource(), read_table(study, "components")
    removed = table[(table["outcome"] == "removed-true") & (table["voxel_count"] >= 20)]
    assert source.patients_of(reading, "distance*voxels:20,1000000_outcome:2**outcome") == set(
        removed["patient"]
    )
    assert source.patients_of(reading, "baseline***verdict") is None
    assert source.patients_of(reading, "rubbish") == set()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "up***outcome",
        "distance**1,2,3,4*outcome",
        "distance*voxels:1**outcome",
        "distance*size:1,2**outcome",
        "distance*voxels:a,b**x",
    ],
)
def test_a_selection_that_means_nothing_is_refused(text):
    with pytest.raises(ValueError, match=r"^$|\*|could not convert"):
        read_pieces(text)


def test_the_table_follows_the_atlas(app, study):
    table = read_table(study, "components")
    wanted = table[(table["outcome"] == "removed-true") & (table["voxel_count"] >= 200)]["patient"].unique()
    assert 0 < len(wanted) < 40
    answer = app.server.test_client().get(
        "/cohort/patients.csv?pieces=distance*voxels:200,1000000_outcome:2**outcome"
    )
    assert [row["Patient"] for row in csv.DictReader(io.StringIO(answer.text))] == sorted(wanted)


def test_the_components_of_a_selection_are_a_csv_with_words(app, study):
    table = read_table(study, "components")
    answer = app.server.test_client().get("/cohort/components.csv?pieces=distance*outcome:2**outcome")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    wanted = table[table["outcome"] == "removed-true"]
    assert [(row["patient"], int(row["voxels"])) for row in rows] == list(
        zip(wanted["patient"], wanted["voxel_count"], strict=True)
    )
    assert {row["outcome"] for row in rows} == {"removed-true"}
    assert app.server.test_client().get("/cohort/components.csv?pieces=x").status_code == 400
