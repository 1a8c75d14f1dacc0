from pathlib import Path

import numpy as np
import pytest
from mask_shapes import cavity_count, label_files, numbered, random_blob, read_labels, spaced

from meshing.collapse import collapsed
from meshing.decimation import SMALLEST_PIECE, decimated
from meshing.fidelity import Fidelity, fidelity
from meshing.mesh import Mesh, component_volumes_mm3
from meshing.smooth import volume_true
from meshing.triangles import sixfold_volumes
from meshing.voxels import voxel_mesh

ONE_MM = spaced(1, 1, 1)


def assert_kept(mask: np.ndarray, affine: np.ndarray, share: float) -> tuple[Mesh, Mesh, Fidelity]:
    numbers = numbered(mask)
    whole = volume_true(mask, affine, numbers)
    fewer = decimated(whole, share)
    found = fidelity(fewer, mask, affine, numbers)
    assert found.is_closed
    assert found.is_oriented
    assert found.has_all_components
    assert found.euler_number == found.mask_euler_number
    assert found.cavity_count == cavity_count(mask)
    assert found.self_intersection_count == 0
    sizes = np.bincount(numbers.ravel()) * abs(np.linalg.det(affine[:3, :3]))
    volumes = component_volumes_mm3(fewer)
    assert volumes == {n: pytest.approx(sizes[n], rel=1e-3) for n in range(1, len(sizes))}
    return whole, fewer, found


def test_a_blob_with_contacts_tunnels_and_voids_keeps_them_at_a_quarter() -> None:
    rng = np.random.default_rng(0)
    mask = rng.random((16, 16, 16)) < 0.6
    whole, fewer, _ = assert_kept(mask, ONE_MM, 0.5)
    assert len(fewer.faces) < 0.75 * len(whole.faces)


@pytest.mark.parametrize("affine", [ONE_MM, spaced(-1, 1, 1), spaced(0.5, 0.5, 3)])
def test_a_ball_comes_down_to_its_share_and_stays_near(affine: np.ndarray) -> None:
    ball = np.linalg.norm(np.indices((31, 31, 31)).T - 15, axis=-1) < 13
    whole, fewer, found = assert_kept(ball, affine, 0.25)
    assert len(fewer.faces) <= 0.25 * len(whole.faces) + 2
    assert found.mean_distance_mm < 0.3 * np.abs(np.diag(affine)[:3]).max()
    assert found.self_intersection_count == 0


def test_a_flat_side_costs_nothing() -> None:
    mesh = volume_true(np.ones((20, 20, 20), bool), ONE_MM)
    points, faces = collapsed(mesh.vertices.astype(float), mesh.faces, 300)
    assert len(faces) <= 300
    assert sixfold_volumes(points, faces).sum() / 6 == pytest.approx(8000, rel=0.01)


def test_a_tetrahedron_can_not_be_collapsed() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.uint32)
    assert len(collapsed(corners, faces, 1)[1]) == 4


def test_frozen_vertices_and_all_around_them_stay() -> None:
    mesh = volume_true(np.ones((12, 12, 12), bool), ONE_MM)
    points = mesh.vertices.astype(float)
    frozen = points[:, 0] < 3
    fewer, faces = collapsed(points, mesh.faces, 200, frozen)
    kept = {tuple(row) for row in fewer.tolist()}
    assert {tuple(row) for row in points[frozen].tolist()} <= kept
    assert len(faces) < 0.7 * len(mesh.faces)


def test_small_pieces_are_left_alone() -> None:
    mesh = volume_true(np.ones((1, 1, 2), bool), ONE_MM)
    assert len(mesh.faces) < SMALLEST_PIECE
    assert np.array_equal(decimated(mesh, 0.1).faces, mesh.faces)


def test_nothing_and_everything_come_back_as_they_were() -> None:
    empty = volume_true(np.zeros((2, 2, 2), bool), ONE_MM)
    assert decimated(empty, 0.5).is_empty
    mesh = volume_true(np.ones((9, 9, 9), bool), ONE_MM)
    assert decimated(mesh, 1) is mesh


def test_a_voxel_surface_and_a_share_out_of_range_are_refused() -> None:
    mask = np.ones((3, 3, 3), bool)
    with pytest.raises(ValueError, match="can't be decimated"):
        decimated(voxel_mesh(mask, ONE_MM), 0.5)
    for share in (0, 1.5):
        with pytest.raises(ValueError, match=f"found {share}"):
            decimated(volume_true(mask, ONE_MM), share)


def test_a_real_component_keeps_its_pieces_and_volume(test_data: Path) -> None:
    path = next(path for path in label_files(test_data) if "01110-000-seg" in path.name)
    labels, affine = read_labels(path)
    assert_kept(labels == 2, affine, 0.5)


@pytest.mark.slow
def test_every_real_component_keeps_its_pieces_and_volume_at_a_quarter(test_data: Path) -> None:
    for path in label_files(test_data):
        labels, affine = read_labels(path)
        for value in np.flatnonzero(np.bincount(labels.ravel()))[1:]:
            assert_kept(labels == value, affine, 0.25)


def test_random_blobs_stay_closed_down_to_a_tenth() -> None:
    for count in (200, 900):
        assert_kept(random_blob(count, np.random.default_rng(count)), ONE_MM, 0.1)
