"""Metric ids, and the values of every region of a method in one pass."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from analysis import empty_masks, overlap
from analysis.cohort.label_map import voxel_volume_mm3
from analysis.lesion_wise import LesionScores, lesion_scores
from analysis.overlap import Overlap
from analysis.surface_distances import DISTANCE_METRICS, SurfaceDistances, stack_distances
from analysis.surface_elements import ELEMENT_METRICS, ElementDistances, stack_element_distances
from analysis.volumes import CroppedMap

D = TypeVar("D")

OVERLAP_METRICS: Mapping[str, Callable[[Overlap], float]] = MappingProxyType(
    {
        "dice": overlap.dice,
        "iou": overlap.iou,
        "precision": overlap.precision,
        "recall": overlap.recall,
        "specificity": overlap.specificity,
    }
)
LESION_METRICS = tuple(field.name for field in fields(LesionScores))
INTRINSIC_METRICS = ("volume_ml", "component_count", "fragment_count")


class Value(NamedTuple):
    """One number of the metrics table.

    Attributes:
        metric: its id.
        value: NaN where undefined.
        reason: which mask was empty, or why there is no value; None where the formula gave the value.
    """

    metric: str
    value: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class Families:
    """The costlier families of metrics, each on or off; overlaps, volumes and counts are always there.

    Attributes:
        surface_distances: between border voxels.
        surface_elements: between surface elements, weighted by area.
        lesion_wise: the protocol of BraTS 2023 GLI.
    """

    surface_distances: bool = True
    surface_elements: bool = True
    lesion_wise: bool = True

    @property
    def metrics(self) -> tuple[str, ...]:
        """Ids of the metrics of a method, in the order of the table."""
        families: list[tuple[bool, Iterable[str]]] = [
            (True, OVERLAP_METRICS),
            (self.surface_distances, DISTANCE_METRICS),
            (self.surface_elements, ELEMENT_METRICS),
            (self.lesion_wise, LESION_METRICS),
            (True, INTRINSIC_METRICS),
        ]
        return tuple(chain.from_iterable(names for wanted, names in families if wanted))


ALL_FAMILIES = Families()


def compare(
    reference: CroppedMap,
    prediction: CroppedMap,
    *,
    outside_voxels: int = 0,
    families: Families = ALL_FAMILIES,
    without: Collection[str] = (),
) -> Iterator[tuple[str, Value]]:
    """Compute every metric of every region of one method.

    Args:
        reference: the ground truth inside the patient's box.
        prediction: the method inside the same box.
        outside_voxels: background voxels of the image beyond the box; specificity counts them.
        families: which of the costlier metrics to compute.
        without: regions that are left out.

    Yields:
        Region and value, region by region in the scheme's order, metrics in the order of `Families.metrics`.
    """
    histogram = overlap.joint_histogram(reference.labels, prediction.labels, outside_voxels=outside_voxels)
    counts = overlap.region_overlaps(histogram, reference.scheme.regions)
    distances = _surface_distances(reference, prediction) if families.surface_distances else {}
    elements = _element_distances(reference, prediction) if families.surface_elements else {}
    for region, shared in counts.items():
        if region in without:
            continue
        empty = empty_masks.which_is_empty(shared.reference, shared.prediction)
        values = [_overlap_values(shared, empty)]
        if families.surface_distances:
            values.append(_read(DISTANCE_METRICS, distances.get(region), empty))
        if families.surface_elements:
            values.append(_read(ELEMENT_METRICS, elements.get(region), empty))
        if families.lesion_wise:
            values.append(_lesion_values(reference, prediction, region))
        values.append(intrinsic_values(prediction, region))
        for value in chain.from_iterable(values):
            yield region, value


def intrinsic_values(volume: CroppedMap, region: str) -> Iterator[Value]:
    """What needs no comparison: volume, components, and fragments, the components beside the largest."""
    count = volume.component_count(region)
    yield Value("volume_ml", volume.region_voxels(region) * voxel_volume_mm3(volume.affine) / 1000, None)
    yield Value("component_count", float(count), None)
    yield Value("fragment_count", float(max(0, count - 1)), None)


def settled(metric: str, empty: str | None, value: float) -> Value:
    """Put the table's value for empty masks in the place of a formula's, where the table has one."""
    convention = None if empty is None else empty_masks.empty_value(metric, empty)
    if convention is not None:
        return Value(metric, convention, empty)
    return Value(metric, value, empty or empty_masks.NO_BACKGROUND if math.isnan(value) else None)


def _surface_distances(reference: CroppedMap, prediction: CroppedMap) -> dict[str, SurfaceDistances]:
    found: dict[str, SurfaceDistances] = {}
    for one, other in zip(reference.borders, prediction.borders, strict=True):
        found |= stack_distances(one, other)
    return found


def _element_distances(reference: CroppedMap, prediction: CroppedMap) -> dict[str, ElementDistances]:
    found: dict[str, ElementDistances] = {}
    for one, other in zip(reference.elements, prediction.elements, strict=True):
        found |= stack_element_distances(one, other)
    return found


def _overlap_values(counts: Overlap, empty: str | None) -> Iterator[Value]:
    for metric, formula in OVERLAP_METRICS.items():
        yield settled(metric, empty, formula(counts))


def _read(
    readers: Mapping[str, Callable[[D], float]], distances: D | None, empty: str | None
) -> Iterator[Value]:
    for metric, reader in readers.items():
        yield settled(metric, empty, math.nan if distances is None else reader(distances))


def _lesion_values(reference: CroppedMap, prediction: CroppedMap, region: str) -> Iterator[Value]:
    scores = lesion_scores(reference.lesions(region), prediction.region_components(region), reference.affine)
    for metric, value in zip(LESION_METRICS, astuple(scores), strict=True):
        yield Value(metric, value, None)
