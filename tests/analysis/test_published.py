import shutil
from pathlib import Path

import numpy as np
import pytest
from published_folder import rankings_row, write_features, write_fragments, write_rankings

from analysis.published import PublishedTables, read_published

ONE = "BraTS-GLI-00001-000"
TWO = "BraTS-GLI-00001-001"
ALL = {"B": 0.8, "D": 0.9, "F": 0.7}


def value(
    tables: PublishedTables, patient: str, method: str, region: str, metric: str
) -> tuple[float, str | None]:
    rows = tables.metrics.set_index(["patient", "method", "region", "metric"]).loc[
        (patient, method, region, metric)
    ]
    return rows["value"], rows["reason"]


def test_rankings_alone_make_a_cohort_and_the_absent_tables_are_named(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 3, ALL)])
    tables = read_published(tmp_path)
    patient = tables.patients.iloc[0]
    assert (patient["patient"], patient["fold"], patient["subject"]) == (ONE, 3, "BraTS-GLI-00001")
    assert (patient["winner"], patient["order"]) == ("D", "C5")
    assert patient["x"] == pytest.approx(0.1)
    assert patient["y"] == pytest.approx(-0.2)
    assert "patient_features.csv" in tables.absent
    assert "rankings.json" not in tables.absent
    assert tables.features.shape == (1, 32)
    assert tables.features.iloc[0, 1:].isna().all()


def test_fusion_is_the_consensus(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, ALL)])
    assert value(read_published(tmp_path), ONE, "consensus", "TC", "dice") == (0.7, None)


def test_tables_are_found_flat_or_where_their_authors_put_them(tmp_path: Path) -> None:
    write_rankings(tmp_path / "flat", [rankings_row(ONE, 0, ALL)])
    write_fragments(tmp_path / "flat", {ONE: (10, 20, 5)})
    write_rankings(tmp_path / "authors" / "data", [rankings_row(ONE, 0, ALL)])
    (tmp_path / "authors" / "analysis").mkdir()
    write_fragments(tmp_path / "authors" / "analysis", {ONE: (10, 20, 5)})
    flat, authors = read_published(tmp_path / "flat"), read_published(tmp_path / "authors")
    assert flat.metrics.equals(authors.metrics)
    assert flat.absent == authors.absent
    assert value(authors, ONE, "distmap", "ED", "fragment_count") == (20.0, None)
    assert value(authors, ONE, "distmap", "ED", "component_count") == (21.0, None)


def test_a_folder_without_rankings_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no rankings.json here, in data/ or in analysis/"):
        read_published(tmp_path)


def test_a_method_absent_for_one_scan_is_a_reason_and_no_class(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, ALL), rankings_row(TWO, 0, {"B": 0.5, "D": 0.4})])
    tables = read_published(tmp_path)
    number, reason = value(tables, TWO, "consensus", "WT", "dice")
    assert np.isnan(number)
    assert reason == "not in the table"
    assert value(tables, TWO, "consensus", "WT", "hd95_rankings_mm")[1] == "not in the table"
    second = tables.patients.iloc[1]
    assert second["winner"] == "B"
    assert second["order"] is None or second["order"] != second["order"]


def test_an_undefined_distance_says_which_side_is_empty(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, ALL, hd95=None), rankings_row(TWO, 0, ALL, hd95=None)])
    unknown = read_published(tmp_path)
    assert value(unknown, ONE, "baseline", "ET", "hd95_rankings_mm")[1] == "reference or prediction empty"
    write_features(tmp_path, {ONE: (100, 50, 0), TWO: (100, 50, 20)})
    tables = read_published(tmp_path)
    assert value(tables, ONE, "baseline", "ET", "hd95_rankings_mm")[1] == "reference empty"
    assert value(tables, TWO, "baseline", "ET", "hd95_rankings_mm")[1] == "prediction empty"


