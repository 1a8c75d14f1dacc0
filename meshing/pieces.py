"""A mask taken apart into the components its caller counted, and their meshes put together again."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from meshing.boxes import bounding_box, number_boxes
from meshing.mesh import Affine, Faces, Mesh, Numbers, empty_mesh, is_mirrored

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]
Shape = tuple[Points, Faces]


class Piece(NamedTuple):
    """One component alone in its own box.

    Attributes:
        number: as the caller counts; 0 where nobody counted.
        origin: (3,) index of the box's first voxel.
        mask: (x, y, z) bool, C-contiguous.
    """

    number: int
    origin: npt.NDArray[np.int64]
    mask: Mask


def pieces(mask: Mask, components: Numbers | None) -> Iterator[Piece]:
    """Yield the components of a mask by rising number; without numbers the whole mask as one piece.

    Raises:
        ValueError: if the shapes differ or a voxel of the mask has number 0.
    """
    if mask.ndim != 3:
        raise ValueError(f"a mask has three axes, found {mask.ndim}")
    if components is not None and components.shape != mask.shape:
        raise ValueError(f"component numbers have shape {components.shape}, the mask {mask.shape}")
    box = bounding_box(mask)
    crop = np.ascontiguousarray(mask[box])
    start = np.array([side.start for side in box])
    if crop.size == 0:
        return
    if components is None:
        yield Piece(0, start, crop)
        return
    numbers = np.where(crop, components[box], 0).astype(np.uint32)
    if np.count_nonzero(numbers) != np.count_nonzero(crop):
        raise ValueError("a voxel of the mask has component number 0")
    first, past = number_boxes(numbers, int(numbers.max()))
    for number in np.flatnonzero((first < past).all(axis=1)):
        x, y, z = (slice(a, b) for a, b in zip(first[number], past[number], strict=True))
        yield Piece(int(number), start + first[number], numbers[x, y, z] == number)


def meshed(mask: Mask, affine: Affine, components: Numbers | None, surface: Callable[[Mask], Shape]) -> Mesh:
    """Mesh every piece of a mask by one recipe and join the results.

    Args:
        mask: (x, y, z) bool.
        affine: (4, 4), voxel index to RAS+ mm.
        components: (x, y, z) integers, or None.
        surface: gives the points of one piece in voxel indices of its box, and faces outward on
            right-handed axes.

    Returns:
        Vertices in voxel indices (float32); the empty mesh for an empty mask.
    """
    points, faces, owners, count = [], [], [], 0
    for piece in pieces(mask, components):
        own_points, own_faces = surface(piece.mask)
        points.append((own_points + piece.origin).astype(np.float32))
        faces.append(own_faces + np.uint32(count))
        owners.append(np.full(len(own_points), piece.number, np.uint32))
        count += len(own_points)
    if not count:
        return empty_mesh(affine, is_numbered=components is not None)
    joined = np.concatenate(faces)
    outward = np.ascontiguousarray(joined[:, ::-1]) if is_mirrored(affine) else joined
    return Mesh(
        np.concatenate(points), outward, None if components is None else np.concatenate(owners), affine
    )
