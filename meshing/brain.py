"""A light surface of a large mask: the brain around a tumour, or any mask that needs no detail."""

import fill_voids
import numpy as np
import numpy.typing as npt

from meshing.boxes import bounding_box
from meshing.decimation import decimated
from meshing.isosurface import isosurface
from meshing.mesh import Affine, Mesh, empty_mesh, is_mirrored
from meshing.relaxation import offset_to_volume
from meshing.triangles import mapped

Mask = npt.NDArray[np.bool_]
Fractions = npt.NDArray[np.float32]

#: Width of the cells that a brain's voxels are averaged in; about 50,000 triangles for an adult's.
CELL_MM = 2.0
MOST_TRIANGLES = 60_000


def brain_surface(
    mask: Mask,
    affine: Affine,
    *,
    cell_mm: float = CELL_MM,
    is_filled: bool = True,
    most_triangles: int = MOST_TRIANGLES,
) -> Mesh:
    """Make the isosurface of a mask's share in coarse cells, with the volume of the mask.

    On a skull-stripped brain of 1 mm voxels it lies 0.2 mm from the voxels' surface on the average and at
    most 1 mm: `meshing.fidelity.distances_mm`
    says both for the mask at hand.

    Args:
        mask: (x, y, z) bool.
        affine: (4, 4), voxel index to RAS+ mm.
        cell_mm: least width of a cell; voxels wider than that stay as they are.
        is_filled: whether voids inside are filled first.
        most_triangles: above it the surface is decimated.

    Returns:
        Vertices in voxel indices, without component numbers; the empty mesh for an empty mask, and for one
        so thin that no cell is half full.
    """
    box = bounding_box(mask)
    crop = np.ascontiguousarray(mask[box])
    if crop.size == 0:
        return empty_mesh(affine)
    solid = fill_voids.fill(crop) if is_filled else crop
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    factors = [max(1, int(factor)) for factor in np.floor(cell_mm / spacing + 1e-6)]
    # halfway between two possible shares: at a possible one the surface would pass through cells' centres
    # themselves, where triangles collapse
    voxel_count = int(np.prod(factors))
    points, faces = isosurface(_shares(solid, factors), (-(-voxel_count // 2) - 0.5) / voxel_count)
    if not len(faces):
        return empty_mesh(affine)
    origin = np.array([side.start for side in box])
    # a cell's centre lies between its voxels; one empty cell was put on each side
    points = (points - 1) * factors + (np.array(factors) - 1) / 2
    right_handed = np.ascontiguousarray(np.linalg.cholesky(affine[:3, :3].T @ affine[:3, :3]).T)
    volume_mm3 = np.count_nonzero(solid) * float(np.linalg.det(right_handed))
    nowhere = np.zeros(3)
    grown = offset_to_volume(mapped(points, right_handed, nowhere), faces, volume_mm3)
    placed = mapped(grown, np.linalg.inv(right_handed), nowhere)
    outward = np.ascontiguousarray(faces[:, ::-1]) if is_mirrored(affine) else faces
    mesh = Mesh((placed + origin).astype(np.float32), outward, None, affine)
    # specks are too small to be decimated: the large piece gives a little more
    return mesh if len(faces) <= most_triangles else decimated(mesh, 0.98 * most_triangles / len(faces))


def filled(mask: Mask) -> Mask:
    """Return a mask with its voids filled, which is what `brain_surface` is the surface of."""
    solid = np.zeros_like(mask)
    box = bounding_box(mask)
    crop = np.ascontiguousarray(mask[box])
    solid[box] = fill_voids.fill(crop) if crop.size else crop
    return solid


def _shares(solid: Mask, factors: list[int]) -> Fractions:
    """Return the share of inside voxels in each cell, with a border of empty cells."""
    counts = solid.astype(np.uint16 if np.prod(factors) > 255 else np.uint8)
    for axis, factor in enumerate(factors):
        missing = -counts.shape[axis] % factor
        padded = np.pad(counts, [(0, missing) if k == axis else (0, 0) for k in range(3)])
        cells = np.moveaxis(padded, axis, 0)
        total = cells[::factor].copy()
        for first in range(1, factor):
            total += cells[first::factor]
        counts = np.moveaxis(total, 0, axis)
    return np.pad(counts.astype(np.float32) / np.float32(np.prod(factors)), 1)
