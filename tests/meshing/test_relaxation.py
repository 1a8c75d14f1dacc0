import numpy as np
import pytest
from mask_shapes import random_blob

from meshing.boundary import boundary
from meshing.relaxation import offset_to_volume, relaxed
from meshing.triangles import sixfold_volumes


def volume(points: np.ndarray, faces: np.ndarray) -> float:
    return float(sixfold_volumes(points, faces).sum()) / 6


def test_a_cube_grows_to_any_volume_by_moving_its_corners_along_their_diagonals() -> None:
    cube = boundary(np.ones((1, 1, 1), bool))
    for wanted in (0.2, 1.0, 1.7, 8.0):
        moved = offset_to_volume(cube.points, cube.faces, wanted)
        assert volume(moved, cube.faces) == pytest.approx(wanted, rel=1e-9)
        assert np.ptp(moved, axis=0) == pytest.approx(wanted ** (1 / 3), rel=0.3)


def test_vertices_without_a_share_stay_where_they_are() -> None:
    cube = boundary(np.ones((2, 2, 2), bool))
    share = (cube.points[:, 0] > 0).astype(float)
    moved = offset_to_volume(cube.points, cube.faces, 10, share)
    assert np.array_equal(moved[share == 0], cube.points[share == 0])
    assert volume(moved, cube.faces) == pytest.approx(10)


def test_a_volume_that_no_offset_reaches_is_refused() -> None:
    cube = boundary(np.ones((1, 1, 1), bool))
    with pytest.raises(ValueError, match="encloses a volume of 5"):
        offset_to_volume(cube.points, cube.faces, 5, np.zeros(8))


def test_no_vertex_strays_farther_than_its_reach() -> None:
    start = boundary(random_blob(300, np.random.default_rng(0)))
    for reach in (0.1, 0.45):
        moved = relaxed(start, reach, 30, 0.0138)
        distances = np.abs(moved - start.points)
        assert distances.max() <= reach + 1e-5
        assert distances.max() > 0.9 * reach


def test_relaxing_keeps_planes_flat_and_commutes_with_scaling() -> None:
    start = boundary(np.ones((9, 9, 9), bool))
    moved = relaxed(start, 0.45, 30, 0.0138)
    middle = (np.abs(start.points[:, :2] - 4) < 1).all(axis=1) & (start.points[:, 2] > 8)
    assert np.allclose(moved[middle, 2], 8.5, atol=0.02)
    stretched = relaxed(start._replace(points=2 * start.points), 0.9, 30, 0.0138)
    assert np.allclose(stretched, 2 * moved, atol=1e-4)
