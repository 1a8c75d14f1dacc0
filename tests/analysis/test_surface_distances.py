"""Distances between borders: known answers, brute force, laws, and other people's programs."""

import math

import numpy as np
import pytest
from brute_force import border, directed_mm
from hypothesis import given
from hypothesis import strategies as st
from image_strategies import SPACINGS, Mask, Spacing, Turn, mask_pairs, turned, turns
from scipy import ndimage

from analysis import surface_points
from analysis.masks import stack_mask
from analysis.neighbourhood import neighbourhood
from analysis.surface_distances import (
    DISTANCE_METRICS,
    Distances,
    assd_pooled_mm,
    hd95_max_mm,
    hd95_pooled_mm,
    hd_mm,
    nsd_voxel_1mm,
    surface_distances,
)

ONE_MM = (1.0, 1.0, 1.0)


def voxels(*places: tuple[int, int, int], shape: tuple[int, int, int] = (9, 9, 9)) -> Mask:
    mask = np.zeros(shape, bool)
    for place in places:
        mask[place] = True
    return mask


def measured(reference: np.ndarray, prediction: np.ndarray, spacing_mm: Spacing = ONE_MM) -> dict[str, float]:
    distances = surface_distances(reference, prediction, spacing_mm)
    return {name: read(distances) for name, read in DISTANCE_METRICS.items()}


def test_two_voxels_two_mm_apart_have_hd_two() -> None:
    found = measured(voxels((1, 4, 4)), voxels((2, 4, 4)), (2.0, 1.0, 1.0))
    assert found == {
        "hd95_pooled_mm": 2.0,
        "hd95_max_mm": 2.0,
        "hd_mm": 2.0,
        "assd_pooled_mm": 2.0,
        "nsd_voxel_1mm": 0.0,
    }


def test_a_step_along_each_axis_of_thick_slices() -> None:
    found = measured(voxels((1, 1, 1)), voxels((2, 2, 2)), (0.5, 0.5, 3.0))
    assert found["hd_mm"] == math.sqrt(0.25 + 0.25 + 9)


def test_the_four_numbers_differ_as_their_definitions_do() -> None:
    # Reference: voxel 0. Prediction: voxels 0 to 3 in a row, all on the border, at 0, 1, 2, 3 mm.
    # Forth: [0]. Back: [0, 1, 2, 3]. Pooled: [0, 0, 1, 2, 3].
    reference = voxels((0, 4, 4))
    prediction = voxels((0, 4, 4), (1, 4, 4), (2, 4, 4), (3, 4, 4))
    found = measured(reference, prediction)
    assert found["hd95_pooled_mm"] == pytest.approx(2 + 0.8)  # rank 0.95 * 4 = 3.8
    assert found["hd95_max_mm"] == pytest.approx(2 + 0.85)  # rank 0.95 * 3 = 2.85
    assert found["hd_mm"] == 3
    assert found["assd_pooled_mm"] == pytest.approx(6 / 5)
    assert found["nsd_voxel_1mm"] == pytest.approx(3 / 5)


def test_the_voxels_inside_a_mask_are_no_border() -> None:
    # A cube of 3: one inner voxel, 26 on the border. Its centre alone: 1 mm from the 6 face centres,
    # sqrt(2) from 12 edges, sqrt(3) from 8 corners.
    cube = np.zeros((5, 5, 5), bool)
    cube[1:4, 1:4, 1:4] = True
    centre = voxels((2, 2, 2), shape=(5, 5, 5))
    distances = surface_distances(cube, centre, ONE_MM)
    assert distances.reference_to_prediction.counts.tolist() == [6, 12, 8]
    assert distances.reference_to_prediction.values_mm == pytest.approx([1, math.sqrt(2), math.sqrt(3)])
    assert distances.prediction_to_reference.values_mm.tolist() == [1.0]


def test_beyond_the_edge_of_the_array_is_outside() -> None:
    full = np.ones((3, 3, 3), bool)
    distances = surface_distances(full, full, ONE_MM)
    assert distances.reference_to_prediction.count == 26


def test_masks_that_touch_the_edge_are_measured_like_any_other() -> None:
    inner = measured(voxels((3, 3, 3)), voxels((5, 3, 3)))
    assert measured(voxels((0, 0, 0)), voxels((2, 0, 0))) == inner


