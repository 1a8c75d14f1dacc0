"""Compiled union-find over runs: which runs of a volume hang together."""

import numpy as np
from numba import njit

from analysis.kernels.runs import Indices, Runs, Volume

Run = int | np.int32
# What two rows need to be compared, without the rest of `Runs`: handing over fewer arrays is faster.
Ends = tuple[Indices, Indices, Volume]


@njit(cache=True)
def connect_runs(found: Runs, reaches: Indices) -> tuple[Indices, int]:
    """Join runs of one label that touch.

    Args:
        found: the runs.
        reaches: how far along x a run touches the runs of the rows (-1, -1), (-1, 0), (-1, +1) and (0, -1)
            in (z, y): 0 where voxels must share x, 1 where x may differ by one, -1 where they never touch.

    Returns:
        (runs,) component of each run, numbered as found, and the number of components.
    """
    first_runs, rows_y = found.first_runs, found.shape_zyx[1]
    ends = found.starts, found.stops, found.labels
    parents = np.arange(len(found.starts)).astype(np.int32)
    for row in range(len(first_runs) - 1):
        here = first_runs[row], first_runs[row + 1]
        if here[0] == here[1]:
            continue
        y = row % rows_y
        for side in range(4):
            near_row = row - 1 if side == 3 else row - rows_y + side - 1
            near_y = y - 1 if side == 3 else y + side - 1
            if reaches[side] >= 0 and near_row >= 0 and 0 <= near_y < rows_y:
                near = first_runs[near_row], first_runs[near_row + 1]
                if near[0] < near[1]:
                    _join_rows(ends, here, near, reaches[side], parents)
    return _number_roots(parents)


@njit(cache=True, inline="always")
def _join_rows(
    ends: Ends,
    here: tuple[np.int32, np.int32],
    near: tuple[np.int32, np.int32],
    reach: np.int32,
    parents: Indices,
) -> None:
    starts, stops, labels = ends
    first, end = near
    for run in range(here[0], here[1]):
        while first < end and stops[first] + reach <= starts[run]:
            first += 1
        # `first` stays: the next run of this row may touch it too.
        other = first
        while other < end and starts[other] < stops[run] + reach:
            if labels[other] == labels[run] and parents[other] != parents[run]:
                _unite(parents, other, run)
            other += 1


@njit(cache=True)
def _unite(parents: Indices, one: Run, other: Run) -> None:
    one_root, other_root = _root(parents, one), _root(parents, other)
    if one_root < other_root:
        parents[other_root] = one_root
    else:
        parents[one_root] = other_root


@njit(cache=True)
def _root(parents: Indices, run: Run) -> Run:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run


@njit(cache=True)
def _number_roots(parents: Indices) -> tuple[Indices, int]:
    components = np.empty(len(parents), np.int32)
    count = 0
    for run in range(len(parents)):
        if parents[run] == run:
            components[run] = count
            count += 1
        else:
            # A parent is an earlier run of the same component, so it is numbered already.
            components[run] = components[parents[run]]
    return components, count
