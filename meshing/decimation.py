"""Fewer triangles for the same surface: every piece kept, its volume exact, its topology checked."""

import fast_simplification
import numpy as np
import numpy.typing as npt

from meshing.mesh import Faces, Mesh, world_vertices
from meshing.relaxation import offset_to_volume
from meshing.shells import Shell, shells
from meshing.triangles import sixfold_volumes

Points = npt.NDArray[np.float64]

#: Pieces with fewer triangles are left alone: there is little to gain and a shape to lose.
SMALLEST_PIECE = 400


def decimated(mesh: Mesh, share: float) -> Mesh:
    """Reduce the triangles of a closed smooth surface, piece by piece (quadric edge collapse).

    Each piece is moved back to its volume afterwards. A piece that would come out open or with another
    topology is kept as it was. How far the surface moved is what `fidelity` measures.

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
    back = np.linalg.inv(mesh.to_world)
    own = np.concatenate(points) @ back[:3, :3].T + back[:3, 3]
    numbers = None if mesh.components is None else mesh.components[np.concatenate(sources)]
    return Mesh(own.astype(np.float32), np.concatenate(faces), numbers, mesh.to_world)


def _simplified(points: Points, shell: Shell, share: float) -> tuple[Points, Faces]:
    if len(shell.faces) < SMALLEST_PIECE:
        return points, shell.faces
    # the library works in float32: near the origin nothing is lost
    centre = points.mean(axis=0)
    raw_points, raw_faces = fast_simplification.simplify(
        (points - centre).astype(np.float32), shell.faces.astype(np.int32), 1 - share
    )
    fewer, faces = raw_points.astype(np.float64), raw_faces.astype(np.uint32)
    if not _is_closed(faces) or _euler(faces) != _euler(shell.faces):
        return points, shell.faces
    volume = float(sixfold_volumes(points - centre, shell.faces).sum()) / 6
    return offset_to_volume(fewer, faces, volume) + centre, faces


def _euler(faces: Faces) -> int:
    """Vertices - edges + faces of a closed surface, whose edges are one and a half times its faces."""
    return len(np.unique(faces)) - len(faces) // 2


def _is_closed(faces: Faces) -> bool:
    """Whether each edge is run along exactly once each way."""
    a, b, c = faces.T.astype(np.int64)
    one, other = np.r_[a, b, c], np.r_[b, c, a]
    size = int(faces.max()) + 1
    there, back = np.sort(one * size + other), np.sort(other * size + one)
    return bool((there == back).all() and (np.diff(there) > 0).all())
