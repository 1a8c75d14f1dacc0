from pathlib import Path

import numpy as np
import pytest
from mask_shapes import label_files, numbered, read_labels, spaced
from scipy import ndimage
from skimage import measure

from meshing.fidelity import fidelity
from meshing.mesh import signed_volume_mm3, world_vertices
from meshing.paper import paper, paper_literal
from meshing.recipes import RECIPES

ONE_MM = spaced(1, 1, 1)


def marched(mask: np.ndarray) -> float:
    """Volume of scikit-image's marching cubes at 0.5 on the filled and dilated mask."""
    solid = ndimage.binary_dilation(ndimage.binary_fill_holes(np.pad(mask, 3)))
    points, faces, _, _ = measure.marching_cubes(solid.astype(np.float32), 0.5)
    a, b, c = (points[faces[:, k]] for k in range(3))
    return float(abs(np.einsum("ij,ij->", a, np.cross(b, c)))) / 6


def test_a_tumour_body_is_filled_dilated_and_marched() -> None:
    ball = np.linalg.norm(np.indices((13, 13, 13)).T - 6, axis=-1) < 5
    ball[6, 6, 6] = False
    assert signed_volume_mm3(paper(ball, ONE_MM)) == pytest.approx(marched(ball), rel=1e-5)
    assert signed_volume_mm3(paper(ball, ONE_MM)) > 1.3 * ball.sum()


def test_a_fragment_grows_by_the_papers_constants() -> None:
    # anchors: 32.2 times one voxel, 21.2 times two that share a face, 17.6 times a line of three
    for length, times in ((1, 32.2), (2, 21.2), (3, 17.6)):
        line = np.ones((length, 1, 1), bool)
        assert signed_volume_mm3(paper(line, ONE_MM)) / length == pytest.approx(times, abs=0.2)


def test_fragments_stay_where_they_are() -> None:
    affine = spaced(-1, 2, 3)
    affine[:3, 3] = [10, 20, 30]
    points = world_vertices(paper(np.ones((1, 1, 1), bool), affine))
    assert (points.min(axis=0) + points.max(axis=0)) / 2 == pytest.approx([10, 20, 30], abs=1e-3)


def test_components_stay_apart_one_by_one_and_merge_to_the_letter() -> None:
    mask = np.zeros((11, 5, 5), bool)
    mask[:5] = mask[6:] = True
    each = fidelity(paper(mask, ONE_MM, numbered(mask)), mask, ONE_MM, numbered(mask))
    assert each.has_all_components
    assert each.piece_count == 2
    assert (
        fidelity(paper_literal(mask, ONE_MM, numbered(mask)), mask, ONE_MM, numbered(mask)).piece_count == 1
    )


def test_paper_surfaces_face_outward_on_mirrored_axes() -> None:
    mask = np.ones((4, 4, 4), bool)
    for affine in (spaced(-1, 1, 1), spaced(0.5, 0.5, -3)):
        assert signed_volume_mm3(paper(mask, affine)) > 0
        assert signed_volume_mm3(paper_literal(mask, affine, numbered(mask))) > 0


def test_empty_masks_give_the_empty_mesh_by_every_recipe() -> None:
    empty = np.zeros((3, 3, 3), bool)
    for recipe in RECIPES.values():
        assert recipe.mesh(empty, ONE_MM, numbered(empty)).is_empty
        assert recipe.mesh(empty, ONE_MM, None).is_empty


def test_every_recipe_meshes_one_voxel_filled_arrays_and_touched_borders() -> None:
    border = np.zeros((5, 5, 5), bool)
    border[0] = border[-1] = border[2, 2] = True
    for recipe in RECIPES.values():
        for mask in (np.ones((1, 1, 1), bool), np.ones((4, 3, 2), bool), border):
            assert signed_volume_mm3(recipe.mesh(mask, spaced(-0.5, 0.5, 3), numbered(mask))) > 0


@pytest.mark.slow
def test_the_paper_inflates_real_tumours_and_the_default_does_not(test_data: Path) -> None:
    path = next(path for path in label_files(test_data) if "00147-000-pred" in path.name)
    labels, affine = read_labels(path)
    mask = labels == 1
    numbers = numbered(mask)
    ratios = {
        name: fidelity(recipe.mesh(mask, affine, numbers), mask, affine, numbers).volume_ratio
        for name, recipe in RECIPES.items()
    }
    assert ratios["voxel"] == 1
    assert ratios["volume-true"] == pytest.approx(1, abs=1e-5)
    assert ratios["paper"] > 1.2
    assert ratios["paper-literal"] > 1.2
