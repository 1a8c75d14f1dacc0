import numpy as np
import pytest
from hypothesis import given
from mask_shapes import affines, exposed_area_mm2, masks, spaced

from meshing.facets import facet_mesh
from meshing.mesh import area_mm2, signed_volume_mm3, world_vertices
from meshing.voxels import voxel_mesh


def test_a_box_of_voxels_is_as_many_squares_as_it_has_faces() -> None:
    mesh = facet_mesh(np.ones((2, 3, 4), bool), spaced(1, 1, 1))
    assert len(mesh.faces) == 2 * 2 * (2 * 3 + 3 * 4 + 2 * 4)  # two triangles a square
    assert len(mesh.vertices) == 3 * 4 * 5 - 1 * 2 * 3  # all corners but those inside


def test_an_empty_mask_gives_the_empty_mesh() -> None:
    assert facet_mesh(np.zeros((4, 5, 6), bool), spaced(1, 1, 1)).is_empty


@given(masks, affines)
def test_squares_enclose_what_the_rectangles_enclose(mask: np.ndarray, affine: np.ndarray) -> None:
    mesh, merged = facet_mesh(np.asfortranarray(mask), affine), voxel_mesh(mask, affine)
    assert signed_volume_mm3(mesh) == pytest.approx(signed_volume_mm3(merged), rel=1e-12)
    assert area_mm2(mesh) == pytest.approx(exposed_area_mm2(mask, affine), rel=1e-9)
    if not mesh.is_empty:
        for end in ("min", "max"):
            assert np.allclose(
                getattr(world_vertices(mesh), end)(axis=0), getattr(world_vertices(merged), end)(axis=0)
            )


@given(masks)
def test_every_corner_stands_once(mask: np.ndarray) -> None:
    vertices = facet_mesh(mask, spaced(1, 1, 1)).vertices
    assert len(np.unique(vertices, axis=0)) == len(vertices)
