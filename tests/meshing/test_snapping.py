import numpy as np
import pytest
from hypothesis import given
from mask_shapes import affines, masks, numbered, patterns_of_two, spaced

from meshing.mesh import component_volumes_mm3, signed_volume_mm3
from meshing.smooth import volume_true
from meshing.snapping import STEPS, is_snapped, snapped
from meshing.voxels import voxel_mesh


@given(masks.filter(np.any), affines)
def test_every_component_keeps_its_volume_and_no_vertex_goes_a_whole_step(
    mask: np.ndarray, affine: np.ndarray
) -> None:
    numbers = numbered(mask)
    mesh = volume_true(mask, affine, numbers)
    near = snapped(mesh)
    meant = component_volumes_mm3(mesh)
    for number, volume in component_volumes_mm3(near).items():
        assert volume == pytest.approx(meant[number], rel=1e-3)
    assert np.abs(near.vertices - mesh.vertices).max() < 1 / STEPS
    assert near.faces is mesh.faces


def test_the_smallest_components_of_all_keep_their_volume() -> None:
    # rounded to the nearest, a single voxel would lose or gain up to 2 %
    for mask in patterns_of_two():
        mesh = volume_true(mask, spaced(1, 1, 1), numbered(mask))
        assert signed_volume_mm3(snapped(mesh)) == pytest.approx(mask.sum(), rel=1e-3)


def test_what_lies_on_the_steps_stays_and_a_lattice_is_left_alone() -> None:
    mask = np.ones((2, 3, 4), bool)
    mesh = volume_true(mask, spaced(1, 1, 1))
    once = snapped(mesh)
    assert not is_snapped(mesh)
    assert is_snapped(once)
    assert snapped(once) is once
    lattice = voxel_mesh(mask, spaced(1, 1, 1))
    assert snapped(lattice) is lattice
