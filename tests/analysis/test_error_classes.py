"""Errors by kind agree with the overlaps they divide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_strategies import Labels, label_maps

from analysis.error_classes import ErrorClass, error_counts, error_map
from analysis.overlap import joint_histogram, region_overlaps

REGIONS = st.sampled_from([(1, 2, 3), (1, 3), (3,), (1,), (2,)])


def test_each_pair_of_labels_has_its_kind() -> None:
    reference = np.array([0, 1, 0, 1, 1, 2, 2], np.uint8).reshape(7, 1, 1)
    prediction = np.array([0, 1, 3, 0, 3, 1, 2], np.uint8).reshape(7, 1, 1)
    assert error_map(reference, prediction, (1, 3)).ravel().tolist() == [
        ErrorClass.OUTSIDE,
        ErrorClass.AGREED,
        ErrorClass.FALSE_POSITIVE,
        ErrorClass.FALSE_NEGATIVE,
        ErrorClass.WRONG_CLASS,
        ErrorClass.FALSE_POSITIVE,  # the reference has a label here, but none of this region
        ErrorClass.OUTSIDE,
    ]


def test_another_grid_is_refused() -> None:
    with pytest.raises(ValueError, match=r"errors need one grid: reference \(2, 2, 2\), prediction"):
        error_map(np.zeros((2, 2, 2), np.uint8), np.zeros((2, 2, 3), np.uint8), (1,))


@given(label_maps(count=2), REGIONS)
def test_a_map_and_its_counts_are_the_overlap_of_the_joint_histogram(
    maps: list[Labels], members: tuple[int, ...]
) -> None:
    reference, prediction = maps
    histogram = joint_histogram(reference, prediction)
    counts = error_counts(histogram, members)
    found = error_map(reference, prediction, members)
    assert {kind: int((found == kind).sum()) for kind in ErrorClass} == counts
    overlap = region_overlaps(histogram, {"region": members})["region"]
    assert counts[ErrorClass.AGREED] + counts[ErrorClass.WRONG_CLASS] == overlap.both
    assert counts[ErrorClass.FALSE_POSITIVE] == overlap.prediction_only
    assert counts[ErrorClass.FALSE_NEGATIVE] == overlap.reference_only
    assert counts[ErrorClass.OUTSIDE] == overlap.neither


@given(label_maps(count=2), st.sampled_from([1, 2, 3]))
def test_a_region_of_one_label_has_no_wrong_class(maps: list[Labels], label: int) -> None:
    assert error_counts(joint_histogram(*maps), (label,))[ErrorClass.WRONG_CLASS] == 0
