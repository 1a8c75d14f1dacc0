"""The smooth surfaces of the paper, for comparison: what its recipe gives, volume and all.

Cassez 2026, "Note on 3D rendering": masks are filled, dilated by one voxel and marched at 0.5; components
of fewer than 4 voxels go through a signed distance field instead (26-connected dilation, inside minus
outside distance, cubic spline upsampling by 2, level -0.3). Both grow: a tumour by 21 to 91 %, a fragment
up to 32 times.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from meshing.isosurface import isosurface
from meshing.mesh import Affine, Mesh, Numbers, empty_mesh, join
from meshing.pieces import Mask, Shape, meshed

#: Components with fewer voxels than this take the recipe for fragments.
FRAGMENT_VOXELS = 4
FRAGMENT_LEVEL = -0.3

_PAD = 4


def paper(mask: Mask, affine: Affine, components: Numbers | None = None) -> Mesh:
    """Smooth each component alone by the paper's recipe, which keeps the components apart.

    After the dilation, which may close a bay into a void, it is filled once more. Voids are lost by design.

    Args:
        mask: (x, y, z) bool.
        affine: (4, 4), voxel index to RAS+ mm.
        components: (x, y, z) integers, the number of every voxel's component; None smooths the mask as one.

    Returns:
        Vertices in voxel indices; the empty mesh for an empty mask.
    """
    return meshed(
        mask,
        affine,
        components,
        lambda piece: _fragment(piece) if _is_small(piece) else _main(piece, is_refilled=True),
    )


def paper_literal(mask: Mask, affine: Affine, components: Numbers | None = None) -> Mesh:
    """Follow the paper's recipe to the letter, on the whole mask at once: components that come close merge.

    Args:
        mask: (x, y, z) bool.
        affine: (4, 4), voxel index to RAS+ mm.
        components: (x, y, z) integers; they only say which voxels are fragments. None takes none for one.

    Returns:
        Vertices in voxel indices, without component numbers, since pieces no longer match components.
    """
    small = np.zeros(mask.shape, np.bool_)
    if components is not None:
        sizes = np.bincount(components[mask], minlength=1)
        small = mask & (sizes < FRAGMENT_VOXELS)[np.where(mask, components, 0)]
    parts = [
        meshed(mask & ~small, affine, None, lambda piece: _main(piece, is_refilled=False)),
        meshed(small, affine, None, _fragment),
    ]
    filled = [part for part in parts if not part.is_empty]
    return join(filled) if filled else empty_mesh(affine)


def _is_small(mask: Mask) -> bool:
    return int(np.count_nonzero(mask)) < FRAGMENT_VOXELS


def _main(mask: Mask, *, is_refilled: bool) -> Shape:
    padded = np.pad(mask, _PAD)
    grown = ndimage.binary_dilation(ndimage.binary_fill_holes(padded))
    if is_refilled:
        grown = ndimage.binary_fill_holes(grown)
    points, faces = isosurface(grown.astype(np.float32), 0.5)
    return points - _PAD, faces


def _fragment(mask: Mask) -> Shape:
    padded = np.pad(mask, _PAD)
    bridged = ndimage.binary_dilation(padded, np.ones((3, 3, 3), np.bool_))
    distance = _distance(bridged) - _distance(~bridged)
    fine = ndimage.zoom(distance, 2, order=3)
    points, faces = isosurface(fine.astype(np.float32), FRAGMENT_LEVEL)
    # n samples become 2n between the same first and last one: their step is not one half
    steps = (np.array(padded.shape) - 1) / (np.array(fine.shape) - 1)
    return points * steps - _PAD, faces


def _distance(mask: Mask) -> npt.NDArray[np.float64]:
    distances: npt.NDArray[np.float64] = np.asarray(ndimage.distance_transform_edt(mask), np.float64)
    return distances
