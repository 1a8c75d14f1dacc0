"""Distances at the corners of a voxel surface: exact, signed, and the ones the metrics are made of."""

import numpy as np
import pytest
from hypothesis import given
from image_strategies import SPACINGS, Mask, Spacing, mask_pairs

from analysis.corner_distances import corner_distances
from analysis.surface_elements import element_distances


def surface_corners(mask: Mask) -> Mask:
    """Corners whose eight voxels are neither all inside nor all outside."""
    framed = np.pad(mask, 1)
    x, y, z = (side + 1 for side in mask.shape)
    around = [framed[i : i + x, j : j + y, k : k + z] for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    return np.any(around, axis=0) & ~np.all(around, axis=0)


def test_a_box_two_voxels_wider_is_outside_by_its_spacing_and_inside_from_the_other_side() -> None:
    small, large = np.zeros((9, 3, 3), bool), np.zeros((9, 3, 3), bool)
    small[3:6] = True
    large[3:8] = True  # two voxels further along x
    spacing_mm = (1.5, 1.0, 1.0)
    outwards, inwards = corner_distances(small, large, spacing_mm), corner_distances(large, small, spacing_mm)
    on_new_face = outwards.corners[:, 0] == 8
    assert outwards.distances_mm[on_new_face] == pytest.approx(2 * 1.5)
    middle = (inwards.corners[:, 0] == 6) & (inwards.corners[:, 1:] == (1, 1)).all(axis=1)
    # one voxel under the sides at y = 0 and z = 0, and so nearer to them than to the face 3 mm away
    assert inwards.distances_mm[middle] == pytest.approx([-1.0])


def test_an_empty_mask_has_no_distances() -> None:
    empty, full = np.zeros((3, 3, 3), bool), np.ones((3, 3, 3), bool)
    assert corner_distances(empty, full, (1.0, 1.0, 1.0)) is None
    assert corner_distances(full, empty, (1.0, 1.0, 1.0)) is None


def test_a_fragment_far_away_is_measured_exactly() -> None:
    reference, prediction = np.zeros((60, 4, 4), bool), np.zeros((60, 4, 4), bool)
    reference[:2] = True
    prediction[55, 1, 1] = True
    found = corner_distances(reference, prediction, (1.0, 1.0, 2.0))
    assert sorted(set(found.distances_mm.tolist())) == pytest.approx([53.0, 54.0])  # corners at 55, 56 from 2


@given(mask_pairs(), SPACINGS)
def test_distances_are_those_of_brute_force_with_the_side_they_lie_on(
    pair: tuple[Mask, Mask], spacing_mm: Spacing
) -> None:
    reference, prediction = pair
    found = corner_distances(reference, prediction, spacing_mm)
    corners = np.argwhere(surface_corners(prediction))
    order = np.lexsort(found.corners.T[::-1])
    assert found.corners[order].tolist() == corners.tolist()
    targets = np.argwhere(surface_corners(reference)) * np.array(spacing_mm)
    nearest_mm = np.linalg.norm((corners * np.array(spacing_mm))[:, None] - targets, axis=-1).min(axis=1)
    assert np.abs(found.distances_mm[order]) == pytest.approx(nearest_mm)
    framed = np.pad(reference, 1)
    for corner, distance_mm in zip(found.corners, found.distances_mm, strict=True):
        if distance_mm != 0:  # off the reference's surface all eight voxels are of one kind
            assert framed[tuple(corner)] == (distance_mm < 0)


@given(mask_pairs(), SPACINGS)
def test_distances_are_those_behind_the_surface_metrics(pair: tuple[Mask, Mask], spacing_mm: Spacing) -> None:
    elements = element_distances(*pair, spacing_mm)
    found = corner_distances(*pair, spacing_mm)
    assert np.sort(np.abs(found.distances_mm)) == pytest.approx(
        elements.prediction_to_reference.distances_mm, abs=1e-12
    )
