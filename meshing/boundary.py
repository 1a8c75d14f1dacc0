"""The boundary of a mask as a closed surface: every exposed face once, contacts resolved, no exception.

Where voxels meet only along an edge or at a corner, the bare set of exposed faces is no surface: four faces
share an edge, or two cones share a tip. Here inside is connected across edges and corners and outside
across faces alone, (26, 6), and the surface is built to say exactly that:

* faces at an edge between two diagonal voxels are paired around the *outside* voxels, and the edge gets two
  midpoints, one a side, drawn apart: a neck;
* the faces around a lattice corner fall into cycles (fans), and each fan has a vertex of its own, drawn a
  little into the outside it looks at where there are several;
* where two voxels meet at a corner alone, the corner is cut off both and a tube of six triangles put between.

The result is a closed, oriented 2-manifold for every mask: one outer piece a 26-connected component, one
inner piece a 6-connected cavity, Euler number twice that of the (26, 6) mask. Nothing is measured or solved
to get there.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.corners import Corners, Ways, corner_table, way_table

Mask = npt.NDArray[np.bool_]
Voxels = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.uint32]
Indices = npt.NDArray[np.int32]

#: How far, in voxels and along each axis, a cut corner's vertices and a neck's midpoints lie from the
#: contact.
CUT_VOXELS = 0.25
NECK_VOXELS = 0.175
#: Share of the way to its neighbours' mean that a fan's vertex is moved where several share a corner.
PARTED = 0.2


class Boundary(NamedTuple):
    """A closed surface and the sides of the polygons it was cut from.

    Attributes:
        points: (n, 3) float64 in voxel indices; voxel (0, 0, 0) spans -0.5 to 0.5.
        faces: (m, 3) uint32, outward on right-handed axes.
        starts: (n + 1,) int32; vertex i's neighbours are `neighbours[starts[i]:starts[i + 1]]`.
        neighbours: int32, along the sides of the polygons; the diagonals that cut them into triangles
            do not count.
    """

    points: Points
    faces: Faces
    starts: Indices
    neighbours: Indices


class _Lattice(NamedTuple):
    """The corners of the lattice: their codes, first vertices, and the list of those on the boundary."""

    codes: Voxels
    firsts: Indices
    active: Indices


def boundary(mask: Mask) -> Boundary:
    """Build the boundary of a mask.

    Args:
        mask: (x, y, z) bool. Beyond the array is outside. An empty one gives a boundary without points.
    """
    inside = np.pad(mask, 1).view(np.uint8)
    corners = corner_table()
    lattice, vertex_count, face_count = _number(inside, corners.vertices, corners.faces)
    points = _place(lattice, corners, vertex_count)
    faces, sides = _emit(lattice, corners, way_table(), face_count)
    starts, neighbours = _grouped(sides, vertex_count)
    _part(points, lattice, corners.cycles, starts, neighbours)
    return Boundary(points, faces, starts, neighbours)


@njit(cache=True)
def _number(
    inside: Voxels, vertices: npt.NDArray[np.int64], faces: npt.NDArray[np.int64]
) -> tuple[_Lattice, int, int]:
    """Code every corner and number the vertices; count the exposed faces."""
    nx, ny, nz = inside.shape[0] - 1, inside.shape[1] - 1, inside.shape[2] - 1
    codes = np.empty((nx, ny, nz), np.uint8)
    firsts = np.empty((nx, ny, nz), np.int32)
    active = np.empty((nx * ny * nz, 3), np.int32)
    active_count = vertex_count = face_count = 0
    for x in range(nx):
        for y in range(ny):
            below = _column(inside, x, y, 0)
            for z in range(nz):
                above = _column(inside, x, y, z + 1)
                code = below | above << 1
                below = above
                codes[x, y, z] = code
                firsts[x, y, z] = vertex_count
                if code not in (0, 255):
                    active[active_count, 0], active[active_count, 1], active[active_count, 2] = x, y, z
                    active_count += 1
                    vertex_count += vertices[code]
                    face_count += faces[code]
    return _Lattice(codes, firsts, active[:active_count].copy()), vertex_count, face_count


@njit(cache=True)
def _column(inside: Voxels, x: int, y: int, z: int) -> int:
    """Bits of the four voxels around a corner at one height."""
    bits: int = (
        inside[x, y, z] | inside[x, y + 1, z] << 2 | inside[x + 1, y, z] << 4 | inside[x + 1, y + 1, z] << 6
    )
    return bits


@njit(cache=True)
def _place(lattice: _Lattice, corners: Corners, vertex_count: int) -> Points:
    """Put each vertex on its corner, which the padding moves by one voxel; contacts are drawn apart."""
    points = np.empty((vertex_count, 3))
    for x, y, z in lattice.active:
        code, first = lattice.codes[x, y, z], lattice.firsts[x, y, z]
        for vertex in range(first, first + corners.vertices[code]):
            points[vertex, 0], points[vertex, 1], points[vertex, 2] = x - 0.5, y - 0.5, z - 0.5
        if corners.cut[code, 0] >= 0:
            for owner in range(2):
                for axis in range(3):
                    side = corners.cut[code, owner] >> (2 - axis) & 1
                    points[first + 3 * owner + axis, axis] += CUT_VOXELS * (2 * side - 1)
        for axis in range(3):
            if corners.necks[code, axis] >= 0:
                _draw_apart(points, first + corners.necks[code, axis], axis, code)
    return points


@njit(cache=True)
def _draw_apart(points: Points, vertex: int, axis: int, code: int) -> None:
    """Move an edge's two midpoints towards the outside voxel each belongs to."""
    one, other = (1 if axis == 0 else 0), (1 if axis == 2 else 2)
    is_first_outside = not code >> (4 >> axis) & 1  # the voxel above the corner at side (0, 0) of the others
    for side in range(2):
        points[vertex + side, axis] += 0.5
        points[vertex + side, one] += NECK_VOXELS * (2 * side - 1)
        points[vertex + side, other] += NECK_VOXELS * (2 * side - 1 if is_first_outside else 1 - 2 * side)


