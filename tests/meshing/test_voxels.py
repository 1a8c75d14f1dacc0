from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from mask_shapes import (
    affines,
    component_count,
    exposed_area_mm2,
    label_files,
    masks,
    numbered,
    patterns_of_two,
    read_labels,
    spaced,
)
from outward import assert_outward

from meshing.mesh import Mesh, area_mm2, component_volumes_mm3, signed_volume_mm3, world_vertices
from meshing.voxels import label_meshes, voxel_mesh

EXACT = 1e-12


def assert_exact(mesh: Mesh, mask: np.ndarray, affine: np.ndarray) -> None:
    voxel_mm3 = abs(np.linalg.det(affine[:3, :3]))
    assert signed_volume_mm3(mesh) == pytest.approx(mask.sum() * voxel_mm3, rel=EXACT)
    assert area_mm2(mesh) == pytest.approx(exposed_area_mm2(mask, affine), rel=1e-9)


def test_one_voxel_is_a_box_around_its_centre() -> None:
    affine = spaced(1, 2, 3)
    affine[:3, 3] = [10, 20, 30]
    mesh = voxel_mesh(np.ones((1, 1, 1), bool), affine)
    assert len(mesh.vertices) == 8
    assert len(mesh.faces) == 12
    points = world_vertices(mesh)
    assert points.min(axis=0).tolist() == [9.5, 19, 28.5]
    assert points.max(axis=0).tolist() == [10.5, 21, 31.5]
    assert signed_volume_mm3(mesh) == 6


def test_a_box_of_voxels_is_six_rectangles() -> None:
    mesh = voxel_mesh(np.ones((3, 70, 130), bool), spaced(1, 1, 1))
    assert len(mesh.faces) == 12
    assert signed_volume_mm3(mesh) == 3 * 70 * 130


def test_an_empty_mask_gives_the_empty_mesh() -> None:
    for shape in [(4, 5, 6), (0, 3, 3)]:
        mesh = voxel_mesh(np.zeros(shape, bool), spaced(1, 1, 1))
        assert mesh.is_empty
        assert len(mesh.vertices) == 0


@given(masks, affines)
def test_volume_and_area_are_exact_on_any_axes(mask: np.ndarray, affine: np.ndarray) -> None:
    assert_exact(voxel_mesh(mask, affine), mask, affine)
    assert_exact(voxel_mesh(np.asfortranarray(mask), affine), mask, affine)
    assert_exact(voxel_mesh(np.pad(mask, 1)[1:-1, 1:-1, 1:-1], affine), mask, affine)


def test_runs_across_machine_words_are_exact() -> None:
    rng = np.random.default_rng(0)
    for share in (0.02, 0.5, 0.98):
        mask = rng.random((5, 130, 200)) < share
        assert_exact(voxel_mesh(mask, spaced(0.5, 0.5, 3)), mask, spaced(0.5, 0.5, 3))


def test_every_triangle_faces_away_from_its_voxel() -> None:
    for affine in (spaced(1, 1, 1), spaced(-1, 1, 1), spaced(-1, -1, -1)):
        for mask in patterns_of_two():
            assert_outward(voxel_mesh(mask, affine), mask, affine)


def test_corners_take_one_byte_up_to_255_voxels_an_axis_and_two_beyond() -> None:
    for length, kind in ((255, np.uint8), (256, np.uint16)):
        mask = np.zeros((length, 2, 2), bool)
        mask[-1] = True
        mesh = voxel_mesh(mask, spaced(1, 1, 1))
        assert mesh.vertices.dtype == kind
        assert mesh.vertices.max() == length
        assert signed_volume_mm3(mesh) == 4


@pytest.mark.parametrize("connectivity", [6, 18, 26])
def test_each_component_has_its_own_vertices_and_volume(connectivity: int) -> None:
    mask = np.random.default_rng(1).random((12, 13, 14)) < 0.4
    numbers = numbered(mask, connectivity)
    sizes = np.bincount(numbers.ravel())
    for order in "CF":
        mesh = voxel_mesh(np.asarray(mask, order=order), spaced(1, 1, 1), np.asarray(numbers, order=order))
        volumes = component_volumes_mm3(mesh)
        assert len(volumes) == component_count(mask, connectivity)
        assert volumes == {n: pytest.approx(sizes[n], rel=EXACT) for n in range(1, len(sizes))}
        owners = mesh.components[mesh.faces]
        assert (owners == owners[:, :1]).all()


def test_components_that_touch_at_a_corner_do_not_share_the_vertex() -> None:
    mask = np.zeros((2, 2, 2), bool)
    mask[0, 0, 0] = mask[1, 1, 1] = True
    assert len(voxel_mesh(mask, spaced(1, 1, 1), numbered(mask, 26)).vertices) == 15
    assert len(voxel_mesh(mask, spaced(1, 1, 1), numbered(mask, 6)).vertices) == 16


def test_ten_thousand_single_voxels_keep_ten_thousand_numbers() -> None:
    mask = np.zeros((43, 43, 43), bool)
    mask[::2, ::2, ::2] = True
    mesh = voxel_mesh(mask, spaced(0.5, 0.5, 3), numbered(mask, 6))
    volumes = component_volumes_mm3(mesh)
    assert len(volumes) == mask.sum() == 10648
    assert np.allclose(list(volumes.values()), 0.75, rtol=EXACT)


def test_a_region_unites_its_labels() -> None:
    labels = np.random.default_rng(2).integers(0, 4, (9, 9, 9)).astype(np.uint8)
    meshes = label_meshes(labels, {1: [1], 9: [1, 3], 5: [200]}, spaced(1, 1, 1))
    assert signed_volume_mm3(meshes[1]) == (labels == 1).sum()
    assert signed_volume_mm3(meshes[9]) == np.isin(labels, [1, 3]).sum()
    assert meshes[5].is_empty


def test_component_numbers_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 2, 3\), the mask \(2, 2, 2\)"):
        voxel_mesh(np.ones((2, 2, 2), bool), spaced(1, 1, 1), np.ones((2, 2, 3), np.uint32))


def test_a_voxel_without_a_component_number_is_refused() -> None:
    with pytest.raises(ValueError, match="component number 0"):
        voxel_mesh(np.ones((2, 2, 2), bool), spaced(1, 1, 1), np.zeros((2, 2, 2), np.uint32))


def test_a_flat_image_is_refused() -> None:
    with pytest.raises(ValueError, match="three axes, found 2"):
        voxel_mesh(np.ones((2, 2), bool), spaced(1, 1, 1))


def test_every_label_of_every_real_file_is_exact(test_data: Path) -> None:
    checked = 0
    for path in label_files(test_data):
        labels, affine = read_labels(path)
        values = [int(v) for v in np.flatnonzero(np.bincount(labels.ravel())) if v]
        for value, mesh in label_meshes(labels, {v: [v] for v in values}, affine).items():
            assert_exact(mesh, labels == value, affine)
            checked += 1
    assert checked >= 35
