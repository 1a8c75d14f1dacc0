"""Distances between the border voxels of two masks, and the numbers read from them.

A border voxel is a voxel of the mask with a face neighbour outside it; beyond the array's edge counts as
outside. Distances run from voxel centre to voxel centre, computed from whole voxel steps in double precision.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Spacing
from analysis.masks import stack_pair
from analysis.surface_points import SurfacePoints, border_points

TOLERANCE_MM = 1.0
# A tolerance equal to the spacing would else be decided by the last bit of an affine.
TOLERANCE_SLACK_MM = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """How far the border voxels of one mask lie from those of another.

    Attributes:
        values_mm: (k,) distinct distances, rising.
        counts: (k,) border voxels at each.
    """

    values_mm: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """Border voxels."""
        return int(self.counts.sum())

    @property
    def total_mm(self) -> float:
        """Sum of all distances."""
        return float(self.values_mm @ self.counts)

    def within(self, tolerance_mm: float) -> int:
        """Border voxels no further than a tolerance."""
        return int(self.counts[self.values_mm <= tolerance_mm + TOLERANCE_SLACK_MM].sum())

    def percentile_mm(self, percent: float) -> float:
        """Percentile with linear interpolation between ranks, as numpy's default; NaN without voxels."""
        if not self.count:
            return float("nan")
        rank = percent / 100 * (self.count - 1)
        low = int(rank)
        ends = np.cumsum(self.counts)
        below, above = self.values_mm[
            np.searchsorted(ends, [low, min(low + 1, self.count - 1)], side="right")
        ]
        share = rank - low
        step = above - below
        return float(above - step * (1 - share) if share >= 0.5 else below + step * share)


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceDistances:
    """Both directions between the borders of a reference and a prediction, neither of them empty."""

    reference_to_prediction: Distances
    prediction_to_reference: Distances

    @property
    def pooled(self) -> Distances:
        """Both directions as one list."""
        one, other = self.reference_to_prediction, self.prediction_to_reference
        values_mm, places = np.unique(np.concatenate([one.values_mm, other.values_mm]), return_inverse=True)
        counts = np.bincount(places, weights=np.concatenate([one.counts, other.counts]))
        return Distances(values_mm, counts.astype(np.int64))


def hd95_pooled_mm(distances: SurfaceDistances) -> float:
    """95th percentile over both directions joined (MedPy, the tables of Cassez 2026)."""
    return distances.pooled.percentile_mm(95)


def hd95_max_mm(distances: SurfaceDistances) -> float:
    """Larger of the two directed 95th percentiles (MONAI, MetricsReloaded)."""
    one, other = distances.reference_to_prediction, distances.prediction_to_reference
    return max(one.percentile_mm(95), other.percentile_mm(95))


def hd_mm(distances: SurfaceDistances) -> float:
    """Hausdorff distance: the largest of all distances."""
    return float(
        max(distances.reference_to_prediction.values_mm[-1], distances.prediction_to_reference.values_mm[-1])
    )


def assd_pooled_mm(distances: SurfaceDistances) -> float:
    """Mean over both directions joined (MONAI symmetric, MedPy 0.5.2), not the mean of the two means."""
    one, other = distances.reference_to_prediction, distances.prediction_to_reference
    return (one.total_mm + other.total_mm) / (one.count + other.count)


def nsd_voxel_1mm(distances: SurfaceDistances) -> float:
    """Share of all border voxels within 1 mm of the other border (MONAI, MetricsReloaded)."""
    one, other = distances.reference_to_prediction, distances.prediction_to_reference
    return (one.within(TOLERANCE_MM) + other.within(TOLERANCE_MM)) / (one.count + other.count)


DISTANCE_METRICS: Mapping[str, Callable[[SurfaceDistances], float]] = MappingProxyType(
    {
        "hd95_pooled_mm": hd95_pooled_mm,
        "hd95_max_mm": hd95_max_mm,
        "hd_mm": hd_mm,
        "assd_pooled_mm": assd_pooled_mm,
        "nsd_voxel_1mm": nsd_voxel_1mm,
    }
)


def stack_distances(reference: SurfacePoints, prediction: SurfacePoints) -> dict[str, SurfaceDistances]:
    """Measure both directions for every mask that neither stack leaves empty."""
    forth = _directed(reference, prediction)
    back = _directed(prediction, reference)
    return {name: SurfaceDistances(forth[name], back[name]) for name in forth if name in back}


def _directed(points: SurfacePoints, targets: SurfacePoints) -> dict[str, Distances]:
    classes = points.nearest_classes(targets)
    shared = points.present & targets.present
    return {
        name: _distances(points, targets, mask, classes[mask])
        for mask, name in enumerate(points.names)
        if shared >> mask & 1
    }


def _distances(
    points: SurfacePoints, targets: SurfacePoints, mask: int, classes: npt.NDArray[np.int32]
) -> Distances:
    distances_mm = points.around.distances_mm
    counts = np.bincount(classes[classes >= 0], minlength=len(distances_mm) + 1)
    met = np.flatnonzero(counts[:-1])
    if not counts[-1]:
        return Distances(distances_mm[met], counts[met])
    far = points.indices[classes == len(distances_mm)]
    far_mm, far_counts = np.unique(targets.gaps_mm(mask, far), return_counts=True)
    return Distances(np.concatenate([distances_mm[met], far_mm]), np.concatenate([counts[met], far_counts]))


def surface_distances(
    reference: npt.NDArray[np.bool_], prediction: npt.NDArray[np.bool_], spacing_mm: Spacing
) -> SurfaceDistances | None:
    """Measure the distances between the borders of two masks.

    Args:
        reference: (x, y, z) bool.
        prediction: (x, y, z) bool on the same grid.
        spacing_mm: along x, y, z.

    Returns:
        None where a mask is empty.

    Raises:
        ValueError: the shapes differ.
    """
    borders = [border_points(stack, spacing_mm) for stack in stack_pair(reference, prediction)]
    return stack_distances(*borders).get("mask")
