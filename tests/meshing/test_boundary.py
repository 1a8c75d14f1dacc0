import numpy as np
import pytest
from hypothesis import given
from mask_shapes import cavity_count, component_count, masks, patterns_of_two, random_blob

from meshing.boundary import Boundary, boundary
from meshing.fidelity import euler_number
from meshing.shells import shells
from meshing.triangles import sixfold_volumes


def assert_closed_surface(built: Boundary, mask: np.ndarray) -> None:
    """One closed, oriented 2-manifold whose pieces and Euler number are those of the (26, 6) mask."""
    count, faces = len(built.points), built.faces.astype(np.int64)
    assert np.array_equal(np.unique(faces), np.arange(count))
    there = np.sort(
        np.r_[
            faces[:, 0] * count + faces[:, 1],
            faces[:, 1] * count + faces[:, 2],
            faces[:, 2] * count + faces[:, 0],
        ]
    )
    back = np.sort(there % count * count + there // count)
    assert (np.diff(there) > 0).all()
    assert np.array_equal(there, back)
    assert_single_fans(faces, count)
    assert count - len(there) // 2 + len(faces) == 2 * euler_number(mask)
    volumes = [
        sixfold_volumes(built.points[part.vertices], part.faces).sum() for part in shells(built.faces, count)
    ]
    assert sum(volume > 0 for volume in volumes) == component_count(mask, 26)
    assert sum(volume < 0 for volume in volumes) == cavity_count(mask)


def assert_single_fans(faces: np.ndarray, count: int) -> None:
    """Walking around each vertex from triangle to triangle meets all of its triangles."""
    following = {
        (int(a), int(b)): int(c) for tri in faces for a, b, c in (tri, np.roll(tri, 1), np.roll(tri, 2))
    }
    degrees = np.bincount(faces.ravel(), minlength=count)
    starts = dict(following.keys())
    for vertex, start in starts.items():
        at, steps = following[vertex, start], 1
        while at != start:
            at, steps = following[vertex, at], steps + 1
        assert steps == degrees[vertex]


def test_one_voxel_is_a_cube_of_eight_corners() -> None:
    built = boundary(np.ones((1, 1, 1), bool))
    assert len(built.points) == 8
    assert len(built.faces) == 12
    assert built.points.min(axis=0).tolist() == [-0.5] * 3
    assert built.points.max(axis=0).tolist() == [0.5] * 3
    assert sixfold_volumes(built.points, built.faces).sum() == 6
    assert (np.diff(built.starts) == 3).all()  # along the cube's edges, not its diagonals


def test_without_contacts_every_exposed_face_is_two_triangles_and_the_volume_exact() -> None:
    mask = np.zeros((6, 7, 8), bool)
    mask[1:4, 2:5, 3:7] = mask[4, 3, 4] = True
    built = boundary(mask)
    assert len(built.faces) == 2 * (2 * (3 * 3 + 3 * 4 + 3 * 4) + 4)
    assert sixfold_volumes(built.points, built.faces).sum() == pytest.approx(6 * 37)


def test_voxels_that_meet_at_a_corner_are_joined_by_a_tube() -> None:
    mask = np.zeros((2, 2, 2), bool)
    mask[0, 0, 0] = mask[1, 1, 1] = True
    built = boundary(mask)
    assert len(built.points) == 2 * 7 + 6
    assert len(list(shells(built.faces, len(built.points)))) == 1


def test_voxels_that_meet_along_an_edge_are_joined_by_a_neck_of_some_width() -> None:
    mask = np.zeros((2, 2, 1), bool)
    mask[0, 0, 0] = mask[1, 1, 0] = True
    built = boundary(mask)
    assert len(list(shells(built.faces, len(built.points)))) == 1
    middle = built.points[np.abs(built.points[:, 2]) < 0.25]
    assert len(middle) == 2
    assert np.linalg.norm(middle[0] - middle[1]) > 0.3


def test_all_255_patterns_of_two_voxels_cubed_are_closed_surfaces() -> None:
    for mask in patterns_of_two():
        assert_closed_surface(boundary(mask), mask)


@given(masks)
def test_every_mask_has_a_closed_surface_of_its_topology(mask: np.ndarray) -> None:
    assert_closed_surface(boundary(mask), mask)


def test_large_random_masks_have_closed_surfaces_of_their_topology() -> None:
    rng = np.random.default_rng(0)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        mask = rng.random((14, 15, 16)) < share
        assert_closed_surface(boundary(mask), mask)
    for count in (10, 60, 300):
        mask = random_blob(count, rng)
        assert_closed_surface(boundary(mask), mask)


def test_the_sum_of_neighbours_is_symmetric() -> None:
    built = boundary(np.random.default_rng(1).random((6, 6, 6)) < 0.5)
    sources = np.repeat(np.arange(len(built.points)), np.diff(built.starts))
    links = set(zip(sources.tolist(), built.neighbours.tolist(), strict=True))
    assert len(links) == len(built.neighbours)
    assert links == {(b, a) for a, b in links}


def test_an_empty_mask_has_an_empty_boundary() -> None:
    built = boundary(np.zeros((3, 3, 3), bool))
    assert len(built.points) == len(built.faces) == len(built.neighbours) == 0


def test_no_two_vertices_lie_in_one_place() -> None:
    mask = np.random.default_rng(2).random((9, 9, 9)) < 0.5
    points = np.round(boundary(mask).points, 6)
    assert len(np.unique(points, axis=0)) == len(points)
