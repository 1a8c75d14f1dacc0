"""Compiled loops of the lesion-wise protocol: dilating lesions, and finding what touches them."""

import numpy as np
import numpy.typing as npt
from numba import njit

from analysis.kernels.runs import Counts, Indices, Runs, Volume


@njit(cache=True)
def dilate_runs(found: Runs, steps: int) -> Volume:
    """Dilate a mask by its 18 neighbours, some steps in a row.

    A voxel is reached in n steps when no axis differs by more than n and all together by no more than 2 n.

    Args:
        found: the mask as runs.
        steps: how often to dilate.

    Returns:
        (z, y, x) uint8 of the runs' volume, 1 in the dilated mask.
    """
    nz, ny, nx = found.shape_zyx
    dilated = np.zeros(found.shape_zyx, np.uint8)
    for row in range(len(found.first_runs) - 1):
        z, y = divmod(row, ny)
        for run in range(found.first_runs[row], found.first_runs[row + 1]):
            for far_z in range(-min(steps, z), min(steps, nz - 1 - z) + 1):
                for far_y in range(-min(steps, y), min(steps, ny - 1 - y) + 1):
                    reach = min(steps, 2 * steps - abs(far_z) - abs(far_y))
                    start, stop = max(0, found.starts[run] - reach), min(nx, found.stops[run] + reach)
                    dilated[z + far_z, y + far_y, start:stop] = 1
    return dilated


@njit(cache=True)
def match_components(
    found: Runs,
    components: Indices,
    zones_zyx: npt.NDArray[np.uint32],
    inside_zyx: Volume,
    size: tuple[int, int],
) -> tuple[Counts, Counts]:
    """Count the voxels that components share with numbered zones.

    Args:
        found: the components' runs.
        components: (runs,) component of each.
        zones_zyx: (z, y, x) zone number from 1, 0 outside all.
        inside_zyx: (z, y, x) uint8, not 0 in the part of the zones that is counted separately.
        size: numbers of zones and components.

    Returns:
        (zones, components) voxels shared with each zone, and with its inner part.
    """
    shared, shared_inside = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for row in range(len(found.first_runs) - 1):
        z, y = divmod(row, found.shape_zyx[1])
        for run in range(found.first_runs[row], found.first_runs[row + 1]):
            for x in range(found.starts[run], found.stops[run]):
                zone = zones_zyx[z, y, x]
                if zone:
                    shared[zone - 1, components[run]] += 1
                    shared_inside[zone - 1, components[run]] += inside_zyx[z, y, x] != 0
    return shared, shared_inside
