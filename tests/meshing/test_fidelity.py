from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from mask_shapes import affines, masks, numbered, random_blob, spaced
from skimage import measure

from meshing.euler import euler_number
from meshing.fidelity import distances_mm, fidelity
from meshing.intersections import crossing_pairs
from meshing.isosurface import isosurface
from meshing.mesh import Mesh, empty_mesh, world_vertices
from meshing.paper import paper_literal
from meshing.smooth import volume_true
from meshing.voxels import voxel_mesh

ONE_MM = spaced(1, 1, 1)
BOX = np.ones((3, 4, 5), bool)


def moved(mesh: Mesh, shift_mm: float) -> Mesh:
    to_world = mesh.to_world.copy()
    to_world[0, 3] += shift_mm
    return replace(mesh, to_world=to_world)


@given(masks)
def test_the_euler_number_is_that_of_scikit_image(mask: np.ndarray) -> None:
    assert euler_number(mask) == measure.euler_number(np.pad(mask, 1), 3)


def test_euler_numbers_of_known_shapes() -> None:
    assert euler_number(np.zeros((3, 3, 3), bool)) == 0
    assert euler_number(BOX) == 1
    ring = np.ones((3, 3, 1), bool)
    ring[1, 1] = False
    assert euler_number(ring) == 0
    shell = np.ones((3, 3, 3), bool)
    shell[1, 1, 1] = False
    assert euler_number(shell) == 2


def test_a_voxel_surface_is_its_mask_with_t_junctions() -> None:
    mask = random_blob(200, np.random.default_rng(0))
    found = fidelity(voxel_mesh(mask, ONE_MM, numbered(mask)), mask, ONE_MM, numbered(mask))
    assert found.volume_ratio == 1
    assert found.mean_distance_mm == found.largest_distance_mm == 0
    assert found.has_all_components
    assert not found.is_closed


@given(masks.filter(np.any))
def test_no_two_faces_of_a_voxel_surface_pass_through_each_other(mask: np.ndarray) -> None:
    mesh = voxel_mesh(mask, ONE_MM, numbered(mask))
    assert len(crossing_pairs(world_vertices(mesh), mesh.faces)) == 0


def test_a_moved_box_is_as_far_as_it_was_moved() -> None:
    # the two ends leave the voxels' surface by the shift, the four sides slide along it but for their ends
    for shift in (0.2, -0.2):
        mean, largest = distances_mm(moved(voxel_mesh(BOX, ONE_MM), shift), BOX, ONE_MM)
        assert largest == pytest.approx(0.2)
        assert 2 * 20 * 0.2 / 94 <= mean <= 0.2


def test_distances_are_in_mm_along_the_axis_they_run() -> None:
    affine = spaced(0.5, 2, 3)
    tall = voxel_mesh(BOX, affine)
    to_world = tall.to_world.copy()
    to_world[2, 3] += 1.2
    assert distances_mm(replace(tall, to_world=to_world), BOX, affine)[1] == pytest.approx(1.2)


def test_a_surface_far_away_is_measured_too() -> None:
    assert distances_mm(moved(voxel_mesh(BOX, ONE_MM), 20), BOX, ONE_MM)[1] == pytest.approx(20)


@given(masks.filter(np.any), affines)
def test_distances_do_not_depend_on_where_the_axes_point(mask: np.ndarray, affine: np.ndarray) -> None:
    straight = affine.copy()
    straight[:3, :3] = np.diag(np.linalg.norm(affine[:3, :3], axis=0))
    turned = straight.copy()
    turned[:3, :3] = straight[[1, 2, 0], :3] * [-1, 1, 1]
    one, other = (distances_mm(volume_true(mask, a), mask, a) for a in (straight, turned))
    assert one == pytest.approx(other, rel=1e-3, abs=1e-4)


def test_a_piece_too_many_or_too_few_is_noticed() -> None:
    two = np.zeros((5, 1, 1), bool)
    two[::4] = True
    whole = volume_true(two, ONE_MM, numbered(two))
    half = replace(whole, faces=whole.faces[: len(whole.faces) // 2])
    assert fidelity(whole, two, ONE_MM, numbered(two)).has_all_components
    assert fidelity(whole, two, ONE_MM, numbered(two)).kept_component_count == 2
    assert fidelity(half, two, ONE_MM, numbered(two)).kept_component_count == 1
    assert not fidelity(half, two, ONE_MM, numbered(two)).has_all_components
    assert not fidelity(whole, two, ONE_MM, np.where(two, 1, 0).astype(np.uint32)).has_all_components


def test_holes_and_flipped_triangles_are_noticed() -> None:
    mesh = volume_true(BOX, ONE_MM)
    assert not fidelity(replace(mesh, faces=mesh.faces[1:]), BOX, ONE_MM).is_closed
    faces = mesh.faces.copy()
    faces[0] = faces[0, ::-1]
    turned = fidelity(replace(mesh, faces=faces), BOX, ONE_MM)
    assert turned.is_closed
    assert not turned.is_oriented


def test_without_numbers_as_many_components_are_kept_as_there_are_pieces() -> None:
    near = np.zeros((3, 1, 1), bool)
    near[::2] = True
    merged = fidelity(paper_literal(near, ONE_MM, None), near, ONE_MM, numbered(near))
    assert (merged.component_count, merged.piece_count, merged.kept_component_count) == (2, 1, 1)


@given(masks.filter(np.any), affines)
def test_room_around_a_mask_changes_nothing(mask: np.ndarray, affine: np.ndarray) -> None:
    roomy = np.asfortranarray(np.pad(mask, 2))
    shifted = affine.copy()
    shifted[:3, 3] -= affine[:3, :3] @ [2, 2, 2]
    one = fidelity(volume_true(mask, affine, numbered(mask)), mask, affine, numbered(mask))
    other = fidelity(volume_true(roomy, shifted, numbered(roomy)), roomy, shifted, numbered(roomy))
    assert other.as_extras() == pytest.approx(one.as_extras(), rel=1e-3, abs=1e-5)


def test_nothing_is_held_against_nothing() -> None:
    empty = np.zeros((2, 2, 2), bool)
    found = fidelity(empty_mesh(ONE_MM), empty, ONE_MM)
    assert found.has_all_components
    assert found.as_extras()["volume_ratio"] is None
    lost = fidelity(empty_mesh(ONE_MM), BOX, ONE_MM)
    assert not lost.has_all_components
    assert lost.component_count == 1


def test_an_isosurface_faces_outward_and_cuts_halfway() -> None:
    field = np.pad(np.ones((2, 3, 4), np.float32), 1)
    points, faces = isosurface(field, 0.5)
    assert points.min(axis=0).tolist() == [0.5] * 3
    assert points.max(axis=0).tolist() == [2.5, 3.5, 4.5]
    corners = points[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ij->i", normals, corners.mean(axis=1) - [1.5, 2, 2.5]) > 0).all()
    assert len(isosurface(np.zeros((3, 3, 3), np.float32), 0.5)[1]) == 0
