"""Bounding boxes of labels and of numbered components, each in one pass."""

import numpy as np
import numpy.typing as npt
from numba import njit

Labels = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint32]
Box = npt.NDArray[np.int64]
Slices = tuple[slice, slice, slice]


def bounding_box(mask: npt.NDArray[np.bool_]) -> Slices:
    """Return the smallest box around a mask; an empty mask has an empty box.

    Args:
        mask: (x, y, z) bool, read in memory order.
    """
    is_transposed = not mask.flags.c_contiguous and mask.T.flags.c_contiguous
    rows = mask.T if is_transposed else np.ascontiguousarray(mask)
    first, past = (corner[1] for corner in value_boxes(rows.view(np.uint8)))
    x, y, z = (slice(int(a), int(max(a, b))) for a, b in zip(first, past, strict=True))
    return (z, y, x) if is_transposed else (x, y, z)


@njit(cache=True)
def value_boxes(labels: Labels) -> tuple[Box, Box]:
    """Bounding boxes of all 256 values in one pass: first voxel and one past the last, (256, 3) each.

    A value that does not occur, and 0, have an empty box (first > past).
    """
    nx, ny, nz = labels.shape
    first = np.full((256, 3), 2**31, np.int64)
    past = np.zeros((256, 3), np.int64)
    for x in range(nx):
        for y in range(ny):
            seen = np.uint8(0)
            for z in range(nz):
                seen |= labels[x, y, z]
            if seen:
                _grow_boxes(labels, x, y, first, past)
    return first, past


@njit(cache=True)
def _grow_boxes(labels: Labels, x: int, y: int, first: Box, past: Box) -> None:
    for z in range(labels.shape[2]):
        value = labels[x, y, z]
        if value:
            first[value, 0] = min(first[value, 0], x)
            first[value, 1] = min(first[value, 1], y)
            first[value, 2] = min(first[value, 2], z)
            past[value, 0] = max(past[value, 0], x + 1)
            past[value, 1] = max(past[value, 1], y + 1)
            past[value, 2] = max(past[value, 2], z + 1)


@njit(cache=True)
def number_boxes(numbers: Numbers, count: int) -> tuple[Box, Box]:
    """Bounding boxes of the numbers 0..count: first voxel and one past the last, (count + 1, 3) each.

    A number that does not occur, and 0, have an empty box (first > past).
    """
    first = np.full((count + 1, 3), 2**31, np.int64)
    past = np.zeros((count + 1, 3), np.int64)
    for x in range(numbers.shape[0]):
        for y in range(numbers.shape[1]):
            for z in range(numbers.shape[2]):
                number = numbers[x, y, z]
                if number:
                    _grow(first, past, number, (x, y, z))
    return first, past


@njit(cache=True)
def _grow(first: Box, past: Box, number: int, place: tuple[int, int, int]) -> None:
    for axis in range(3):
        first[number, axis] = min(first[number, axis], place[axis])
        past[number, axis] = max(past[number, axis], place[axis] + 1)
