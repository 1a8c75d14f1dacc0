"""Bit-parallel greedy rectangles over the exposed faces of voxels, 64 voxels a machine word.

Voxels become bits along the last axis; the faces of a whole plane are then `here & ~there`. In each plane
the greedy merge takes the first face left, the longest run from it, and as many rows as carry the whole run.
"""

import numpy as np
import numpy.typing as npt
from numba import njit, uint64

from meshing.boxes import Box

Labels = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Rectangles = npt.NDArray[np.int32]

#: Columns of a rectangle: axis it is normal to; side (1 upper, 0 lower face of its voxels); lattice
#: plane; first row, first column; rows, columns. Rows and columns run along the two other axes.
COLUMNS = 7

_ONE = np.uint64(1)
_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
_PAIRS = np.uint64(0x5555555555555555)
_FOURS = np.uint64(0x3333333333333333)
_BYTES = np.uint64(0x0F0F0F0F0F0F0F0F)
_SUM = np.uint64(0x0101010101010101)


@njit(cache=True)
def pack(labels: Labels, is_inside: npt.NDArray[np.bool_], first: Box, past: Box) -> Words:
    """Pack the voxels of a box whose value is inside into bits along the last axis.

    Returns:
        (x + 2, y + 2, words): one empty row on each side of the first two axes.
    """
    nx, ny, nz = past[0] - first[0], past[1] - first[1], past[2] - first[2]
    words = (nz + 63) // 64
    bits = np.zeros((nx + 2, ny + 2, words), np.uint64)
    for x in range(nx):
        for y in range(ny):
            row = labels[first[0] + x, first[1] + y, first[2] : past[2]]
            for word in range(words):
                packed = uint64(0)
                for z in range(min(64, nz - 64 * word)):
                    packed |= uint64(is_inside[row[64 * word + z]]) << uint64(z)
                bits[x + 1, y + 1, word] = packed
    return bits


@njit(cache=True)
def rectangles(bits: Words, columns: int) -> Rectangles:
    """Merge the exposed faces of packed voxels into rectangles, exactly covering them.

    Args:
        bits: as `pack` gives them.
        columns: voxels along the last axis (the bits of a row that count).
    """
    found = np.empty((4096, COLUMNS), np.int32)
    count = 0
    for axis in range(2):
        rows = np.empty((bits.shape[1 - axis] - 2, bits.shape[2]), np.uint64)
        for plane in range(bits.shape[axis] - 1):
            for side in range(2):
                if _faces_across(bits, axis, plane, side, rows):
                    found, count = _merge(rows, found, count, (axis, side, plane))
    for side in range(2):
        planes, is_used = _faces_along(bits, columns, side)
        for plane in range(columns + 1):
            if is_used[plane]:
                found, count = _merge(planes[plane], found, count, (2, side, plane))
    return found[:count]


@njit(cache=True)
def _faces_across(bits: Words, axis: int, plane: int, side: int, rows: Words) -> bool:
    """Write the faces of one lattice plane normal to the first or second axis; say whether there are any."""
    seen = uint64(0)
    for row in range(rows.shape[0]):
        for word in range(rows.shape[1]):
            if axis == 0:
                below, above = bits[plane, row + 1, word], bits[plane + 1, row + 1, word]
            else:
                below, above = bits[row + 1, plane, word], bits[row + 1, plane + 1, word]
            faces = below & ~above if side else above & ~below
            rows[row, word] = faces
            seen |= faces
    return bool(seen != 0)


@njit(cache=True)
def _faces_along(bits: Words, columns: int, side: int) -> tuple[Words, npt.NDArray[np.bool_]]:
    """Scatter the (sparse) faces normal to the last axis into planes, bits along the second axis."""
    nx, ny = bits.shape[0] - 2, bits.shape[1] - 2
    planes = np.zeros((columns + 1, nx, (ny + 63) // 64), np.uint64)
    is_used = np.zeros(columns + 1, np.bool_)
    for x in range(nx):
        for y in range(ny):
            for word in range(bits.shape[2]):
                faces = _ends(bits[x + 1, y + 1], word, side)
                while faces:
                    plane = 64 * word + _lowest_bit(faces) + side
                    faces &= faces - _ONE
                    planes[plane, x, y >> 6] |= _ONE << uint64(y & 63)
                    is_used[plane] = True
    return planes, is_used


@njit(cache=True)
def _ends(row: Words, word: int, side: int) -> np.uint64:
    """Bits of one word whose next (side 1) or previous (side 0) bit in the row is clear."""
    here = row[word]
    if side:
        neighbour = here >> _ONE
        if word + 1 < len(row):
            neighbour |= row[word + 1] << uint64(63)
    else:
        neighbour = here << _ONE
        if word > 0:
            neighbour |= row[word - 1] >> uint64(63)
    ends: np.uint64 = here & ~neighbour
    return ends


@njit(cache=True)
def _merge(rows: Words, found: Rectangles, count: int, place: tuple[int, int, int]) -> tuple[Rectangles, int]:
    """Append the rectangles of one plane (clearing its bits); the array grows when it is full."""
    for row in range(rows.shape[0]):
        for word in range(rows.shape[1]):
            while rows[row, word]:
                start = 64 * word + _lowest_bit(rows[row, word])
                end = _run_end(rows[row], start)
                height = _height(rows, row, start, end)
                _clear(rows[row : row + height], start, end)
                if count == len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                found[count, 0], found[count, 1], found[count, 2] = place
                found[count, 3], found[count, 4] = row, start
                found[count, 5], found[count, 6] = height, end - start
                count += 1
    return found, count


@njit(cache=True)
def _run_end(row: Words, start: int) -> int:
    """Position one past the run of set bits that begins at `start`; runs cross words."""
    word = start >> 6
    gaps = ~row[word] >> uint64(start & 63) << uint64(start & 63)
    while not gaps and word + 1 < len(row):
        word += 1
        gaps = ~row[word]
    return 64 * word + (_lowest_bit(gaps) if gaps else 64)


@njit(cache=True)
def _height(rows: Words, row: int, start: int, end: int) -> int:
    """Count the rows from `row` on that carry all bits of [start, end)."""
    height = 1
    while row + height < len(rows):
        for word in range(start >> 6, ((end - 1) >> 6) + 1):
            wanted = _span(word, start, end)
            if rows[row + height, word] & wanted != wanted:
                return height
        height += 1
    return height


@njit(cache=True)
def _clear(rows: Words, start: int, end: int) -> None:
    for word in range(start >> 6, ((end - 1) >> 6) + 1):
        kept = ~_span(word, start, end)
        for row in range(len(rows)):
            rows[row, word] &= kept


@njit(cache=True)
def _span(word: int, start: int, end: int) -> np.uint64:
    """Bits of the positions [start, end) that lie in this word (at least one does)."""
    low, high = max(start - 64 * word, 0), end - 64 * word
    wanted = _FULL << uint64(low)
    if high < 64:
        wanted &= (_ONE << uint64(high)) - _ONE
    return wanted


@njit(cache=True)
def _lowest_bit(word: np.uint64) -> int:
    """Position of the lowest set bit: the count of the clear bits below it."""
    below = (word & (~word + _ONE)) - _ONE
    below -= (below >> uint64(1)) & _PAIRS
    below = (below & _FOURS) + ((below >> uint64(2)) & _FOURS)
    below = (below + (below >> uint64(4))) & _BYTES
    return np.int64((below * _SUM) >> uint64(56))  # type: ignore[return-value] # an int once compiled
