"""One patient: which rows there are, what they say, and what happens when something is missing."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from image_strategies import MEMORY_ORDERS, Labels, Turn, label_maps, turned, turned_affine, turns
from real_scans import BRATS2023, read

from analysis import ledger
from analysis.cohort.label_map import LabelMap
from analysis.consensus import ConsensusRule, consensus
from analysis.features import FEATURES
from analysis.metrics import ALL_FAMILIES, INTRINSIC_METRICS, Families
from analysis.patient import METRIC_COLUMNS, AnalysisOptions, PatientTables, PatientVolumes, analyse_patient

ROLES = {"baseline": "baseline", "distmap": "distmap"}
IDENTITY = np.eye(4)


def line(text: str) -> Labels:
    """A label map of one row, a digit a voxel, with background around."""
    labels = np.zeros((len(text) + 2, 3, 3), np.uint8)
    labels[1:-1, 1, 1] = [int(digit) for digit in text]
    return labels


def analysed(
    reference: Labels,
    predictions: dict[str, Labels],
    options: AnalysisOptions | None = None,
    affine: np.ndarray = IDENTITY,
    **others: object,
) -> PatientTables:
    volumes = PatientVolumes(
        **{"patient": "P", "fold": 3, "roles": ROLES, **others},
        reference=LabelMap(reference, affine),
        predictions={name: LabelMap(labels, affine) for name, labels in predictions.items()},
    )
    return analyse_patient(volumes, BRATS2023, options or AnalysisOptions())


@pytest.fixture
def tables() -> PatientTables:
    """DistMap: a confirmed true piece of 3, a confirmed false one of 2, orphans false (2) and true (1)."""
    return analysed(
        line("1110000000010"),
        {"baseline": line("1100110000000"), "distmap": line("1110110011010")},
    )


def value(tables: PatientTables, method: str, region: str, metric: str) -> float:
    rows = tables.metrics.query("method == @method and region == @region and metric == @metric")
    assert len(rows) == 1
    return rows["value"].item()


def test_tables_have_the_columns_of_the_study(tables: PatientTables) -> None:
    assert tuple(tables.metrics.columns) == METRIC_COLUMNS
    assert tuple(tables.components.columns) == ledger.COLUMNS
    assert tuple(tables.features.columns) == ("patient", *FEATURES)
    assert str(tables.metrics["fold"].dtype) == "Int64"
    assert str(tables.metrics["value"].dtype) == "float64"
    assert str(tables.components["baseline_overlap_voxels"].dtype) == "Int64"


def test_every_method_region_and_metric_has_one_row(tables: PatientTables) -> None:
    keys = set(tables.metrics[["method", "region", "metric"]].itertuples(index=False, name=None))
    assert len(keys) == len(tables.metrics)
    methods = ("baseline", "distmap", "consensus")
    assert keys == {
        *((m, r, metric) for m in methods for r in BRATS2023.regions for metric in ALL_FAMILIES.metrics),
        *(("reference", r, metric) for r in BRATS2023.regions for metric in INTRINSIC_METRICS),
    }
    assert set(tables.metrics["patient"]) == {"P"}
    assert set(tables.metrics["fold"]) == {3}


def test_dice_counts_and_volumes_of_a_line(tables: PatientTables) -> None:
    assert value(tables, "baseline", "NCR", "dice") == 2 * 2 / (4 + 4)
    assert value(tables, "distmap", "NCR", "dice") == 2 * 4 / (4 + 8)
    assert value(tables, "consensus", "NCR", "dice") == 2 * 3 / (4 + 5)
    assert value(tables, "distmap", "NCR", "fragment_count") == 3
    assert value(tables, "consensus", "NCR", "fragment_count") == 1
    assert value(tables, "reference", "NCR", "volume_ml") == 0.004
    assert value(tables, "reference", "ET", "fragment_count") == 0


def test_specificity_counts_the_whole_image(tables: PatientTables) -> None:
    voxels = 15 * 9
    assert value(tables, "baseline", "NCR", "specificity") == (voxels - 4 - 2) / (voxels - 4)


def test_the_ledger_tells_the_four_outcomes(tables: PatientTables) -> None:
    rows = tables.components.query("method == 'distmap'")
    assert rows["voxel_count"].tolist() == [3, 2, 2, 1]
    assert rows["component"].tolist() == [1, 2, 3, 4]
    assert rows["verdict"].tolist() == ["kept", "kept", "removed", "removed"]
    assert rows["outcome"].tolist() == ["kept-true", "kept-false", "removed-false", "removed-true"]
    assert rows["baseline_overlap_voxels"].tolist() == [2, 2, 0, 0]
    assert rows["reference_overlap_voxels"].tolist() == [3, 0, 0, 1]
    assert rows["is_largest"].tolist() == [True, False, False, False]
    assert rows["distance_to_main_mm"].tolist() == [0.0, 2.0, 6.0, 9.0]
    assert rows["centroid_x"].tolist() == [2.0, 5.5, 9.5, 12.0]
    assert rows[["bbox_x_start", "bbox_x_stop"]].to_numpy().tolist() == [[1, 4], [5, 7], [9, 11], [12, 13]]


def test_the_rule_judges_nobody_but_the_filtered_method(tables: PatientTables) -> None:
    others = tables.components.query("method != 'distmap'")
    assert set(others["method"]) == {"reference", "baseline", "consensus"}
    assert others["verdict"].isna().all()
    assert others["outcome"].isna().all()


def test_the_consensus_is_returned_on_the_whole_grid(tables: PatientTables) -> None:
    assert tables.consensus.shape == (15, 3, 3)
    assert np.array_equal(tables.consensus.labels, line("1110110000000"))


def test_a_consensus_that_is_given_is_measured_and_not_made_again() -> None:
    given_ = {"baseline": line("1100"), "distmap": line("1101"), "fusion": line("1001")}
    tables = analysed(line("1101"), given_, roles={**ROLES, "consensus": "fusion"})
    assert tables.consensus is None
    assert value(tables, "fusion", "NCR", "dice") == 2 * 2 / 5


def test_a_consensus_that_is_made_takes_the_name_its_role_has() -> None:
    tables = analysed(
        line("1101"),
        {"baseline": line("1100"), "distmap": line("1101")},
        roles={**ROLES, "consensus": "fusion"},
    )
    assert "fusion" in set(tables.metrics["method"])
    assert tables.consensus is not None


def test_a_method_of_that_name_without_a_role_is_left_alone() -> None:
    given_ = {"baseline": line("1100"), "distmap": line("1101"), "consensus": line("1001")}
    assert analysed(line("1101"), given_).consensus is None


def test_without_roles_there_is_no_consensus_and_no_verdict() -> None:
    tables = analysed(line("1101"), {"one": line("1100"), "other": line("1101")}, roles={})
    assert tables.consensus is None
    assert tables.components["verdict"].isna().all()
    assert tables.components["baseline_overlap_voxels"].isna().all()
    assert tables.features[list(FEATURES)].isna().sum(axis=1).item() == 15


def test_an_absent_method_has_rows_that_say_why() -> None:
    tables = analysed(line("1101"), {"distmap": line("1101")}, absent={"baseline": "no file"})
    rows = tables.metrics.query("method == 'baseline'")
    assert len(rows) == len(BRATS2023.regions) * len(ALL_FAMILIES.metrics)
    assert rows["value"].isna().all()
    assert set(rows["reason"]) == {"no file"}
    fused = tables.metrics.query("method == 'consensus'")
    assert fused["value"].isna().all()
    assert set(fused["reason"]) == {"needs baseline"}
    assert set(tables.components["method"]) == {"reference", "distmap"}


def test_a_patient_with_nothing_anywhere_has_all_its_rows() -> None:
    nothing = np.zeros((4, 4, 4), np.uint8)
    tables = analysed(nothing, {"baseline": nothing, "distmap": nothing})
    assert value(tables, "consensus", "WT", "dice") == 1
    assert value(tables, "consensus", "WT", "hd95_pooled_mm") == 0
    assert len(tables.components) == 0
    assert tuple(tables.components.columns) == ledger.COLUMNS
    assert not tables.consensus.labels.any()


def test_a_patient_without_a_fold_has_none() -> None:
    assert analysed(line("1"), {}, fold=None).metrics["fold"].isna().all()


def test_another_grid_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"patient P: distmap grid \(1, 1, 1\), reference \(2, 1, 1\)"):
        analysed(np.ones((2, 1, 1), np.uint8), {"distmap": np.ones((1, 1, 1), np.uint8)})


def test_families_that_are_off_have_no_rows() -> None:
    options = AnalysisOptions(families=Families(surface_elements=False, lesion_wise=False))
    found = analysed(line("1101"), {"one": line("1100")}, options)
    assert not found.metrics["metric"].str.contains("surfel|lesion").any()


def test_under_another_connectivity_a_component_is_kept_while_anything_of_it_is() -> None:
    distmap = np.zeros((4, 4, 4), np.uint8)
    distmap[1, 1, 1] = distmap[2, 2, 2] = 1
    baseline = np.zeros_like(distmap)
    baseline[1, 1, 1] = 1
    options = AnalysisOptions(consensus=ConsensusRule(connectivity=6))
    tables = analysed(distmap, {"baseline": baseline, "distmap": distmap}, options)
    assert np.count_nonzero(tables.consensus.labels) == 1
    assert tables.components.query("method == 'distmap'")["verdict"].tolist() == ["kept"]


@settings(max_examples=10)
@given(label_maps(count=3))
def test_the_consensus_of_a_patient_is_that_of_the_rule(labels: list[Labels]) -> None:
    reference, baseline, distmap = labels
    tables = analysed(reference, {"baseline": baseline, "distmap": distmap})
    assert np.array_equal(tables.consensus.labels, consensus(distmap, baseline))


@settings(max_examples=10)
@given(label_maps(count=3))
def test_no_table_depends_on_the_memory_order(labels: list[Labels]) -> None:
    expected = None
    for order in MEMORY_ORDERS:
        reference, baseline, distmap = (order(volume) for volume in labels)
        found = analysed(reference, {"baseline": baseline, "distmap": distmap})
        expected = expected or found
        assert found.metrics.equals(expected.metrics)
        assert found.components.equals(expected.components)
        assert found.features.equals(expected.features)


@settings(max_examples=10)
@given(label_maps(count=3), turns())
def test_the_ledger_keeps_its_order_however_the_axes_are_stored(labels: list[Labels], turn: Turn) -> None:
    reference, baseline, distmap = labels
    affine = np.diag([1.0, 1.3, 1.7, 1.0])
    expected = analysed(reference, {"baseline": baseline, "distmap": distmap}, affine=affine).components
    reference, baseline, distmap = (turned(volume, turn) for volume in labels)
    other_affine = turned_affine(affine, labels[0].shape, turn)
    found = analysed(reference, {"baseline": baseline, "distmap": distmap}, affine=other_affine).components
    same = [name for name in ledger.COLUMNS if not name.startswith(("centroid", "bbox", "distance"))]
    assert found[same].equals(expected[same])
    assert found["distance_to_main_mm"].to_numpy() == pytest.approx(
        expected["distance_to_main_mm"].to_numpy()
    )


@settings(max_examples=20)
@given(label_maps(count=2))
def test_the_ledger_accounts_for_every_voxel(labels: list[Labels]) -> None:
    rows = analysed(labels[0], {"one": labels[1]}, roles={}).components
    for method, volume in (("reference", labels[0]), ("one", labels[1])):
        assert rows[rows["method"] == method]["voxel_count"].sum() == np.count_nonzero(volume)


def test_dice_and_hd95_of_the_official_code_are_equal(test_data: Path) -> None:
    with (test_data / "real/official_brats2023_metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    found = {}
    for row in rows:
        key = row["reference"], row["prediction"]
        if key not in found:
            paths = [f"real/pairs/{name}" if name.startswith("BraTS") else f"real/{name}" for name in key]
            reference, prediction = (read(test_data, path) for path in paths)
            volumes = PatientVolumes("P", None, reference, {"one": prediction})
            found[key] = analyse_patient(volumes, BRATS2023)
        for metric, column in (
            ("dice", "Legacy_Dice"),
            ("hd95_surfel_mm", "Legacy_HD95"),
            ("recall", "Sensitivity"),
        ):
            assert value(found[key], "one", row["Labels"], metric) == pytest.approx(
                float(row[column]), abs=1e-9
            )
        assert value(found[key], "one", row["Labels"], "specificity") == pytest.approx(
            float(row["Specificity"])
        )
