"""Edge collapses that can't change topology: quadric error decides which, the link condition whether at all.

Garland & Heckbert 1997 for the error; Dey et al. 1999 for the condition: an edge of a closed surface may be
collapsed if its ends have no common neighbours but the two opposite it. Collapses are done in passes; those
of a pass don't touch each other's neighbourhoods, so that what one was tested against still holds.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.rings import Rings, rings_of

Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Place = tuple[float, float, float]

#: A triangle may turn by at most 60 degrees in a collapse.
_LEAST_COSINE = 0.5
_MOST_PASSES = 100
#: Share of the edges, cheapest first, that a pass may try: dearer ones wait until the cheap ones are gone.
_TRIED = 0.4


def collapsed(
    points: Points, faces: Faces, face_count: int, frozen: Flags | None = None
) -> tuple[Points, Faces]:
    """Collapse edges of a closed surface until it has no more than a number of triangles, if that can be.

    Args:
        points: (n, 3), each used by a face.
        faces: (m, 3), every edge in two faces.
        face_count: to reach; fewer passes are left undone only where every collapse would change topology or
            turn a triangle.
        frozen: (n,) bool, vertices that stay, with all around them. None lets all go.

    Returns:
        New points and faces, closed and with the same Euler number.
    """
    places, corners = points.copy(), faces.astype(np.int64)
    quadrics = _quadrics(places, corners)
    still = np.zeros(len(points), np.bool_) if frozen is None else frozen
    for _ in range(_MOST_PASSES):
        if len(corners) <= face_count:
            break
        rings = rings_of(corners, len(places))
        edges = _edges(corners)
        targets, costs = _targets(places, quadrics, edges)
        order = np.argsort(costs, kind="stable")[: max(1, int(_TRIED * len(costs)))]
        is_left = _collapse(
            places, quadrics, corners, rings, (edges[order], targets[order], face_count, still)
        )
        if is_left.all():
            break
        corners = corners[is_left]
    used, numbered = np.unique(corners, return_inverse=True)
    return places[used], numbered.reshape(-1, 3).astype(np.uint32)


def _edges(corners: Integers) -> Integers:
    """List each edge once, (e, 2): on a closed oriented surface it runs upwards in one of its two faces."""
    a, b, c = corners.T
    sides = np.stack([np.r_[a, b, c], np.r_[b, c, a]], axis=1)
    return sides[sides[:, 0] < sides[:, 1]]


@njit(cache=True)
def _quadrics(points: Points, corners: Integers) -> Points:
    """Sum the squared distances to the planes around each vertex, by area: (n, 10), row by row."""
    quadrics = np.zeros((len(points), 10))
    plane = np.empty(4)
    for f in range(len(corners)):
        a = points[corners[f, 0]]
        normal = np.cross(points[corners[f, 1]] - a, points[corners[f, 2]] - a)
        length = np.sqrt((normal**2).sum())
        if length == 0:
            continue
        plane[:3] = normal / length
        plane[3] = -(plane[:3] * a).sum()
        for corner in range(3):
            k = 0
            for i in range(4):
                for j in range(i, 4):
                    quadrics[corners[f, corner], k] += length * plane[i] * plane[j]
                    k += 1
    return quadrics


@njit(cache=True)
def _targets(points: Points, quadrics: Points, edges: Integers) -> tuple[Points, Points]:
    """Where each edge would collapse to, and the error there: the best place, or an end, or the middle."""
    targets, costs = np.empty((len(edges), 3)), np.empty(len(edges))
    quadric = np.empty(10)
    for e in range(len(edges)):
        one, other = edges[e]
        quadric[:] = quadrics[one] + quadrics[other]
        a = points[one, 0], points[one, 1], points[one, 2]
        b = points[other, 0], points[other, 1], points[other, 2]
        middle = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2
        length = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2
        costs[e] = np.inf
        for place in (a, b, middle, _best(quadric, middle, length)):
            cost = _error(quadric, place)
            if cost < costs[e]:
                costs[e] = cost
                targets[e, 0], targets[e, 1], targets[e, 2] = place
        # between equal errors, as on a plane, short edges go first
        costs[e] += 1e-9 * length
    return targets, costs


@njit(cache=True)
def _error(q: Points, place: Place) -> float:
    x, y, z = place
    along_x = q[0] * x * x + 2 * (q[1] * y + q[2] * z + q[3]) * x
    along_y = q[4] * y * y + 2 * (q[5] * z + q[6]) * y
    return float(along_x + along_y + q[7] * z * z + 2 * q[8] * z + q[9])


@njit(cache=True)
def _best(q: Points, middle: Place, length: float) -> Place:
    """Place of least error; the middle where that is not determined or farther off than the edge is long."""
    minors = (q[4] * q[7] - q[5] * q[5], q[2] * q[5] - q[1] * q[7], q[1] * q[5] - q[2] * q[4])
    determinant = q[0] * minors[0] + q[1] * minors[1] + q[2] * minors[2]
    if determinant <= 1e-6 * (q[0] + q[4] + q[7]) ** 3:
        return middle
    a, b, c = -q[3] / determinant, -q[6] / determinant, -q[8] / determinant
    mixed = q[1] * q[2] - q[0] * q[5]
    x = a * minors[0] + b * minors[1] + c * minors[2]
    y = a * minors[1] + b * (q[0] * q[7] - q[2] * q[2]) + c * mixed
    z = a * minors[2] + b * mixed + c * (q[0] * q[4] - q[1] * q[1])
    distance = (x - middle[0]) ** 2 + (y - middle[1]) ** 2 + (z - middle[2]) ** 2
    return (x, y, z) if distance <= length else middle


@njit(cache=True)
def _collapse(
    points: Points,
    quadrics: Points,
    corners: Integers,
    rings: Rings,
    wanted: tuple[Integers, Points, int, Flags],
) -> Flags:
    """Do one pass of collapses in the order given; say which faces are left."""
    edges, targets, face_count, frozen = wanted
    is_left = np.ones(len(corners), np.bool_)
    is_touched = frozen.copy()
    seen = np.full(len(points), -1, np.int64)
    left = len(corners)
    for e in range(len(edges)):
        if left <= face_count:
            break
        keep, drop = edges[e]
        if _is_near_touched(corners, rings, is_touched, keep) or _is_near_touched(
            corners, rings, is_touched, drop
        ):
            continue
        if not _may_link(corners, rings, seen, (e, keep, drop)):
            continue
        if _turns(points, corners, rings, (keep, drop), targets[e]) or _turns(
            points, corners, rings, (drop, keep), targets[e]
        ):
            continue
        points[keep] = targets[e]
        quadrics[keep] += quadrics[drop]
        left -= _merge(corners, rings, (keep, drop), is_left, is_touched)
    return is_left


@njit(cache=True)
def _is_near_touched(corners: Integers, rings: Rings, is_touched: Flags, vertex: int) -> bool:
    for k in range(rings.starts[vertex], rings.starts[vertex + 1]):
        for other in corners[rings.faces[k]]:
            if is_touched[other]:
                return True
    return False


@njit(cache=True)
def _may_link(corners: Integers, rings: Rings, seen: Integers, edge: tuple[int, int, int]) -> bool:
    """Whether the ends have just the two opposite vertices in common, and are no tetrahedron's."""
    stamp, keep, drop = edge
    valences = rings.starts[keep + 1] - rings.starts[keep] + rings.starts[drop + 1] - rings.starts[drop]
    if valences <= 6:
        return False
    for k in range(rings.starts[keep], rings.starts[keep + 1]):
        for vertex in corners[rings.faces[k]]:
            seen[vertex] = 2 * stamp
    common = 0
    for k in range(rings.starts[drop], rings.starts[drop + 1]):
        for vertex in corners[rings.faces[k]]:
            if vertex not in (keep, drop) and seen[vertex] == 2 * stamp:
                seen[vertex] = 2 * stamp + 1
                common += 1
    return common == 2


