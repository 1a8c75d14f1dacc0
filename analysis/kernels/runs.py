"""Compiled loops over runs: a label map as the stretches of equal label along its fastest axis.

A glioma fills a twentieth of its volume and most rows of voxels are empty, so components, overlaps
and repainting cost little on runs. All volumes are C-contiguous (z, y, x): nibabel's (x, y, z) arrays,
transposed. A row is one (z, y); runs are half-open in x and ordered as they lie in memory.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Volume = npt.NDArray[np.uint8]
Table = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Canvas = npt.NDArray[np.uint32] | npt.NDArray[np.uint8]
Voxel = tuple[int, int, int | np.int64]
Lengths = npt.NDArray[np.float64]
Found = tuple[Indices, Indices, Indices, Indices]
Run = tuple[int, int, np.int32, np.int32]


@njit(cache=True)
def foreground_box(labels_zyx: Volume) -> Counts:
    """Bounds of the voxels that are not 0: (z, y, x) starts, then stops; all 0 where there is none."""
    nz, ny, nx = labels_zyx.shape
    box = np.array([nz, ny, nx, 0, 0, 0], np.int64)
    for z in range(nz):
        for y in range(ny):
            row = labels_zyx[z, y]
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
def find_runs(labels_zyx: Volume, meaning: Table) -> tuple[Indices, Indices, Indices, Volume]:
    """Cut a volume into runs.

    Args:
        labels_zyx: (z, y, x) uint8.
        meaning: (256,) uint8, what each stored label counts as; 0 is background.

    Returns:
        (rows + 1,) number of the first run of each row, then (runs,) starts, stops and labels.
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
                _fill_runs(labels_zyx[z, y], meaning, first_runs[row], starts, stops, labels)
    return first_runs, starts, stops, labels


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
def _fill_runs(
    row: Volume, meaning: Table, first: int, starts: Indices, stops: Indices, labels: Volume
) -> None:
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
def connect_runs(
    first_runs: Indices, rows_y: int, starts: Indices, stops: Indices, labels: Volume, reaches: Indices
) -> tuple[Indices, int]:
    """Join runs of one label that touch.

    Args:
        first_runs: as `find_runs` gives it.
        rows_y: rows in one z plane.
        starts: as `find_runs` gives it.
        stops: as `find_runs` gives it.
        labels: as `find_runs` gives it.
        reaches: how far along x a run touches the runs of the rows (-1, -1), (-1, 0), (-1, +1) and (0, -1)
            in (z, y): 0 where voxels must share x, 1 where x may differ by one, -1 where they never touch.

    Returns:
        (runs,) component of each run, numbered as found, and the number of components.
    """
    parents = np.arange(len(starts)).astype(np.int32)
    neighbours = ((-1, -1), (-1, 0), (-1, 1), (0, -1))
    for row in range(len(first_runs) - 1):
        if first_runs[row] == first_runs[row + 1]:
            continue
        z, y = divmod(row, rows_y)
        for side in range(4):
            near_z, near_y = z + neighbours[side][0], y + neighbours[side][1]
            if reaches[side] >= 0 and near_z >= 0 and 0 <= near_y < rows_y:
                here = range(first_runs[row], first_runs[row + 1])
                near_row = near_z * rows_y + near_y
                near = range(first_runs[near_row], first_runs[near_row + 1])
                _join_rows(here, near, (starts, stops), labels, reaches[side], parents)
    return _number_roots(parents)


@njit(cache=True)
def _join_rows(
    here: range,
    near: range,
    bounds: tuple[Indices, Indices],
    labels: Volume,
    reach: np.int32,
    parents: Indices,
) -> None:
    starts, stops = bounds
    first = near.start
    for run in here:
        while first < near.stop and stops[first] + reach <= starts[run]:
            first += 1
        other = first
        while other < near.stop and starts[other] < stops[run] + reach:
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
            components[run] = components[root]
    return components, count


