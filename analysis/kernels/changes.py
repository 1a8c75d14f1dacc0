"""Compiled reading of marks eight at a time: label maps rarely change from one voxel to the next."""

import numpy as np
import numpy.typing as npt
from numba import njit

Marks = npt.NDArray[np.uint8]


@njit(cache=True)
def no_marks(count: int) -> Marks:
    """Room for `count` marks of 0 or 1; more follow up to a multiple of eight, so that words can be read."""
    return np.zeros((count + 7) // 8 * 8, np.uint8)


@njit(cache=True)
def marked(marks: Marks) -> npt.NDArray[np.int64]:
    """(m,) places of the marks that are 1, rising."""
    places = np.empty(marks.sum(), np.int64)
    words = marks.view(np.uint64)
    count = 0
    for word in range(len(words)):
        pending = words[word]
        while pending:
            places[count] = 8 * word + _first_mark(pending)
            count += 1
            pending &= pending - np.uint64(1)
    return places


@njit(cache=True)
def _first_mark(word: np.uint64) -> np.int64:
    """Number of the first mark of eight that is 1; one must be."""
    lowest = word & (~word + np.uint64(1))
    # Multiplying moves the constant up by that many bytes; the byte then on top counts them.
    return np.int64((lowest * np.uint64(0x0001020304050607)) >> np.uint64(56))
