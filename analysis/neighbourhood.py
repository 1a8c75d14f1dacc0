"""The voxel steps around a point by rising distance, which every surface search walks."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Spacing

RADIUS_VOXELS = 16.0


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """All voxel steps within a radius, nearest first.

    Attributes:
        spacing_mm: along x, y, z.
        steps: (m, 3) int32 along x, y, z; the first is (0, 0, 0).
        classes: (m,) int32, steps of equal length share a class.
        distances_mm: (k,) length of each class, rising.
        margins: (3,) voxels along x, y, z by which a volume must be padded for a search to stay inside.
    """

    spacing_mm: Spacing
    steps: npt.NDArray[np.int32]
    classes: npt.NDArray[np.int32]
    distances_mm: npt.NDArray[np.float64]
    margins: npt.NDArray[np.int64]

    def flat_steps(self, shape: tuple[int, ...]) -> npt.NDArray[np.int32]:
        """(m,) the steps as differences of flat indices in a C-ordered (z, y, x) volume."""
        x, y, z = self.steps.T
        flat: npt.NDArray[np.int32] = ((z * shape[1] + y) * shape[2] + x).astype(np.int32)
        return flat


@lru_cache(maxsize=16)
def neighbourhood(spacing_mm: Spacing, radius_voxels: float = RADIUS_VOXELS) -> Neighbourhood:
    """List the steps of a ball that holds as many voxels as one of `radius_voxels` would at cubic spacing.

    The list is complete up to the ball's radius in mm, so what is not found within lies beyond it.

    Args:
        spacing_mm: along x, y, z.
        radius_voxels: in sides of a cube of the voxel's volume.
    """
    radius_mm = radius_voxels * float(np.prod(spacing_mm)) ** (1 / 3)
    reach = [np.arange(-int(radius_mm / side), int(radius_mm / side) + 1) for side in spacing_mm]
    steps = np.stack(np.meshgrid(*reach, indexing="ij"), axis=-1).reshape(-1, 3)
    lengths_mm = lengths(steps, spacing_mm)
    order = np.argsort(lengths_mm, kind="stable")
    order = order[lengths_mm[order] <= radius_mm]
    distances_mm, classes = np.unique(lengths_mm[order], return_inverse=True)
    steps = steps[order].astype(np.int32)
    margins = steps.max(axis=0).astype(np.int64)
    return Neighbourhood(spacing_mm, steps, classes.astype(np.int32), distances_mm, margins)


def lengths(steps: npt.NDArray[np.integer], spacing_mm: Spacing) -> npt.NDArray[np.float64]:
    """(n,) length in mm of (n, 3) voxel steps along x, y, z, in double precision from whole steps."""
    x, y, z = (steps * np.array(spacing_mm)).T
    lengths_mm: npt.NDArray[np.float64] = np.sqrt(x * x + y * y + z * z)
    return lengths_mm