@njit(cache=True)
def _emit(lattice: _Lattice, corners: Corners, ways: Ways, face_count: int) -> tuple[Faces, Indices]:
    """Cut every face's polygon, and every tube, into triangles; list the polygons' sides as (from, to)."""
    tubes = _tube_count(lattice, corners)
    # four corners, each possibly cut in two, and four midpoints
    faces = np.empty((10 * face_count + 6 * tubes, 3), np.uint32)
    sides = np.empty((12 * face_count + 18 * tubes, 2), np.int32)
    polygon = np.empty(12, np.int32)
    face, side = 0, 0
    for x, y, z in lattice.active:
        code = lattice.codes[x, y, z]
        for axis in range(3):
            upper = code >> 7 & 1
            if upper != code >> (7 - (4 >> axis)) & 1:
                size, apex = _outline(lattice, corners, ways, (x, y, z), 2 * axis + upper, polygon)
                if size == 4:
                    apex = (x + y + z) & 1  # alternating diagonals favour no direction
                face = _fan_out(polygon, size, apex, faces, face)
                side = _list_sides(polygon, size, sides, side)
        if corners.cut[code, 0] >= 0:
            for signs in range(1, 7):
                _tube_triangle(corners.cut[code], lattice.firsts[x, y, z], signs, polygon)
                face = _fan_out(polygon, 3, 0, faces, face)
                side = _list_sides(polygon, 3, sides, side)
    return faces[:face].copy(), sides[:side].copy()


@njit(cache=True)
def _tube_count(lattice: _Lattice, corners: Corners) -> int:
    count = 0
    for x, y, z in lattice.active:
        count += corners.cut[lattice.codes[x, y, z], 0] >= 0
    return count


