from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from mask_shapes import spaced

from meshing.brain import MOST_TRIANGLES, brain_surface
from meshing.fidelity import fidelity
from meshing.mesh import signed_volume_mm3, world_vertices


def ball(radius: float, spacing: tuple[float, float, float]) -> np.ndarray:
    half = np.ceil((radius + 1) / np.array(spacing)).astype(int)
    places = (np.moveaxis(np.indices(2 * half + 1), 0, -1) - half) * spacing
    return np.linalg.norm(places, axis=-1) < radius


@pytest.mark.parametrize("spacing", [(1, 1, 1), (0.5, 0.5, 3), (-1, 1, 2.5)])
def test_a_ball_keeps_its_volume_and_lies_within_a_voxel(spacing: tuple[float, float, float]) -> None:
    sizes = tuple(abs(step) for step in spacing)
    mask, affine = ball(30, sizes), spaced(*spacing)
    found = fidelity(brain_surface(mask, affine), mask, affine)
    assert found.volume_ratio == pytest.approx(1, abs=1e-4)
    assert found.is_closed
    assert found.is_oriented
    assert found.piece_count == 1
    assert found.mean_distance_mm < 0.3 * max(sizes)
    assert found.largest_distance_mm < max(sizes)


def test_the_surface_lies_where_the_mask_is() -> None:
    mask = np.zeros((40, 41, 42), bool)
    mask[11:31, 12:32, 13:33] = True
    affine = spaced(-1, 1, 1)
    affine[:3, 3] = [5, 6, 7]
    points = world_vertices(brain_surface(mask, affine))
    assert (points.min(axis=0) + points.max(axis=0)) / 2 == pytest.approx(
        [5 - 20.5, 6 + 21.5, 7 + 22.5], abs=0.6
    )


def test_voids_are_filled_unless_told_otherwise() -> None:
    mask = ball(20, (1, 1, 1))
    mask[15:27, 15:27, 15:27] = False
    affine = spaced(1, 1, 1)
    assert signed_volume_mm3(brain_surface(mask, affine)) == pytest.approx(mask.sum() + 12**3, rel=1e-3)
    hollow = brain_surface(mask, affine, is_filled=False)
    assert fidelity(hollow, mask, affine).cavity_count == 1
    assert signed_volume_mm3(hollow) == pytest.approx(mask.sum(), rel=1e-3)


def test_finer_cells_come_closer() -> None:
    mask, affine = ball(25, (1, 1, 1)), spaced(1, 1, 1)
    coarse, fine = (fidelity(brain_surface(mask, affine, cell_mm=c), mask, affine) for c in (4, 2))
    assert fine.mean_distance_mm < coarse.mean_distance_mm


def test_above_the_limit_it_is_decimated_and_keeps_its_volume() -> None:
    mask, affine = ball(30, (1, 1, 1)), spaced(1, 1, 1)
    light = brain_surface(mask, affine, most_triangles=2000)
    assert len(light.faces) <= 2000
    assert signed_volume_mm3(light) == pytest.approx(mask.sum(), rel=1e-3)


def test_an_empty_mask_gives_the_empty_mesh() -> None:
    assert brain_surface(np.zeros((4, 4, 4), bool), spaced(1, 1, 1)).is_empty


def test_a_real_brain_is_light_and_within_a_millimetre(test_data: Path) -> None:
    for name in ("BraTS2021_01479/BraTS2021_01479_t1.nii.gz", "TCGA-FG-6692/brainmask.nii.gz"):
        image = nib.load(test_data / "real" / name)
        mask, affine = np.asanyarray(image.dataobj) != 0, image.affine
        mesh = brain_surface(mask, affine)
        found = fidelity(mesh, mask, affine)
        assert 40_000 <= len(mesh.faces) <= MOST_TRIANGLES
        assert found.volume_ratio == pytest.approx(1, abs=1e-3)
        assert found.mean_distance_mm < 0.25
        assert found.largest_distance_mm < 1
        assert found.self_intersection_count == 0
