"""The table of empty masks: every cell, and every metric in it."""

import math

import numpy as np
import pytest

from analysis import empty_masks
from analysis.cohort.labels import SCHEMES
from analysis.metrics import ALL_FAMILIES, INTRINSIC_METRICS, Value, compare
from analysis.volumes import CroppedMap

NAN = math.nan
OVERLAPS = ("dice", "iou", "nsd_voxel_1mm", "nsd_surfel_1mm")
DISTANCES = ("hd95_pooled_mm", "hd95_max_mm", "hd_mm", "assd_pooled_mm", "hd95_surfel_mm")
# reference voxels, prediction voxels: values of a 2 x 2 x 2 image
CASES = {
    "both empty": (0, 0),
    "reference empty": (0, 1),
    "prediction empty": (1, 0),
}
EXPECTED = {
    "both empty": {
        **dict.fromkeys(OVERLAPS, 1.0),
        **dict.fromkeys(DISTANCES, 0.0),
        "precision": 1.0,
        "recall": 1.0,
        "specificity": 1.0,
        "lesion_dice": 1.0,
        "lesion_hd95_mm": 0.0,
        "lesion_fp": 0.0,
        "lesion_fn": 0.0,
    },
    "reference empty": {
        **dict.fromkeys(OVERLAPS, 0.0),
        **dict.fromkeys(DISTANCES, NAN),
        "precision": 0.0,
        "recall": NAN,
        "specificity": 7 / 8,
        "lesion_dice": 0.0,
        "lesion_hd95_mm": 374.0,
        "lesion_fp": 1.0,
        "lesion_fn": 0.0,
    },
    "prediction empty": {
        **dict.fromkeys(OVERLAPS, 0.0),
        **dict.fromkeys(DISTANCES, NAN),
        "precision": NAN,
        "recall": 0.0,
        "specificity": 1.0,
        # One voxel is under 50 mm3, so there is nothing to score.
        "lesion_dice": 1.0,
        "lesion_hd95_mm": 0.0,
        "lesion_fp": 0.0,
        "lesion_fn": 0.0,
    },
}


def one_voxel(count: int) -> CroppedMap:
    labels = np.zeros((2, 2, 2), np.uint8)
    labels.ravel()[:count] = 3
    return CroppedMap(labels, np.eye(4), SCHEMES["brats2023"])


def values_of(case: str) -> dict[str, Value]:
    reference, prediction = (one_voxel(count) for count in CASES[case])
    return {value.metric: value for region, value in compare(reference, prediction) if region == "ET"}


@pytest.mark.parametrize("case", CASES)
def test_every_metric_has_its_stated_value(case: str) -> None:
    found = values_of(case)
    for metric, expected in EXPECTED[case].items():
        assert found[metric].value == pytest.approx(expected, nan_ok=True), metric


@pytest.mark.parametrize("case", CASES)
def test_the_reason_names_the_empty_mask_wherever_the_table_decided(case: str) -> None:
    for metric, value in values_of(case).items():
        if metric in (*OVERLAPS, *DISTANCES):
            assert value.reason == case, metric
        assert value.reason is not None or not math.isnan(value.value), metric


def test_the_table_covers_every_metric_that_compares() -> None:
    assert set(empty_masks.EMPTY_VALUES) == set(ALL_FAMILIES.metrics) - set(INTRINSIC_METRICS)


def test_two_masks_with_voxels_are_not_empty() -> None:
    assert empty_masks.which_is_empty(1, 1) is None


def test_a_reference_that_fills_the_image_leaves_specificity_undefined() -> None:
    full = CroppedMap(np.full((2, 2, 2), 3, np.uint8), np.eye(4), SCHEMES["brats2023"])
    found = {value.metric: value for region, value in compare(full, full) if region == "ET"}
    assert math.isnan(found["specificity"].value)
    assert found["specificity"].reason == empty_masks.NO_BACKGROUND
    assert found["dice"].value == 1
    assert found["dice"].reason is None
