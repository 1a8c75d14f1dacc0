"""Compiled counting over whole volumes."""

import numpy as np
import numpy.typing as npt
from numba import njit


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
    # Two tables in turn: neighbouring voxels nearly always hit the same cell, and would wait for each other.
    even, odd = np.zeros(size * size, np.int64), np.zeros(size * size, np.int64)
    pairs = len(reference) // 2
    for pair in range(pairs):
        even[reference[2 * pair] * size + prediction[2 * pair]] += 1
        odd[reference[2 * pair + 1] * size + prediction[2 * pair + 1]] += 1
    if len(reference) % 2:
        even[reference[-1] * size + prediction[-1]] += 1
    return (even + odd).reshape(size, size)
