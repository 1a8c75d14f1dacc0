"""Surface elements: areas and distances as DeepMind's program has them."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_strategies import SPACINGS, Mask, Spacing, Turn, mask_pairs, turned, turns
from scipy import ndimage

from analysis.surface_elements import (
    ELEMENT_METRICS,
    element_areas_mm2,
    element_distances,
    hd95_surfel_mm,
    nsd_surfel_1mm,
)

ONE_MM = (1.0, 1.0, 1.0)
TIP_MM2 = math.sqrt(3) / 8


def measured(reference: np.ndarray, prediction: np.ndarray, spacing_mm: Spacing = ONE_MM) -> dict[str, float]:
    distances = element_distances(reference, prediction, spacing_mm)
    return {name: read(distances) for name, read in ELEMENT_METRICS.items()}


def test_a_lone_voxel_has_eight_tips() -> None:
    mask = np.zeros((3, 3, 3), bool)
    mask[1, 1, 1] = True
    elements = element_distances(mask, mask, ONE_MM).reference_to_prediction
    assert elements.areas_mm2 == pytest.approx([TIP_MM2] * 8)
    assert elements.distances_mm.tolist() == [0.0] * 8


def test_a_flat_surface_has_the_area_of_its_faces() -> None:
    # Four voxels below, four above: the surface is one face of 0.5 x 3 mm2.
    below_x = sum(1 << bit for bit in range(8) if not bit & 1)
    assert element_areas_mm2((7.0, 0.5, 3.0))[below_x] == pytest.approx(1.5)


def test_every_mixed_configuration_has_a_surface_and_no_other() -> None:
    areas = element_areas_mm2(ONE_MM)
    assert areas[0] == areas[255] == 0
    assert (areas[1:255] > 0).all()


@given(st.integers(0, 255), SPACINGS)
def test_swapping_inside_and_outside_keeps_the_area(code: int, spacing_mm: Spacing) -> None:
    areas = element_areas_mm2(spacing_mm)
    assert areas[code] == pytest.approx(areas[255 - code])


@given(st.integers(0, 255), SPACINGS, turns())
def test_turning_a_configuration_with_its_spacing_keeps_the_area(
    code: int, spacing_mm: Spacing, turn: Turn
) -> None:
    inside = np.array([code >> bit & 1 for bit in range(8)]).reshape(2, 2, 2).T
    other = sum(int(bit) << place for place, bit in enumerate(turned(inside, turn).T.ravel()))
    swapped = tuple(spacing_mm[axis] for axis in turn[0])
    assert element_areas_mm2(swapped)[other] == pytest.approx(element_areas_mm2(spacing_mm)[code])


def test_two_voxels_two_mm_apart_have_hd95_two() -> None:
    one, other = np.zeros((2, 6, 6, 6), bool)
    one[1, 3, 3] = other[2, 3, 3] = True
    assert measured(one, other, (2.0, 1.0, 1.0)) == {"hd95_surfel_mm": 2.0, "nsd_surfel_1mm": 0.5}


def test_an_empty_mask_has_no_distances() -> None:
    mask = np.ones((2, 2, 2), bool)
    assert element_distances(mask, ~mask, ONE_MM) is None
    assert element_distances(~mask, mask, ONE_MM) is None
    assert element_distances(~mask, ~mask, ONE_MM) is None


def test_different_grids_are_refused() -> None:
    with pytest.raises(ValueError, match="distances need one grid"):
        element_distances(np.ones((1, 1, 1), bool), np.ones((1, 1, 2), bool), ONE_MM)


@given(mask_pairs(), SPACINGS)
def test_distances_are_symmetric(pair: tuple[Mask, Mask], spacing_mm: Spacing) -> None:
    one, other = pair
    assert measured(one, other, spacing_mm) == pytest.approx(measured(other, one, spacing_mm))


@given(mask_pairs(), SPACINGS)
def test_a_mask_lies_on_itself(pair: tuple[Mask, Mask], spacing_mm: Spacing) -> None:
    assert measured(pair[0], pair[0], spacing_mm) == {"hd95_surfel_mm": 0.0, "nsd_surfel_1mm": 1.0}


@given(mask_pairs(), turns(), SPACINGS)
def test_swapped_and_flipped_axes_with_their_spacing_change_nothing(
    pair: tuple[Mask, Mask], turn: Turn, spacing_mm: Spacing
) -> None:
    swapped = tuple(spacing_mm[axis] for axis in turn[0])
    found = measured(*(turned(mask, turn) for mask in pair), swapped)
    assert found == pytest.approx(measured(*pair, spacing_mm))


@given(mask_pairs(), st.sampled_from([0.5, 2.0]))
def test_distances_scale_with_the_spacing(pair: tuple[Mask, Mask], factor: float) -> None:
    found = hd95_surfel_mm(element_distances(*pair, (factor, factor, factor)))
    assert found == pytest.approx(factor * hd95_surfel_mm(element_distances(*pair, ONE_MM)))


def deepmind(reference: np.ndarray, prediction: np.ndarray, spacing_mm: Spacing) -> tuple[float, float]:
    """HD95 and surface Dice of the program that defines them."""
    program = pytest.importorskip("surface_distance")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it uses scipy names that are to go
        distances = program.compute_surface_distances(reference, prediction, spacing_mm)
    return (
        program.compute_robust_hausdorff(distances, 95),
        program.compute_surface_dice_at_tolerance(distances, 1.0),
    )


@given(mask_pairs(), SPACINGS)
def test_deepminds_program_agrees_on_anything(pair: tuple[Mask, Mask], spacing_mm: Spacing) -> None:
    hd95, nsd = deepmind(*pair, spacing_mm)
    distances = element_distances(*pair, spacing_mm)
    assert hd95_surfel_mm(distances) == pytest.approx(hd95, abs=1e-12)
    assert nsd_surfel_1mm(distances) == pytest.approx(nsd, abs=1e-12)


@pytest.mark.parametrize("spacing_mm", [ONE_MM, (0.5, 0.5, 3.0)])
def test_deepminds_program_agrees_on_blobs_and_on_what_lies_far_off(spacing_mm: Spacing) -> None:
    noise = np.random.default_rng(3).random((2, 70, 16, 12))
    one, other = (ndimage.gaussian_filter(field, 2) > 0.5 for field in noise)
    one[20:] = False
    hd95, nsd = deepmind(one, other, spacing_mm)
    distances = element_distances(one, other, spacing_mm)
    assert hd95_surfel_mm(distances) == pytest.approx(hd95, abs=1e-12)
    assert nsd_surfel_1mm(distances) == pytest.approx(nsd, abs=1e-12)


def test_the_areas_are_deepminds_to_the_last_bit() -> None:
    tables = pytest.importorskip("surface_distance.lookup_tables")
    expected = tables.create_table_neighbour_code_to_surface_area(ONE_MM)
    kernel = tables.ENCODE_NEIGHBOURHOOD_3D_KERNEL
    for code, area in enumerate(element_areas_mm2(ONE_MM)):
        inside = np.array([code >> bit & 1 for bit in range(8)]).reshape(2, 2, 2).T
        assert area == expected[(inside * kernel).sum()]
