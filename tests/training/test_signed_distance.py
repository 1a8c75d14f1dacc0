import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from training.signed_distance import (
    boundary_share,
    dequantise,
    distance_reach_mm,
    label_distance_maps,
    quantise,
    signed_distance,
    signed_distance_map,
)

Array = npt.NDArray[Any]
MASKS = hnp.arrays(np.bool_, st.tuples(*[st.integers(2, 8)] * 3))


def mixed(mask: Array) -> bool:
    return bool(mask.any() and not mask.all())


def ball(size: int, radius: float) -> Array:
    axes = np.ogrid[(slice(size),) * 3]
    return np.asarray(sum((axis - size // 2) ** 2 for axis in axes) <= radius**2)


@given(MASKS)
def test_the_sign_says_inside_or_outside_off_the_boundary(mask: Array) -> None:
    values = signed_distance_map(mask)
    assert (values[~mask] < 0).all()
    assert (values[mask] >= 0).all()
    assert (signed_distance_map(mask, boundary="none")[mask] > 0).all()


@given(MASKS)
def test_the_deepest_voxel_is_one_and_the_farthest_minus_one(mask: Array) -> None:
    values = signed_distance_map(mask, boundary="none")
    assert values.max() == (1 if mask.any() else -1)
    assert values.min() == (1 if mask.all() else -1)


@given(MASKS)
def test_the_complement_has_the_negative_map_without_a_boundary_rule(mask: Array) -> None:
    assert np.array_equal(
        signed_distance_map(~mask, boundary="none"), -signed_distance_map(mask, boundary="none")
    )


@given(MASKS, st.permutations(range(3)), st.lists(st.booleans(), min_size=3, max_size=3))
def test_turning_the_volume_turns_the_map(mask: Array, axes: list[int], flips: list[bool]) -> None:
    def turned(array: Array) -> Array:
        return np.flip(array.transpose(axes), [axis for axis in range(3) if flips[axis]])

    assert np.array_equal(signed_distance_map(turned(mask)), turned(signed_distance_map(mask)))


@given(hnp.arrays(np.bool_, (4, 4, 4)))
def test_millimetres_stay_when_the_volume_is_padded_and_the_normalised_map_need_not(mask: Array) -> None:
    mask[1, 1, 1] = True
    mask[0], mask[-1] = False, False
    mask[:, 0], mask[:, -1], mask[..., 0], mask[..., -1] = False, False, False, False
    padded = np.pad(mask, 3)
    inner = (slice(3, -3),) * 3
    assert np.array_equal(signed_distance(padded)[inner], signed_distance(mask))
    assert not np.array_equal(signed_distance_map(padded)[inner], signed_distance_map(mask))


def test_an_empty_label_is_minus_one_and_a_full_one_is_one_everywhere() -> None:
    shape = (5, 4, 3)
    assert (signed_distance_map(np.zeros(shape, bool)) == -1).all()
    assert (signed_distance_map(np.ones(shape, bool)) == 1).all()
    assert distance_reach_mm(np.zeros(shape, bool)) == (0, 0)


def test_a_single_voxel_is_zero_and_its_surroundings_fall_to_minus_one() -> None:
    mask = np.zeros((5, 5, 5), bool)
    mask[2, 2, 2] = True
    values = signed_distance_map(mask)
    assert values[2, 2, 2] == 0
    assert values[0, 0, 0] == -1
    assert values[2, 2, 3] == pytest.approx(-1 / np.sqrt(12))


@given(hnp.arrays(np.bool_, (5, 6, 4)), st.tuples(*[st.sampled_from([0.5, 1.0, 3.0])] * 3))
def test_distances_equal_brute_force(mask: Array, spacing_mm: tuple[float, float, float]) -> None:
    if not mixed(mask):
        return
    values = signed_distance(mask, spacing_mm=spacing_mm, boundary="none")
    places = np.argwhere(np.ones_like(mask))
    for here in itertools.islice(places, 0, None, 7):
        other = np.argwhere(mask != mask[tuple(here)])
        nearest = np.sqrt((((other - here) * spacing_mm) ** 2).sum(1)).min()
        assert abs(values[tuple(here)]) == pytest.approx(nearest, rel=1e-6)


def test_doubling_a_spacing_equals_skipping_every_other_voxel() -> None:
    """The same world at half the voxels along x: a half-space, whose distances run along x alone."""
    mask = np.arange(12)[:, None, None].repeat(3, 1).repeat(3, 2) < 6
    fine = signed_distance(mask, spacing_mm=(1.0, 1.0, 1.0), boundary="none")
    coarse = signed_distance(mask[::2], spacing_mm=(2.0, 1.0, 1.0), boundary="none")
    assert coarse[0, 0, 0] == fine[0, 0, 0] == 6
    assert coarse[2, 0, 0] == 2


@given(hnp.arrays(np.bool_, (4, 4, 4)))
def test_doubling_every_spacing_doubles_every_distance(mask: Array) -> None:
    wide = signed_distance(mask, spacing_mm=(2.0, 3.0, 4.0))
    assert np.allclose(wide, 2 * signed_distance(mask, spacing_mm=(1.0, 1.5, 2.0)))


@given(hnp.arrays(np.float32, 50, elements=st.floats(-1, 1, width=32)))
def test_a_byte_a_voxel_loses_at_most_one_part_in_254(values: Array) -> None:
    assert np.abs(dequantise(quantise(values)) - values).max() <= 1 / 254 + 1e-7


def test_label_maps_count_minus_one_as_background_and_keep_their_reach() -> None:
    labels = np.where(ball(17, 6), 3, 0).astype(np.int16)
    labels[0] = -1
    codes, reach_mm = label_distance_maps(labels, (1, 3), spacing_mm=(2.0, 2.0, 2.0))
    assert codes.dtype == np.int8
    assert (codes[0] == -127).all()
    assert np.array_equal(codes[1], quantise(signed_distance_map(labels == 3)))
    assert tuple(reach_mm[0]) == (0, 0)
    assert reach_mm[1] == pytest.approx(distance_reach_mm(labels == 3, spacing_mm=(2.0, 2.0, 2.0)))


def test_thin_tissue_is_all_boundary_and_a_box_is_partly() -> None:
    sheet = np.zeros((5, 5, 5), bool)
    sheet[2] = True
    assert boundary_share(sheet) == 1
    box = np.zeros((5, 5, 5), bool)
    box[1:4, 1:4, 1:4] = True
    assert boundary_share(box) == pytest.approx(26 / 27)
    assert np.isnan(boundary_share(np.zeros((2, 2, 2), bool)))


def test_a_crop_has_another_map_because_its_maxima_differ() -> None:
    mask = ball(40, 5)
    crop = (slice(10, 30),) * 3
    assert np.abs(signed_distance_map(mask)[crop] - signed_distance_map(mask[crop])).mean() > 0.1
