"""Compiled search for the distance between components, on runs."""

import numpy as np
from numba import njit

from analysis.kernels.runs import Indices, Lengths, Runs


@njit(cache=True)
def squared_gaps_mm2(found: Runs, components: Indices, mains: Indices, spacing_zyx_mm: Lengths) -> Lengths:
    """Squared distance from each component to another one, between nearest voxel centres.

    Rows are visited outwards; a row further off than the best distance so far is never read.

    Args:
        found: the runs.
        components: (runs,) component of each.
        mains: (n,) the component that each component is measured against.
        spacing_zyx_mm: (3,).

    Returns:
        (n,) mm2; 0 for a component measured against itself.
    """
    best = np.full(len(mains), np.inf)
    best[mains] = 0.0
    for row in range(len(found.first_runs) - 1):
        for run in range(found.first_runs[row], found.first_runs[row + 1]):
            component = components[run]
            if mains[component] != component:
                sought = (row, run, mains[component])
                best[component] = _nearest_mm2(found, components, sought, spacing_zyx_mm, best[component])
    return best


@njit(cache=True)
def _nearest_mm2(
    found: Runs, components: Indices, sought: tuple[int, int, np.int32], spacing_zyx_mm: Lengths, best: float
) -> float:
    rows_z, rows_y = found.shape_zyx[0], found.shape_zyx[1]
    z, y = divmod(sought[0], rows_y)
    for far_z in range(rows_z):
        across_z = (far_z * spacing_zyx_mm[0]) ** 2
        if across_z >= best:
            break
        for far_y in range(rows_y):
            across = across_z + (far_y * spacing_zyx_mm[1]) ** 2
            if across >= best:
                break
            for side in range(4):
                near_z = z + far_z if side & 1 else z - far_z
                near_y = y + far_y if side & 2 else y - far_y
                if 0 <= near_z < rows_z and 0 <= near_y < rows_y:
                    steps = _steps_along_x(found, components, near_z * rows_y + near_y, sought)
                    best = min(best, across + (steps * spacing_zyx_mm[2]) ** 2)
    return best


@njit(cache=True)
def _steps_along_x(found: Runs, components: Indices, row: int, sought: tuple[int, int, np.int32]) -> float:
    """Voxel steps along x from a run to the sought component's runs in a row; infinite without any."""
    start, stop = found.starts[sought[1]], found.stops[sought[1]]
    fewest = np.inf
    for run in range(found.first_runs[row], found.first_runs[row + 1]):
        if components[run] == sought[2]:
            fewest = min(fewest, max(0, found.starts[run] - stop + 1, start - found.stops[run] + 1))
    return fewest