@njit(cache=True)
def _turns(points: Points, corners: Integers, rings: Rings, ends: tuple[int, int], target: Points) -> bool:
    """Whether moving one end to the target would turn or flatten a face that the collapse keeps."""
    moving, other = ends
    for k in range(rings.starts[moving], rings.starts[moving + 1]):
        a, b, c = corners[rings.faces[k]]
        if other in (a, b, c):
            continue
        # turned round so that the moving corner comes first: orientation is kept
        if b == moving:
            a, b, c = b, c, a
        elif c == moving:
            a, b, c = c, a, b
        before = _normal(points[a], points[b], points[c])
        after = _normal(target, points[b], points[c])
        squares = _dot(before, before) * _dot(after, after)
        if _dot(before, after) <= _LEAST_COSINE * squares**0.5:
            return True
    return False


@njit(cache=True)
def _normal(a: Points, b: Points, c: Points) -> Place:
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx


@njit(cache=True)
def _dot(a: Place, b: Place) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@njit(cache=True)
def _merge(corners: Integers, rings: Rings, ends: tuple[int, int], is_left: Flags, is_touched: Flags) -> int:
    """Give the faces of one end to the other, without the two between them; say how many those were."""
    keep, drop = ends
    gone = 0
    is_touched[keep] = True
    for k in range(rings.starts[keep], rings.starts[keep + 1]):
        for vertex in corners[rings.faces[k]]:
            is_touched[vertex] = True
    for k in range(rings.starts[drop], rings.starts[drop + 1]):
        face = rings.faces[k]
        if keep in (corners[face, 0], corners[face, 1], corners[face, 2]):
            is_left[face] = False
            gone += 1
        for corner in range(3):
            is_touched[corners[face, corner]] = True
            if corners[face, corner] == drop:
                corners[face, corner] = keep
    return gone
