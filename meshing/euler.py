"""The Euler number of a mask, from how often each pattern of eight voxels occurs around a corner."""

from functools import cache

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.boxes import bounding_box

Mask = npt.NDArray[np.bool_]


def euler_number(mask: Mask) -> int:
    """Euler number of a mask, 26-connected: corners - edges + faces - voxels of the closed voxels' union.

    An empty mask has 0.
    """
    return int(_euler_sum(np.pad(mask[bounding_box(mask)], 1).view(np.uint8), _euler_table()))


@cache
def _euler_table() -> npt.NDArray[np.int64]:
    """Corners - edges + faces - voxels that begin at a lattice corner, by the eight voxels around it."""
    table = np.zeros(256, np.int64)
    for code in range(256):
        around = np.array([code >> k & 1 for k in range(8)]).reshape(2, 2, 2)
        for fixed in np.ndindex(2, 2, 2):
            # along a fixed axis the cell begins at the corner, so that only the voxels above it count
            touching = around[tuple(slice(1, 2) if one else slice(0, 2) for one in fixed)]
            table[code] += (-1) ** sum(fixed) * bool(touching.any())
    return table


@njit(cache=True, nogil=True)
def _euler_sum(inside: npt.NDArray[np.uint8], table: npt.NDArray[np.int64]) -> int:
    total = 0
    for x in range(inside.shape[0] - 1):
        for y in range(inside.shape[1] - 1):
            for z in range(inside.shape[2] - 1):
                code = 0
                for k in range(8):
                    code |= inside[x + (k >> 2), y + (k >> 1 & 1), z + (k & 1)] << k
                total += table[code]
    return total