@pytest.mark.parametrize("empty", ["reference", "prediction", "both"])
def test_an_empty_mask_has_no_distances(empty: str) -> None:
    reference = voxels() if empty in {"reference", "both"} else voxels((1, 1, 1))
    prediction = voxels() if empty in {"prediction", "both"} else voxels((1, 1, 1))
    assert surface_distances(reference, prediction, ONE_MM) is None


def test_different_grids_are_refused() -> None:
    with pytest.raises(ValueError, match="distances need one grid"):
        surface_distances(voxels(), voxels(shape=(1, 1, 1)), ONE_MM)


def test_a_tolerance_of_one_spacing_survives_noise_in_the_affine() -> None:
    found = measured(voxels((1, 1, 1)), voxels((2, 1, 1)), (1.0000002, 1.0, 1.0))
    assert found["nsd_voxel_1mm"] == 1.0


@given(mask_pairs(), SPACINGS)
def test_distances_are_those_of_brute_force(pair: tuple[Mask, Mask], spacing_mm: Spacing) -> None:
    distances = surface_distances(*pair, spacing_mm)
    one, other = pair
    forth, back = directed_mm(one, other, spacing_mm), directed_mm(other, one, spacing_mm)
    pooled = np.concatenate([forth, back])
    assert hd95_pooled_mm(distances) == pytest.approx(np.percentile(pooled, 95), abs=1e-12)
    assert hd95_max_mm(distances) == pytest.approx(
        max(np.percentile(forth, 95), np.percentile(back, 95)), abs=1e-12
    )
    assert hd_mm(distances) == pytest.approx(pooled.max(), abs=1e-12)
    assert assd_pooled_mm(distances) == pytest.approx(pooled.mean(), abs=1e-12)
    assert nsd_voxel_1mm(distances) == pytest.approx(np.mean(pooled <= 1 + 1e-5))


@pytest.mark.parametrize("few_pairs", [10**9, 0])
@pytest.mark.parametrize("spacing_mm", [ONE_MM, (0.5, 0.5, 3.0)])
def test_what_lies_beyond_the_search_is_found_all_the_same(
    monkeypatch: pytest.MonkeyPatch, few_pairs: int, spacing_mm: Spacing
) -> None:
    monkeypatch.setattr(surface_points, "FEW_PAIRS", few_pairs)
    rng = np.random.default_rng(5)
    one, other = np.zeros((2, 90, 6, 6), bool)
    one[:4] = rng.random((4, 6, 6)) < 0.5
    other[2:5] = rng.random((3, 6, 6)) < 0.5
    other[70:] = rng.random((20, 6, 6)) < 0.5
    assert neighbourhood(spacing_mm).distances_mm[-1] < 60 * spacing_mm[0]
    distances = surface_distances(one, other, spacing_mm)
    back = directed_mm(other, one, spacing_mm)
    values, counts = np.unique(back.round(9), return_counts=True)
    found = distances.prediction_to_reference
    assert np.repeat(found.values_mm, found.counts) == pytest.approx(np.repeat(values, counts), abs=1e-8)


@given(mask_pairs(), SPACINGS)
def test_distances_are_symmetric(pair: tuple[Mask, Mask], spacing_mm: Spacing) -> None:
    one, other = pair
    assert measured(one, other, spacing_mm) == pytest.approx(measured(other, one, spacing_mm))


@given(mask_pairs(), SPACINGS)
def test_a_mask_lies_on_itself(pair: tuple[Mask, Mask], spacing_mm: Spacing) -> None:
    found = measured(pair[0], pair[0], spacing_mm)
    assert found.pop("nsd_voxel_1mm") == 1
    assert set(found.values()) == {0.0}


@given(mask_pairs(), SPACINGS)
def test_percentiles_and_means_stay_under_the_maximum(pair: tuple[Mask, Mask], spacing_mm: Spacing) -> None:
    found = measured(*pair, spacing_mm)
    assert 0 <= found["nsd_voxel_1mm"] <= 1
    assert 0 <= found["assd_pooled_mm"] <= found["hd_mm"] * (1 + 1e-12)
    assert 0 <= found["hd95_pooled_mm"] <= found["hd_mm"]
    assert found["hd95_max_mm"] <= found["hd_mm"]


