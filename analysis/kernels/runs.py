"""Compiled loops over runs: a label map as the stretches of equal label along its fastest axis.

A glioma fills a twentieth of its volume and most rows of voxels are empty, so components, overlaps
and repainting cost little on runs. All volumes are C-contiguous (z, y, x): nibabel's (x, y, z) arrays,
transposed. A row is one (z, y); runs are half-open in x and ordered as they lie in memory.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from analysis.kernels.changes import marked, no_marks

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
def find_runs(labels_zyx: Volume, meaning: Table) -> Runs:
    """Cut a volume into runs.

    Args:
        labels_zyx: (z, y, x) uint8.
        meaning: (256,) uint8, what each stored label counts as; 0 is background.
    """
    nz, ny, nx = labels_zyx.shape
    flat = labels_zyx.reshape(nz * ny * nx)
    places = marked(_changes(flat, nx, meaning))
    most = len(places)
    starts, stops, labels = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.uint8)
    first_runs = np.zeros(nz * ny + 1, np.int32)
    count = row_end = row = 0
    before = np.uint8(0)
    for place in places:
        if place >= row_end:
            if before:
                stops[count - 1] = nx
            before = np.uint8(0)
            row = place // nx
            row_end = (row + 1) * nx
        label = meaning[flat[place]]
        if label != before:
            x = place - row_end + nx
            if before:
                stops[count - 1] = x
            if label:
                starts[count], labels[count] = x, label
                count += 1
                first_runs[row + 1] = count
            before = label
    if before:
        stops[count - 1] = nx
    return Runs(labels_zyx.shape, _filled(first_runs), starts[:count], stops[:count], labels[:count])


@njit(cache=True)
def _changes(flat: Volume, width: int, meaning: Table) -> Volume:
    """Mark the voxels that differ from the one before, and where a row begins with a run.

    Returns:
        Marks, see `no_marks`.
    """
    changes = no_marks(len(flat))
    for place in range(1, len(flat)):
        changes[place] = flat[place] != flat[place - 1]
    # An empty volume has rows of no width, and no step is 0 voxels long.
    for place in range(0, len(flat), max(width, 1)):
        changes[place] = meaning[flat[place]] != 0
    return changes


@njit(cache=True)
def _filled(first_runs: Indices) -> Indices:
    for row in range(1, len(first_runs)):
        first_runs[row] = max(first_runs[row], first_runs[row - 1])
    return first_runs


def select_runs(found: Runs, is_kept: npt.NDArray[np.bool_]) -> Runs:
    """The runs of a volume in which only some, (runs,) bool, are left."""
    kept_before = np.concatenate(([0], np.cumsum(is_kept))).astype(np.int32)
    return Runs(
        found.shape_zyx,
        kept_before[found.first_runs],
        found.starts[is_kept],
        found.stops[is_kept],
        found.labels[is_kept],
    )


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
