"""Overlaps: the joint histogram and the Dice family."""

import math

import numpy as np
import pytest
from hypothesis import given
from image_strategies import MEMORY_ORDERS, Labels, Turn, label_maps, turned, turns
from real_scans import BRATS2023

from analysis.overlap import (
    Overlap,
    dice,
    iou,
    joint_histogram,
    precision,
    recall,
    region_overlaps,
    specificity,
)

REGIONS = BRATS2023.regions
FORMULAS = (dice, iou, precision, recall, specificity)


def overlaps(reference: np.ndarray, prediction: np.ndarray) -> dict[str, Overlap]:
    return region_overlaps(joint_histogram(reference, prediction), REGIONS)


def test_three_of_five_voxels_found_with_one_false_alarm() -> None:
    counts = Overlap(both=3, prediction_only=1, reference_only=2, neither=5)
    assert dice(counts) == 6 / 9
    assert iou(counts) == 3 / 6
    assert precision(counts) == 3 / 4
    assert recall(counts) == 3 / 5
    assert specificity(counts) == 5 / 6


def test_nothing_over_nothing_is_nan() -> None:
    nothing = Overlap(both=0, prediction_only=0, reference_only=0, neither=0)
    assert all(math.isnan(formula(nothing)) for formula in FORMULAS)


def test_voxels_beyond_a_crop_are_background_of_both() -> None:
    labels = np.ones((2, 2, 2), np.uint8)
    histogram = joint_histogram(labels, labels, outside_voxels=92)
    assert histogram.tolist() == [[92, 0], [0, 8]]


def test_different_grids_are_refused() -> None:
    with pytest.raises(ValueError, match=r"reference \(1, 1, 1\), prediction \(1, 1, 2\)"):
        joint_histogram(np.zeros((1, 1, 1), np.uint8), np.zeros((1, 1, 2), np.uint8))


@given(label_maps(count=2))
def test_the_histogram_counts_every_pair(labels: list[Labels]) -> None:
    reference, prediction = labels
    histogram = joint_histogram(reference, prediction)
    assert histogram.sum() == reference.size
    for one in range(len(histogram)):
        for other in range(len(histogram)):
            assert histogram[one, other] == np.count_nonzero((reference == one) & (prediction == other))


@given(label_maps(count=2))
def test_regions_are_sets_of_labels(labels: list[Labels]) -> None:
    reference, prediction = labels
    for region, counts in overlaps(reference, prediction).items():
        one, other = (np.isin(volume, REGIONS[region]) for volume in labels)
        assert counts == Overlap(
            both=np.count_nonzero(one & other),
            prediction_only=np.count_nonzero(other & ~one),
            reference_only=np.count_nonzero(one & ~other),
            neither=np.count_nonzero(~one & ~other),
        )


@given(label_maps(count=2))
def test_dice_and_iou_are_symmetric_and_precision_mirrors_recall(labels: list[Labels]) -> None:
    forth, back = overlaps(*labels), overlaps(*reversed(labels))
    for region in REGIONS:
        assert dice(forth[region]) == pytest.approx(dice(back[region]), nan_ok=True)
        assert iou(forth[region]) == pytest.approx(iou(back[region]), nan_ok=True)
        assert precision(forth[region]) == pytest.approx(recall(back[region]), nan_ok=True)


@given(label_maps(count=2))
def test_dice_follows_from_iou(labels: list[Labels]) -> None:
    for counts in overlaps(*labels).values():
        if counts.reference + counts.prediction:
            assert dice(counts) == pytest.approx(2 * iou(counts) / (1 + iou(counts)))


@given(label_maps(count=2))
def test_every_ratio_lies_between_0_and_1(labels: list[Labels]) -> None:
    for counts in overlaps(*labels).values():
        assert all(math.isnan(formula(counts)) or 0 <= formula(counts) <= 1 for formula in FORMULAS)


@given(label_maps())
def test_a_label_map_agrees_with_itself(labels: list[Labels]) -> None:
    for counts in overlaps(labels[0], labels[0]).values():
        assert all(formula(counts) == 1 or math.isnan(formula(counts)) for formula in FORMULAS)


@given(label_maps(count=2), turns())
def test_overlaps_do_not_depend_on_how_the_axes_are_stored(labels: list[Labels], turn: Turn) -> None:
    reference, prediction = labels
    assert overlaps(turned(reference, turn), turned(prediction, turn)) == overlaps(reference, prediction)


@given(label_maps(count=2))
def test_overlaps_do_not_depend_on_the_memory_order(labels: list[Labels]) -> None:
    reference, prediction = labels
    found = [joint_histogram(order(reference), prediction).tolist() for order in MEMORY_ORDERS]
    assert all(other == found[0] for other in found)
