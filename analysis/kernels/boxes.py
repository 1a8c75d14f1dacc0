"""Compiled search for where a volume is not empty."""

import numpy as np
import numpy.typing as npt
from numba import njit

Volume = npt.NDArray[np.uint8]


@njit(cache=True)
def shadows(labels_zyx: Volume) -> tuple[Volume, Volume]:
    """Cast the foreground onto the z axis and onto the (y, x) plane.

    Or-ing whole planes is one long vector instruction after another; asking each row where its foreground
    begins is not, and costs five times as much.

    Returns:
        (z,) and (y, x) uint8, not 0 where a voxel of that plane, or of that line along z, is not 0.
    """
    nz, ny, nx = labels_zyx.shape
    along_z, across = np.zeros(nz, np.uint8), np.zeros(ny * nx, np.uint8)
    for z in range(nz):
        plane = labels_zyx[z].reshape(ny * nx)
        seen = np.uint8(0)
        for place in range(ny * nx):
            seen |= plane[place]
            across[place] |= plane[place]
        along_z[z] = seen
    return along_z, across.reshape(ny, nx)
