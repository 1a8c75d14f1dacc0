"""Compiled reading of 2x2x2 configurations: the pattern of a mask in the eight voxels around a corner.

Bit 4 dz + 2 dy + dx of a configuration is set where that voxel is in the mask. Up to eight masks are read at
once from a framed volume, which holds one bit of each and a voxel of background on every side. Corner i along
an axis lies between voxels i - 1 and i, which are i and i + 1 of the framed volume.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Volume = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint8]
Rows = tuple[Volume, Volume, Volume, Volume]


@njit(cache=True)
def configuration_histograms(framed_zyx: Volume, masks: int) -> npt.NDArray[np.int64]:
    """Count the 2x2x2 configurations of every mask at the corners where not all its voxels are alike.

    Args:
        framed_zyx: (z + 2, y + 2, x + 2) uint8.
        masks: how many of the eight bits are in use.

    Returns:
        (masks, 256) corners with each configuration, bits as above.
    """
    nz, ny, nx = framed_zyx.shape
    histograms = np.zeros((masks, 256), np.int64)
    mixed = np.zeros((nx + 7) // 8 * 8, np.uint8)
    words = mixed.view(np.uint64)
    for z in range(nz - 1):
        for y in range(ny - 1):
            rows = corner_rows(framed_zyx, z, y)
            mark_mixed(rows, mixed)
            for word in range(len(words)):
                # Inside and far outside, corners add nothing to any number read from the histograms.
                if words[word]:
                    for x in range(8 * word, min(8 * word + 8, nx - 1)):
                        if mixed[x]:
                            _count_configurations(histograms, mixed[x], corner_codes(rows, x))
    return histograms


@njit(cache=True)
def corner_rows(framed_zyx: Volume, z: int, y: int) -> Rows:
    """The four rows around the corners (z, y, ...), in the order of a configuration's bits."""
    return framed_zyx[z, y], framed_zyx[z, y + 1], framed_zyx[z + 1, y], framed_zyx[z + 1, y + 1]


@njit(cache=True)
def mark_mixed(rows: Rows, mixed: Bits) -> None:
    """Note, for each corner along four rows, the masks that hold some but not all of its voxels."""
    one, two, three, four = rows
    for x in range(len(one) - 1):
        some, every = one[x] | two[x] | three[x] | four[x], one[x] & two[x] & three[x] & four[x]
        some |= one[x + 1] | two[x + 1] | three[x + 1] | four[x + 1]
        every &= one[x + 1] & two[x + 1] & three[x + 1] & four[x + 1]
        mixed[x] = some & ~every


@njit(cache=True)
def corner_codes(rows: Rows, x: int) -> np.uint64:
    """The configurations of all eight masks at a corner: byte m is the one of mask m.

    The eight voxels are eight bytes with a bit a mask; wanted are eight masks with a bit a voxel. That is the
    transpose of 8 x 8 bits, by swapping blocks of 1, 2 and 4 (Warren, Hacker's Delight, section 7-3).
    """
    code = np.uint64(0)
    for corner in range(8):
        code |= np.uint64(rows[corner >> 1][x + (corner & 1)]) << np.uint64(8 * corner)
    swapped = (code ^ (code >> np.uint64(7))) & np.uint64(0x00AA00AA00AA00AA)
    code ^= swapped ^ (swapped << np.uint64(7))
    swapped = (code ^ (code >> np.uint64(14))) & np.uint64(0x0000CCCC0000CCCC)
    code ^= swapped ^ (swapped << np.uint64(14))
    swapped = (code ^ (code >> np.uint64(28))) & np.uint64(0x00000000F0F0F0F0)
    return code ^ swapped ^ (swapped << np.uint64(28))


@njit(cache=True)
def _count_configurations(histograms: npt.NDArray[np.int64], masks: np.uint8, codes: np.uint64) -> None:
    for mask in range(len(histograms)):
        if masks >> mask & 1:
            histograms[mask, np.int64(codes >> np.uint64(8 * mask) & np.uint64(255))] += 1
