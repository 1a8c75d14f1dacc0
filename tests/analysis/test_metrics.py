"""All metrics of a method in one pass: order, spacing, agreement with the functions that make them."""

import math

import numpy as np
import pytest
from hypothesis import given
from image_strategies import Labels, Turn, label_maps, oblique, turned, turned_affine, turns
from real_scans import BRATS2023

from analysis.cohort.labels import Label, LabelScheme
from analysis.metrics import ALL_FAMILIES, Families, compare
from analysis.surface_distances import DISTANCE_METRICS, surface_distances
from analysis.surface_elements import ELEMENT_METRICS, element_distances
from analysis.volumes import CroppedMap

SLICES = (0.5, 0.5, 3.0)


def compared(
    reference: Labels,
    prediction: Labels,
    affine: np.ndarray,
    *,
    outside_voxels: int = 0,
    families: Families = ALL_FAMILIES,
) -> dict[tuple[str, str], float]:
    one, other = (CroppedMap(labels, affine, BRATS2023) for labels in (reference, prediction))
    return {
        (region, value.metric): value.value
        for region, value in compare(one, other, outside_voxels=outside_voxels, families=families)
    }


def ball(radius: float, centre: tuple[int, int, int]) -> Labels:
    places = np.stack(np.indices((20, 20, 8)), axis=-1) - centre
    return np.where(np.linalg.norm(places * SLICES, axis=-1) <= radius, 3, 0).astype(np.uint8)


def test_metrics_come_region_by_region_in_their_order() -> None:
    labels = np.ones((2, 2, 2), np.uint8)
    found = list(compared(labels, labels, np.eye(4)))
    assert found == [(region, metric) for region in BRATS2023.regions for metric in ALL_FAMILIES.metrics]


@pytest.mark.parametrize("family", ["surface_distances", "surface_elements", "lesion_wise"])
def test_a_family_that_is_off_leaves_the_others_as_they_are(family: str) -> None:
    families = Families(**{family: False})
    one, other = ball(4, (9, 9, 4)), ball(3, (8, 9, 4))
    everything = compared(one, other, np.eye(4))
    some = compared(one, other, np.eye(4), families=families)
    assert set(everything) - set(some) == {
        (region, metric)
        for region in BRATS2023.regions
        for metric in set(ALL_FAMILIES.metrics) - set(families.metrics)
    }
    assert some == pytest.approx({key: everything[key] for key in some}, nan_ok=True)


def test_oblique_axes_measure_as_straight_ones() -> None:
    one, other = ball(4, (9, 9, 4)), ball(3, (8, 9, 4))
    straight = compared(one, other, np.diag([*SLICES, 1.0]))
    assert compared(one, other, oblique(SLICES)) == pytest.approx(straight, nan_ok=True)
    assert straight["ET", "volume_ml"] == pytest.approx(np.count_nonzero(other) * 0.75 / 1000)


def test_thick_slices_measure_in_mm() -> None:
    one, other = np.zeros((2, 8, 8, 8), np.uint8)
    one[2, 2, 2] = other[2, 2, 3] = 3
    found = compared(one, other, np.diag([*SLICES, 1.0]))
    for metric in (*DISTANCE_METRICS, *ELEMENT_METRICS):
        if metric.endswith("_mm"):
            assert found["ET", metric] == 3.0, metric


@given(label_maps(count=2))
def test_every_region_equals_its_masks_measured_alone(labels: list[Labels]) -> None:
    spacing_mm = (1.0, 1.3, 1.7)
    found = compared(*labels, np.diag([*spacing_mm, 1.0]))
    for region, members in BRATS2023.regions.items():
        one, other = (np.isin(volume, members) for volume in labels)
        if one.any() and other.any():
            distances = surface_distances(one, other, spacing_mm)
            elements = element_distances(one, other, spacing_mm)
            for name, read in DISTANCE_METRICS.items():
                assert found[region, name] == pytest.approx(read(distances)), name
            for name, read in ELEMENT_METRICS.items():
                assert found[region, name] == pytest.approx(read(elements)), name


@given(label_maps(count=2), turns())
def test_no_metric_depends_on_how_the_axes_are_stored(labels: list[Labels], turn: Turn) -> None:
    affine = oblique((1.0, 1.3, 1.7))
    found = compared(
        *(turned(volume, turn) for volume in labels), turned_affine(affine, labels[0].shape, turn)
    )
    assert found == pytest.approx(compared(*labels, affine), nan_ok=True)


@given(label_maps(count=2))
def test_background_beyond_the_box_changes_only_specificity(labels: list[Labels]) -> None:
    near = compared(*labels, np.eye(4))
    far = compared(*labels, np.eye(4), outside_voxels=10**6)
    for key, value in near.items():
        if key[1] != "specificity":
            assert far[key] == pytest.approx(value, nan_ok=True)
        else:
            assert math.isnan(value) or far[key] >= value


def test_more_than_eight_regions_are_measured_in_several_passes() -> None:
    labels = tuple(Label(value, f"L{value}", f"Label {value}", "#000000") for value in range(1, 11))
    scheme = LabelScheme("ten", labels, {label.name: (label.value,) for label in labels}, ("L1",))
    reference = np.repeat(np.arange(1, 11, dtype=np.uint8), 3).reshape(30, 1, 1)
    one, other = (CroppedMap(volume, np.eye(4), scheme) for volume in (reference, np.roll(reference, 1)))
    found = {region: value.value for region, value in compare(one, other) if value.metric == "hd_mm"}
    assert found == {"L1": 1.0, **{f"L{value}": 1.0 for value in range(2, 10)}, "L10": 27.0}
