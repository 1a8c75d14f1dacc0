import numpy as np
import pytest
from mask_shapes import spaced

from meshing.mesh import (
    Mesh,
    area_mm2,
    component_volumes_mm3,
    empty_mesh,
    is_mirrored,
    join,
    signed_volume_mm3,
    world_vertices,
)

# the tetrahedron below x + y + z = 1: volume 1/6, three half squares and one triangle of side sqrt 2
CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.uint8)
OUTWARD = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.uint32)


def tetrahedron(to_world: np.ndarray, number: int = 1) -> Mesh:
    faces = OUTWARD[:, ::-1].copy() if is_mirrored(to_world) else OUTWARD
    return Mesh(CORNERS, faces, np.full(4, number, np.uint32), to_world)


def test_a_tetrahedron_has_a_sixth_of_its_parallelepiped() -> None:
    assert signed_volume_mm3(tetrahedron(spaced(1, 1, 1))) == pytest.approx(1 / 6)
    assert signed_volume_mm3(tetrahedron(spaced(0.5, 0.5, 3))) == pytest.approx(0.75 / 6)


def test_area_is_measured_in_the_world() -> None:
    assert area_mm2(tetrahedron(spaced(1, 1, 1))) == pytest.approx(1.5 + np.sqrt(3) / 2)
    assert area_mm2(tetrahedron(spaced(2, 2, 2))) == pytest.approx(4 * (1.5 + np.sqrt(3) / 2))


def test_outward_faces_have_positive_volume_on_mirrored_axes() -> None:
    assert signed_volume_mm3(tetrahedron(spaced(-1, 1, 1))) == pytest.approx(1 / 6)


def test_volume_does_not_depend_on_where_the_mesh_lies() -> None:
    far = spaced(1, 1, 1)
    far[:3, 3] = 1e6
    assert signed_volume_mm3(tetrahedron(far)) == pytest.approx(1 / 6, rel=1e-12)


def test_world_vertices_follow_the_affine() -> None:
    affine = spaced(2, -1, 1)
    affine[:3, 3] = [10, 20, 30]
    assert world_vertices(tetrahedron(affine)).tolist() == [
        [10, 20, 30],
        [12, 20, 30],
        [10, 19, 30],
        [10, 20, 31],
    ]


def test_the_empty_mesh_has_no_volume_and_no_area() -> None:
    nothing = empty_mesh(spaced(1, 1, 1))
    assert nothing.is_empty
    assert signed_volume_mm3(nothing) == 0
    assert area_mm2(nothing) == 0
    assert component_volumes_mm3(nothing) == {}


def test_joined_meshes_keep_their_numbers_and_volumes() -> None:
    both = join([tetrahedron(spaced(1, 1, 1), 7), tetrahedron(spaced(1, 1, 1), 3)])
    assert component_volumes_mm3(both) == {3: pytest.approx(1 / 6), 7: pytest.approx(1 / 6)}


def test_joining_refuses_meshes_on_different_axes() -> None:
    with pytest.raises(ValueError, match="same axes"):
        join([tetrahedron(spaced(1, 1, 1)), tetrahedron(spaced(1, 1, 2))])


def test_joining_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        join([])
