import numpy as np
from hypothesis import given
from mask_shapes import affines, masks, spaced

from meshing.boundary import boundary
from meshing.fans import open_fans
from meshing.intersections import crossing_pairs, self_intersection_count
from meshing.mesh import world_vertices
from meshing.smooth import volume_true

FLAT = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0]], float)


def pair(other: list[list[float]]) -> int:
    points = np.concatenate([FLAT, np.array(other, float)])
    return self_intersection_count(points, np.array([[0, 1, 2], [3, 4, 5]], np.uint32))


def test_a_triangle_through_another_crosses_it() -> None:
    assert pair([[0.5, 0.5, -1], [0.5, 0.5, 1], [3, 3, 0.5]]) == 1


def test_a_triangle_beside_above_or_in_the_plane_of_another_does_not() -> None:
    assert pair([[5, 5, -1], [5, 5, 1], [6, 6, 0]]) == 0
    assert pair([[0.5, 0.5, 1], [0.7, 0.5, 2], [0.5, 0.7, 2]]) == 0
    assert pair([[0.1, 0.1, 0], [0.5, 0.1, 0], [0.1, 0.5, 0]]) == 0


def test_triangles_that_share_a_vertex_count_where_they_cross_elsewhere() -> None:
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [1, 1, -1], [0.5, 0.5, 2], [-1, -1, 2]], float)
    assert self_intersection_count(points, np.array([[0, 1, 2], [0, 3, 4]], np.uint32)) == 1
    assert self_intersection_count(points, np.array([[0, 1, 2], [0, 4, 5]], np.uint32)) == 0


def test_triangles_that_share_an_edge_do_not_count() -> None:
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [1, 1, 1]], float)
    assert self_intersection_count(points, np.array([[0, 1, 2], [1, 0, 3]], np.uint32)) == 0


def test_each_pair_is_found_once_however_many_cells_it_spans() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.random((300, 3)), 20 * rng.random((9, 3))])
    faces = np.arange(309, dtype=np.uint32).reshape(-1, 3)
    pairs = crossing_pairs(points, faces)
    found = {tuple(sorted(row)) for row in pairs.tolist()}
    assert len(found) == len(pairs) > 50
    # pair by pair: a grid of one cell, since there are but two triangles
    apart = {
        (i, j)
        for i in range(len(faces))
        for j in range(i + 1, len(faces))
        if self_intersection_count(points, faces[[i, j]])
    }
    assert found == apart


@given(masks.filter(np.any), affines)
def test_no_boundary_crosses_itself_on_any_axes(mask: np.ndarray, affine: np.ndarray) -> None:
    built = boundary(mask)
    assert self_intersection_count(built.points, built.faces) == 0
    smooth = volume_true(mask, affine)
    own = self_intersection_count(smooth.vertices.astype(float), smooth.faces)
    assert self_intersection_count(world_vertices(smooth), smooth.faces) == own


def crumpled(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A smooth surface whose vertices are thrown about until it crosses itself in many places."""
    mesh = volume_true(np.ones((3, 3, 3), bool), spaced(1, 1, 1))
    noise = np.random.default_rng(seed).normal(0, 0.25, mesh.vertices.shape)
    return mesh.vertices + noise, mesh.faces


def test_open_fans_hide_no_crossing() -> None:
    for seed in range(2):
        points, faces = crumpled(seed)
        is_open = open_fans(points, faces)
        found = {tuple(sorted(row)) for row in crossing_pairs(points, faces).tolist()}
        assert 0.05 < is_open.mean() < 0.95
        # triangle by triangle no fan is closed, so that every pair is tested
        soup = points[faces].reshape(-1, 3)
        alone = np.arange(len(soup), dtype=np.uint32).reshape(-1, 3)
        assert not open_fans(soup, alone).any()
        beside = [{*face} for face in faces.tolist()]
        apart = {
            (i, j)
            for i in range(len(faces))
            for j in range(i + 1, len(faces))
            if len(beside[i] & beside[j]) == 1 and fan_crosses(points, faces[[i, j]])
        }
        assert {pair for pair in found if len(beside[pair[0]] & beside[pair[1]]) == 1} == apart


def fan_crosses(points: np.ndarray, two: np.ndarray) -> bool:
    return self_intersection_count(points, two) == 1


def test_a_fan_that_goes_round_twice_is_not_open() -> None:
    angles = np.arange(8) * np.pi / 2  # eight right angles: twice around, a spiral seen from above
    ring = np.stack([np.cos(angles), np.sin(angles), np.linspace(0, 0.2, 8)], axis=1)
    points = np.concatenate([[[0, 0, 0.1]], ring])
    faces = np.array([[0, k + 1, (k + 1) % 8 + 1] for k in range(8)], np.uint32)
    assert not open_fans(points, faces)[0]
    once = np.array([[0, k + 1, (k + 1) % 4 + 1] for k in range(4)], np.uint32)
    assert open_fans(points, once)[0]
    assert not open_fans(points, once[:3])[0]


def test_nothing_does_not_cross_itself() -> None:
    assert self_intersection_count(np.zeros((0, 3)), np.zeros((0, 3), np.uint32)) == 0
