"""Metric ids, and the values of one region of one method."""

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from analysis import empty_masks, overlap
from analysis.overlap import Overlap
from analysis.volumes import CroppedMap

OVERLAP_METRICS: Mapping[str, Callable[[Overlap], float]] = MappingProxyType(
    {
        "dice": overlap.dice,
        "iou": overlap.iou,
        "precision": overlap.precision,
        "recall": overlap.recall,
        "specificity": overlap.specificity,
    }
)
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


def overlap_values(counts: Overlap) -> Iterator[Value]:
    """Dice, IoU, precision, recall and specificity of a region."""
    empty = empty_masks.which_is_empty(counts.reference, counts.prediction)
    for metric, read in OVERLAP_METRICS.items():
        yield settled(metric, empty, read(counts))


def settled(metric: str, empty: str | None, value: float) -> Value:
    """Put the table's value for empty masks in the place of a formula's, where the table has one."""
    convention = None if empty is None else empty_masks.empty_value(metric, empty)
    if convention is not None:
        return Value(metric, convention, empty)
    return Value(metric, value, empty or empty_masks.NO_BACKGROUND if math.isnan(value) else None)


def intrinsic_values(volume: CroppedMap, region: str, voxel_mm3: float) -> Iterator[Value]:
    """What needs no comparison: volume, components, and fragments, the components beside the largest."""
    count = volume.component_count(region)
    yield Value("volume_ml", volume.region_voxels(region) * voxel_mm3 / 1000, None)
    yield Value("component_count", float(count), None)
    yield Value("fragment_count", float(max(0, count - 1)), None)
