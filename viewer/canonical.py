"""Volumes turned so that their axes run right, anterior and superior, as the browser draws them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine
from analysis.orientation import ras_axes

Volume = npt.NDArray[Any]


def to_ras(volume: Volume, affine: Affine) -> tuple[Volume, Affine]:
    """Permute and flip a volume to RAS without resampling.

    Args:
        volume: (x, y, z).
        affine: (4, 4), voxel index to RAS+ mm.

    Returns:
        A view of the volume, and the affine under which every voxel keeps its place in the world.
    """
    along, signs = ras_axes(affine)
    turned = volume.transpose(along)[tuple(slice(None, None, sign) for sign in signs)]
    back = np.zeros((4, 4))
    back[3, 3] = 1
    for new, (old, sign) in enumerate(zip(along, signs, strict=True)):
        back[old, new] = sign
        back[old, 3] = volume.shape[old] - 1 if sign < 0 else 0
    return turned, affine @ back


def x_fastest_bytes(volume: npt.NDArray[np.uint8]) -> bytes:
    """Write a uint8 volume with x running fastest, as the browser indexes it."""
    return volume.tobytes(order="F")
