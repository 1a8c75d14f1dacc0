"""Fewer triangles for the same surface: every piece, every hole and the volume kept."""

import numpy as np
import numpy.typing as npt

from meshing.collapse import collapsed
from meshing.mesh import Faces, Mesh, parts_of, world_vertices
from meshing.relaxation import offset_to_volume
from meshing.shells import Shell, shells
from meshing.triangles import mapped, sixfold_volumes

Points = npt.NDArray[np.float64]

#: Pieces with fewer triangles are left alone: there is little to gain and a shape to lose.
SMALLEST_PIECE = 400


def decimated(mesh: Mesh, share: float) -> Mesh:
    """Reduce the triangles of a closed smooth surface, piece by piece, by collapses that keep its topology.

    Each piece is moved back to its volume afterwards. How far the surface moved is what `fidelity` measures.

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
    points: list[Points] = []
    faces: list[Faces] = []
    sources: list[npt.NDArray[np.intp]] = []
    count = 0
    for shell in shells(mesh.faces, len(mesh.vertices)):
        own_points, own_faces = _simplified(world[shell.vertices], shell, share)
        points.append(own_points)
        faces.append(own_faces + np.uint32(count))
        sources.append(np.full(len(own_points), shell.vertices[0]))
        count += len(own_points)
    own = mapped(np.concatenate(points), *parts_of(np.linalg.inv(mesh.to_world)))
    numbers = None if mesh.components is None else mesh.components[np.concatenate(sources)]
    return Mesh(own.astype(np.float32), np.concatenate(faces), numbers, mesh.to_world)


def _simplified(points: Points, shell: Shell, share: float) -> tuple[Points, Faces]:
    if len(shell.faces) < SMALLEST_PIECE:
        return points, shell.faces
    # near the origin the squares of the error are small and exact
    centre = points.mean(axis=0)
    fewer, faces = collapsed(points - centre, shell.faces, round(share * len(shell.faces)))
    volume = float(sixfold_volumes(points - centre, shell.faces).sum()) / 6
    return offset_to_volume(fewer, faces, volume) + centre, faces
