"""Shape: topology, surface and extent of masks whose answers are known."""

import math

import numpy as np
import pytest
from hypothesis import given
from image_strategies import SPACINGS, Labels, Mask, Spacing, Turn, label_maps, turned, turns
from scipy import ndimage

from analysis import shape
from analysis.cohort.labels import SCHEMES
from analysis.components import ComponentRuns, find_components
from analysis.volumes import CroppedMap

ONE_MM = (1.0, 1.0, 1.0)


def crop(mask: Mask) -> CroppedMap:
    return CroppedMap(np.where(mask, np.uint8(2), np.uint8(0)), np.eye(4), SCHEMES["brats2023"])


def euler(mask: Mask) -> int:
    return shape.euler_number(crop(mask).configurations("WT"))


def cavities(mask: Mask) -> int:
    return shape.cavity_count(*crop(mask).framed("WT"))


def runs(mask: Mask) -> ComponentRuns:
    return find_components(mask.view(np.uint8), affine=np.eye(4))


def hollow(side: int) -> Mask:
    mask = np.ones((side, side, side), bool)
    mask[1:-1, 1:-1, 1:-1] = False
    return mask


def ring() -> Mask:
    mask = np.ones((3, 3, 1), bool)
    mask[1, 1, 0] = False
    return mask


def test_a_ball_a_shell_and_a_ring_have_euler_one_two_and_zero() -> None:
    assert euler(np.ones((2, 2, 2), bool)) == 1
    assert euler(hollow(3)) == 2
    assert euler(ring()) == 0


def test_voxels_that_share_only_a_corner_are_one_piece() -> None:
    mask = np.zeros((2, 2, 2), bool)
    mask[0, 0, 0] = mask[1, 1, 1] = True
    assert euler(mask) == 1


@given(label_maps())
def test_the_euler_number_is_scikit_images(labels: list[Labels]) -> None:
    measure = pytest.importorskip("skimage.measure")
    mask = labels[0] > 0
    assert euler(mask) == measure.euler_number(np.pad(mask, 1), connectivity=3)


@given(label_maps(), turns())
def test_topology_does_not_depend_on_how_the_axes_are_stored(labels: list[Labels], turn: Turn) -> None:
    mask = labels[0] > 0
    assert euler(turned(mask, turn)) == euler(mask)
    assert cavities(turned(mask, turn)) == cavities(mask)


@given(label_maps(), SPACINGS)
def test_the_surface_is_that_of_the_exposed_voxel_faces(labels: list[Labels], spacing_mm: Spacing) -> None:
    mask = np.pad(labels[0] > 0, 1)
    x, y, z = spacing_mm
    exposed = [np.count_nonzero(np.diff(mask.astype(np.int8), axis=axis)) for axis in range(3)]
    found = shape.face_area_mm2(crop(mask).configurations("WT"), spacing_mm)
    assert found == pytest.approx(exposed[0] * y * z + exposed[1] * x * z + exposed[2] * x * y)


def test_a_box_that_fills_the_array_has_all_six_sides() -> None:
    assert shape.face_area_mm2(crop(np.ones((2, 3, 4), bool)).configurations("WT"), (0.5, 1.0, 3.0)) == 2 * (
        (3 * 1) * (4 * 3) + (2 * 0.5) * (4 * 3) + (2 * 0.5) * (3 * 1)
    )


def test_a_cube_has_sphericity_0_806() -> None:
    assert shape.sphericity(8, 24) == pytest.approx((math.pi / 6) ** (1 / 3))


def test_nothing_has_no_sphericity() -> None:
    assert math.isnan(shape.sphericity(0, 0))


def test_cavities_that_meet_at_a_corner_are_one() -> None:
    mask = np.ones((6, 6, 6), bool)
    mask[2, 2, 2] = mask[3, 3, 3] = False
    assert cavities(mask) == 1
    mask[3, 3, 3] = True
    mask[4, 4, 4] = False
    assert cavities(mask) == 2


def test_a_pit_that_opens_to_the_edge_of_the_array_is_no_cavity() -> None:
    mask = np.ones((5, 5, 5), bool)
    mask[2, 2, :3] = False
    assert cavities(mask) == 0


def test_a_gap_closed_only_by_edges_is_a_cavity() -> None:
    # Background leaves through faces alone, so a diagonal leak holds.
    mask = np.ones((4, 4, 4), bool)
    mask[1, 1, 1] = mask[0, 0, 1] = False
    assert cavities(mask) == 1


@given(label_maps())
def test_cavities_are_what_filling_adds(labels: list[Labels]) -> None:
    mask = labels[0] > 0
    holes = ndimage.binary_fill_holes(mask) & ~mask
    assert cavities(mask) == ndimage.label(holes, np.ones((3, 3, 3)))[1]


def test_a_rod_of_boxes_is_as_long_as_it_is_thick() -> None:
    # Variance of n equal steps is (n^2 - 1) / 12 of a step squared: sqrt((10^2 - 1) / (2^2 - 1)).
    rod = np.ones((10, 2, 2), bool)
    assert shape.elongation(runs(rod), ONE_MM) == pytest.approx(math.sqrt(99 / 3))
    assert shape.elongation(runs(rod), (0.2, 1.0, 1.0)) == pytest.approx(math.sqrt(99 * 0.04 / 3))


def test_spacing_stretches_a_cube() -> None:
    cube = np.ones((3, 3, 3), bool)
    assert shape.elongation(runs(cube), (0.5, 0.5, 3.0)) == pytest.approx(6)


def test_flat_and_tiny_masks_have_stated_elongations() -> None:
    assert shape.elongation(runs(np.ones((5, 5, 1), bool)), ONE_MM) == math.inf
    assert shape.elongation(runs(np.ones((2, 1, 1), bool)), ONE_MM) == 1.0
    assert shape.elongation(runs(np.zeros((2, 1, 1), bool)), ONE_MM) == 1.0


def test_two_equal_pieces_spread_by_half_their_distance() -> None:
    mask = np.zeros((9, 3, 3), bool)
    mask[0, 1, 1] = mask[8, 1, 1] = True
    assert shape.spread_mm(runs(mask), (0.5, 1.0, 1.0)) == 2.0


def test_the_larger_piece_draws_the_centre() -> None:
    # Sizes 3 and 1 at 0 and 8 (centroids): centre 2, spread sqrt((3 * 4 + 36) / 4).
    mask = np.zeros((9, 3, 1), bool)
    mask[0, :, 0] = True
    mask[8, 1, 0] = True
    assert shape.spread_mm(runs(mask), ONE_MM) == pytest.approx(math.sqrt(12))


def test_one_piece_and_none_do_not_spread() -> None:
    assert shape.spread_mm(runs(np.ones((2, 2, 2), bool)), ONE_MM) == 0
    assert shape.spread_mm(runs(np.zeros((2, 2, 2), bool)), ONE_MM) == 0
