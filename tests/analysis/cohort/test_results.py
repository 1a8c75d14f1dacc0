"""The tables of results keep their columns, their versions and their bytes."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.cohort.labels import SCHEMES
from analysis.cohort.results import (
    TABLE_NAMES,
    Provenance,
    Results,
    ResultsError,
    empty_table,
    read_provenance,
    read_results,
    read_table,
    results_writer,
    table_path,
    write_results,
)
from analysis.cohort.study import Study

MADE = Provenance("1.2.3+abc", "digest")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path, "s", SCHEMES["brats2023"])


def _results() -> Results:
    metrics = pd.DataFrame(
        {
            "patient": ["a", "a", "b"],
            "fold": pd.array([0, 0, None], dtype="Int64"),
            "method": ["reference", "m", "m"],
            "region": ["WT", "WT", "ET"],
            "metric": ["volume_ml", "dice", "hd_mm"],
            "value": [1.5, 0.1 + 0.2, float("nan")],
            "reason": [None, None, "prediction empty"],
        }
    )
    patients = pd.DataFrame(
        {
            "patient": ["a", "b"],
            "fold": pd.array([0, None], dtype="Int64"),
            "subject": ["a", "b"],
            "dice_average_m": [0.5, float("nan")],
            "x": [0.0, 1.0],
            "y": [0.0, 1.0],
            "winner": ["tie", None],
            "order": ["C3", None],
            "volume_ml_WT": [1.5, 0.0],
        }
    )
    components = empty_table("components")
    components.loc[0] = {
        "patient": "a", "method": "m", "label": 3, "component": 1, "voxel_count": 2, "volume_ml": 0.002,
        "is_largest": True, "distance_to_main_mm": 0.0, "baseline_overlap_voxels": pd.NA, "verdict": None,
        "reference_overlap_voxels": 1, "outcome": None,
        **{f"centroid_{axis}": 1.0 for axis in "xyz"},
        **{f"bbox_{axis}_{end}": 1 for axis in "xyz" for end in ("start", "stop")},
    }  # fmt: skip
    features = pd.DataFrame(
        {"patient": ["a", "b"], "vol_WT": [1500, 0], "sphericity_WT": [0.5, float("nan")]}
    )
    return Results(metrics, features, components, patients, empty_table("failures"))


def test_what_is_written_reads_back_equal_to_the_last_bit(study: Study) -> None:
    written = _results()
    write_results(study, written, MADE)
    found = read_results(study)
    assert found.metrics["value"].tolist()[:2] == [1.5, 0.1 + 0.2]
    assert found.metrics["fold"].dtype == "Int64"
    assert found.components["baseline_overlap_voxels"].dtype == "Int64"
    assert found.components["baseline_overlap_voxels"].isna().all()
    for name in TABLE_NAMES:
        table, expected = getattr(found, name), getattr(written, name)
        assert list(table.columns) == list(expected.columns), name
        assert (table.isna().to_numpy() == expected.isna().to_numpy()).all(), name
        for column in table.columns:
            there = table[column].notna()
            assert table[column][there].tolist() == expected[column][there].tolist(), (name, column)


def test_writing_twice_gives_the_same_bytes(study: Study) -> None:
    write_results(study, _results(), MADE)
    first = {name: table_path(study, name).read_bytes() for name in TABLE_NAMES}
    write_results(study, _results(), MADE)
    assert first == {name: table_path(study, name).read_bytes() for name in TABLE_NAMES}


def test_every_table_carries_the_schema_and_the_version(study: Study) -> None:
    write_results(study, _results(), MADE)
    for name in TABLE_NAMES:
        metadata = pq.read_schema(table_path(study, name)).metadata
        assert metadata[b"glioscope_schema"] == b"1"
        assert metadata[b"glioscope_version"] == b"1.2.3+abc"
        assert read_provenance(study, name) == MADE


def test_one_patients_rows_can_be_read_alone(study: Study) -> None:
    write_results(study, _results(), MADE)
    rows = read_table(study, "metrics", patient="b")
    assert rows["patient"].tolist() == ["b"]
    assert read_table(study, "metrics", columns=["metric"], patient="a")["metric"].tolist() == [
        "volume_ml",
        "dice",
    ]
    assert len(read_table(study, "metrics", patient="nobody")) == 0


def test_missing_results_say_what_to_run(study: Study) -> None:
    with pytest.raises(ResultsError, match=r"metrics.parquet is missing: run `glioscope prepare` first"):
        read_results(study)
    assert read_provenance(study, "metrics") is None


def test_results_of_another_schema_are_refused(study: Study) -> None:
    path = table_path(study, "metrics")
    write_results(study, _results(), MADE)
    pq.write_table(pq.read_table(path).replace_schema_metadata({"glioscope_schema": "99"}), path)
    with pytest.raises(
        ResultsError, match=r"has results schema 99, this program reads 1: run `glioscope prepare`"
    ):
        read_table(study, "metrics")
    assert read_provenance(study, "metrics") is None


def test_a_table_that_is_no_parquet_is_damaged(study: Study) -> None:
    write_results(study, _results(), MADE)
    table_path(study, "metrics").write_bytes(b"PAR1 but not really")
    with pytest.raises(ResultsError, match=r"metrics.parquet is damaged"):
        read_table(study, "metrics")
    assert read_provenance(study, "metrics") is None


@pytest.mark.parametrize(
    ("table", "change", "sentence"),
    [
        ("metrics", {"drop": "reason"}, r"metrics: columns \['reason'\] are missing, \[\] are unknown"),
        ("metrics", {"add": "mood"}, r"metrics: columns \[\] are missing, \['mood'\] are unknown"),
        ("patients", {"add": "mood"}, r"patients: columns \[\] are missing, \['mood'\] are unknown"),
    ],
)
def test_a_table_with_other_columns_is_never_written(
    study: Study, table: str, change: dict[str, str], sentence: str
) -> None:
    frame = getattr(_results(), table)
    changed = frame.drop(columns=change["drop"]) if "drop" in change else frame.assign(**{change["add"]: 1.0})
    results = replace(_results(), **{table: changed})
    with pytest.raises(ResultsError, match=sentence):
        write_results(study, results, MADE)
    assert not list(study.results_folder.glob("*"))


def test_a_value_of_another_kind_is_never_written(study: Study) -> None:
    results = _results()
    results.metrics["value"] = ["high", "low", "lower"]
    with pytest.raises(ResultsError, match=r"metrics: .*value"):
        write_results(study, results, MADE)


def test_an_error_half_way_leaves_the_old_tables(study: Study) -> None:
    write_results(study, _results(), MADE)
    before = {path.name: path.read_bytes() for path in study.results_folder.iterdir()}
    with pytest.raises(ResultsError, match="failures: columns"):
        write_results(study, replace(_results(), failures=pd.DataFrame({"patient": ["a"]})), MADE)
    assert {path.name: path.read_bytes() for path in study.results_folder.iterdir()} == before


def test_tables_of_two_runs_are_not_read_as_one(study: Study) -> None:
    write_results(study, _results(), MADE)
    other = table_path(study, "patients").read_bytes()
    write_results(study, _results(), Provenance("1.2.3+abc", "another digest"))
    table_path(study, "patients").write_bytes(other)
    with pytest.raises(ResultsError, match=r"are of two different runs: run `glioscope prepare` again"):
        read_results(study)


def test_batches_become_row_groups_of_one_table(study: Study) -> None:
    metrics = _results().metrics
    with results_writer(study, MADE) as write:
        write("metrics", metrics[metrics["patient"] == "a"])
        write("metrics", metrics[metrics["patient"] == "b"])
    assert pq.ParquetFile(table_path(study, "metrics")).num_row_groups == 2
    assert read_table(study, "metrics")["patient"].tolist() == ["a", "a", "b"]


def test_a_study_of_tables_lists_the_patients_of_its_tables(study: Study) -> None:
    assert study.patients() == ()
    write_results(study, _results(), MADE)
    assert [(patient.id, patient.fold) for patient in study.patients()] == [("a", 0), ("b", None)]
