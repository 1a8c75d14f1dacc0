"""Overlap of two label maps: one joint histogram, and every Dice-like number read from it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.crop import fortran_transposed
from analysis.kernels import counting


@dataclass(frozen=True, slots=True)
class Overlap:
    """How the voxels of a region divide between two masks.

    Attributes:
        both: in reference and prediction (true positives).
        prediction_only: false positives.
        reference_only: false negatives.
        neither: true negatives, over the whole image.
    """

    both: int
    prediction_only: int
    reference_only: int
    neither: int

    @property
    def reference(self) -> int:
        """Voxels of the reference."""
        return self.both + self.reference_only

    @property
    def prediction(self) -> int:
        """Voxels of the prediction."""
        return self.both + self.prediction_only


def joint_histogram(
    reference: Labels, prediction: Labels, *, outside_voxels: int = 0
) -> npt.NDArray[np.int64]:
    """Count the voxels of each pair of labels.

    Args:
        reference: (x, y, z) uint8.
        prediction: (x, y, z) uint8 on the same grid.
        outside_voxels: background voxels beyond a crop, counted as background of both.

    Returns:
        (k, k) int64, reference label by prediction label, k one more than the largest label found.

    Raises:
        ValueError: the shapes differ.
    """
    if reference.shape != prediction.shape:
        raise ValueError(
            f"an overlap needs one grid: reference {reference.shape}, prediction {prediction.shape}"
        )
    # A table of the labels that occur stays in the fastest cache; one of 256 x 256 does not.
    size = int(max(reference.max(initial=0), prediction.max(initial=0))) + 1
    histogram = counting.joint_histogram(
        fortran_transposed(reference).ravel(), fortran_transposed(prediction).ravel(), size
    )
    histogram[0, 0] += outside_voxels
    return histogram


def region_overlaps(
    histogram: npt.NDArray[np.int64], regions: Mapping[str, tuple[int, ...]]
) -> dict[str, Overlap]:
    """Read the overlap of every region, a set of labels, from a joint histogram."""
    return {region: _overlap(histogram, members) for region, members in regions.items()}


def _overlap(histogram: npt.NDArray[np.int64], members: tuple[int, ...]) -> Overlap:
    inside = np.isin(np.arange(len(histogram)), members)
    return Overlap(
        both=int(histogram[inside][:, inside].sum()),
        prediction_only=int(histogram[~inside][:, inside].sum()),
        reference_only=int(histogram[inside][:, ~inside].sum()),
        neither=int(histogram[~inside][:, ~inside].sum()),
    )


def dice(overlap: Overlap) -> float:
    """Twice the shared voxels over the voxels of both masks."""
    return _ratio(2 * overlap.both, overlap.reference + overlap.prediction)


def iou(overlap: Overlap) -> float:
    """Shared voxels over the voxels of either mask (Jaccard)."""
    return _ratio(overlap.both, overlap.reference + overlap.prediction_only)


def precision(overlap: Overlap) -> float:
    """Share of the prediction that the reference confirms."""
    return _ratio(overlap.both, overlap.prediction)


def recall(overlap: Overlap) -> float:
    """Share of the reference that the prediction found (sensitivity)."""
    return _ratio(overlap.both, overlap.reference)


def specificity(overlap: Overlap) -> float:
    """Share of the voxels outside the reference that the prediction leaves alone."""
    return _ratio(overlap.neither, overlap.neither + overlap.prediction_only)


def _ratio(part: int, whole: int) -> float:
    """Quotient, NaN for 0 / 0; what an empty mask is worth stands in `analysis.empty_masks`."""
    return part / whole if whole else float("nan")
