import numpy as np
import pytest
from hypothesis import given
from mask_shapes import affines, exposed_area_mm2, masks, numbered, spaced

from meshing.lit_lattice import lit
from meshing.smooth import volume_true
from meshing.voxels import voxel_mesh


@given(masks.filter(np.any), affines)
def test_the_squares_are_the_exposed_faces_and_their_normals_have_length_one(
    mask: np.ndarray, affine: np.ndarray
) -> None:
    found = lit(voxel_mesh(mask, affine, numbered(mask)))
    a, b, _, d = (found.points[k::4] for k in range(4))
    area = np.linalg.norm(np.cross(b - a, d - a), axis=1).sum()
    assert area == pytest.approx(exposed_area_mm2(mask, affine), rel=1e-6)
    assert np.linalg.norm(found.normals, axis=1) == pytest.approx(1, abs=1e-6)


def test_a_flank_of_stairs_is_lit_as_the_slope_it_stands_for() -> None:
    x, y, _ = np.indices((30, 30, 8))
    for affine in (spaced(1, 1, 1), spaced(-1, 1, 1)):
        found = lit(voxel_mesh(x + y < 30, affine))
        centres, normals = found.points.reshape(-1, 4, 3).mean(axis=1), found.normals[::4]
        own = np.linalg.inv(affine)[:3, :3] @ centres.T
        on_slope = (
            (np.abs(own[0] + own[1] - 29.5) < 1) & (np.abs(own[0] - 15) < 5) & (np.abs(own[2] - 3.5) < 1)
        )
        expected = affine[:3, :3] @ np.array([1, 1, 0]) / np.sqrt(2)
        assert on_slope.sum() > 10
        # the steps themselves are 45 degrees off
        assert (normals[on_slope] @ expected > np.cos(np.radians(25))).all()


def test_what_is_no_lattice_is_refused() -> None:
    with pytest.raises(ValueError, match="only a voxel surface"):
        lit(volume_true(np.ones((2, 2, 2), bool), spaced(1, 1, 1)))
