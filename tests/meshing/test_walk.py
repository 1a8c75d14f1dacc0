import numpy as np
from hypothesis import given
from mask_shapes import affines, masks, numbered, patterns_of_two, random_blob, spaced

from meshing.boundary import boundary
from meshing.paper import paper
from meshing.smooth import volume_true
from meshing.voxels import voxel_mesh
from meshing.walk import ELSEWHERE, NEW, walk


def turned(faces: np.ndarray) -> set[tuple[int, ...]]:
    """Triangles with their lowest vertex first, so that equal ones are equal."""
    return {tuple(np.roll(face, -face.argmin()).tolist()) for face in faces.astype(np.int64)}


@given(masks.filter(np.any))
def test_a_walk_meets_every_triangle_and_vertex_once_and_turns_none(mask: np.ndarray) -> None:
    built = boundary(mask)
    found = walk(built.faces, len(built.points))
    assert found is not None
    assert sorted(found.vertices.tolist()) == list(range(len(built.points)))
    met = found.vertices[found.faces]
    assert len(met) == len(built.faces)
    assert turned(met) == turned(built.faces)
    assert (found.letters == NEW).sum() == len(found.vertices) - 3 * len(found.starts)
    assert (found.letters == ELSEWHERE).sum() == len(found.leaps)


def test_a_walk_over_a_walk_changes_nothing() -> None:
    mesh = volume_true(random_blob(80, np.random.default_rng(1)), spaced(1, 1, 1))
    first = walk(mesh.faces, len(mesh.vertices))
    assert first is not None
    again = walk(first.faces.astype(np.uint32), len(first.vertices))
    assert again is not None
    assert (again.vertices == np.arange(len(again.vertices))).all()
    assert (again.faces == first.faces).all()


def test_every_piece_has_a_start_of_its_own() -> None:
    mask = np.zeros((9, 9, 9), bool)
    mask[1:6, 1:6, 1:6] = True
    mask[3, 3, 3] = False
    mask[8, 8, 8] = True
    mesh = volume_true(mask, spaced(1, 1, 1), numbered(mask))
    found = walk(mesh.faces, len(mesh.vertices))
    assert found is not None
    assert len(found.starts) == 3


@given(masks.filter(np.any), affines)
def test_the_paper_s_surfaces_are_walked_too(mask: np.ndarray, affine: np.ndarray) -> None:
    mesh = paper(mask, affine, numbered(mask))
    assert walk(mesh.faces, len(mesh.vertices)) is not None


def test_what_is_no_closed_surface_is_not_walked() -> None:
    tetrahedron = np.array([[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]], np.uint32)
    assert walk(tetrahedron, 4) is not None
    assert walk(tetrahedron[:3], 4) is None, "a hole"
    assert walk(np.concatenate([tetrahedron, tetrahedron]), 4) is None, "every edge in four triangles"
    assert walk(tetrahedron[[0, 1, 2, 3]][:, [0, 2, 1]], 4) is not None
    assert walk(np.concatenate([tetrahedron[:3], tetrahedron[3:, ::-1]]), 4) is None, "one triangle turned"
    assert walk(tetrahedron, 5) is None, "a vertex without triangles"
    tip_to_tip = np.concatenate([tetrahedron, np.where(tetrahedron > 0, tetrahedron + 3, 0)]).astype(
        np.uint32
    )
    assert walk(tip_to_tip, 7) is None, "two cones share their tip"
    assert walk(np.zeros((0, 3), np.uint32), 0) is None


def test_a_lattice_with_contacts_or_t_junctions_is_refused_not_walked_wrongly() -> None:
    for mask in patterns_of_two():
        mesh = voxel_mesh(mask, spaced(1, 1, 1), numbered(mask))
        found = walk(mesh.faces, len(mesh.vertices))
        assert found is None or turned(found.vertices[found.faces]) == turned(mesh.faces)
