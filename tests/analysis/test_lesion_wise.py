"""The lesion-wise protocol: its rules one by one, its peculiarities, and the official numbers."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_strategies import Labels, Mask, Turn, label_maps, turned, turns
from real_scans import BRATS2023, read
from scipy import ndimage

from analysis.components import find_components
from analysis.lesion_wise import (
    BRATS_2023_GLI,
    LesionProtocol,
    LesionScores,
    lesion_scores,
    reference_lesions,
)
from analysis.surface_elements import element_distances, hd95_surfel_mm
from analysis.volumes import CroppedMap, common_box

IDENTITY = np.eye(4)
NOTHING = LesionScores(lesion_dice=1.0, lesion_hd95_mm=0.0, lesion_tp=0.0, lesion_fp=0.0, lesion_fn=0.0)


def scores(
    reference: Mask,
    prediction: Mask,
    affine: np.ndarray = IDENTITY,
    protocol: LesionProtocol = BRATS_2023_GLI,
) -> LesionScores:
    one, other = (find_components(mask.view(np.uint8), affine=affine) for mask in (reference, prediction))
    return lesion_scores(reference_lesions(one, protocol), other, affine, protocol)


def boxes(*corners: tuple[int, int, int], shape: tuple[int, int, int] = (40, 20, 20), side: int = 4) -> Mask:
    mask = np.zeros(shape, bool)
    for x, y, z in corners:
        mask[x : x + side, y : y + side, z : z + side] = True
    return mask


def test_a_lesion_found_exactly_scores_one_and_zero_mm() -> None:
    mask = boxes((5, 5, 5))
    assert scores(mask, mask) == LesionScores(1.0, 0.0, 1.0, 0.0, 0.0)


def test_a_missed_lesion_scores_zero_and_the_penalty() -> None:
    assert scores(boxes((5, 5, 5)), boxes()) == LesionScores(0.0, 374.0, 0.0, 0.0, 1.0)


def test_a_false_positive_of_one_voxel_costs_as_much_as_a_lesion() -> None:
    reference = boxes((5, 5, 5))
    prediction = reference.copy()
    prediction[30, 15, 15] = True
    assert scores(reference, prediction) == LesionScores(0.5, 187.0, 1.0, 1.0, 0.0)


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    assert scores(boxes(), boxes()) == NOTHING


def test_false_positives_alone_score_zero_and_the_penalty() -> None:
    assert scores(boxes(), boxes((5, 5, 5), (25, 5, 5))) == LesionScores(0.0, 374.0, 0.0, 2.0, 0.0)


@pytest.mark.parametrize(
    ("voxels", "expected"), [(50, NOTHING), (51, LesionScores(0.0, 374.0, 0.0, 0.0, 1.0))]
)
def test_a_lesion_of_fifty_mm3_is_not_scored(voxels: int, expected: LesionScores) -> None:
    reference = np.zeros((60, 8, 8), bool)
    reference[2 : 2 + voxels, 4, 4] = True
    assert scores(reference, np.zeros_like(reference)) == expected


def test_float_noise_in_the_affine_does_not_score_a_lesion_of_fifty_mm3() -> None:
    reference = np.zeros((60, 8, 8), bool)
    reference[2:52, 4, 4] = True
    assert scores(reference, np.zeros_like(reference), np.diag([1.0000001, 1, 1, 1])) == NOTHING


def test_the_smallest_volume_is_in_mm3() -> None:
    reference = np.zeros((60, 8, 8), bool)
    reference[2:52, 4, 4] = True
    missed = LesionScores(0.0, 374.0, 0.0, 0.0, 1.0)
    assert scores(reference, np.zeros_like(reference), np.diag([2.0, 1, 1, 1])) == missed


def test_a_component_that_touches_only_an_unscored_lesion_is_no_false_positive() -> None:
    reference = np.zeros((60, 8, 8), bool)
    reference[2:12, 4, 4] = True
    assert scores(reference, reference) == NOTHING


@pytest.mark.parametrize(("gap", "lesions"), [(6, 1), (7, 2)])
def test_lesions_whose_dilations_touch_are_one(gap: int, lesions: int) -> None:
    # Each grows by three voxels: six voxels between them leave none free, seven leave one.
    reference = boxes((2, 5, 5), (6 + gap, 5, 5))
    assert scores(reference, reference).lesion_tp == lesions


@pytest.mark.parametrize(("distance", "true_positives"), [(3, 1.0), (4, 0.0)])
def test_a_component_within_three_voxels_of_a_lesion_belongs_to_it(
    distance: int, true_positives: float
) -> None:
    reference = boxes((2, 5, 5))
    prediction = np.zeros_like(reference)
    prediction[5 + distance, 6, 6] = True
    found = scores(reference, prediction)
    assert found.lesion_tp == true_positives
    assert found.lesion_fp == 1 - true_positives


def test_corners_are_reached_later_than_edges() -> None:
    # 18 neighbours: three steps reach (3, 3, 0) and (2, 2, 2) but not (3, 3, 3).
    reference = np.zeros((12, 12, 12), bool)
    reference[5, 5, 5] = True
    for offset, belongs in (((3, 3, 0), True), ((2, 2, 2), True), ((3, 3, 3), False)):
        prediction = np.zeros_like(reference)
        prediction[tuple(np.add(offset, 5))] = True
        assert scores(reference, prediction).lesion_fp == (0.0 if belongs else 1.0)


def test_a_component_across_two_lesions_counts_whole_for_both() -> None:
    reference = boxes((2, 5, 5), (20, 5, 5))
    prediction = np.zeros_like(reference)
    prediction[2:24, 5:9, 5:9] = True
    dice = 2 * 64 / (64 + 22 * 16)
    found = scores(reference, prediction)
    assert found.lesion_dice == pytest.approx(dice)
    assert found.lesion_tp == 2
    one = hd95_surfel_mm(element_distances(boxes((2, 5, 5)), prediction, (1.0, 1.0, 1.0)))
    other = hd95_surfel_mm(element_distances(boxes((20, 5, 5)), prediction, (1.0, 1.0, 1.0)))
    assert found.lesion_hd95_mm == pytest.approx((one + other) / 2)


def test_more_lesions_than_one_pass_holds_are_all_measured() -> None:
    places = [(x, y, 5) for x in (2, 16, 30) for y in (0, 12, 24, 36)]
    reference = boxes(*places, shape=(40, 44, 14))
    prediction = np.roll(reference, 1, axis=2)
    found = scores(reference, prediction)
    assert found.lesion_tp == 12
    assert found.lesion_hd95_mm == 1.0
    assert found.lesion_dice == pytest.approx(0.75)


def test_a_protocol_of_other_numbers_is_followed() -> None:
    reference, prediction = boxes((5, 5, 5)), boxes((14, 5, 5))
    near = LesionProtocol(dilation_steps=6, smallest_mm3=10, penalty_mm=337)
    assert scores(reference, prediction).lesion_tp == 0
    assert scores(reference, prediction, protocol=near).lesion_tp == 1
    assert scores(reference, boxes(), protocol=near).lesion_hd95_mm == 337


def by_definition(reference: Mask, prediction: Mask) -> LesionScores:
    """The protocol on whole volumes, lesion after lesion, with scipy and the surface elements."""
    full, edges = np.ones((3, 3, 3)), ndimage.generate_binary_structure(3, 2)
    zones, zone_count = ndimage.label(ndimage.binary_dilation(reference, edges, iterations=3), full)
    numbers, count = ndimage.label(prediction, full)
    used, dices, distances, hits = set(), [], [], 0
    for zone in range(1, zone_count + 1):
        lesion = reference & (zones == zone)
        dilated = ndimage.binary_dilation(lesion, edges, iterations=3)
        touching = set(np.unique(numbers[dilated])) - {0}
        used |= touching
        if lesion.sum() <= 50:
            continue
        predicted = np.isin(numbers, list(touching))
        hits += bool(touching)
        dices.append(2 * (lesion & predicted).sum() / (lesion.sum() + predicted.sum()))
        both = element_distances(lesion, predicted, (1.0, 1.0, 1.0))
        distances.append(374.0 if both is None else hd95_surfel_mm(both))
    false = count - len(used)
    counted = len(dices) + false
    if not counted:
        return NOTHING
    return LesionScores(
        sum(dices) / counted, (sum(distances) + 374 * false) / counted, hits, false, len(dices) - hits
    )


@given(st.integers(0, 9999), st.sampled_from([0.52, 0.56, 0.6]))
def test_scores_follow_the_definition(seed: int, level: float) -> None:
    noise = np.random.default_rng(seed).random((2, 22, 18, 16))
    reference, prediction = (ndimage.gaussian_filter(field, 1.5) > level for field in noise)
    found, expected = scores(reference, prediction), by_definition(reference, prediction)
    for name in LesionScores.__slots__:
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-9)


@given(label_maps(count=2), turns())
def test_scores_do_not_depend_on_how_the_axes_are_stored(labels: list[Labels], turn: Turn) -> None:
    one, other = (np.repeat(np.repeat(volume > 0, 4, axis=0), 4, axis=1) for volume in labels)
    found = scores(turned(one, turn), turned(other, turn))
    expected = scores(one, other)
    for name in LesionScores.__slots__:
        assert getattr(found, name) == pytest.approx(getattr(expected, name))


def official_rows(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "real/official_brats2023_metrics.csv").open() as file:
        yield from csv.DictReader(file)


def path_of(name: str) -> str:
    return f"real/pairs/{name}" if name.startswith("BraTS") else f"real/{name}"


def test_all_rows_of_the_official_code_are_equal(test_data: Path) -> None:
    rows = list(official_rows(test_data))
    assert len(rows) == 24
    for row in rows:
        reference, prediction = (read(test_data, path_of(row[side])) for side in ("reference", "prediction"))
        box = common_box([reference, prediction]).slices
        one, other = (
            CroppedMap(volume.labels[box], volume.affine, BRATS2023) for volume in (reference, prediction)
        )
        region = row["Labels"]
        found = lesion_scores(one.lesions(region), other.region_components(region), reference.affine)
        assert found.lesion_dice == pytest.approx(float(row["LesionWise_Score_Dice"]), abs=1e-9)
        assert found.lesion_hd95_mm == pytest.approx(float(row["LesionWise_Score_HD95"]), abs=1e-9)
        counts = [float(row[name]) for name in ("Num_TP", "Num_FP", "Num_FN")]
        assert [found.lesion_tp, found.lesion_fp, found.lesion_fn] == counts
