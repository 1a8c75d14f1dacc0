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


#: What is known of a side 3 f + k of a triangle, from its corner k to the next, lies together: the corner,
#: the side that runs back, and the edge that stands for it on a loop (-1 for none).
_FROM, _TWIN, _EDGE = range(3)
#: So does what is known of an edge of the loops, which are numbered as they are made and directed as in
#: the triangle beyond: the vertex it leaves and the third one of the walked triangle behind it, both in the
#: order met; its side of the triangle beyond; the edges before and after it on its loop; whether it is still
#: on one.
_ORIGIN, _OPPOSITE, _SIDE, _BEFORE, _AFTER, _IS_OPEN = range(6)


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
    sides = _sides(corners, vertex_count)
    return _walked(sides, vertex_count) if _is_manifold(sides, vertex_count) else None


@njit(cache=True)
def _after(side: int) -> int:
    """Next side of the same triangle."""
    return side + 1 if side % 3 < 2 else side - 2


@njit(cache=True, nogil=True)
def _sides(corners: Integers, vertex_count: int) -> Integers:
    """List the sides, (3 m, 3); the one that runs back is -1 where there is none or more than one."""
    starts = np.zeros(vertex_count + 1, np.int32)
    for vertex in corners.ravel():
        starts[vertex + 1] += 1
    starts = np.cumsum(starts).astype(np.int32)
    following = starts[:-1].copy()
    leaving, ends = np.empty(3 * len(corners), np.int32), np.empty(3 * len(corners), np.int32)
    for face in range(len(corners)):
        for k in range(3):
            place = following[corners[face, k]]
            following[corners[face, k]] += 1
            leaving[place], ends[place] = 3 * face + k, corners[face, (k + 1) % 3]
    sides = np.empty((3 * len(corners), 3), np.int32)
    for face in range(len(corners)):
        for k in range(3):
            start, end = corners[face, k], corners[face, (k + 1) % 3]
            twin, count = -1, 0
            for place in range(starts[end], starts[end + 1]):
                if ends[place] == start:
                    twin = leaving[place]
                    count += 1
            side = sides[3 * face + k]
            side[_FROM], side[_TWIN], side[_EDGE] = start, twin if count == 1 else -1, -1
    return sides


@njit(cache=True)
def _is_manifold(sides: Integers, vertex_count: int) -> bool:
    for side in range(len(sides)):
        if sides[side, _TWIN] < 0 or sides[sides[side, _TWIN], _TWIN] != side:
            return False
    fans = np.zeros(vertex_count, np.int32)
    is_seen = np.zeros(len(sides), np.bool_)
    for side in range(len(sides)):
        if not is_seen[side]:
            fans[sides[side, _FROM]] += 1
            at = side
            while not is_seen[at]:
                is_seen[at] = True
                at = _after(sides[at, _TWIN])
    return bool((fans == 1).all())


