"""Which vertices have their triangles spread around them like an open fan: those can't cross one another."""

import numpy as np
import numpy.typing as npt
from numba import njit

Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]
Vector = tuple[float, float, float]

#: Triangles seen more edge-on than this are not relied upon: squared cosine with the vertex normal.
_LEAST_SQUARED_COSINE = 1e-12


@njit(cache=True, nogil=True)
def open_fans(points: Points, faces: Faces) -> Flags:
    """Say for each vertex whether its triangles, seen along its normal, lie side by side.

    That holds if all of them face the eye and just one of them covers one direction: then they go round
    once, each in a sector of its own. On a surface that is smooth at all it holds nearly everywhere.

    Args:
        points: (n, 3).
        faces: (m, 3); where they don't close around a vertex it is not said to hold.

    Returns:
        (n,) bool; false may also mean that it is too close to call.
    """
    normals = np.zeros((len(points), 3))
    for f in range(len(faces)):
        x, y, z = _twice_area(points, faces[f])
        for vertex in faces[f]:
            normals[vertex, 0] += x
            normals[vertex, 1] += y
            normals[vertex, 2] += z
    is_facing = np.ones(len(points), np.bool_)
    covering = np.zeros(len(points), np.int64)
    entered = np.zeros(len(points), np.uint64)  # around a closed fan each neighbour is entered and left
    for f in range(len(faces)):
        area = _twice_area(points, faces[f])
        for corner in range(3):
            a, b, c = faces[f, corner], faces[f, (corner + 1) % 3], faces[f, (corner + 2) % 3]
            normal = normals[a, 0], normals[a, 1], normals[a, 2]
            entered[a] += _scrambled(b) - _scrambled(c)
            if not _faces(normal, area):
                is_facing[a] = False
            across = _across(normal)
            # from one side of the direction to the other, counter-clockwise
            if _along(points, a, b, across) <= 0 < _along(points, a, c, across):
                covering[a] += 1
    found: Flags = is_facing & (covering == 1) & (entered == 0)
    return found


@njit(cache=True)
def _twice_area(points: Points, face: npt.NDArray[np.uint32]) -> Vector:
    a, b, c = face[0], face[1], face[2]
    ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx


@njit(cache=True)
def _scrambled(vertex: int) -> np.uint64:
    """Return a number whose sums don't cancel by chance (the finalizer of SplitMix64)."""
    x = np.uint64(vertex) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True)
def _faces(normal: Vector, area: Vector) -> bool:
    along = normal[0] * area[0] + normal[1] * area[1] + normal[2] * area[2]
    squares = (normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2) * (
        area[0] ** 2 + area[1] ** 2 + area[2] ** 2
    )
    return along > 0 and along * along > _LEAST_SQUARED_COSINE * squares


@njit(cache=True)
def _across(normal: Vector) -> Vector:
    """Return a direction at right angles to a normal and to the axis that it leans least towards."""
    x, y, z = normal
    if abs(x) <= abs(y) and abs(x) <= abs(z):
        return 0.0, z, -y
    return (-z, 0.0, x) if abs(y) <= abs(z) else (y, -x, 0.0)


@njit(cache=True)
def _along(points: Points, start: int, end: int, direction: Vector) -> float:
    x, y, z = direction
    return float(
        (points[end, 0] - points[start, 0]) * x
        + (points[end, 1] - points[start, 1]) * y
        + (points[end, 2] - points[start, 2]) * z
    )