@njit(cache=True)
def measure_components(
    first_runs: Indices, rows_y: int, starts: Indices, stops: Indices, components: Indices, strides: Counts
) -> tuple[Counts, Counts, Counts]:
    """Measure every component in one pass over the runs.

    Args:
        first_runs: as `find_runs` gives it.
        rows_y: rows in one z plane.
        starts: as `find_runs` gives it.
        stops: as `find_runs` gives it.
        components: as `connect_runs` gives it.
        strides: (3,) step of the ordering index per voxel along z, y, x.

    Returns:
        (n, 5) voxel count, smallest ordering index, sums of z, y, x; (n, 3) box starts; (n, 3) box stops.
    """
    count = components.max() + 1 if len(components) else 0
    sums = np.zeros((count, 5), np.int64)
    sums[:, 1] = np.iinfo(np.int64).max
    lowest = np.full((count, 3), np.iinfo(np.int64).max, np.int64)
    highest = np.zeros((count, 3), np.int64)
    for row in range(len(first_runs) - 1):
        z, y = divmod(row, rows_y)
        for run in range(first_runs[row], first_runs[row + 1]):
            start, stop, component = np.int64(starts[run]), np.int64(stops[run]), components[run]
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
def _widen(lowest: Counts, highest: Counts, starts: Voxel, stops: Voxel) -> None:
    for axis in range(3):
        lowest[axis] = min(lowest[axis], starts[axis])
        highest[axis] = max(highest[axis], stops[axis])


@njit(cache=True)
def count_overlaps(
    first_runs: Indices,
    starts: Indices,
    stops: Indices,
    labels: Volume,
    components: Indices,
    other_zyx: Volume,
) -> Counts:
    """Count, for every component, the voxels where another volume holds the component's label."""
    _, ny, _ = other_zyx.shape
    overlaps = np.zeros(components.max() + 1 if len(components) else 0, np.int64)
    for row in range(len(first_runs) - 1):
        z, y = divmod(row, ny)
        for run in range(first_runs[row], first_runs[row + 1]):
            shared = 0
            for x in range(starts[run], stops[run]):
                shared += other_zyx[z, y, x] == labels[run]
            overlaps[components[run]] += shared
    return overlaps


@njit(cache=True)
def paint_runs(
    first_runs: Indices, starts: Indices, stops: Indices, colours: npt.NDArray[np.uint32], canvas_zyx: Canvas
) -> None:
    """Write each run's colour into a volume; what lies between runs stays as it is."""
    _, ny, _ = canvas_zyx.shape
    for row in range(len(first_runs) - 1):
        z, y = divmod(row, ny)
        for run in range(first_runs[row], first_runs[row + 1]):
            for x in range(starts[run], stops[run]):
                canvas_zyx[z, y, x] = colours[run]


