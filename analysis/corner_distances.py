"""How far each corner of a mask's voxel surface is from another's: what colours a surface by distance."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Spacing
from analysis.masks import stack_pair
from analysis.surface_elements import ElementPoints


@dataclass(frozen=True, slots=True, eq=False)
class CornerDistances:
    """The corners of a prediction's voxel surface, and where they lie from the reference's.

    The corners are the places of the surface elements of `analysis.surface_elements`, and the absolute
    values are the distances behind `hd95_surfel_mm`. From a corner of one voxel surface the nearest point of
    another is always a corner too, so these are exact distances between the surfaces.

    Attributes:
        corners: (n, 3) int64, corner (i, j, k) lies half a voxel before voxel (i, j, k) along each axis.
        distances_mm: (n,) float64, positive outside the reference, negative inside it, 0 on its surface.
    """

    corners: npt.NDArray[np.int64]
    distances_mm: npt.NDArray[np.float64]


def corner_distances(
    reference: npt.NDArray[np.bool_], prediction: npt.NDArray[np.bool_], spacing_mm: Spacing
) -> CornerDistances | None:
    """Measure from every corner of a prediction's voxel surface to the nearest of the reference's.

    Args:
        reference: (x, y, z) bool.
        prediction: (x, y, z) bool on the same grid.
        spacing_mm: along x, y, z.

    Returns:
        None where a mask is empty.

    Raises:
        ValueError: the shapes differ.
    """
    targets, points = (ElementPoints(stack, spacing_mm) for stack in stack_pair(reference, prediction))
    if not (targets.present and points.present):
        return None
    known_mm = points.around.distances_mm
    classes = points.nearest_classes(targets)[0]
    far = classes >= len(known_mm)
    distances_mm = known_mm[np.where(far, 0, classes)]
    if far.any():
        distances_mm[far] = targets.gaps_mm(0, points.indices[far])
    places = np.stack(np.unravel_index(points.indices, points.padded_zyx.shape)[::-1], axis=1)
    corners = places - points.around.margins
    return CornerDistances(corners, np.where(_is_beside(reference, corners), -distances_mm, distances_mm))


def _is_beside(mask: npt.NDArray[np.bool_], corners: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(n,) whether any of the eight voxels around a corner is in a mask; beyond the array none is."""
    found = np.zeros(len(corners), np.bool_)
    for back in product((0, 1), repeat=3):
        voxels = corners - back
        within = ((voxels >= 0) & (voxels < mask.shape)).all(axis=1)
        found[within] |= mask[tuple(voxels[within].T)]
    return found
