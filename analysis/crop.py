"""Boxes around the foreground: nearly all work is done inside one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.kernels import boxes


@dataclass(frozen=True, slots=True)
class Box:
    """A half-open box of voxels.

    Attributes:
        start: first voxel along x, y, z.
        stop: one past the last voxel along x, y, z; equal to `start` where the box is empty.
    """

    start: tuple[int, int, int]
    stop: tuple[int, int, int]

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """The box as an index into an (x, y, z) array."""
        x, y, z = (slice(first, end) for first, end in zip(self.start, self.stop, strict=True))
        return x, y, z

    @property
    def is_empty(self) -> bool:
        """Whether the box holds no voxel."""
        return any(first >= end for first, end in zip(self.start, self.stop, strict=True))


def fortran_transposed(volume: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Give the (z, y, x) C-contiguous view the kernels read.

    Copies only what is not F-ordered already, or is read-only, for which kernels would be compiled again.
    """
    return np.require(volume, requirements=("F", "W")).T


def foreground_box(labels: Labels) -> Box:
    """Box of the voxels that are not background; (0, 0, 0) to (0, 0, 0) where there is none.

    Args:
        labels: (x, y, z) uint8 in any memory order.
    """
    if labels.flags.c_contiguous:
        x, (y, z) = _bounds(labels)
    else:
        # Not `fortran_transposed`, which would copy the whole of a read-only volume.
        z, (y, x) = _bounds(np.asfortranarray(labels).T)
    # Of one volume, either every axis has a foreground or none.
    return Box((x[0], y[0], z[0]), (x[1], y[1], z[1]))


Bounds = tuple[int, int]


def _bounds(volume: npt.NDArray[np.uint8]) -> tuple[Bounds, tuple[Bounds, Bounds]]:
    along, across = boxes.shadows(volume)
    return _ends(along), (_ends(across.max(axis=1, initial=0)), _ends(across.max(axis=0, initial=0)))


def _ends(shadow: npt.NDArray[np.uint8]) -> Bounds:
    places = np.flatnonzero(shadow)
    return (int(places[0]), int(places[-1]) + 1) if len(places) else (0, 0)


def union(boxes: Iterable[Box]) -> Box:
    """Smallest box around all boxes; empty ones add nothing."""
    solid = [box for box in boxes if not box.is_empty]
    if not solid:
        return Box((0, 0, 0), (0, 0, 0))
    start = np.min([box.start for box in solid], axis=0)
    stop = np.max([box.stop for box in solid], axis=0)
    return Box((int(start[0]), int(start[1]), int(start[2])), (int(stop[0]), int(stop[1]), int(stop[2])))
