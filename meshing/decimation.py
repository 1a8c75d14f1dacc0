"""Fewer triangles for the same surface: every piece, every hole and the volume kept."""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from meshing.collapse import collapsed
from meshing.intersections import crossing_pairs
from meshing.mesh import Faces, Mesh, parts_of, world_vertices
from meshing.relaxation import offset_to_volume
from meshing.shells import Shell, shells
from meshing.triangles import mapped, sixfold_volumes

Points = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Owners = npt.NDArray[np.intp]

#: Pieces with fewer triangles are left alone: there is little to gain and a shape to lose.
SMALLEST_PIECE = 400
#: How often it is looked for crossings; each time more vertices are left alone, the last time whole pieces.
_ATTEMPTS = 7


def decimated(mesh: Mesh, share: float) -> Mesh:
    """Reduce the triangles of a closed smooth surface, piece by piece, by collapses that keep its topology.

    Each piece is moved back to its volume afterwards. Where triangles would then cross the surface keeps
    those it had. How far the surface moved is what `fidelity` measures.

    Args:
        mesh: as the smooth recipes make them; a lattice has nothing to lose that is not exact.
        share: of the triangles to keep, above 0, at most 1.

    Raises:
        ValueError: if the share is out of range or the mesh is a voxel lattice.
    """
    if not 0 < share <= 1:
        raise ValueError(f"the share of triangles to keep is above 0 and at most 1, found {share}")
    if mesh.is_lattice:
        raise ValueError(
            "a voxel surface is exact and its rectangles are merged already: it can't be decimated"
        )
    if mesh.is_empty or share == 1:
        return mesh
    world = world_vertices(mesh)
    parts = list(shells(mesh.faces, len(mesh.vertices)))
    points, faces, owners = _decimated(world, parts, share)
    own = mapped(points, *parts_of(np.linalg.inv(mesh.to_world)))
    numbers = (
        None if mesh.components is None else mesh.components[[part.vertices[0] for part in parts]][owners]
    )
    return Mesh(own.astype(np.float32), faces, numbers, mesh.to_world)


def _decimated(world: Points, parts: list[Shell], share: float) -> tuple[Points, Faces, Owners]:
    """Collapse all pieces; where triangles would cross, the vertices around stay, in the end whole pieces."""
    frozen = np.zeros(len(world), np.bool_)
    made = [_simplified(world, part, share, frozen) for part in parts]
    for attempt in range(_ATTEMPTS):
        points, faces, owners = _joined(made)
        crossing = crossing_pairs(points, faces)
        if not len(crossing):
            break
        frozen |= _near(world, points[faces[crossing.ravel()]], 1 + attempt)
        for number in np.unique(owners[faces[crossing.ravel(), 0]]):
            part = parts[number]
            is_last = attempt == _ATTEMPTS - 2
            whole = world[part.vertices], part.faces
            made[number] = whole if is_last else _simplified(world, part, share, frozen)
    return points, faces, owners


def _joined(made: list[tuple[Points, Faces]]) -> tuple[Points, Faces, Owners]:
    """Put pieces into one mesh; say which piece each vertex is of."""
    sizes = [len(points) for points, _ in made]
    starts = np.cumsum([0, *sizes])
    faces = [own + np.uint32(start) for (_, own), start in zip(made, starts, strict=False)]
    owners = np.repeat(np.arange(len(made)), sizes)
    return np.concatenate([points for points, _ in made]), np.concatenate(faces), owners


def _simplified(world: Points, shell: Shell, share: float, frozen: Flags) -> tuple[Points, Faces]:
    """Collapse one piece and give it its volume back."""
    points, still = world[shell.vertices], frozen[shell.vertices]
    if len(shell.faces) < SMALLEST_PIECE:
        return points, shell.faces
    # near the origin the squares of the error are small and exact
    centre = points.mean(axis=0)
    volume = float(sixfold_volumes(points - centre, shell.faces).sum()) / 6
    # what stays because it crossed is not made up for elsewhere
    staying = int(still[shell.faces].any(axis=1).sum())
    wanted = round(share * (len(shell.faces) - staying)) + staying
    fewer, faces = collapsed(points - centre, shell.faces, wanted, still)
    return offset_to_volume(fewer, faces, volume) + centre, faces


def _near(points: Points, triangles: Points, widths: float) -> Flags:
    """Mark points within some widths of triangles, (t, 3, 3), of the middle of each."""
    middles = triangles.mean(axis=1)
    reaches = widths * np.linalg.norm(triangles - middles[:, None], axis=-1).max(axis=1)
    found = cKDTree(points).query_ball_point(middles, reaches)
    marked = np.zeros(len(points), np.bool_)
    marked[np.concatenate([np.array(near, np.intp) for near in found])] = True
    return marked
