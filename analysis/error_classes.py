"""What kind of right or wrong every voxel of a region is: the picture behind its Dice."""

from collections.abc import Collection, Mapping
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels


class ErrorClass(IntEnum):
    """The kinds of voxels of a region; their values are those of an error map.

    Agreed and wrong class together are the true positives of `analysis.overlap`, the other two its false
    positives and false negatives.
    """

    OUTSIDE = 0
    """Neither reference nor prediction has the region here."""
    AGREED = 1
    """Both have it, under the same label."""
    FALSE_POSITIVE = 2
    """The prediction alone has it."""
    FALSE_NEGATIVE = 3
    """The reference alone has it."""
    WRONG_CLASS = 4
    """Both have it, under different labels; never in a region of one label."""


def error_map(reference: Labels, prediction: Labels, members: Collection[int]) -> Labels:
    """Classify every voxel of two label maps for a region.

    Args:
        reference: (x, y, z) uint8.
        prediction: (x, y, z) uint8 on the same grid.
        members: label values of the region.

    Returns:
        (x, y, z) uint8 of `ErrorClass`, in the prediction's memory order.

    Raises:
        ValueError: the shapes differ.
    """
    if reference.shape != prediction.shape:
        raise ValueError(f"errors need one grid: reference {reference.shape}, prediction {prediction.shape}")
    classes: Labels = _table(256, members)[reference, prediction]
    return classes


def error_counts(histogram: npt.NDArray[np.int64], members: Collection[int]) -> Mapping[ErrorClass, int]:
    """Count the voxels of each kind from a joint histogram, reference label by prediction label."""
    kinds = _table(len(histogram), members)
    return {kind: int(histogram[kinds == kind].sum()) for kind in ErrorClass}


def _table(size: int, members: Collection[int]) -> npt.NDArray[np.uint8]:
    """(size, size) kind of each pair of labels, reference by prediction."""
    labels = np.arange(size)
    inside = np.isin(labels, list(members))
    table = np.zeros((size, size), np.uint8)
    table[~inside[:, None] & inside] = ErrorClass.FALSE_POSITIVE
    table[inside[:, None] & ~inside] = ErrorClass.FALSE_NEGATIVE
    table[inside[:, None] & inside] = ErrorClass.WRONG_CLASS
    table[inside, inside] = ErrorClass.AGREED  # the diagonal
    return table
