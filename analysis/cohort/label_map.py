"""A label map: one integer a voxel, and where the voxels lie in the world."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.uint8]
Affine = npt.NDArray[np.float64]
Spacing = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class LabelMap:
    """An integer volume and its place in the world.

    Attributes:
        labels: (x, y, z) uint8, axes and memory order as the file stores them.
        affine: (4, 4) float64, voxel index to RAS+ mm; voxel (0, 0, 0)'s centre is the last column.
    """

    labels: Labels
    affine: Affine

    def __post_init__(self) -> None:
        if self.labels.ndim != 3:
            raise ValueError(f"a label map has three axes, found {self.labels.ndim}")
        if self.labels.dtype != np.uint8:
            raise TypeError(f"a label map is uint8, found {self.labels.dtype}")
        if self.affine.shape != (4, 4):
            raise ValueError(f"an affine is (4, 4), found {self.affine.shape}")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along x, y and z."""
        x, y, z = self.labels.shape
        return x, y, z

    @property
    def spacing_mm(self) -> Spacing:
        """Distance of neighbouring voxel centres along each axis, in mm."""
        return spacing_mm(self.affine)

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel, also when the axes are oblique."""
        return voxel_volume_mm3(self.affine)

    def same_grid(self, other: "LabelMap", tolerance_mm: float = 0.01) -> bool:
        """Say whether two label maps put every voxel at the same place in the world."""
        return grid_difference_mm(self.shape, self.affine, other.shape, other.affine) <= tolerance_mm


def spacing_mm(affine: Affine) -> Spacing:
    """Distance in mm of neighbouring voxel centres along the three array axes."""
    x, y, z = np.linalg.norm(affine[:3, :3], axis=0)
    return float(x), float(y), float(z)


def voxel_volume_mm3(affine: Affine) -> float:
    """Volume of one voxel in mm3: the absolute determinant of the affine."""
    return float(abs(np.linalg.det(affine[:3, :3])))


def grid_difference_mm(
    shape: tuple[int, int, int], affine: Affine, other_shape: tuple[int, int, int], other_affine: Affine
) -> float:
    """Say how far apart two grids put the same voxel.

    Returns:
        The largest distance in mm between the two world positions of a corner voxel; infinity
        if the shapes differ.
    """
    if shape != other_shape:
        return float("inf")
    corners = np.array(
        [[x, y, z, 1.0] for x in (0, shape[0] - 1) for y in (0, shape[1] - 1) for z in (0, shape[2] - 1)]
    )
    shift = (corners @ (affine - other_affine).T)[:, :3]
    return float(np.linalg.norm(shift, axis=1).max())
