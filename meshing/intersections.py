"""Where a surface passes through itself: pairs of triangles that cross, counted."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.fans import open_fans
from meshing.triangles import bounds

Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]
Cells = npt.NDArray[np.int32]
Triangle = tuple[int, int, int]

#: A cell of the search grid is this many times the mean extent of a triangle wide.
_CELL = 3.0
#: More cells cost more to walk than they save: fragments far apart leave nearly all of them empty.
_MOST_CELLS = 2**20
#: Boxes are compared in float32, made wider by this share of the whole, so that no pair is missed.
_SLACK = 1e-6


class _Search(NamedTuple):
    """What is known before pairs are looked for.

    Attributes:
        boxes: (m, 6) lowest and highest corner of each triangle, from the lowest of all.
        lowest: (m, 3) the first cell each reaches.
        highest: (m, 3) the last.
        shape: (3,) cells along each axis.
        wanted: (m,) of each pair one is among these.
        is_open: (n,) vertices whose own triangles can't cross, see `open_fans`.
    """

    boxes: Singles
    lowest: Cells
    highest: Cells
    shape: Integers
    wanted: Flags
    is_open: Flags


class _Near(NamedTuple):
    """The triangles of one cell, side by side: pairs of them are looked at eight at a time.

    Attributes:
        lows: (3, k) lowest corner of each.
        highs: (3, k) highest.
        corners: (3, k) vertices.
        has_closed: (k,) whether one of those is not open.
    """

    lows: Singles
    highs: Singles
    corners: Cells
    has_closed: Flags


def crossing_pairs(points: Points, faces: Faces, among: Flags | None = None) -> Integers:
    """Find the pairs of triangles of which one's edge passes through the inside of the other.

    Pairs that share one vertex count when they also cross elsewhere. Pairs that share an edge, and
    triangles that only touch or overlap in one plane, do not count. The result does not depend on the axes:
    any affine image of the mesh gives the same. Triangles are found by a grid of cells, tested by the signs
    of tetrahedra's volumes (float64, strictly inside).

    Args:
        points: (n, 3).
        faces: (m, 3).
        among: (m,) bool; only pairs with one of these faces are looked for. None takes all.

    Returns:
        (p, 2) the faces' numbers, each pair once; none for no faces.
    """
    if len(faces) == 0:
        return np.zeros((0, 2), np.int64)
    first, last = bounds(points)
    extent = last - first
    boxes, spread = _boxes(points, faces, first, np.float32(_SLACK * extent.max()))
    cell = max(_CELL * spread, float(np.cbrt(np.prod(extent + spread) / _MOST_CELLS)))
    shape = (extent / cell).astype(np.int64) + 1
    wanted = np.ones(len(faces), np.bool_) if among is None else among
    search = _Search(boxes, *_reached(boxes, cell, shape), shape, wanted, open_fans(points, faces))
    pairs: Integers = _found(points, faces, search, _binned(search))
    return pairs


def self_intersection_count(points: Points, faces: Faces) -> int:
    """Count the pairs of `crossing_pairs`; none for no faces."""
    return len(crossing_pairs(points, faces))


@njit(cache=True, nogil=True)
def _boxes(points: Points, faces: Faces, first: Points, slack: np.float32) -> tuple[Singles, float]:
    """Lowest and highest corner of each triangle, (m, 6), from a first one, with slack; the mean width."""
    boxes = np.empty((len(faces), 6), np.float32)
    spread = 0.0
    for f in range(len(faces)):
        for axis in range(3):
            a, b, c = points[faces[f, 0], axis], points[faces[f, 1], axis], points[faces[f, 2], axis]
            boxes[f, axis] = np.float32(min(a, b, c) - first[axis]) - slack
            boxes[f, axis + 3] = np.float32(max(a, b, c) - first[axis]) + slack
            spread += boxes[f, axis + 3] - boxes[f, axis]
    return boxes, spread / (3 * len(faces))


@njit(cache=True, nogil=True)
def _reached(boxes: Singles, cell: float, shape: Integers) -> tuple[Cells, Cells]:
    """Find the first and the last cell that each triangle reaches, (m, 3) each."""
    lowest, highest = np.empty((len(boxes), 3), np.int32), np.empty((len(boxes), 3), np.int32)
    for f in range(len(boxes)):
        for axis in range(3):
            lowest[f, axis] = max(int(boxes[f, axis] / cell), 0)
            highest[f, axis] = min(int(boxes[f, axis + 3] / cell), int(shape[axis]) - 1)
    return lowest, highest


@njit(cache=True, nogil=True)
def _binned(search: _Search) -> tuple[Integers, Cells]:
    """List for each cell the triangles whose boxes reach into it: members[starts[cell]:starts[cell + 1]].

    A cell that no wanted triangle reaches has none.
    """
    face_count = len(search.boxes)
    most = 1
    for face in range(face_count):
        most = max(most, _cell_count(search, face))
    cells = np.empty(most, np.int64)
    is_asked = np.zeros(search.shape[0] * search.shape[1] * search.shape[2], np.bool_)
    for face in range(face_count):
        if search.wanted[face]:
            for k in range(_list_cells(search, face, cells)):
                is_asked[cells[k]] = True
    starts = np.zeros(len(is_asked) + 1, np.int64)
    for face in range(face_count):
        for k in range(_list_cells(search, face, cells)):
            starts[cells[k] + 1] += is_asked[cells[k]]
    starts = np.cumsum(starts)
    following = starts[:-1].copy()
    members = np.empty(starts[-1], np.int32)
    for face in range(face_count):
        for k in range(_list_cells(search, face, cells)):
            if is_asked[cells[k]]:
                members[following[cells[k]]] = face
                following[cells[k]] += 1
    return starts, members


@njit(cache=True)
def _cell_count(search: _Search, face: int) -> int:
    low, high = search.lowest[face], search.highest[face]
    return int((high[0] - low[0] + 1) * (high[1] - low[1] + 1) * (high[2] - low[2] + 1))


@njit(cache=True)
def _list_cells(search: _Search, face: int, cells: Integers) -> int:
    """Write the numbers of the cells that a triangle's box reaches; say how many there are."""
    low, high, shape = search.lowest[face], search.highest[face], search.shape
    count = 0
    for x in range(low[0], high[0] + 1):
        for y in range(low[1], high[1] + 1):
            for z in range(low[2], high[2] + 1):
                cells[count] = (x * shape[1] + y) * shape[2] + z
                count += 1
    return count


