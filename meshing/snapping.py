"""Vertices on a fine lattice, so that 16-bit integers hold them, without giving up any piece's volume."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.mesh import Mesh
from meshing.rings import Rings, rings_of
from meshing.shells import shells
from meshing.triangles import Faces, Points, sixfold_volumes

Integers = npt.NDArray[np.int64]

#: Steps a unit of the mesh's own axes: a voxel, for all that is meshed here.
STEPS = 64
#: A piece whose volume is off by more than this share has vertices rounded the other way until it is not.
_MOST_VOLUME_ERROR = 1e-5

#: Share of the error that a coordinate must take away: in the first round any, then such as hit it well.
_LEAST_GAINS = (0.0, 0.5, 0.0)


def is_snapped(mesh: Mesh) -> bool:
    """Whether every vertex lies on the lattice."""
    own = mesh.vertices.astype(np.float64) * STEPS
    return mesh.is_lattice or bool((own == np.rint(own)).all())


def snapped(mesh: Mesh) -> Mesh:
    """Round vertices to 64ths of the mesh's own unit.

    Each to the nearest, except in small closed pieces, whose volume this would change: there vertices go to
    the other side one by one until the volume is right within 0.001 % or none is left that helps.
    """
    if mesh.is_empty or is_snapped(mesh):
        return mesh
    meant = mesh.vertices.astype(np.float64) * STEPS
    rounded = np.rint(meant)
    for piece in shells(mesh.faces, len(mesh.vertices)):
        origin = rounded[piece.vertices[0]]
        own, near = meant[piece.vertices] - origin, rounded[piece.vertices] - origin
        volume = float(sixfold_volumes(own, piece.faces).sum())
        error = float(sixfold_volumes(near, piece.faces).sum()) - volume
        most = _MOST_VOLUME_ERROR * abs(volume)
        if abs(error) > most:
            _settle(near, own, piece.faces, error, most)
            rounded[piece.vertices] = near + origin
    return replace(mesh, vertices=(rounded / STEPS).astype(np.float32))


@njit(cache=True, nogil=True)
def _settle(points: Points, meant: Points, faces: Faces, error: float, most: float) -> None:
    """Round coordinates the other way where that brings six times the volume closer to what it should be."""
    rings = rings_of(faces, len(points))
    for least in _LEAST_GAINS:
        for vertex in range(len(points)):
            if abs(error) <= most:
                return
            error = _settle_vertex(points, meant[vertex], faces, rings, (vertex, least, error))


@njit(cache=True)
def _settle_vertex(
    points: Points,
    meant: Points,
    faces: Faces,
    rings: Rings,
    wanted: tuple[int, float, float],
) -> float:
    """Round a vertex the other way along axes where that takes away a share of the error; give the rest."""
    vertex, least, error = wanted
    around = rings.faces[rings.starts[vertex] : rings.starts[vertex + 1]]
    for axis in range(3):
        way = np.sign(meant[axis] - points[vertex, axis])
        gain = way * _slope(points, faces, around, vertex, axis)
        if abs(error + gain) < (1 - least) * abs(error):
            points[vertex, axis] += way
            error += gain
    return error


@njit(cache=True)
def _slope(points: Points, faces: Faces, around: Integers, vertex: int, axis: int) -> float:
    """By how much six times the volume grows for each unit that a vertex moves along an axis."""
    one, other = (axis + 1) % 3, (axis + 2) % 3
    slope = 0.0
    for f in around:
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        if b == vertex:
            b, c = c, a
        elif c == vertex:
            b, c = a, b
        slope += points[b, one] * points[c, other] - points[b, other] * points[c, one]
    return slope
