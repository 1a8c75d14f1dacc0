"""A mesh: triangles on their own coordinates, and where these lie in the world."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from meshing.triangles import areas, bounds, mapped, sixfold_volumes

Vertices = npt.NDArray[np.generic]
Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.uint32]
Affine = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles that face outward in the world.

    Attributes:
        vertices: (n, 3) on the mesh's own axes: unsigned integers on a voxel lattice, or float.
        faces: (m, 3) uint32; counter-clockwise seen from outside *in world space*, whatever the
            sign of `to_world`'s determinant.
        components: (n,) uint32, the component number of each vertex as the caller counts them; None
            where nobody said.
        to_world: (4, 4) float64 from the mesh's own axes to RAS+ mm.
    """

    vertices: Vertices
    faces: Faces
    components: Numbers | None
    to_world: Affine

    @property
    def is_empty(self) -> bool:
        """Whether there is no triangle."""
        return len(self.faces) == 0

    @property
    def is_lattice(self) -> bool:
        """Whether the vertices are corners of a voxel lattice, exact in integers."""
        return self.vertices.dtype.kind == "u"


def empty_mesh(to_world: Affine, *, is_numbered: bool = False) -> Mesh:
    """Make the mesh of nothing: no vertex, no triangle."""
    numbers = np.zeros(0, np.uint32) if is_numbered else None
    return Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.uint32), numbers, to_world)


def is_mirrored(to_world: Affine) -> bool:
    """Whether the axes are left-handed in the world (negative determinant)."""
    return bool(np.linalg.det(to_world[:3, :3]) < 0)


def world_vertices(mesh: Mesh) -> Points:
    """Return the vertices as (n, 3) float64 in RAS+ mm."""
    placed: Points = mapped(mesh.vertices, *parts_of(mesh.to_world))
    return placed


def parts_of(affine: npt.NDArray[np.floating]) -> tuple[Points, Points]:
    """Split an affine into its (3, 3) matrix and its shift, each contiguous as compiled code wants them."""
    return np.ascontiguousarray(affine[:3, :3], np.float64), np.ascontiguousarray(affine[:3, 3], np.float64)


def signed_volume_mm3(mesh: Mesh) -> float:
    """Volume enclosed in mm3: positive when the triangles face outward, 0 for the empty mesh.

    Taken on the mesh's own axes and scaled by the determinant, so that a voxel lattice is exact.
    """
    own = float(sixfold_volumes(_own_coordinates(mesh), mesh.faces).sum()) / 6
    return own * float(np.linalg.det(mesh.to_world[:3, :3]))


def area_mm2(mesh: Mesh) -> float:
    """Area of all triangles in mm2, 0 for the empty mesh."""
    return float(areas(world_vertices(mesh), mesh.faces).sum())


def component_volumes_mm3(mesh: Mesh) -> dict[int, float]:
    """Signed volume in mm3 of each component by its number; a mesh without numbers has none."""
    if mesh.components is None or mesh.is_empty:
        return {}
    sixfold = sixfold_volumes(_own_coordinates(mesh), mesh.faces)
    scale = float(np.linalg.det(mesh.to_world[:3, :3])) / 6
    numbers, index = np.unique(mesh.components[mesh.faces[:, 0]], return_inverse=True)
    return {
        int(n): float(v) * scale
        for n, v in zip(numbers, np.bincount(index, sixfold, len(numbers)), strict=True)
    }


def component_mesh(mesh: Mesh, number: int) -> Mesh:
    """Take the triangles and vertices of one component.

    Raises:
        ValueError: if the mesh has no component numbers.
    """
    if mesh.components is None:
        raise ValueError("a mesh without component numbers can't be parted")
    is_own = mesh.components == number
    renumbered = np.cumsum(is_own, dtype=np.uint32) - np.uint32(1)
    faces = renumbered[mesh.faces[is_own[mesh.faces[:, 0]]]].astype(np.uint32)
    return Mesh(mesh.vertices[is_own], faces, mesh.components[is_own], mesh.to_world)


def join(meshes: Sequence[Mesh]) -> Mesh:
    """Put meshes on the same axes into one; their component numbers are kept.

    Args:
        meshes: at least one; all with the same `to_world`; all with component numbers or none.

    Raises:
        ValueError: if there is none or they lie on different axes.
    """
    if not meshes:
        raise ValueError("joining needs at least one mesh")
    first = meshes[0]
    if any(not np.array_equal(mesh.to_world, first.to_world) for mesh in meshes):
        raise ValueError("only meshes on the same axes can be joined")
    offsets = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + np.uint32(start) for mesh, start in zip(meshes, offsets, strict=False)]
    numbers = [mesh.components for mesh in meshes if mesh.components is not None]
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate(faces),
        np.concatenate(numbers) if len(numbers) == len(meshes) else None,
        first.to_world,
    )


def _own_coordinates(mesh: Mesh) -> Points:
    """Coordinates from the mesh's lowest corner: small numbers keep sums of products exact."""
    own = mesh.vertices.astype(np.float64)
    return own - bounds(own)[0] if len(own) else own
