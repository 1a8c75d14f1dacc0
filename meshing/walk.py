"""A walk over a closed surface, triangle by triangle, told in five letters.

Each triangle but the first lies across an edge of one walked before, its *gate*, as in the Edgebreaker
(Rossignac 1999). The edges between what is walked and what is not form loops; gates are taken by age. The
third vertex of the triangle beyond is new, or the gate's neighbour on its loop, or elsewhere on the loops,
which is said by the edge that leaves it. Whether that splits a loop or joins two need not be told.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Faces = npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int32]
Letters = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

#: Where the third vertex is: new; the one before the gate on its loop; the one after it; both, as the loop
#: has but three edges; elsewhere.
NEW, BEFORE, AFTER, BOTH, ELSEWHERE = range(5)

_EDGES, _FACES, _VERTICES, _LETTERS, _LEAPS, _PIECES = range(6)


class Walk(NamedTuple):
    """How a surface is walked.

    Attributes:
        letters: one for each triangle but the first of each piece.
        leaps: for each `ELSEWHERE`, by how much the edge that leaves the vertex is younger than the gate.
        vertices: (n,) in the order met.
        faces: (m, 3) in the order met, counting vertices in theirs; the gate's ends come first.
        bases: (n, 3) start and end of the gate each vertex was met across, and the corner opposite it, all in
            the order met. A piece's first three vertices have the vertex before them and -1, -1.
        starts: each piece's first vertex in the order met.
    """

    letters: Letters
    leaps: Integers
    vertices: Integers
    faces: Integers
    bases: Integers
    starts: Integers


class _Front(NamedTuple):
    """The edges of the loops, numbered as they are made, directed as in the triangle beyond.

    Attributes:
        origins: the vertex each leaves, in the order met.
        opposites: third vertex of the walked triangle behind it.
        sides: which side of which triangle it is, 3 f + k.
        befores: the edge before it on its loop.
        afters: the edge after it.
        is_open: whether it is on a loop still.
        made: by side, the edge that stands for it; -1 for none.
    """

    origins: Integers
    opposites: Integers
    sides: Integers
    befores: Integers
    afters: Integers
    is_open: Flags
    made: Integers


class _Mesh(NamedTuple):
    """Triangles, and for each side 3 f + k, from corner k to the next, the side that runs back."""

    corners: Integers
    twins: Integers


def walk(faces: Faces, vertex_count: int) -> Walk | None:
    """Walk over a surface.

    Args:
        faces: (m, 3).
        vertex_count: n.

    Returns:
        None where the surface is no closed, oriented 2-manifold that uses all its vertices: every side of a
        triangle has one that runs back, the triangles around a vertex form one fan.
    """
    corners = np.ascontiguousarray(faces, np.int32)
    if not len(corners):
        return None
    mesh = _Mesh(corners, _twins(corners, vertex_count))
    return _walked(mesh, vertex_count) if _is_manifold(mesh, vertex_count) else None


@njit(cache=True)
def _after(side: int) -> int:
    """Next side of the same triangle."""
    return side + 1 if side % 3 < 2 else side - 2


@njit(cache=True)
def _origin(corners: Integers, side: int) -> int:
    return int(corners[side // 3, side % 3])


@njit(cache=True)
def _twins(corners: Integers, vertex_count: int) -> Integers:
    """Find the sides that run back; -1 where there is none or more than one."""
    starts = np.zeros(vertex_count + 1, np.int32)
    for vertex in corners.ravel():
        starts[vertex + 1] += 1
    starts = np.cumsum(starts).astype(np.int32)
    following = starts[:-1].copy()
    leaving = np.empty(3 * len(corners), np.int32)
    for side in range(3 * len(corners)):
        origin = _origin(corners, side)
        leaving[following[origin]] = side
        following[origin] += 1
    twins = np.full(3 * len(corners), -1, np.int32)
    for side in range(3 * len(corners)):
        start, end = _origin(corners, side), _origin(corners, _after(side))
        count = 0
        for k in range(starts[end], starts[end + 1]):
            if _origin(corners, _after(leaving[k])) == start:
                twins[side] = leaving[k]
                count += 1
        if count != 1:
            twins[side] = -1
    return twins


@njit(cache=True)
def _is_manifold(mesh: _Mesh, vertex_count: int) -> bool:
    corners, twins = mesh
    for side in range(len(twins)):
        if twins[side] < 0 or twins[twins[side]] != side:
            return False
    fans = np.zeros(vertex_count, np.int32)
    is_seen = np.zeros(len(twins), np.bool_)
    for side in range(len(twins)):
        if not is_seen[side]:
            fans[_origin(corners, side)] += 1
            at = side
            while not is_seen[at]:
                is_seen[at] = True
                at = _after(twins[at])
    return bool((fans == 1).all())


@njit(cache=True)
def _walked(mesh: _Mesh, vertex_count: int) -> Walk:
    face_count = len(mesh.corners)
    number = np.full(vertex_count, -1, np.int32)  # of each vertex in the order met
    counts = np.zeros(6, np.int32)
    found = Walk(
        np.empty(face_count, np.uint8),
        np.empty(face_count, np.int32),
        np.empty(vertex_count, np.int32),
        np.empty((face_count, 3), np.int32),
        np.full((vertex_count, 3), -1, np.int32),
        np.empty(face_count, np.int32),
    )
    front = _front(face_count)
    is_met = np.zeros(face_count, np.bool_)
    gate = 0
    for face in range(face_count):
        if is_met[face]:
            continue
        is_met[face] = True
        _begin(mesh, face, number, found, counts)
        _open_around(mesh, face, number, front, counts)
        while gate < counts[_EDGES]:
            if front.is_open[gate]:
                is_met[front.sides[gate] // 3] = True
                _step(mesh, gate, number, found, front, counts)
            gate += 1
    return Walk(
        found.letters[: counts[_LETTERS]].copy(),
        found.leaps[: counts[_LEAPS]].copy(),
        found.vertices,
        found.faces,
        found.bases,
        found.starts[: counts[_PIECES]].copy(),
    )


@njit(cache=True)
def _front(face_count: int) -> _Front:
    most = 3 * face_count
    return _Front(
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.zeros(most, np.bool_),
        np.full(most, -1, np.int32),
    )


@njit(cache=True)
def _begin(mesh: _Mesh, face: int, number: Integers, found: Walk, counts: Integers) -> None:
    """Meet the first triangle of a piece."""
    found.starts[counts[_PIECES]] = counts[_VERTICES]
    counts[_PIECES] += 1
    for k in range(3):
        found.faces[counts[_FACES], k] = counts[_VERTICES]
        found.bases[counts[_VERTICES], 0] = counts[_VERTICES] - 1
        _meet(mesh.corners[face, k], number, found, counts)
    counts[_FACES] += 1


@njit(cache=True)
def _meet(vertex: int, number: Integers, found: Walk, counts: Integers) -> None:
    number[vertex] = counts[_VERTICES]
    found.vertices[counts[_VERTICES]] = vertex
    counts[_VERTICES] += 1


@njit(cache=True)
def _open_around(mesh: _Mesh, face: int, number: Integers, front: _Front, counts: Integers) -> None:
    """Make the loop of a first triangle, which runs against it."""
    first = counts[_EDGES]
    for k in range(3):
        origin, opposite = mesh.corners[face, (k + 1) % 3], mesh.corners[face, (k + 2) % 3]
        _open(mesh.twins[3 * face + k], number[origin], number[opposite], front, counts)
    for k in range(3):
        _link(front, first + (k + 1) % 3, first + k)


@njit(cache=True)
def _open(side: int, origin: int, opposite: int, front: _Front, counts: Integers) -> int:
    edge = counts[_EDGES]
    counts[_EDGES] += 1
    front.origins[edge], front.opposites[edge], front.sides[edge] = origin, opposite, side
    front.is_open[edge] = True
    front.made[side] = edge
    return int(edge)


@njit(cache=True)
def _link(front: _Front, edge: int, after: int) -> None:
    front.afters[edge], front.befores[after] = after, edge


@njit(cache=True)
def _step(mesh: _Mesh, gate: int, number: Integers, found: Walk, front: _Front, counts: Integers) -> None:
    """Meet the triangle a, b, c beyond a gate a -> b; what then lies beyond are a -> c and c -> b."""
    side = front.sides[gate]
    from_b, from_c = _after(side), _after(_after(side))
    c = _origin(mesh.corners, from_c)
    before, after = front.befores[gate], front.afters[gate]
    a, b = front.origins[gate], front.origins[after]
    letter = _letter(front, number, from_b, from_c, c)
    if letter == NEW:
        base = found.bases[counts[_VERTICES]]
        base[0], base[1], base[2] = a, b, front.opposites[gate]
        _meet(c, number, found, counts)
    found.letters[counts[_LETTERS]] = letter
    counts[_LETTERS] += 1
    triangle = found.faces[counts[_FACES]]
    triangle[0], triangle[1], triangle[2] = a, b, number[c]
    counts[_FACES] += 1
    front.is_open[gate] = False
    first = second = -1
    if letter in (BEFORE, BOTH):
        front.is_open[before] = False
    else:
        first = _open(mesh.twins[from_c], a, b, front, counts)
        _link(front, before, first)
    if letter in (AFTER, BOTH):
        front.is_open[after] = False
    else:
        second = _open(mesh.twins[from_b], number[c], a, front, counts)
        _link(front, second, after)
    if letter == NEW:
        _link(front, first, second)
    elif letter == BEFORE:
        _link(front, front.befores[before], second)
    elif letter == AFTER:
        _link(front, first, front.afters[after])
    elif letter == ELSEWHERE:
        leaving = _leaving(mesh, front, from_c)
        found.leaps[counts[_LEAPS]] = leaving - gate
        counts[_LEAPS] += 1
        _link(front, front.befores[leaving], second)
        _link(front, first, leaving)


@njit(cache=True)
def _letter(front: _Front, number: Integers, from_b: int, from_c: int, c: int) -> int:
    is_before, is_after = front.made[from_c] >= 0, front.made[from_b] >= 0
    if is_before:
        return BOTH if is_after else BEFORE
    if is_after:
        return AFTER
    return NEW if number[c] < 0 else ELSEWHERE


@njit(cache=True)
def _leaving(mesh: _Mesh, front: _Front, from_c: int) -> int:
    """Turn about the vertex a side leaves until the side stands on a loop; give its edge."""
    side = _after(mesh.twins[from_c])
    while front.made[side] < 0:
        side = _after(mesh.twins[side])
    return int(front.made[side])
