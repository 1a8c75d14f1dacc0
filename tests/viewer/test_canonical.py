import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.orientation import ras_axes
from viewer.canonical import to_ras, x_fastest_bytes

ORIENTATIONS = st.tuples(
    st.permutations([0, 1, 2]), st.lists(st.sampled_from([-1.0, 1.0]), min_size=3, max_size=3)
)


def oriented(orientation, spacing=(1.0, 2.0, 3.0), origin=(7.0, -5.0, 11.0)):
    axes, signs = orientation
    affine = np.eye(4)
    affine[:3, :3] = 0
    for column, (axis, sign) in enumerate(zip(axes, signs, strict=True)):
        affine[axis, column] = sign * spacing[column]
    affine[:3, 3] = origin
    return affine


@given(ORIENTATIONS)
def test_every_voxel_keeps_its_place_in_the_world(orientation):
    affine = oriented(orientation)
    volume = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    turned, new = to_ras(volume, affine)
    for index in itertools.product(*(range(n) for n in turned.shape)):
        world = new @ (*index, 1)
        old = np.linalg.inv(affine) @ world
        assert turned[index] == volume[tuple(np.rint(old[:3]).astype(int))]


@given(ORIENTATIONS)
def test_axes_run_right_front_and_up(orientation):
    _, new = to_ras(np.zeros((2, 3, 4)), oriented(orientation))
    assert (np.diag(new)[:3] > 0).all()
    assert np.count_nonzero(new[:3, :3]) == 3


def test_an_oblique_grid_gets_three_different_axes():
    tilt = np.deg2rad(44)
    affine = np.eye(4)
    affine[:2, :2] = [[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]
    _, turned = to_ras(np.zeros((2, 3, 4)), affine)
    assert np.array_equal(turned, affine)


def test_x_runs_fastest_in_the_bytes():
    volume = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)
    # voxel (x, y, 0) holds 3 x + y, so x first gives 0, 3, then 1, 4, then 2, 5
    assert list(x_fastest_bytes(volume)) == [0, 3, 1, 4, 2, 5]
    assert x_fastest_bytes(np.asfortranarray(volume)) == x_fastest_bytes(volume)


def test_a_grid_between_two_axes_is_turned_as_its_components_are_numbered():
    """x runs a little more to the right than y does, but all three axes together fit better the other way."""
    affine = np.eye(4)
    affine[:3, :3] = [[0.71, -0.70, -0.09], [-0.19, -0.31, 0.93], [-0.68, -0.64, -0.36]]
    assert to_ras(np.zeros((2, 3, 4)), affine)[0].shape == (3, 4, 2)
    assert ras_axes(affine) == ((1, 2, 0), (-1, 1, -1))


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_order_changes_nothing(order):
    affine = oriented(([1, 2, 0], [-1.0, 1.0, -1.0]))
    volume = np.asarray(np.arange(24, dtype=np.uint8).reshape(2, 3, 4), order=order)
    assert x_fastest_bytes(to_ras(volume, affine)[0]) == x_fastest_bytes(to_ras(volume.copy(), affine)[0])
