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
Triangle = tuple[int, int, int]

#: A cell of the search grid is this many times the mean extent of a triangle wide.
_CELL = 2.5
#: More cells cost more to walk than they save: fragments far apart leave nearly all of them empty.
_MOST_CELLS = 2**20


class _Search(NamedTuple):
    """What is known before pairs are looked for.

    Attributes:
        boxes: (m, 6) lowest and highest corner of each triangle.
        lowest: (m, 3) the first cell each reaches.
        shape: (3,) cells along each axis.
        wanted: (m,) of each pair one is among these.
        is_open: (n,) vertices whose own triangles can't cross, see `open_fans`.
    """

    boxes: Points
    lowest: Integers
    shape: Integers
    wanted: Flags
    is_open: Flags


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
    wanted = np.ones(len(faces), np.bool_) if among is None else among
    boxes = _boxes(points, faces)
    spread = float((boxes[:, 3:] - boxes[:, :3]).mean())
    first, last = bounds(boxes.reshape(-1, 3))
    extent = last - first
    cell = max(_CELL * spread, float(np.cbrt(np.prod(extent + spread) / _MOST_CELLS)))
    shape = (extent / cell).astype(np.int64) + 1
    reached = ((boxes.reshape(-1, 2, 3) - first) / cell).astype(np.int64)
    lowest, highest = np.ascontiguousarray(reached[:, 0]), np.ascontiguousarray(reached[:, 1])
    search = _Search(boxes, lowest, shape, wanted, open_fans(points, faces))
    pairs: Integers = _found(points, faces, search, _binned(lowest, highest, shape))
    return pairs


def self_intersection_count(points: Points, faces: Faces) -> int:
    """Count the pairs of `crossing_pairs`; none for no faces."""
    return len(crossing_pairs(points, faces))


@njit(cache=True)
def _binned(lowest: Integers, highest: Integers, shape: Integers) -> tuple[Integers, Integers]:
    """List for each cell the triangles whose boxes reach into it: members[starts[cell]:starts[cell + 1]]."""
    counts = np.zeros(shape[0] * shape[1] * shape[2] + 1, np.int64)
    nowhere = np.zeros(0, np.int64)
    for f in range(len(lowest)):
        _enter(counts[1:], nowhere, (lowest[f], highest[f], shape), f)
    starts = np.cumsum(counts)
    following = starts[:-1].copy()
    members = np.empty(starts[-1], np.int64)
    for f in range(len(lowest)):
        _enter(following, members, (lowest[f], highest[f], shape), f)
    return starts, members


@njit(cache=True)
def _enter(
    following: Integers, members: Integers, box: tuple[Integers, Integers, Integers], number: int
) -> None:
    """Count a triangle in each cell of its box; put its number there if there are places for numbers."""
    low, high, shape = box
    for x in range(low[0], high[0] + 1):
        for y in range(low[1], high[1] + 1):
            for cell in range(
                (x * shape[1] + y) * shape[2] + low[2], (x * shape[1] + y) * shape[2] + high[2] + 1
            ):
                if len(members):
                    members[following[cell]] = number
                following[cell] += 1


@njit(cache=True)
def _found(points: Points, faces: Faces, search: _Search, cells: tuple[Integers, Integers]) -> Integers:
    starts, members = cells
    pairs = np.empty((64, 2), np.int64)
    most = np.diff(starts).max()
    near = np.empty((most, 6)), np.empty((most, 3), np.int32), np.empty(most, np.bool_)
    boxes, corners, has_closed = near
    count = 0
    for cell in range(len(starts) - 1):
        first, size = starts[cell], starts[cell + 1] - starts[cell]
        if size > 1:
            _gather(faces, search, members[first : first + size], near)
        for i in range(1, size):
            for j in range(i):
                # nearly all whose boxes meet are neighbours
                if _boxes_meet(boxes, i, j) and _may_cross(_common(corners, i, j), has_closed[i]):
                    one, other = members[first + i], members[first + j]
                    if _is_wanted(faces, search, one, other, cell) and _cross(points, faces, one, other):
                        pairs = _with_room(pairs, count)
                        pairs[count, 0], pairs[count, 1] = one, other
                        count += 1
    return pairs[:count].copy()


@njit(cache=True)
def _gather(
    faces: Faces,
    search: _Search,
    members: Integers,
    near: tuple[Points, npt.NDArray[np.int32], Flags],
) -> None:
    """Copy what pairs are first looked at for: what lies together is read much faster."""
    boxes, corners, has_closed = near
    for i in range(len(members)):
        face = members[i]
        for side in range(6):
            boxes[i, side] = search.boxes[face, side]
        has_closed[i] = False
        for corner in range(3):
            corners[i, corner] = faces[face, corner]
            has_closed[i] |= not search.is_open[faces[face, corner]]


@njit(cache=True)
def _common(corners: npt.NDArray[np.int32], one: int, other: int) -> int:
    """Count the vertices that two triangles share; all nine comparisons at once, see `_boxes_meet`."""
    a, b, c = corners[one, 0], corners[one, 1], corners[one, 2]
    p, q, r = corners[other, 0], corners[other, 1], corners[other, 2]
    return int(
        (a == p) + (a == q) + (a == r) + (b == p) + (b == q) + (b == r) + (c == p) + (c == q) + (c == r)
    )


@njit(cache=True)
def _may_cross(common: int, has_closed: bool) -> bool:  # noqa: FBT001 - compiled code takes no keywords
    """Whether triangles that share vertices can cross: by one that is not open alone."""
    return common == 0 or (common == 1 and has_closed)


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
def _boxes(points: Points, faces: Faces) -> Points:
    """Lowest and highest corner of each triangle, (m, 6)."""
    boxes = np.empty((len(faces), 6))
    for f in range(len(faces)):
        for axis in range(3):
            a, b, c = points[faces[f, 0], axis], points[faces[f, 1], axis], points[faces[f, 2], axis]
            boxes[f, axis], boxes[f, axis + 3] = min(a, b, c), max(a, b, c)
    return boxes


@njit(cache=True)
def _boxes_meet(boxes: Points, one: int, other: int) -> bool:
    # all six at once: which one fails can't be foreseen, and a wrong guess of the processor costs more
    return bool(
        (boxes[one, 0] <= boxes[other, 3])
        & (boxes[other, 0] <= boxes[one, 3])
        & (boxes[one, 1] <= boxes[other, 4])
        & (boxes[other, 1] <= boxes[one, 4])
        & (boxes[one, 2] <= boxes[other, 5])
        & (boxes[other, 2] <= boxes[one, 5])
    )


@njit(cache=True)
def _first_common(lowest: Integers, shape: Integers, one: int, other: int) -> int:
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
