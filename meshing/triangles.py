"""What triangles enclose and which way they face: compiled loops over bare arrays."""

import numpy as np
import numpy.typing as npt
from numba import njit

Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]


@njit(cache=True)
def _cross(points: Points, a: int, b: int, c: int) -> tuple[float, float, float]:
    """Twice the area vector of the triangle a, b, c."""
    ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx


@njit(cache=True)
def sixfold_volumes(points: Points, faces: Faces) -> Points:
    """Six times the volume of the tetrahedron of each triangle with the origin, (m,).

    Their sum is six times the mesh's volume, and an integer for integer corners: exact until it is divided.
    """
    volumes = np.empty(len(faces))
    for f in range(len(faces)):
        a = faces[f, 0]
        x, y, z = _cross(points, a, faces[f, 1], faces[f, 2])
        volumes[f] = points[a, 0] * x + points[a, 1] * y + points[a, 2] * z
    return volumes


@njit(cache=True)
def areas(points: Points, faces: Faces) -> Points:
    """Area of each triangle, (m,)."""
    result = np.empty(len(faces))
    for f in range(len(faces)):
        x, y, z = _cross(points, faces[f, 0], faces[f, 1], faces[f, 2])
        result[f] = (x * x + y * y + z * z) ** 0.5 / 2
    return result


@njit(cache=True)
def bounds(points: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Lowest and highest coordinate along each axis, (2, 3); numpy's own is slow on narrow arrays."""
    found = np.empty((2, 3), points.dtype)
    found[0] = found[1] = points[0]
    for n in range(len(points)):
        for axis in range(3):
            found[0, axis] = min(found[0, axis], points[n, axis])
            found[1, axis] = max(found[1, axis], points[n, axis])
    return found


@njit(cache=True)
def mapped(points: npt.NDArray[np.generic], linear: Points, shift: Points) -> Points:
    """Map points by a (3, 3) matrix and a shift, (n, 3) float64; a matrix product would start threads."""
    found = np.empty((len(points), 3))
    for n in range(len(points)):
        x, y, z = np.float64(points[n, 0]), np.float64(points[n, 1]), np.float64(points[n, 2])
        for axis in range(3):
            found[n, axis] = linear[axis, 0] * x + linear[axis, 1] * y + linear[axis, 2] * z + shift[axis]
    return found


@njit(cache=True)
def vertex_normals(points: Points, faces: Faces) -> Points:
    """Unit normals of the vertices, (n, 3), each triangle weighing with its area.

    A vertex whose triangles cancel out (or that has none) gets (0, 0, 1), so that every normal has length 1.
    """
    normals = np.zeros((len(points), 3))
    for f in range(len(faces)):
        x, y, z = _cross(points, faces[f, 0], faces[f, 1], faces[f, 2])
        for corner in range(3):
            normals[faces[f, corner], 0] += x
            normals[faces[f, corner], 1] += y
            normals[faces[f, corner], 2] += z
    for n in range(len(normals)):
        length = (normals[n, 0] ** 2 + normals[n, 1] ** 2 + normals[n, 2] ** 2) ** 0.5
        if length > 0:
            normals[n] /= length
        else:
            normals[n, 2] = 1
    return normals


@njit(cache=True)
def piece_numbers(faces: Faces, vertex_count: int) -> Numbers:
    """Number the pieces that triangles hold together from 0 by their first vertex, (n,)."""
    parents = np.arange(vertex_count)
    for f in range(len(faces)):
        one = _root(parents, faces[f, 0])
        for corner in range(1, 3):
            other = _root(parents, faces[f, corner])
            parents[max(one, other)] = min(one, other)
            one = min(one, other)
    numbers = np.empty(vertex_count, np.int64)
    count = 0
    for vertex in range(vertex_count):
        root = _root(parents, vertex)
        if root == vertex:
            numbers[vertex] = count
            count += 1
        else:
            numbers[vertex] = numbers[root]
    return numbers


@njit(cache=True)
def _root(parents: Numbers, vertex: int) -> int:
    while parents[vertex] != vertex:
        parents[vertex] = parents[parents[vertex]]
        vertex = parents[vertex]
    return vertex