@given(mask_pairs(), turns(), SPACINGS)
def test_swapped_and_flipped_axes_with_their_spacing_change_nothing(
    pair: tuple[Mask, Mask], turn: Turn, spacing_mm: Spacing
) -> None:
    axes = turn[0]
    swapped = tuple(spacing_mm[axis] for axis in axes)
    found = measured(*(turned(mask, turn) for mask in pair), swapped)
    assert found == pytest.approx(measured(*pair, spacing_mm))


@given(mask_pairs(), st.sampled_from([0.5, 2.0, 4.0]))
def test_distances_scale_with_the_spacing(pair: tuple[Mask, Mask], factor: float) -> None:
    found = measured(*pair, (factor, factor, factor))
    expected = measured(*pair)
    for name in ("hd95_pooled_mm", "hd95_max_mm", "hd_mm", "assd_pooled_mm"):
        assert found[name] == pytest.approx(factor * expected[name])


@given(mask_pairs())
def test_borders_are_the_mask_minus_its_erosion(pair: tuple[Mask, Mask]) -> None:
    points = surface_points.border_points(stack_mask(pair[0]), ONE_MM)
    margins = points.around.margins
    inner = points.padded_zyx.T[tuple(slice(m, m + n) for m, n in zip(margins, pair[0].shape, strict=True))]
    assert np.array_equal(inner == 1, border(pair[0]))
    assert len(points.indices) == np.count_nonzero(points.padded_zyx) == border(pair[0]).sum()


@given(st.lists(st.floats(0, 9), min_size=1, max_size=30), st.floats(0, 100))
def test_percentiles_of_counts_are_numpys(values: list[float], percent: float) -> None:
    distinct, counts = np.unique(values, return_counts=True)
    assert Distances(distinct, counts).percentile_mm(percent) == np.percentile(values, percent)


def test_no_voxels_have_no_percentile() -> None:
    assert math.isnan(Distances(np.zeros(0), np.zeros(0, np.int64)).percentile_mm(95))


def blobs(seed: int) -> list[Mask]:
    noise = np.random.default_rng(seed).random((2, 24, 20, 16))
    return [ndimage.gaussian_filter(field, 2) > 0.5 for field in noise]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spacing_mm", [ONE_MM, (0.5, 0.5, 3.0)])
def test_medpy_agrees(seed: int, spacing_mm: Spacing) -> None:
    medpy = pytest.importorskip("medpy.metric.binary")
    one, other = blobs(seed)
    found = measured(one, other, spacing_mm)
    assert found["hd95_pooled_mm"] == pytest.approx(medpy.hd95(other, one, spacing_mm), abs=1e-12)
    assert found["hd_mm"] == pytest.approx(medpy.hd(other, one, spacing_mm), abs=1e-12)
    assert found["assd_pooled_mm"] == pytest.approx(medpy.assd(other, one, spacing_mm), abs=1e-12)


@pytest.mark.slow
@pytest.mark.filterwarnings("default::FutureWarning")  # its own functions call each other the old way
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spacing_mm", [ONE_MM, (0.5, 0.5, 3.0)])
def test_monai_agrees_as_far_as_its_single_precision_goes(seed: int, spacing_mm: Spacing) -> None:
    metrics = pytest.importorskip("monai.metrics")
    torch = pytest.importorskip("torch")
    one, other = blobs(seed)
    reference, prediction = (torch.from_numpy(mask)[None, None] for mask in (one, other))
    options = {"include_background": True, "spacing": spacing_mm}
    found = measured(one, other, spacing_mm)
    hd95 = metrics.compute_hausdorff_distance(prediction, reference, percentile=95, **options)
    assd = metrics.compute_average_surface_distance(prediction, reference, symmetric=True, **options)
    nsd = metrics.compute_surface_dice(prediction, reference, class_thresholds=[1.0], **options)
    assert found["hd95_max_mm"] == pytest.approx(float(hd95), abs=1e-5)
    assert found["assd_pooled_mm"] == pytest.approx(float(assd), abs=1e-5)
    assert found["nsd_voxel_1mm"] == pytest.approx(float(nsd), abs=1e-6)