@njit(cache=True)
def _outline(
    lattice: _Lattice, corners: Corners, ways: Ways, lowest: tuple[int, int, int], way: int, polygon: Indices
) -> tuple[int, int]:
    """Write a face's vertices counter-clockwise; return how many, and the place of the one to fan out from.

    That is a midpoint if there is one: from elsewhere a diagonal could run along the very edge it stands on.
    """
    size = apex = 0
    for k in range(4):
        x, y, z = _corner(ways, lowest, way, k)
        code, first = lattice.codes[x, y, z], lattice.firsts[x, y, z]
        fan = corners.fans[code, ways.slots[way, k]]
        if corners.cut[code, 0] >= 0:
            polygon[size] = first + 3 * fan + ways.edge_axes[way, (k + 3) % 4]
            polygon[size + 1] = first + 3 * fan + ways.edge_axes[way, k]
            size += 2
        else:
            polygon[size] = first + fan
            size += 1
        x, y, z = _corner(ways, lowest, way, ways.edge_lows[way, k])
        neck = corners.necks[lattice.codes[x, y, z], ways.edge_axes[way, k]]
        if neck >= 0:
            polygon[size] = lattice.firsts[x, y, z] + neck + ways.edge_sides[way, k]
            apex = size
            size += 1
    return size, apex


@njit(cache=True)
def _corner(ways: Ways, lowest: tuple[int, int, int], way: int, k: int) -> tuple[int, int, int]:
    offset = ways.offsets[way, k]
    return lowest[0] + offset[0], lowest[1] + offset[1], lowest[2] + offset[2]


@njit(cache=True)
def _tube_triangle(cut: npt.NDArray[np.int64], first: int, signs: int, triangle: Indices) -> None:
    """Write one of a tube's triangles: on each axis the vertex of one voxel or the other, never all of one.

    They are the sides of an octahedron around the corner, two of them left open.
    """
    is_right_handed = True
    for axis in range(3):
        owner = signs >> axis & 1
        triangle[axis] = first + 3 * owner + axis
        if not cut[owner] >> (2 - axis) & 1:
            is_right_handed = not is_right_handed
    if not is_right_handed:
        triangle[1], triangle[2] = triangle[2], triangle[1]


@njit(cache=True)
def _fan_out(polygon: Indices, size: int, apex: int, faces: Faces, face: int) -> int:
    for k in range(1, size - 1):
        faces[face, 0] = polygon[apex]
        faces[face, 1] = polygon[(apex + k) % size]
        faces[face, 2] = polygon[(apex + k + 1) % size]
        face += 1
    return face


@njit(cache=True)
def _list_sides(polygon: Indices, size: int, sides: Indices, side: int) -> int:
    for k in range(size):
        sides[side, 0], sides[side, 1] = polygon[k], polygon[(k + 1) % size]
        side += 1
    return side


@njit(cache=True)
def _grouped(sides: Indices, vertex_count: int) -> tuple[Indices, Indices]:
    """Group the sides by where they leave: on a closed surface each edge is left from both its ends."""
    starts = np.zeros(vertex_count + 1, np.int32)
    for one, _ in sides:
        starts[one + 1] += 1
    for vertex in range(vertex_count):
        starts[vertex + 1] += starts[vertex]
    following = starts[:-1].copy()
    neighbours = np.empty(len(sides), np.int32)
    for one, other in sides:
        neighbours[following[one]] = other
        following[one] += 1
    return starts, neighbours


@njit(cache=True)
def _part(
    points: Points, lattice: _Lattice, cycles: npt.NDArray[np.int64], starts: Indices, neighbours: Indices
) -> None:
    """Part the vertices that share a corner, so that no two of them lie in one place."""
    meant = points.copy()
    for x, y, z in lattice.active:
        first, count = lattice.firsts[x, y, z], cycles[lattice.codes[x, y, z]]
        for vertex in range(first, first + count if count > 1 else first):
            around = neighbours[starts[vertex] : starts[vertex + 1]]
            for axis in range(3):
                mean = 0.0
                for neighbour in around:
                    mean += meant[neighbour, axis] / len(around)
                points[vertex, axis] += PARTED * (mean - meant[vertex, axis])
