"""Where a surface passes through itself: pairs of triangles that cross, counted."""

import numpy as np
import numpy.typing as npt
from numba import njit

Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int64]

#: A cell of the search grid is this many times the mean extent of a triangle wide.
_CELL = 1.5
_MOST_CELLS = 2**24


def crossing_pairs(points: Points, faces: Faces) -> Integers:
    """Find the pairs of triangles of which one's edge passes through the inside of the other.

    Pairs that share one vertex count when they also cross elsewhere. Pairs that share an edge, and
    triangles that only touch or overlap in one plane, do not count. The result does not depend on the axes:
    any affine image of the mesh gives the same. Triangles are found by a grid of cells, tested by the signs
    of tetrahedra's volumes (float64, strictly inside).

    Args:
        points: (n, 3).
        faces: (m, 3).

    Returns:
        (p, 2) the faces' numbers, each pair once; none for no faces.
    """
    if len(faces) == 0:
        return np.zeros((0, 2), np.int64)
    corners = points[faces]
    low, high = corners.min(axis=1), corners.max(axis=1)
    first, spread = low.min(axis=0), float((high - low).mean())
    extent = high.max(axis=0) - first
    cell = max(_CELL * spread, float(np.cbrt(np.prod(extent + spread) / _MOST_CELLS)))
    shape = (extent / cell).astype(np.int64) + 1
    lowest, highest = (((place - first) / cell).astype(np.int64) for place in (low, high))
    starts, members = _binned(lowest, highest, shape)
    pairs: Integers = _found(points, faces, (low, high), (lowest, shape), starts, members)
    return pairs


def self_intersection_count(points: Points, faces: Faces) -> int:
    """Count the pairs of `crossing_pairs`; none for no faces."""
    return len(crossing_pairs(points, faces))


@njit(cache=True)
def _binned(lowest: Integers, highest: Integers, shape: Integers) -> tuple[Integers, Integers]:
    """List for each cell the triangles whose boxes reach into it: members[starts[cell]:starts[cell + 1]]."""
    starts = np.zeros(shape[0] * shape[1] * shape[2] + 1, np.int64)
    for f in range(len(lowest)):
        for k in range(_cell_count(lowest[f], highest[f])):
            starts[_cell(lowest[f], highest[f], shape, k) + 1] += 1
    starts = np.cumsum(starts)
    following = starts[:-1].copy()
    members = np.empty(starts[-1], np.int64)
    for f in range(len(lowest)):
        for k in range(_cell_count(lowest[f], highest[f])):
            cell = _cell(lowest[f], highest[f], shape, k)
            members[following[cell]] = f
            following[cell] += 1
    return starts, members


@njit(cache=True)
def _cell_count(lowest: Integers, highest: Integers) -> int:
    """Count the cells of a box."""
    spans = highest - lowest + 1
    return int(spans[0] * spans[1] * spans[2])


@njit(cache=True)
def _cell(lowest: Integers, highest: Integers, shape: Integers, k: int) -> int:
    """Number of the k-th cell of a box."""
    ny, nz = highest[1] - lowest[1] + 1, highest[2] - lowest[2] + 1
    x, y, z = lowest[0] + k // (ny * nz), lowest[1] + k // nz % ny, lowest[2] + k % nz
    return int((x * shape[1] + y) * shape[2] + z)


@njit(cache=True)
def _found(
    points: Points,
    faces: Faces,
    boxes: tuple[Points, Points],
    grid: tuple[Integers, Integers],
    starts: Integers,
    members: Integers,
) -> Integers:
    pairs = np.empty((64, 2), np.int64)
    count = 0
    for cell in range(len(starts) - 1):
        for i in range(starts[cell], starts[cell + 1]):
            one = members[i]
            for other in members[starts[cell] : i]:
                if _is_new(boxes, grid, cell, one, other) and _cross(points, faces[one], faces[other]):
                    pairs = _with_room(pairs, count)
                    pairs[count, 0], pairs[count, 1] = one, other
                    count += 1
    return pairs[:count].copy()


@njit(cache=True)
def _with_room(pairs: Integers, count: int) -> Integers:
    return np.concatenate((pairs, np.empty_like(pairs))) if count == len(pairs) else pairs


@njit(cache=True)
def _is_new(
    boxes: tuple[Points, Points], grid: tuple[Integers, Integers], cell: int, one: int, other: int
) -> bool:
    """Whether two triangles may meet and this is the first cell they share."""
    return _boxes_meet(boxes, one, other) and _is_first_common(grid[0], grid[1], cell, one, other)


@njit(cache=True)
def _boxes_meet(boxes: tuple[Points, Points], one: int, other: int) -> bool:
    low, high = boxes
    for axis in range(3):
        if low[one, axis] > high[other, axis] or low[other, axis] > high[one, axis]:
            return False
    return True


@njit(cache=True)
def _is_first_common(lowest: Integers, shape: Integers, cell: int, one: int, other: int) -> bool:
    """Whether this is the lowest cell that both triangles reach: each pair is tested once."""
    x, y, z = (
        max(lowest[one, 0], lowest[other, 0]),
        max(lowest[one, 1], lowest[other, 1]),
        max(lowest[one, 2], lowest[other, 2]),
    )
    return bool((x * shape[1] + y) * shape[2] + z == cell)


@njit(cache=True)
def _cross(points: Points, one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]) -> bool:
    """Whether an edge of one passes through the other, edges at a shared vertex left out."""
    shared = 0
    for a in one:
        for b in other:
            shared += a == b
    if shared > 1 or _apart(points, one, other) or _apart(points, other, one):
        return False
    return _pierces(points, one, other) or _pierces(points, other, one)


@njit(cache=True)
def _apart(points: Points, one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]) -> bool:
    """Whether the second triangle lies on one side of the first one's plane."""
    above = below = 0
    for corner in other:
        volume = _orientation(points, one[0], one[1], one[2], corner)
        above += volume > 0
        below += volume < 0
    return above == 0 or below == 0


@njit(cache=True)
def _pierces(points: Points, one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]) -> bool:
    """Whether an edge of the first triangle passes strictly through the second."""
    a, b, c = other
    for k in range(3):
        p, q = one[k], one[(k + 1) % 3]
        if p in (a, b, c) or q in (a, b, c):
            continue
        if _orientation(points, a, b, c, p) * _orientation(points, a, b, c, q) >= 0:
            continue
        one_side = _orientation(points, p, q, a, b)
        if (
            one_side * _orientation(points, p, q, b, c) > 0
            and one_side * _orientation(points, p, q, c, a) > 0
        ):
            return True
    return False


@njit(cache=True)
def _orientation(points: Points, a: int, b: int, c: int, d: int) -> float:
    """Six times the signed volume of the tetrahedron."""
    ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
    wx, wy, wz = points[d, 0] - points[a, 0], points[d, 1] - points[a, 1], points[d, 2] - points[a, 2]
    return float(ux * (vy * wz - vz * wy) + uy * (vz * wx - vx * wz) + uz * (vx * wy - vy * wx))
