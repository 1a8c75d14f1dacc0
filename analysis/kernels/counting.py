"""Compiled counting over whole volumes."""

import numpy as np
import numpy.typing as npt
from numba import njit

from analysis.kernels.changes import marked, no_marks


@njit(cache=True)
def joint_histogram(
    reference: npt.NDArray[np.uint8], prediction: npt.NDArray[np.uint8], size: int
) -> npt.NDArray[np.int64]:
    """Count the voxels of each pair of labels.

    Args:
        reference: (n,) uint8, every value below `size`.
        prediction: (n,) uint8, the same voxels.
        size: labels counted, background included.

    Returns:
        (size, size) int64, reference label by prediction label.
    """
    histogram = np.zeros((size, size), np.int64)
    if not len(reference):
        return histogram
    changes = no_marks(len(reference))
    for voxel in range(1, len(reference)):
        differs = (reference[voxel] != reference[voxel - 1]) | (prediction[voxel] != prediction[voxel - 1])
        changes[voxel] = differs
    first = 0
    # Where neither label map changes, a whole stretch of voxels is counted at once.
    for voxel in marked(changes):
        histogram[reference[first], prediction[first]] += voxel - first
        first = voxel
    histogram[reference[first], prediction[first]] += len(reference) - first
    return histogram
