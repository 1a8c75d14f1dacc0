"""Compiled loops over surfaces of up to eight masks at once, one bit of a uint8 volume each.

Volumes are C-contiguous (z, y, x). A framed volume has one voxel of background on every side. A padded
volume has a margin wide enough that a search around any surface point stays inside the array.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from analysis.kernels.configurations import corner_codes, corner_rows, mark_mixed

Volume = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int32]
# Steps after which a search asks whether there is anything to find at all.
PATIENCE = 256

Boxes = npt.NDArray[np.int64]
Margins = npt.NDArray[np.int64]
Points = tuple[Volume, Indices, Bits, tuple[Bits, Bits, Bits]]


@njit(cache=True)
def frame_masks(labels_zyx: Volume, bits: Bits) -> Volume:
    """Look up the mask bits of each label, with a frame of background.

    Args:
        labels_zyx: (z, y, x) uint8.
        bits: (256,) uint8, the masks that hold each label.
    """
    nz, ny, nx = labels_zyx.shape
    framed = np.zeros((nz + 2, ny + 2, nx + 2), np.uint8)
    for z in range(nz):
        for y in range(ny):
            row, into = labels_zyx[z, y], framed[z + 1, y + 1]
            for x in range(nx):
                into[x + 1] = bits[row[x]]
    return framed


@njit(cache=True)
def border_voxels(framed_zyx: Volume, margins: Margins) -> Points:
    """Find the voxels of each mask that have a face neighbour outside it.

    Args:
        framed_zyx: (z + 2, y + 2, x + 2) uint8.
        margins: (3,) padding wanted along z, y, x.

    Returns:
        The border bits as a padded volume; (n,) flat indices in it of the voxels on any border; (n,) their
        bits; and the bits found in each plane along z, y and x.
    """
    nz, ny, nx = framed_zyx.shape[0] - 2, framed_zyx.shape[1] - 2, framed_zyx.shape[2] - 2
    padded = np.zeros((nz + 2 * margins[0], ny + 2 * margins[1], nx + 2 * margins[2]), np.uint8)
    for z in range(1, nz + 1):
        for y in range(1, ny + 1):
            here = framed_zyx[z, y]
            below, above = framed_zyx[z - 1, y], framed_zyx[z + 1, y]
            before, behind = framed_zyx[z, y - 1], framed_zyx[z, y + 1]
            into = padded[z - 1 + margins[0], y - 1 + margins[1]]
            # No branch in here, so that the compiler makes vector instructions of it.
            for x in range(1, nx + 1):
                inner = below[x] & above[x] & before[x] & behind[x] & here[x - 1] & here[x + 1]
                into[x - 1 + margins[2]] = here[x] & ~inner
    indices, bits, planes = _collect(padded, margins)
    return padded, indices, bits, planes


@njit(cache=True)
def surface_elements(framed_zyx: Volume, margins: Margins, masks: int) -> tuple[Points, Volume]:
    """Find the corners between voxels whose eight voxels are neither all in a mask nor all outside it.

    Corner (i, j, k) lies between voxels i - 1 and i, and so on: one more corner than voxels along each axis.

    Args:
        framed_zyx: (z + 2, y + 2, x + 2) uint8.
        margins: (3,) padding wanted along z, y, x.
        masks: how many of the eight bits are in use.

    Returns:
        The corners as `border_voxels` gives voxels, and (masks, n) their configuration per mask,
        bits as in `analysis.kernels.configurations`.
    """
    nz, ny, nx = framed_zyx.shape[0] - 1, framed_zyx.shape[1] - 1, framed_zyx.shape[2] - 1
    padded = np.zeros((nz + 2 * margins[0], ny + 2 * margins[1], nx + 2 * margins[2]), np.uint8)
    for z in range(nz):
        for y in range(ny):
            into = padded[z + margins[0], y + margins[1]]
            mark_mixed(corner_rows(framed_zyx, z, y), into[margins[2] : margins[2] + nx])
    indices, bits, planes = _collect(padded, margins)
    return (padded, indices, bits, planes), _configurations(framed_zyx, padded.shape, indices, margins, masks)


@njit(cache=True)
def _configurations(
    framed_zyx: Volume, shape: tuple[int, int, int], indices: Indices, margins: Margins, masks: int
) -> Volume:
    codes = np.zeros((masks, len(indices)), np.uint8)
    for point, index in enumerate(indices):
        plane, x = divmod(index, shape[2])
        z, y = divmod(plane, shape[1])
        z, y, x = z - margins[0], y - margins[1], x - margins[2]
        every_mask = corner_codes(corner_rows(framed_zyx, z, y), x)
        for mask in range(masks):
            codes[mask, point] = every_mask >> np.uint64(8 * mask) & np.uint64(255)
    return codes


@njit(cache=True)
def _collect(padded: Volume, margins: Margins) -> tuple[Indices, Bits, tuple[Bits, Bits, Bits]]:
    """List the points of a padded volume, and gather their bits in each plane along z, y and x."""
    nz, ny, nx = padded.shape
    planes = np.zeros(nz, np.uint8), np.zeros(ny, np.uint8), np.zeros(nx, np.uint8)
    count = 0
    for z in range(margins[0], nz - margins[0]):
        for y in range(margins[1], ny - margins[1]):
            row = padded[z, y]
            for x in range(nx):
                count += row[x] != 0
    indices, bits = np.empty(count, np.int32), np.empty(count, np.uint8)
    count = 0
    for z in range(margins[0], nz - margins[0]):
        for y in range(margins[1], ny - margins[1]):
            row = padded[z, y]
            before = count
            for x in range(margins[2], nx - margins[2]):
                if row[x]:
                    indices[count] = (z * ny + y) * nx + x
                    bits[count] = row[x]
                    planes[2][x] |= row[x]
                    count += 1
            for point in range(before, count):
                planes[1][y] |= bits[point]
            planes[0][z] |= planes[1][y]
    return indices, bits, planes


@njit(cache=True)
def nearest_places(wanted: Margins, places: Margins, spacing_mm: npt.NDArray[np.float64]) -> Margins:
    """Find the nearest of some places by comparing all: right for a few wanted ones, where a tree costs more.

    Args:
        wanted: (n, 3) voxel indices.
        places: (m, 3) voxel indices.
        spacing_mm: (3,) along the same axes.

    Returns:
        (n,) row of `places`.
    """
    nearest = np.zeros(len(wanted), np.int64)
    for row in range(len(wanted)):
        best = np.inf
        for candidate in range(len(places)):
            one = (wanted[row, 0] - places[candidate, 0]) * spacing_mm[0]
            two = (wanted[row, 1] - places[candidate, 1]) * spacing_mm[1]
            three = (wanted[row, 2] - places[candidate, 2]) * spacing_mm[2]
            square = one * one + two * two + three * three
            if square < best:
                best, nearest[row] = square, candidate
    return nearest


@njit(cache=True)
def nearest_classes(
    points: tuple[Indices, Bits], targets_zyx: Volume, boxes: Boxes, steps: Indices, classes: Indices
) -> Indices:
    """Find, for each point and mask, the nearest point of the same mask in another volume.

    The volume is walked outwards from each point until every one of its masks was met.

    Args:
        points: (n,) flat indices in a padded volume and (n,) the masks each point belongs to.
        targets_zyx: padded volume of the same shape, the bits of the points to be found.
        boxes: (masks, 2, 3) first and last place along z, y, x that a search for each mask may start from.
        steps: (m,) flat index steps by rising distance, the first 0.
        classes: (m,) distance class of each step.

    Returns:
        (masks, n) distance class; the last class + 1 where none lies within reach; -1 where the point is not
        in the mask.
    """
    indices, bits = points
    targets = targets_zyx.ravel()
    # Most searches end after a few steps; only the others are worth a look at the boxes.
    short, long = (steps[:PATIENCE], classes[:PATIENCE]), (steps[PATIENCE:], classes[PATIENCE:])
    found = np.full((len(boxes), len(indices)), -1, np.int32)
    for point in range(len(indices)):
        index = indices[point]
        pending = _walk(found, (point, index), bits[point], targets, short)
        if pending:
            near = pending & _within(boxes, index, targets_zyx.shape)
            missed = _walk(found, (point, index), near, targets, long)
            _note(found, point, missed | (pending ^ near), classes[-1] + 1)
    return found


@njit(cache=True)
def _walk(
    found: Indices,
    start: tuple[int, np.int32],
    pending: np.uint8,
    targets: Bits,
    way: tuple[Indices, Indices],
) -> np.uint8:
    """Note the distance class of each mask met on the way; give the masks that were not."""
    point, index = start
    steps, classes = way
    for step in range(len(steps)):
        if not pending:
            break
        hit = pending & targets[index + steps[step]]
        if hit:
            _note(found, point, hit, classes[step])
            pending ^= hit
    return pending


@njit(cache=True)
def _within(boxes: Boxes, index: np.int32, shape: tuple[int, int, int]) -> np.uint8:
    """Bits of the masks whose box holds a place."""
    plane, x = divmod(index, shape[2])
    z, y = divmod(plane, shape[1])
    near = 0
    for mask in range(len(boxes)):
        low, high = boxes[mask, 0], boxes[mask, 1]
        if low[0] <= z <= high[0] and low[1] <= y <= high[1] and low[2] <= x <= high[2]:
            near |= 1 << mask
    return np.uint8(near)


@njit(cache=True)
def _note(found: Indices, point: int, hit: np.uint8, value: np.int32) -> None:
    for mask in range(len(found)):
        if hit >> mask & 1:
            found[mask, point] = value