@njit(cache=True, nogil=True)
def _walked(sides: Integers, vertex_count: int) -> Walk:
    face_count = len(sides) // 3
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
    edges = np.empty((3 * face_count, 6), np.int32)
    is_met = np.zeros(face_count, np.bool_)
    gate = 0
    for face in range(face_count):
        if is_met[face]:
            continue
        is_met[face] = True
        _begin(sides, face, number, found, counts)
        _open_around(sides, edges, face, number, counts)
        while gate < counts[_EDGES]:
            if edges[gate, _IS_OPEN]:
                is_met[edges[gate, _SIDE] // 3] = True
                _step(sides, edges, gate, (number, found, counts))
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
def _begin(sides: Integers, face: int, number: Integers, found: Walk, counts: Integers) -> None:
    """Meet the first triangle of a piece."""
    found.starts[counts[_PIECES]] = counts[_VERTICES]
    counts[_PIECES] += 1
    for k in range(3):
        found.faces[counts[_FACES], k] = counts[_VERTICES]
        found.bases[counts[_VERTICES], 0] = counts[_VERTICES] - 1
        _meet(sides[3 * face + k, _FROM], number, found, counts)
    counts[_FACES] += 1


@njit(cache=True, inline="always")
def _meet(vertex: int, number: Integers, found: Walk, counts: Integers) -> None:
    number[vertex] = counts[_VERTICES]
    found.vertices[counts[_VERTICES]] = vertex
    counts[_VERTICES] += 1


@njit(cache=True)
def _open_around(sides: Integers, edges: Integers, face: int, number: Integers, counts: Integers) -> None:
    """Make the loop of a first triangle, which runs against it."""
    first = counts[_EDGES]
    for k in range(3):
        origin, opposite = sides[3 * face + (k + 1) % 3, _FROM], sides[3 * face + (k + 2) % 3, _FROM]
        ends = number[origin], number[opposite]
        _open(sides, edges, sides[3 * face + k, _TWIN], ends, counts)
    for k in range(3):
        _link(edges, first + (k + 1) % 3, first + k)


@njit(cache=True, inline="always")
def _open(sides: Integers, edges: Integers, side: int, ends: tuple[int, int], counts: Integers) -> int:
    number = counts[_EDGES]
    counts[_EDGES] += 1
    edge = edges[number]
    edge[_ORIGIN], edge[_OPPOSITE] = ends
    edge[_SIDE], edge[_IS_OPEN] = side, 1
    sides[side, _EDGE] = number
    return int(number)


@njit(cache=True, inline="always")
def _link(edges: Integers, edge: int, after: int) -> None:
    edges[edge, _AFTER], edges[after, _BEFORE] = after, edge


@njit(cache=True, inline="always")
def _step(sides: Integers, edges: Integers, gate: int, told: tuple[Integers, Walk, Integers]) -> None:
    """Meet the triangle a, b, c beyond a gate a -> b; what then lies beyond are a -> c and c -> b."""
    number, found, counts = told
    from_b = _after(edges[gate, _SIDE])
    from_c = _after(from_b)
    c = sides[from_c, _FROM]
    before, after = edges[gate, _BEFORE], edges[gate, _AFTER]
    a, b = edges[gate, _ORIGIN], edges[after, _ORIGIN]
    letter = _letter(sides[from_b, _EDGE], sides[from_c, _EDGE], number[c])
    if letter == NEW:
        base = found.bases[counts[_VERTICES]]
        base[0], base[1], base[2] = a, b, edges[gate, _OPPOSITE]
        _meet(c, number, found, counts)
    found.letters[counts[_LETTERS]] = letter
    counts[_LETTERS] += 1
    triangle = found.faces[counts[_FACES]]
    triangle[0], triangle[1], triangle[2] = a, b, number[c]
    counts[_FACES] += 1
    edges[gate, _IS_OPEN] = 0
    first = second = -1
    if letter in (BEFORE, BOTH):
        edges[before, _IS_OPEN] = 0
    else:
        first = _open(sides, edges, sides[from_c, _TWIN], (a, b), counts)
        _link(edges, before, first)
    if letter in (AFTER, BOTH):
        edges[after, _IS_OPEN] = 0
    else:
        second = _open(sides, edges, sides[from_b, _TWIN], (number[c], a), counts)
        _link(edges, second, after)
    if letter == NEW:
        _link(edges, first, second)
    elif letter == BEFORE:
        _link(edges, edges[before, _BEFORE], second)
    elif letter == AFTER:
        _link(edges, first, edges[after, _AFTER])
    elif letter == ELSEWHERE:
        leaving = _leaving(sides, from_c)
        found.leaps[counts[_LEAPS]] = leaving - gate
        counts[_LEAPS] += 1
        _link(edges, edges[leaving, _BEFORE], second)
        _link(edges, first, leaving)


@njit(cache=True, inline="always")
def _letter(edge_from_b: int, edge_from_c: int, number: int) -> int:
    """Say where the third vertex is by which sides stand on a loop already, and its place in the order."""
    if edge_from_c >= 0:
        return BOTH if edge_from_b >= 0 else BEFORE
    if edge_from_b >= 0:
        return AFTER
    return NEW if number < 0 else ELSEWHERE


@njit(cache=True, inline="always")
def _leaving(sides: Integers, from_c: int) -> int:
    """Turn about the vertex a side leaves until the side stands on a loop; give its edge."""
    side = _after(sides[from_c, _TWIN])
    while sides[side, _EDGE] < 0:
        side = _after(sides[side, _TWIN])
    return int(sides[side, _EDGE])
