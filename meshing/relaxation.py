"""Smoothing that keeps every vertex near its place, and the offset that gives the volume back."""

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.boundary import Boundary
from meshing.triangles import sixfold_volumes, vertex_normals

Points = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

#: Share of the way to the mean of its neighbours that a vertex goes in a shrinking step.
_SHRINK = 0.6
#: Offsets at which the volume is measured; a cubic passes through all four exactly.
_PROBES = np.array([-1.0, 0.0, 1.0, 2.0])


def relaxed(start: Boundary, reach: Points, rounds: int, pass_band: float) -> Points:
    """Smooth a boundary: shrink, grow back (Taubin 1995), then bring home whoever strayed; again.

    Averages of neighbours commute with affine maps, so that a step of 3 mm between slices is smoothed as a
    step of 0.5 mm within them, and the bound holds along each axis in voxels.

    Args:
        start: the boundary; its points are home.
        reach: (n, 3) how far along each axis a vertex may end from home, in the points' unit.
        rounds: how often.
        pass_band: eigenvalue of the mean-of-neighbours operator below which shapes are kept.

    Returns:
        (n, 3) the new points.
    """
    grow = -1 / (1 / _SHRINK - pass_band)
    points: Points = _relax(start.points, start.starts, start.neighbours, reach, (rounds, grow))
    return points


def offset_to_volume(
    points: Points, faces: npt.NDArray[np.uint32], volume: float, weights: Points | None = None
) -> Points:
    """Move the vertices along their normals, by one distance, until the mesh encloses a volume.

    Along fixed normals the volume is a cubic polynomial of the distance, so four measurements give it exactly
    and its smallest root the distance. Nothing is iterated.

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
    size = float(np.ptp(points, axis=0).max()) / 16
    measured = [sixfold_volumes(points + size * probe * normals, faces).sum() / 6 for probe in _PROBES]
    cubic = np.linalg.solve(np.vander(_PROBES), measured)
    cubic[-1] -= volume
    roots = np.roots(cubic)
    real = roots.real[np.abs(roots.imag) < 1e-9]
    if len(real) == 0:
        raise ValueError(f"no offset of the mesh encloses a volume of {volume:g}")
    moved: Points = points + size * real[np.abs(real).argmin()] * normals
    return moved


@njit(cache=True)
def _relax(
    home: Points, starts: Indices, neighbours: Indices, reach: Points, recipe: tuple[int, float]
) -> Points:
    rounds, grow = recipe
    points, shrunk = home.copy(), np.empty_like(home)
    for _ in range(rounds):
        _step(points, starts, neighbours, _SHRINK, shrunk)
        _step(shrunk, starts, neighbours, grow, points)
        for vertex in range(len(points)):
            for axis in range(3):
                place, bound = home[vertex, axis], reach[vertex, axis]
                points[vertex, axis] = min(max(points[vertex, axis], place - bound), place + bound)
    return points


@njit(cache=True)
def _step(points: Points, starts: Indices, neighbours: Indices, share: float, moved: Points) -> None:
    """Move every vertex a share of the way to the mean of its neighbours."""
    for vertex in range(len(points)):
        x = y = z = 0.0
        for k in range(starts[vertex], starts[vertex + 1]):
            neighbour = neighbours[k]
            x += points[neighbour, 0]
            y += points[neighbour, 1]
            z += points[neighbour, 2]
        weight = share / (starts[vertex + 1] - starts[vertex])
        moved[vertex, 0] = (1 - share) * points[vertex, 0] + weight * x
        moved[vertex, 1] = (1 - share) * points[vertex, 1] + weight * y
        moved[vertex, 2] = (1 - share) * points[vertex, 2] + weight * z