@njit(cache=True, nogil=True)
def _found(points: Points, faces: Faces, search: _Search, cells: tuple[Integers, Cells]) -> Integers:
    starts, members = cells
    pairs = np.empty((64, 2), np.int64)
    near = _empty_near(np.diff(starts).max())
    count = 0
    for cell in range(len(starts) - 1):
        first, size = starts[cell], starts[cell + 1] - starts[cell]
        if size > 1:
            _gather(faces, search, members[first : first + size], near)
        for i in range(1, size):
            if not _has_candidate(near, i):
                continue
            for j in range(i):
                if _is_candidate(near, i, j):
                    one, other = members[first + i], members[first + j]
                    if _is_wanted(faces, search, one, other, cell) and _cross(points, faces, one, other):
                        pairs = _with_room(pairs, count)
                        pairs[count, 0], pairs[count, 1] = one, other
                        count += 1
    return pairs[:count].copy()


@njit(cache=True)
def _empty_near(most: int) -> _Near:
    return _Near(
        np.empty((3, most), np.float32),
        np.empty((3, most), np.float32),
        np.empty((3, most), np.int32),
        np.empty(most, np.bool_),
    )


@njit(cache=True)
def _gather(faces: Faces, search: _Search, members: Cells, near: _Near) -> None:
    """Copy what pairs are first looked at for."""
    for i in range(len(members)):
        face = members[i]
        near.has_closed[i] = False
        for axis in range(3):
            near.lows[axis, i] = search.boxes[face, axis]
            near.highs[axis, i] = search.boxes[face, axis + 3]
            near.corners[axis, i] = faces[face, axis]
            near.has_closed[i] |= not search.is_open[faces[face, axis]]


@njit(cache=True)
def _has_candidate(near: _Near, i: int) -> bool:
    """Whether a triangle must be looked at with any before it: mostly not, since they are neighbours."""
    count = np.int32(0)
    for j in range(i):
        count += np.int32(_is_candidate(near, i, j))
    return bool(count > 0)


