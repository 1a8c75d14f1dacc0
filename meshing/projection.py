"""A small picture of masks without any graphics library: how deep the first voxel lies, shaded.

For a thumbnail in a table: some milliseconds, no window, safe in any thread. Pictures to look at closely
come from `meshing.pictures`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from meshing.colours import hex_to_srgb

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

_AMBIENT = 0.42
#: Towards the light, from the picture: right, down, away from the eye.
_LIGHT = np.array([-0.42, -0.62, -0.66])
#: Voxels are rounded off by this much before they are lit.
_SOFT_MM = 1.1
_EDGE_MM = 0.5


class Layer(NamedTuple):
    """What one colour covers.

    Attributes:
        mask: (depth, right, down) bool, the eye before the first plane.
        colour: "#rrggbb".
        opacity: 1 hides what lies below.
    """

    mask: Mask
    colour: str
    opacity: float = 1.0


def projected(
    layers: Sequence[Layer],
    spacing_mm: tuple[float, float, float],
    *,
    size_px: tuple[int, int],
    px_per_mm: float,
) -> Picture:
    """Draw masks in parallel projection, the picture's middle on the middle of the box around them.

    Args:
        layers: of one shape, drawn one over the other in this order, wherever they lie in depth.
        spacing_mm: along depth, right and down.
        size_px: width and height.
        px_per_mm: scale; a picture that would not hold the masks is drawn smaller.

    Returns:
        (height, width, 4) sRGB and opacity; all clear where no mask has a voxel.
    """
    width, height = size_px
    picture = np.zeros((height, width, 4))
    there = [layer for layer in layers if layer.mask.any()]
    if there:
        covered = np.any([layer.mask.any(axis=0) for layer in there], axis=0)
        grid = _grid(covered, spacing_mm[1:], size_px, px_per_mm)
        for layer in there:
            picture = _over(picture, layer, _lit(layer.mask, spacing_mm, grid))
    return np.rint(picture * 255).astype(np.uint8)


def _grid(
    covered: Mask, spacing_mm: tuple[float, ...], size_px: tuple[int, int], px_per_mm: float
) -> tuple[Values, Values, float]:
    """Say which column and row of voxels each pixel shows, (height, width) each, and the pixels a mm."""
    places, scale = [], px_per_mm
    for axis, (spacing, size) in enumerate(zip(spacing_mm, size_px, strict=True)):
        hit = np.flatnonzero(covered.any(axis=1 - axis))
        places.append((hit[0] + hit[-1]) / 2)
        scale = min(scale, 0.94 * size / ((hit[-1] + 1 - hit[0]) * spacing))
    columns, rows = (
        middle + (np.arange(size) - (size - 1) / 2) / (scale * spacing)
        for middle, size, spacing in zip(places, size_px, spacing_mm, strict=True)
    )
    right, down = np.meshgrid(columns, rows)
    return right, down, scale


def _lit(
    mask: Mask, spacing_mm: tuple[float, float, float], grid: tuple[Values, Values, float]
) -> tuple[Values, Values]:
    """Return how bright and how covered each pixel is, both 0 to 1."""
    right, down, scale = grid
    hit = mask.any(axis=0).astype(np.float64)
    depth_mm = mask.argmax(axis=0) * spacing_mm[0]
    soft = [_SOFT_MM / spacing for spacing in spacing_mm[1:]]
    weight = ndimage.gaussian_filter(hit, soft, mode="constant")
    mean = ndimage.gaussian_filter(depth_mm * hit, soft, mode="constant") / np.maximum(weight, 1e-6)
    # beyond the edge the depth of the nearest voxel goes on, or the edge would be lit as a cliff
    nearest = ndimage.distance_transform_edt(hit == 0, return_distances=False, return_indices=True)
    depth = ndimage.map_coordinates(mean[tuple(nearest)], [right, down], order=1, mode="nearest") * scale
    edge = ndimage.gaussian_filter(hit, [_EDGE_MM / spacing for spacing in spacing_mm[1:]], mode="constant")
    coverage = ndimage.map_coordinates(edge, [right, down], order=1, mode="grid-constant")
    along_down, along_right = np.gradient(depth)
    normals = np.stack([along_right, along_down, -np.ones_like(depth)], axis=-1)
    facing = (normals @ _LIGHT) / np.linalg.norm(normals, axis=-1) / np.linalg.norm(_LIGHT)
    return _AMBIENT + (1 - _AMBIENT) * np.clip(facing, 0, 1), np.clip(2 * coverage - 0.5, 0, 1)


def _over(below: Values, layer: Layer, lit: tuple[Values, Values]) -> Values:
    """Lay a layer over a picture of straight (not premultiplied) colours."""
    brightness, coverage = lit
    alpha = coverage * layer.opacity
    colour = np.array(hex_to_srgb(layer.colour)) / 255 * brightness[..., None]
    remaining = below[..., 3] * (1 - alpha)
    whole = alpha + remaining
    mixed = (colour * alpha[..., None] + below[..., :3] * remaining[..., None]) / np.maximum(whole, 1e-9)[
        ..., None
    ]
    return np.concatenate([mixed, whole[..., None]], axis=-1)
