"""Boxes around the foreground, and which way array axes run."""

import numpy as np
import pytest
from hypothesis import given
from image_strategies import MEMORY_ORDERS, Labels, Turn, label_maps, oblique, turned_affine, turns

from analysis.crop import Box, foreground_box, union
from analysis.orientation import ras_axes, ras_strides


@given(label_maps())
def test_the_box_holds_every_foreground_voxel_and_touches_one_on_each_side(labels: list[Labels]) -> None:
    box = foreground_box(labels[0])
    places = np.argwhere(labels[0])
    if len(places):
        assert box.start == tuple(places.min(axis=0))
        assert box.stop == tuple(places.max(axis=0) + 1)
    else:
        assert box == Box((0, 0, 0), (0, 0, 0))
        assert box.is_empty


@given(label_maps())
def test_the_box_does_not_depend_on_the_memory_order(labels: list[Labels]) -> None:
    assert len({foreground_box(order(labels[0])) for order in MEMORY_ORDERS}) == 1


def test_a_read_only_volume_has_a_box() -> None:
    labels = np.zeros((4, 4, 4), np.uint8)
    labels[1, 2, 3] = 1
    labels.flags.writeable = False
    assert foreground_box(labels) == Box((1, 2, 3), (2, 3, 4))


def test_a_union_ignores_empty_boxes() -> None:
    nothing = Box((0, 0, 0), (0, 0, 0))
    assert union([nothing, Box((1, 2, 3), (2, 3, 4)), Box((0, 5, 3), (1, 6, 9))]) == Box((0, 2, 3), (2, 6, 9))
    assert union([nothing]) == nothing


def test_the_identity_runs_right_anterior_superior() -> None:
    assert ras_axes(np.eye(4)) == ((0, 1, 2), (1, 1, 1))


def test_brats_files_run_left_posterior_superior() -> None:
    assert ras_axes(np.diag([-1.0, -1, 1, 1])) == ((0, 1, 2), (-1, -1, 1))


def test_oblique_axes_belong_to_the_nearest_direction() -> None:
    assert ras_axes(oblique((0.5, 0.5, 3.0))) == ((0, 1, 2), (1, 1, 1))


def test_flipped_axes_count_down() -> None:
    assert ras_strides(np.diag([-1.0, 1, 1, 1]), (2, 3, 4)).tolist() == [-1, 2, 6]


@given(turns())
def test_strides_follow_the_axes(turn: Turn) -> None:
    affine = oblique((1.0, 2.0, 3.0))
    expected = ras_strides(affine, (2, 3, 4))
    axes, flips = turn
    shape = tuple((2, 3, 4)[axis] for axis in axes)
    found = ras_strides(turned_affine(affine, (2, 3, 4), turn), shape)
    signs = [-1 if place in flips else 1 for place in range(3)]
    assert found.tolist() == [sign * expected[axis] for sign, axis in zip(signs, axes, strict=True)]


@pytest.mark.parametrize("noise", [0.0, 1e-7, -1e-7])
def test_float_noise_does_not_turn_an_axis(noise: float) -> None:
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    affine[:3, :3] += noise
    assert ras_axes(affine) == ((0, 1, 2), (-1, -1, 1))