def test_a_perfect_score_without_a_reference_is_a_convention_and_says_so(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, {"B": 1.0, "D": 0.0, "F": 1.0}, hd95=0.0)])
    write_features(tmp_path, {ONE: (100, 50, 0)})
    tables = read_published(tmp_path)
    assert value(tables, ONE, "baseline", "ET", "dice") == (1.0, "both empty")
    assert value(tables, ONE, "distmap", "ET", "dice") == (0.0, "reference empty")
    assert value(tables, ONE, "baseline", "ET", "hd95_rankings_mm") == (0.0, "both empty")
    assert value(tables, ONE, "baseline", "WT", "dice") == (1.0, None)


def test_label_volumes_are_differences_of_nested_regions(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, ALL)])
    write_features(tmp_path, {ONE: (6000, 3000, 1000)})
    patient = read_published(tmp_path).patients.iloc[0]
    volumes = [patient[f"volume_ml_{region}"] for region in ("WT", "TC", "ET", "NCR", "ED")]
    assert volumes == pytest.approx([6, 3, 1, 2, 3])


def test_a_scan_twice_is_refused_by_name(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, ALL), rankings_row(ONE, 1, ALL)])
    with pytest.raises(ValueError, match=rf"rankings.json: {ONE} has more than one row"):
        read_published(tmp_path)


def test_tables_that_disagree_on_a_fold_are_refused(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, ALL)])
    write_fragments(tmp_path, {ONE: (1, 1, 1)}, fold=4)
    with pytest.raises(
        ValueError, match=rf"fragments_topological_cv.csv: {ONE} is in fold 4, another table says 0"
    ):
        read_published(tmp_path)


@pytest.mark.parametrize("text", ["", "{", '{"rows": 3}', '{"rows": [{"fold": 1}]}', '[{"patient_id": "x"}]'])
def test_damaged_rankings_are_refused_with_their_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "rankings.json").write_text(text)
    with pytest.raises(ValueError, match=r"rankings.json: not a rankings table"):
        read_published(tmp_path)


def test_a_table_without_a_column_names_it(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, ALL)])
    (tmp_path / "hd95_per_class_cv.csv").write_text("patient_id,hd95_NCR_B\nx,1\n")
    with pytest.raises(ValueError, match=r"hd95_per_class_cv.csv: columns hd95_NCR_D, .* are missing"):
        read_published(tmp_path)


def test_an_empty_table_is_refused_with_its_file(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, ALL)])
    (tmp_path / "patient_features.csv").write_text("")
    with pytest.raises(ValueError, match=r"patient_features.csv: not a table"):
        read_published(tmp_path)


def test_no_size_threshold_is_read_as_infinity(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 0, ALL)])
    (tmp_path / "sweep.csv").write_text(f"pid,fold,f20_WT,f1000000000_WT,f20_avg\n{ONE},0,0.5,0.25,9\n")
    sweep = read_published(tmp_path).size_sweep
    assert sweep[["threshold_voxels", "region", "value"]].to_numpy().tolist() == [
        [20.0, "WT", 0.5],
        [float("inf"), "WT", 0.25],
    ]


def test_all_published_tables_are_read_whole(test_data: Path, tmp_path: Path) -> None:
    tables = read_published(test_data / "published")
    assert tables.absent == ("hd95_regions_medpy.csv", "sweep.csv")
    counts = tables.metrics.groupby("metric").size()
    assert counts["dice"] == counts["component_count"] == counts["fragment_count"] == 1196 * 9
    assert counts["hd95_pooled_mm"] == counts["hd95_rankings_mm"] == 1196 * 9
    assert tables.metrics.loc[tables.metrics["value"].isna(), "reason"].notna().all()
    given = tables.metrics[tables.metrics["value"].notna()]
    assert set(given["reason"].dropna()) == {"both empty", "reference empty"}
    assert set(given.loc[given["reason"] == "reference empty", "value"]) == {0.0}
    assert not tables.features.isna().any(axis=None)
    for number, name in enumerate(tables.sources):
        target = tmp_path / ("data" if number % 2 else "analysis")
        target.mkdir(exist_ok=True)
        shutil.copy(tables.sources[name], target / name)
    assert read_published(tmp_path).metrics.equals(tables.metrics)
