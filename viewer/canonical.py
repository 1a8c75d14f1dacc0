"""Volumes turned so that their axes run right, anterior and superior, as the browser draws them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine

Volume = npt.NDArray[Any]


def ras_axes(affine: Affine) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """Match array axes to anatomical ones.

    The strongest direction cosine is matched first, so an oblique grid still gets three different axes.

    Returns:
        Which array axis runs along R, A and S, and whether each must be flipped.
    """
    cosines = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    free = np.abs(cosines)
    along, flipped = [0, 0, 0], [False, False, False]
    for _ in range(3):
        world, axis = np.unravel_index(np.argmax(free), free.shape)
        along[world], flipped[world] = int(axis), bool(cosines[world, axis] < 0)
        free[world, :] = free[:, axis] = -1
    return (along[0], along[1], along[2]), (flipped[0], flipped[1], flipped[2])


def to_ras(volume: Volume, affine: Affine) -> tuple[Volume, Affine]:
    """Permute and flip a volume to RAS without resampling.

    Args:
        volume: (x, y, z).
        affine: (4, 4), voxel index to RAS+ mm.

    Returns:
        A view of the volume, and the affine under which every voxel keeps its place in the world.
    """
    along, flipped = ras_axes(affine)
    turned = volume.transpose(along)[
        tuple(slice(None, None, -1) if flip else slice(None) for flip in flipped)
    ]
    back = np.zeros((4, 4))
    back[3, 3] = 1
    for new, (old, flip) in enumerate(zip(along, flipped, strict=True)):
        back[old, new] = -1 if flip else 1
        back[old, 3] = volume.shape[old] - 1 if flip else 0
    return turned, affine @ back


def x_fastest_bytes(volume: npt.NDArray[np.uint8]) -> bytes:
    """Write a uint8 volume with x running fastest, as the browser indexes it."""
    return volume.tobytes(order="F")
