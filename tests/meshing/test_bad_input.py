"""Masks that break meshers, in both modes, on axes of every kind: right volumes, outward triangles."""

from collections.abc import Callable

import numpy as np
import pytest
from mask_shapes import cavity_count, component_count, numbered, spaced
from outward import assert_outward

from meshing.fidelity import fidelity
from meshing.mesh import component_volumes_mm3
from meshing.recipes import RECIPES

AXES = [spaced(1, 1, 1), spaced(-1, 1, 1), spaced(-1, -1, -1), spaced(0.5, 0.5, 3), spaced(-0.5, 0.5, 3)]
#: float32 vertices; the voxels' own surface is exact
TOLERANCES = {"voxel": 1e-12, "volume-true": 5e-5}


def one_voxel() -> np.ndarray:
    return np.ones((1, 1, 1), bool)


def full_array() -> np.ndarray:
    return np.ones((5, 4, 3), bool)


def touching_every_border() -> np.ndarray:
    mask = np.zeros((6, 7, 8), bool)
    mask[::5] = mask[:, ::6] = mask[:, :, ::7] = True
    return mask


def diagonal_chain() -> np.ndarray:
    mask = np.zeros((8, 8, 8), bool)
    mask[(np.arange(8),) * 3] = True
    return mask


def hollow_shell() -> np.ndarray:
    mask = np.ones((7, 7, 7), bool)
    mask[1:-1, 1:-1, 1:-1] = False
    return mask


def one_empty_voxel_between() -> np.ndarray:
    mask = np.ones((9, 5, 5), bool)
    mask[4] = False
    return mask


SHAPES = [
    one_voxel,
    full_array,
    touching_every_border,
    diagonal_chain,
    hollow_shell,
    one_empty_voxel_between,
]


@pytest.mark.parametrize("mode", TOLERANCES)
@pytest.mark.parametrize("shape", SHAPES)
def test_volumes_are_right_and_triangles_face_outward(shape: Callable[[], np.ndarray], mode: str) -> None:
    mask = shape()
    numbers = numbered(mask)
    sizes = np.bincount(numbers.ravel())
    for affine in AXES:
        mesh = RECIPES[mode].mesh(mask, affine, numbers)
        voxel_mm3 = abs(float(np.linalg.det(affine[:3, :3])))
        # positive, which on a closed and oriented surface means outward
        assert component_volumes_mm3(mesh) == {
            n: pytest.approx(sizes[n] * voxel_mm3, rel=TOLERANCES[mode]) for n in range(1, len(sizes))
        }
        found = fidelity(mesh, mask, affine, numbers)
        assert found.has_all_components
        assert found.piece_count == component_count(mask)
        assert found.self_intersection_count == 0
        if mode == "voxel":
            assert_outward(mesh, mask, affine)
        else:
            assert (found.is_closed, found.is_oriented) == (True, True)
            assert found.cavity_count == cavity_count(mask)
            assert found.euler_number == found.mask_euler_number