@njit(cache=True)
def _is_candidate(near: _Near, i: int, j: int) -> bool:
    """Whether boxes meet and the triangles share no vertex, or one that is not open.

    All is compared at once: what fails can't be foreseen, and a wrong guess of the processor costs more.
    """
    a, b, c = near.corners[0, i], near.corners[1, i], near.corners[2, i]
    p, q, r = near.corners[0, j], near.corners[1, j], near.corners[2, j]
    meets = (
        (near.lows[0, i] <= near.highs[0, j])
        & (near.lows[0, j] <= near.highs[0, i])
        & (near.lows[1, i] <= near.highs[1, j])
        & (near.lows[1, j] <= near.highs[1, i])
        & (near.lows[2, i] <= near.highs[2, j])
        & (near.lows[2, j] <= near.highs[2, i])
    )
    shares = (a == p) | (a == q) | (a == r) | (b == p) | (b == q) | (b == r) | (c == p) | (c == q) | (c == r)
    return bool(meets & (near.has_closed[i] | (not shares)))


@njit(cache=True)
def _is_wanted(faces: Faces, search: _Search, one: int, other: int, cell: int) -> bool:
    """Whether a pair is asked for, its shared vertex (if any) lets it cross, and it falls to this cell."""
    if not (search.wanted[one] or search.wanted[other]):
        return False
    p, q, r = faces[other, 0], faces[other, 1], faces[other, 2]
    for vertex in faces[one]:
        if vertex in (p, q, r) and search.is_open[vertex]:
            return False
    return _first_common(search.lowest, search.shape, one, other) == cell


@njit(cache=True)
def _with_room(pairs: Integers, count: int) -> Integers:
    return np.concatenate((pairs, np.empty_like(pairs))) if count == len(pairs) else pairs


@njit(cache=True)
def _first_common(lowest: Cells, shape: Integers, one: int, other: int) -> int:
    """Number of the lowest cell that both triangles reach: there the pair is tested, once."""
    x = max(lowest[one, 0], lowest[other, 0])
    y = max(lowest[one, 1], lowest[other, 1])
    z = max(lowest[one, 2], lowest[other, 2])
    return int((x * shape[1] + y) * shape[2] + z)


@njit(cache=True)
def _cross(points: Points, faces: Faces, one: int, other: int) -> bool:
    """Whether an edge of one passes through the other, edges at a shared vertex left out."""
    a, b, c = faces[one, 0], faces[one, 1], faces[one, 2]
    p, q, r = faces[other, 0], faces[other, 1], faces[other, 2]
    if _apart(points, (a, b, c), (p, q, r)) or _apart(points, (p, q, r), (a, b, c)):
        return False
    return _pierces(points, (a, b, c), (p, q, r)) or _pierces(points, (p, q, r), (a, b, c))


@njit(cache=True)
def _apart(points: Points, one: Triangle, other: Triangle) -> bool:
    """Whether the second triangle lies on one side of the first one's plane; a shared vertex lies in it."""
    a, b, c = one
    above = below = False
    for corner in other:
        if corner not in (a, b, c):
            volume = _orientation(points, a, b, c, corner)
            above |= volume > 0
            below |= volume < 0
    return not (above and below)


@njit(cache=True)
def _pierces(points: Points, one: Triangle, other: Triangle) -> bool:
    """Whether an edge of the first triangle passes strictly through the second."""
    a, b, c = other
    for p, q in ((one[0], one[1]), (one[1], one[2]), (one[2], one[0])):
        if p in (a, b, c) or q in (a, b, c):
            continue
        if _orientation(points, a, b, c, p) * _orientation(points, a, b, c, q) >= 0:
            continue
        side = _orientation(points, p, q, a, b)
        if side * _orientation(points, p, q, b, c) > 0 and side * _orientation(points, p, q, c, a) > 0:
            return True
    return False


@njit(cache=True)
def _orientation(points: Points, a: int, b: int, c: int, d: int) -> float:
    """Six times the signed volume of the tetrahedron."""
    ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
    wx, wy, wz = points[d, 0] - points[a, 0], points[d, 1] - points[a, 1], points[d, 2] - points[a, 2]
    return float(ux * (vy * wz - vz * wy) + uy * (vz * wx - vx * wz) + uz * (vx * wy - vy * wx))
