"""The 31 features: names, definitions, and the published values of real scans."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from image_strategies import Labels, Turn, label_maps, turned, turns
from real_scans import BRATS2023, REFERENCES, read

from analysis.cohort.labels import SCHEMES, LabelScheme
from analysis.crop import foreground_box
from analysis.feature_names import AGREEMENT_FEATURES, FEATURES, MORPHOLOGY_FEATURES, REFERENCE_FEATURES
from analysis.features import features
from analysis.volumes import CroppedMap

WHOLE = ("vol_", "nb_cc", "euler", "cavities", "n_no", "max_orphan")


def crop(labels: Labels, scheme: LabelScheme = BRATS2023, affine: np.ndarray | None = None) -> CroppedMap:
    return CroppedMap(labels, np.eye(4) if affine is None else affine, scheme)


def line(text: str) -> Labels:
    return np.array([int(digit) for digit in text], np.uint8).reshape(-1, 1, 1)


def test_there_are_31_features_and_each_patient_has_them_all() -> None:
    assert len(set(FEATURES)) == 31
    assert set(features(crop(line("123")), None, None)) == set(FEATURES)


def test_the_features_bear_the_names_of_the_published_columns(test_data: Path) -> None:
    morphology = pd.read_csv(test_data / "published/patient_features.csv", nrows=0).columns
    agreement = pd.read_csv(test_data / "published/patient_agreement_features.csv", nrows=0).columns
    assert tuple(morphology) == ("patient_id", "fold", *MORPHOLOGY_FEATURES)
    assert tuple(agreement) == ("patient_id", *AGREEMENT_FEATURES)


def test_volumes_ratios_and_components_of_a_line() -> None:
    found = features(crop(line("2211330301")), None, None)
    assert [found[f"vol_{region}"] for region in ("WT", "TC", "ET")] == [8, 6, 3]
    assert found["ratio_ET_WT"] == 3 / 8
    assert found["nb_cc_ET"] == 2
    assert found["nb_cc_NCR"] == 2
    # ET: two voxels around 4.5 and one at 7. Centre 16 / 3.
    assert found["cc_spread_ET"] == pytest.approx(math.sqrt((2 * (5 / 6) ** 2 + (5 / 3) ** 2) / 3))


def test_small_components_are_counted_by_their_voxels() -> None:
    labels = np.zeros((30, 5, 1), np.uint8)
    labels[:20, 0] = 3
    labels[:19, 2] = 3
    assert features(crop(labels), None, None)["frac_small_cc_ET"] == 19 / 39


def test_roughness_is_the_inverse_of_sphericity() -> None:
    found = features(crop(np.full((3, 3, 3), 2, np.uint8)), None, None)
    assert found["sphericity_WT"] * found["surface_roughness_WT"] == pytest.approx(1)


def test_an_empty_reference_has_stated_features() -> None:
    found = features(crop(np.zeros((3, 3, 3), np.uint8)), None, None)
    assert math.isnan(found["sphericity_WT"])
    assert math.isnan(found["surface_roughness_WT"])
    assert found["pca_elongation_WT"] == 1
    others = set(REFERENCE_FEATURES) - {"sphericity_WT", "surface_roughness_WT", "pca_elongation_WT"}
    assert {found[name] for name in others} == {0.0}


def test_the_agreement_of_baseline_and_distmap_on_a_line() -> None:
    #  ET of DistMap: 2 confirmed voxels, an orphan of 3; NCR: one confirmed, orphans of 1 and 2.
    baseline = crop(line("33000000111000000"))
    distmap = crop(line("33003330001001011"))
    found = features(crop(line("3" * 17)), baseline, distmap)
    assert found["n_no_overlap_distmap_ET"] == 1
    assert found["max_orphan_cc_ET"] == 3
    assert found["frac_removed_distmap_ET"] == 3 / 5
    assert found["n_no_overlap_distmap_NCR"] == 2
    assert found["max_orphan_cc_NCR"] == 2
    assert found["frac_removed_distmap_NCR"] == 3 / 4
    assert found["vol_diff_B_D_ET"] == 3 / 7
    assert found["vol_diff_B_D_NCR"] == 1 / 7
    assert found["dice_B_D_ET"] == 4 / 7
    assert found["dice_B_D_TC"] == 2 * 3 / (5 + 9)
    assert [
        found[f"nb_cc_{role}_{label}"] for role in ("baseline", "distmap") for label in ("ET", "NCR")
    ] == [
        1,
        1,
        2,
        3,
    ]


def test_two_methods_that_find_nothing_agree() -> None:
    nothing = crop(np.zeros((2, 2, 2), np.uint8))
    found = features(nothing, nothing, nothing)
    assert {found[name] for name in AGREEMENT_FEATURES if name.startswith("dice")} == {1.0}
    assert {found[name] for name in AGREEMENT_FEATURES if not name.startswith("dice")} == {0.0}


def test_without_methods_their_features_are_nan() -> None:
    found = features(crop(line("123")), None, crop(line("123")))
    assert {name for name in FEATURES if math.isnan(found[name])} == {
        *AGREEMENT_FEATURES,
        "nb_cc_baseline_ET",
        "nb_cc_baseline_NCR",
    }


def test_a_scheme_without_ncr_leaves_its_features_nan() -> None:
    found = features(crop(line("1234"), SCHEMES["brats2024-post"]), None, None)
    assert math.isnan(found["nb_cc_NCR"])
    assert found["vol_WT"] == 3


@given(label_maps(count=3), turns())
def test_features_do_not_depend_on_how_the_axes_are_stored(labels: list[Labels], turn: Turn) -> None:
    expected = features(*(crop(volume) for volume in labels))
    found = features(*(crop(turned(volume, turn)) for volume in labels))
    assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("scan", REFERENCES)
def test_the_published_rows_of_real_scans_are_reproduced(test_data: Path, scan: str) -> None:
    published = pd.read_csv(test_data / "published/patient_features.csv", index_col="patient_id").loc[scan]
    reference = read(test_data, REFERENCES[scan])
    labels = reference.labels[foreground_box(reference.labels).slices]
    found = features(crop(labels, affine=reference.affine), None, None)
    assert len(REFERENCE_FEATURES) == 16
    for name in REFERENCE_FEATURES:
        tolerance = 0 if name.startswith(WHOLE) else 2e-4
        assert found[name] == pytest.approx(published[name], abs=tolerance, rel=0), name
