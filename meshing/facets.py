"""Every exposed voxel face as a square of its own: for surfaces whose corners carry values.

The rectangles of `meshing.voxels` merge faces, so a value at their corners would be smeared over many voxels.
"""

import numpy as np
import numpy.typing as npt

from meshing.boxes import bounding_box
from meshing.mesh import Affine, Faces, Mesh, empty_mesh, is_mirrored
from meshing.voxels import Mask

Corners = npt.NDArray[np.int64]


def facet_mesh(mask: Mask, affine: Affine) -> Mesh:
    """Mesh the exposed faces of a mask, two triangles each.

    Args:
        mask: (x, y, z) bool, any memory order.
        affine: (4, 4), voxel index to RAS+ mm.

    Returns:
        Vertices on the lattice of voxel corners, as `meshing.voxels.voxel_mesh` has them, each corner once.
        An empty mask gives the empty mesh.
    """
    to_world = affine.copy()
    to_world[:3, 3] -= affine[:3, :3] @ (0.5, 0.5, 0.5)
    box = bounding_box(mask)
    if any(side.start >= side.stop for side in box):
        return empty_mesh(to_world)
    squares = _squares(np.pad(mask[box], 1)) + [side.start for side in box]
    turned = squares[:, ::-1] if is_mirrored(to_world) else squares
    shape = np.array(mask.shape) + 1
    flat, places = np.unique(np.ravel_multi_index(tuple(turned.reshape(-1, 3).T), shape), return_inverse=True)
    vertices = np.stack(np.unravel_index(flat, shape), axis=1)
    kind = np.uint8 if max(mask.shape) <= 255 else np.uint16
    return Mesh(vertices.astype(kind), _triangles(places.reshape(-1, 4)), None, to_world)


def _squares(padded: Mask) -> Corners:
    """(n, 4, 3) corners of the exposed faces of a framed mask, counter-clockwise from outside."""
    found = []
    for axis in range(3):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        before, behind = np.swapaxes(padded, 0, axis)[:-1], np.swapaxes(padded, 0, axis)[1:]
        for inside, is_upper in ((before & ~behind, True), (behind & ~before, False)):
            low = np.argwhere(np.swapaxes(inside, 0, axis)) - 1
            low[:, axis] += 1
            corners = np.repeat(low[:, None], 4, axis=1)
            corners[:, 1:3, first] += 1
            corners[:, 2:4, second] += 1
            found.append(corners if is_upper else corners[:, ::-1])
    return np.concatenate(found)


def _triangles(squares: npt.NDArray[np.integer]) -> Faces:
    return squares[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3).astype(np.uint32)
