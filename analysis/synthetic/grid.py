"""The voxel grids of synthetic scans, and the box of them that holds the head."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine

Value = TypeVar("Value", bound=np.generic)

# Where real BraTS scans keep the middle of the brain, in world mm (measured on skull-stripped scans).
HEAD_CENTRE_MM = (-118.5, 106.0, 69.5)
# Half extents in mm of the box around that point that holds any brain made here; the field of view cuts it.
_HALF_EXTENT_MM = (72.0, 88.0, 75.0)
_FIELD_OF_VIEW_MM = (240.0, 240.0, 155.0)


@dataclass(frozen=True, slots=True)
class Grid:
    """A BraTS volume: 240 x 240 x 155 mm, first axis to the left, second to the back, third up.

    Attributes:
        spacing_mm: the same along all axes; 1 is BraTS itself.
    """

    spacing_mm: float

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along x, y and z; the last slice may reach beyond the field of view."""
        x, y, z = (int(np.ceil(extent / self.spacing_mm)) for extent in _FIELD_OF_VIEW_MM)
        return x, y, z

    @property
    def affine(self) -> Affine:
        """(4, 4) voxel index to RAS+ mm: BraTS's, with the same outer corner at any spacing."""
        half = self.spacing_mm / 2
        affine = np.diag([-self.spacing_mm, -self.spacing_mm, self.spacing_mm, 1.0])
        affine[:3, 3] = 0.5 - half, 239.5 - half, half - 0.5
        return affine

    @property
    def head(self) -> "Window":
        """The box of voxels that holds the head."""
        middle = np.linalg.inv(self.affine) @ (*HEAD_CENTRE_MM, 1.0)
        half = np.array(_HALF_EXTENT_MM) / self.spacing_mm
        start = np.maximum(np.floor(middle[:3] - half), 0).astype(int)
        stop = np.minimum(np.ceil(middle[:3] + half).astype(int), self.shape)
        return Window(self, tuple(start.tolist()), tuple((stop - start).tolist()))


@dataclass(frozen=True, slots=True)
class Window:
    """A box of voxels of a grid; all work happens in it, and only files hold the whole grid.

    Attributes:
        grid: the whole.
        start: first voxel along x, y and z.
        shape: voxels along x, y and z.
    """

    grid: Grid
    start: tuple[int, int, int]
    shape: tuple[int, int, int]

    @property
    def shape_zyx(self) -> tuple[int, int, int]:
        """The shape as compiled loops see it: x is the fastest axis."""
        x, y, z = self.shape
        return z, y, x

    @property
    def to_head(self) -> Affine:
        """(4, 4) voxel index in the window to mm right, front and up of the middle of the brain."""
        matrix = self.grid.affine.copy()
        matrix[:3, 3] = (self.grid.affine @ (*self.start, 1.0))[:3] - HEAD_CENTRE_MM
        return matrix

    def embed(self, values_zyx: npt.NDArray[Value]) -> npt.NDArray[Value]:
        """Put the window's values into an empty volume of the whole grid.

        Args:
            values_zyx: (z, y, x) of the window.

        Returns:
            (x, y, z) of the grid in Fortran order, as nibabel keeps it; 0 outside the window.
        """
        volume = np.zeros(self.grid.shape, values_zyx.dtype, order="F")
        box = tuple(
            slice(first, first + length) for first, length in zip(self.start, self.shape, strict=True)
        )
        volume[box] = values_zyx.T
        return volume


GRIDS: Mapping[str, Grid] = MappingProxyType({"full": Grid(1.0), "small": Grid(2.0)})
