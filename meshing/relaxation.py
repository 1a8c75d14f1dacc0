"""Smoothing that keeps every vertex near its place, and the offset that gives the volume back."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.boundary import Boundary
from meshing.triangles import vertex_normals

Points = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]

#: Neighbours that are summed without asking how many there are: hardly a vertex of a boundary has more.
_MOST = 6


class _Rings(NamedTuple):
    """The neighbours of each vertex.

    Attributes:
        six: (n, 6) the first of them; the vertex itself where it has fewer.
        counts: (n,) how many there are.
        crowded: the vertices that have more than six.
        starts: as in `Boundary`.
        neighbours: as in `Boundary`.
    """

    six: npt.NDArray[np.uint32]
    counts: Singles
    crowded: npt.NDArray[np.int64]
    starts: Indices
    neighbours: Indices


#: Share of the way to the mean of its neighbours that a vertex goes in a shrinking step.
_SHRINK = 0.6


def relaxed(start: Boundary, reach: float, rounds: int, pass_band: float) -> Points:
    """Smooth a boundary: shrink, grow back (Taubin 1995), then bring home whoever strayed; again.

    Averages of neighbours commute with affine maps, so that a step of 3 mm between slices is smoothed as a
    step of 0.5 mm within them, and the bound holds along each axis in voxels. Computed in float32, a scan's
    coordinates then being right to 1e-4 voxels.

    Args:
        start: the boundary; its points are home.
        reach: how far along each axis a vertex may end from home, in the points' unit.
        rounds: how often.
        pass_band: eigenvalue of the mean-of-neighbours operator below which shapes are kept.

    Returns:
        (n, 3) the new points.
    """
    grow = -1 / (1 / _SHRINK - pass_band)
    home = start.points.astype(np.float32)
    recipe = np.float32(reach), np.float32(_SHRINK), np.float32(grow)
    points: Points = _relax(home, start.starts, start.neighbours, rounds, recipe).astype(np.float64)
    return points


def offset_to_volume(
    points: Points, faces: npt.NDArray[np.uint32], volume: float, weights: Points | None = None
) -> Points:
    """Move the vertices along their normals, by one distance, until the mesh encloses a volume.

    Along fixed normals the volume is a cubic polynomial of the distance; the distance is its smallest root.

    Args:
        points: (n, 3), outward faces; at least one triangle.
        faces: (m, 3).
        volume: in the points' unit cubed.
        weights: (n,) share of the distance each vertex moves; None moves all alike.

    Raises:
        ValueError: if no distance gives the volume.
    """
    normals = vertex_normals(points, faces)
    if weights is not None:
        normals *= weights[:, None]
    cubic = _volume_polynomial(points, normals, faces)
    cubic[-1] -= 6 * volume
    distance = _root_near_zero(cubic)
    if np.isnan(distance):
        raise ValueError(f"no offset of the mesh encloses a volume of {volume:g}")
    moved: Points = points + distance * normals
    return moved


def _root_near_zero(cubic: Points) -> float:
    """Find the root Newton's method meets from zero, else the least real one; NaN if there is none."""
    a, b, c, d = cubic.tolist()
    root = 0.0
    for _ in range(20):
        value, slope = ((a * root + b) * root + c) * root + d, (3 * a * root + 2 * b) * root + c
        if abs(value) <= 1e-14 * abs(d) or slope == 0:
            break
        root -= value / slope
    if abs(((a * root + b) * root + c) * root + d) <= 1e-12 * abs(d):
        return root
    roots = np.roots(cubic)
    real = roots.real[np.abs(roots.imag) < 1e-9]
    return float(real[np.abs(real).argmin()]) if len(real) else np.nan


@njit(cache=True)
def _volume_polynomial(points: Points, normals: Points, faces: npt.NDArray[np.uint32]) -> Points:
    """Six times the volume after moving along the normals: its coefficients, of the third power first."""
    cubic = np.zeros(4)
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        for term in range(8):
            # which of the three corners contributes its normal instead of its place
            p = normals[a] if term & 1 else points[a]
            q = normals[b] if term & 2 else points[b]
            r = normals[c] if term & 4 else points[c]
            power = (term & 1) + (term >> 1 & 1) + (term >> 2)
            cubic[3 - power] += (
                p[0] * (q[1] * r[2] - q[2] * r[1])
                + p[1] * (q[2] * r[0] - q[0] * r[2])
                + p[2] * (q[0] * r[1] - q[1] * r[0])
            )
    return cubic


@njit(cache=True, nogil=True)
def _relax(
    home: Singles,
    starts: Indices,
    neighbours: Indices,
    rounds: int,
    recipe: tuple[np.float32, np.float32, np.float32],
) -> Singles:
    reach, shrink, grow = recipe
    rings = _rings(starts, neighbours)
    anywhere = np.float32(np.inf)
    points, shrunk = home.copy(), np.empty_like(home)
    for _ in range(rounds):
        _step(points, rings, shrink, (home, anywhere), shrunk)
        _step(shrunk, rings, grow, (home, reach), points)
    return points


@njit(cache=True)
def _rings(starts: Indices, neighbours: Indices) -> _Rings:
    """List six neighbours of each vertex; those with more are listed apart."""
    counts = np.diff(starts)
    six = np.empty((len(counts), _MOST), np.uint32)
    for vertex in range(len(counts)):
        for k in range(_MOST):
            six[vertex, k] = neighbours[starts[vertex] + k] if k < counts[vertex] else vertex
    return _Rings(six, counts.astype(np.float32), np.flatnonzero(counts > _MOST), starts, neighbours)


@njit(cache=True)
def _step(
    points: Singles, rings: _Rings, share: np.float32, bound: tuple[Singles, np.float32], moved: Singles
) -> None:
    """Move every vertex a share of the way to the mean of its neighbours, within a reach of home."""
    home, reach = bound
    six = rings.six
    for vertex in range(len(points)):
        a, b, c = six[vertex, 0], six[vertex, 1], six[vertex, 2]
        d, e, f = six[vertex, 3], six[vertex, 4], six[vertex, 5]
        weight = share / rings.counts[vertex]
        for axis in range(3):
            total = (points[a, axis] + points[b, axis]) + (points[c, axis] + points[d, axis])
            total += points[e, axis] + points[f, axis]
            place = home[vertex, axis]
            # the vertex itself, where it stands for a neighbour, adds nothing
            wanted = points[vertex, axis] + weight * (total - np.float32(_MOST) * points[vertex, axis])
            moved[vertex, axis] = min(max(wanted, place - reach), place + reach)
    for vertex in rings.crowded:
        for axis in range(3):
            way = np.float32(0)
            for k in range(rings.starts[vertex], rings.starts[vertex + 1]):
                way += points[rings.neighbours[k], axis] - points[vertex, axis]
            place = home[vertex, axis]
            wanted = points[vertex, axis] + share / rings.counts[vertex] * way
            moved[vertex, axis] = min(max(wanted, place - reach), place + reach)