@njit(cache=True)
def squared_gaps_mm2(
    first_runs: Indices,
    rows_y: int,
    starts: Indices,
    stops: Indices,
    components: Indices,
    mains: Indices,
    spacing_zyx_mm: Lengths,
) -> Lengths:
    """Squared distance from each component to another one, between nearest voxel centres.

    Rows are visited outwards; a row further off than the best distance so far is never read.

    Args:
        first_runs: as `find_runs` gives it.
        rows_y: rows in one z plane.
        starts: as `find_runs` gives it.
        stops: as `find_runs` gives it.
        components: as `connect_runs` gives it.
        mains: (n,) the component that each component is measured against.
        spacing_zyx_mm: (3,).

    Returns:
        (n,) mm2; 0 for a component measured against itself.
    """
    best = np.full(len(mains), np.inf)
    best[mains] = 0.0
    for row in range(len(first_runs) - 1):
        for run in range(first_runs[row], first_runs[row + 1]):
            component = components[run]
            if mains[component] != component:
                here = (row // rows_y, row % rows_y, starts[run], stops[run])
                found = (first_runs, starts, stops, components)
                best[component] = _nearest(
                    found, rows_y, here, mains[component], spacing_zyx_mm, best[component]
                )
    return best


@njit(cache=True)
def _nearest(
    found: Found, rows_y: int, here: Run, main: np.int32, spacing_zyx_mm: Lengths, best: float
) -> float:
    rows_z = (len(found[0]) - 1) // rows_y
    for far_z in range(rows_z):
        across_z = (far_z * spacing_zyx_mm[0]) ** 2
        if across_z >= best:
            break
        for far_y in range(rows_y):
            across = across_z + (far_y * spacing_zyx_mm[1]) ** 2
            if across >= best:
                break
            for near_z in (here[0] - far_z, here[0] + far_z):
                for near_y in (here[1] - far_y, here[1] + far_y):
                    if 0 <= near_z < rows_z and 0 <= near_y < rows_y:
                        gap = _row_gap(found, near_z * rows_y + near_y, main, here)
                        if gap >= 0:
                            best = min(best, across + (gap * spacing_zyx_mm[2]) ** 2)
    return best


@njit(cache=True)
def _row_gap(found: Found, row: int, main: np.int32, here: Run) -> int:
    """Voxel steps along x from a run to the main component's runs in a row, -1 where there are none."""
    first_runs, starts, stops, components = found
    smallest = -1
    for run in range(first_runs[row], first_runs[row + 1]):
        if components[run] == main:
            gap = max(0, starts[run] - here[3] + 1, here[2] - stops[run] + 1)
            if smallest < 0 or gap < smallest:
                smallest = gap
    return smallest


@njit(cache=True)
def moments(first_runs: Indices, rows_y: int, starts: Indices, stops: Indices) -> Counts:
    """Sum coordinates and their products over all voxels, in whole numbers.

    Args:
        first_runs: as `find_runs` gives it.
        rows_y: rows in one z plane.
        starts: as `find_runs` gives it.
        stops: as `find_runs` gives it.

    Returns:
        (4, 4) sums of the outer product of (1, x, y, z) with itself.
    """
    sums = np.zeros((4, 4), np.int64)
    for row in range(len(first_runs) - 1):
        z, y = divmod(row, rows_y)
        for run in range(first_runs[row], first_runs[row + 1]):
            first, last = np.int64(starts[run]), np.int64(stops[run]) - 1
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


@njit(cache=True)
def dilate_runs(
    first_runs: Indices, starts: Indices, stops: Indices, shape_zyx: tuple[int, int, int], steps: int
) -> Volume:
    """Dilate a mask by its 18 neighbours, some steps in a row.

    A voxel is reached in n steps when no axis differs by more than n and all together by no more than 2 n.

    Args:
        first_runs: as `find_runs` gives it.
        starts: as `find_runs` gives it.
        stops: as `find_runs` gives it.
        shape_zyx: of the volume the runs were found in; nothing is drawn outside it.
        steps: how often to dilate.

    Returns:
        (z, y, x) uint8, 1 in the dilated mask.
    """
    nz, ny, nx = shape_zyx
    dilated = np.zeros(shape_zyx, np.uint8)
    for row in range(len(first_runs) - 1):
        z, y = divmod(row, ny)
        for run in range(first_runs[row], first_runs[row + 1]):
            for far_z in range(-min(steps, z), min(steps, nz - 1 - z) + 1):
                for far_y in range(-min(steps, y), min(steps, ny - 1 - y) + 1):
                    reach = min(steps, 2 * steps - abs(far_z) - abs(far_y))
                    start, stop = max(0, starts[run] - reach), min(nx, stops[run] + reach)
                    dilated[z + far_z, y + far_y, start:stop] = 1
    return dilated


@njit(cache=True)
def match_components(
    first_runs: Indices,
    starts: Indices,
    stops: Indices,
    components: Indices,
    zones_zyx: npt.NDArray[np.uint32],
    inside_zyx: Volume,
    size: tuple[int, int],
) -> tuple[Counts, Counts]:
    """Count the voxels that components share with numbered zones.

    Args:
        first_runs: as `find_runs` gives it, of the components' volume.
        starts: as `find_runs` gives it.
        stops: as `find_runs` gives it.
        components: (runs,) component of each run.
        zones_zyx: (z, y, x) zone number from 1, 0 outside all.
        inside_zyx: (z, y, x) uint8, not 0 in the part of the zones that is counted separately.
        size: numbers of zones and components.

    Returns:
        (zones, components) voxels shared with each zone, and with its inner part.
    """
    _, ny, _ = zones_zyx.shape
    shared, shared_inside = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for row in range(len(first_runs) - 1):
        z, y = divmod(row, ny)
        for run in range(first_runs[row], first_runs[row + 1]):
            for x in range(starts[run], stops[run]):
                zone = zones_zyx[z, y, x]
                if zone:
                    shared[zone - 1, components[run]] += 1
                    shared_inside[zone - 1, components[run]] += inside_zyx[z, y, x] != 0
    return shared, shared_inside
