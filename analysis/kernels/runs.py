"""Compiled loops over runs: a label map as the stretches of equal label along its fastest axis.

A glioma fills a twentieth of its volume and most rows of voxels are empty, so components, overlaps
and repainting cost little on runs. All volumes are C-contiguous (z, y, x): nibabel's (x, y, z) arrays,
transposed. A row is one (z, y); runs are half-open in x and ordered as they lie in memory.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Volume = npt.NDArray[np.uint8]
Table = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.float64]
Canvas = npt.NDArray[np.uint32] | npt.NDArray[np.uint8]
Place = tuple[int, int, int | np.int64]


class Runs(NamedTuple):
    """A volume as runs.

    Attributes:
        shape_zyx: of the volume.
        first_runs: (rows + 1,) number of the first run of each row.
        starts: (runs,) first voxel along x.
        stops: (runs,) one past the last.
        labels: (runs,) uint8, never 0.
    """

    shape_zyx: tuple[int, int, int]
    first_runs: Indices
    starts: Indices
    stops: Indices
    labels: Volume


@njit(cache=True)
def foreground_box(labels_zyx: Volume) -> Counts:
    """Bounds of the voxels that are not 0: (z, y, x) starts, then stops; all 0 where there is none."""
    nz, ny, nx = labels_zyx.shape
    box = np.array([nz, ny, nx, 0, 0, 0], np.int64)
    for z in range(nz):
        for y in range(ny):
            row = labels_zyx[z, y]
            # Or-ing whole rows is a vector instruction; looking for the ends is not.
            seen = np.uint8(0)
            for x in range(nx):
                seen |= row[x]
            if seen:
                _stretch(box, z, y, row)
    if box[3] == 0:
        box[:] = 0
    return box


@njit(cache=True)
def _stretch(box: Counts, z: int, y: int, row: Volume) -> None:
    first = 0
    while row[first] == 0:
        first += 1
    last = len(row) - 1
    while row[last] == 0:
        last -= 1
    box[0] = min(box[0], z)
    box[1] = min(box[1], y)
    box[2] = min(box[2], first)
    box[3] = max(box[3], z + 1)
    box[4] = max(box[4], y + 1)
    box[5] = max(box[5], last + 1)


@njit(cache=True)
def find_runs(labels_zyx: Volume, meaning: Table) -> Runs:
    """Cut a volume into runs.

    Args:
        labels_zyx: (z, y, x) uint8.
        meaning: (256,) uint8, what each stored label counts as; 0 is background.
    """
    nz, ny, _ = labels_zyx.shape
    first_runs = np.empty(nz * ny + 1, np.int32)
    count = 0
    for z in range(nz):
        for y in range(ny):
            first_runs[z * ny + y] = count
            count += _count_runs(labels_zyx[z, y], meaning)
    first_runs[nz * ny] = count
    starts, stops, labels = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.uint8)
    for z in range(nz):
        for y in range(ny):
            row = z * ny + y
            if first_runs[row] < first_runs[row + 1]:
                _fill_runs(labels_zyx[z, y], meaning, first_runs[row], (starts, stops, labels))
    return Runs(labels_zyx.shape, first_runs, starts, stops, labels)


@njit(cache=True)
def _count_runs(row: Volume, meaning: Table) -> int:
    count = 0
    before = np.uint8(0)
    for voxel in row:
        label = meaning[voxel]
        if label:
            count += label != before
        before = label
    return count


@njit(cache=True)
def _fill_runs(row: Volume, meaning: Table, first: int, into: tuple[Indices, Indices, Volume]) -> None:
    starts, stops, labels = into
    run = first - 1
    before = np.uint8(0)
    for x, voxel in enumerate(row):
        label = meaning[voxel]
        if label != before:
            if before:
                stops[run] = x
            if label:
                run += 1
                starts[run] = x
                labels[run] = label
        before = label
    if before:
        stops[run] = len(row)


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
    parents = np.arange(len(found.starts)).astype(np.int32)
    neighbours = ((-1, -1), (-1, 0), (-1, 1), (0, -1))
    for row in range(len(first_runs) - 1):
        if first_runs[row] == first_runs[row + 1]:
            continue
        z, y = divmod(row, rows_y)
        for side in range(4):
            near_z, near_y = z + neighbours[side][0], y + neighbours[side][1]
            if reaches[side] >= 0 and near_z >= 0 and 0 <= near_y < rows_y:
                _join_rows(found, row, near_z * rows_y + near_y, reaches[side], parents)
    return _number_roots(parents)


@njit(cache=True)
def _join_rows(found: Runs, row: int, near_row: int, reach: np.int32, parents: Indices) -> None:
    starts, stops, labels = found.starts, found.stops, found.labels
    first, end = found.first_runs[near_row], found.first_runs[near_row + 1]
    for run in range(found.first_runs[row], found.first_runs[row + 1]):
        while first < end and stops[first] + reach <= starts[run]:
            first += 1
        # `first` stays: the next run of this row may touch it too.
        other = first
        while other < end and starts[other] < stops[run] + reach:
            if labels[other] == labels[run]:
                _unite(parents, other, run)
            other += 1


@njit(cache=True)
def _unite(parents: Indices, one: int, other: int) -> None:
    one_root, other_root = _root(parents, one), _root(parents, other)
    if one_root < other_root:
        parents[other_root] = one_root
    else:
        parents[one_root] = other_root


@njit(cache=True)
def _root(parents: Indices, run: int) -> int:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run


@njit(cache=True)
def _number_roots(parents: Indices) -> tuple[Indices, int]:
    components = np.empty(len(parents), np.int32)
    count = 0
    for run in range(len(parents)):
        root = _root(parents, run)
        if root == run:
            components[run] = count
            count += 1
        else:
            # Roots are the first run of their component, so this one is numbered already.
            components[run] = components[root]
    return components, count


@njit(cache=True)
def measure_components(
    found: Runs, components: Indices, count: int, strides: Counts
) -> tuple[Counts, Counts, Counts]:
    """Measure every component in one pass over the runs.

    Args:
        found: the runs.
        components: (runs,) component of each.
        count: of components.
        strides: (3,) step of the ordering index per voxel along z, y, x.

    Returns:
        (n, 5) voxel count, smallest ordering index, sums of z, y, x; (n, 3) box starts; (n, 3) box stops.
    """
    sums = np.zeros((count, 5), np.int64)
    sums[:, 1] = np.iinfo(np.int64).max
    lowest = np.full((count, 3), np.iinfo(np.int64).max, np.int64)
    highest = np.zeros((count, 3), np.int64)
    for row in range(len(found.first_runs) - 1):
        z, y = divmod(row, found.shape_zyx[1])
        for run in range(found.first_runs[row], found.first_runs[row + 1]):
            start, stop, component = np.int64(found.starts[run]), np.int64(found.stops[run]), components[run]
            length = stop - start
            leading = start if strides[2] > 0 else stop - 1
            index = z * strides[0] + y * strides[1] + leading * strides[2]
            sums[component, 0] += length
            sums[component, 1] = min(sums[component, 1], index)
            sums[component, 2] += length * z
            sums[component, 3] += length * y
            sums[component, 4] += length * (start + stop - 1) // 2
            _widen(lowest[component], highest[component], (z, y, start), (z + 1, y + 1, stop))
    return sums, lowest, highest


@njit(cache=True)
def _widen(lowest: Counts, highest: Counts, starts: Place, stops: Place) -> None:
    for axis in range(3):
        lowest[axis] = min(lowest[axis], starts[axis])
        highest[axis] = max(highest[axis], stops[axis])


@njit(cache=True)
def count_overlaps(found: Runs, components: Indices, count: int, other_zyx: Volume) -> Counts:
    """Count, for each of `count` components, the voxels where another volume holds its label."""
    overlaps = np.zeros(count, np.int64)
    for row in range(len(found.first_runs) - 1):
        z, y = divmod(row, found.shape_zyx[1])
        for run in range(found.first_runs[row], found.first_runs[row + 1]):
            shared = 0
            for x in range(found.starts[run], found.stops[run]):
                shared += other_zyx[z, y, x] == found.labels[run]
            overlaps[components[run]] += shared
    return overlaps


@njit(cache=True)
def paint_runs(found: Runs, colours: npt.NDArray[np.uint32], canvas_zyx: Canvas) -> None:
    """Write each run's colour, (runs,), into a volume; what lies between runs stays as it is."""
    for row in range(len(found.first_runs) - 1):
        z, y = divmod(row, found.shape_zyx[1])
        for run in range(found.first_runs[row], found.first_runs[row + 1]):
            for x in range(found.starts[run], found.stops[run]):
                canvas_zyx[z, y, x] = colours[run]


@njit(cache=True)
def moments(found: Runs) -> Counts:
    """Sum coordinates and their products over all voxels, in whole numbers.

    Returns:
        (4, 4) sums of the outer product of (1, x, y, z) with itself.
    """
    sums = np.zeros((4, 4), np.int64)
    for row in range(len(found.first_runs) - 1):
        z, y = divmod(row, found.shape_zyx[1])
        for run in range(found.first_runs[row], found.first_runs[row + 1]):
            first, last = np.int64(found.starts[run]), np.int64(found.stops[run]) - 1
            count = last - first + 1
            along = (first + last) * count // 2
            squares = (last * (last + 1) * (2 * last + 1) - (first - 1) * first * (2 * first - 1)) // 6
            sums[0, 0] += count
            sums[0, 1] += along
            sums[0, 2] += count * y
            sums[0, 3] += count * z
            sums[1, 1] += squares
            sums[1, 2] += along * y
            sums[1, 3] += along * z
            sums[2, 2] += count * y * y
            sums[2, 3] += count * y * z
            sums[3, 3] += count * z * z
    for one in range(4):
        for other in range(one):
            sums[one, other] = sums[other, one]
    return sums
