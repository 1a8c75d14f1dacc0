"""Signed distance maps of masks, normalised to [-1, 1], and their storage in one byte a voxel."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]
Distances = npt.NDArray[np.float32]
BoundaryRule = Literal["zero", "none"]

STEPS = 127
"""An int8 code times 1/127 is the value it stands for."""


def signed_distance(
    mask: Mask, *, spacing_mm: Sequence[float] = (1.0, 1.0, 1.0), boundary: BoundaryRule = "zero"
) -> Distances:
    """Distance in mm to the nearest voxel of the other side, positive inside and negative outside.

    Both sides start one voxel from the boundary, so that nothing would be zero; `boundary` decides.
    The edge of the volume is no boundary: what lies beyond is not known.

    Args:
        mask: (i, j, k) bool.
        spacing_mm: along the three axes of `mask`.
        boundary: `zero` sets voxels of the mask with a face outside it to 0, as in the paper
            ("boundary = 0"); `none` leaves them, and the map of the complement is then the negative.

    Returns:
        (i, j, k) float32. An empty mask gives -inf everywhere, a full one inf.
    """
    if not mask.any() or mask.all():
        return np.full(mask.shape, np.inf if mask.any() else -np.inf, dtype=np.float32)
    inside, outside = (ndimage.distance_transform_edt(side, sampling=spacing_mm) for side in (mask, ~mask))
    signed: Distances = (inside - outside).astype(np.float32)
    if boundary == "zero":
        signed[inner_boundary(mask)] = 0
    return signed


def signed_distance_map(
    mask: Mask, *, spacing_mm: Sequence[float] = (1.0, 1.0, 1.0), boundary: BoundaryRule = "zero"
) -> Distances:
    """Signed distance with each side divided by its own maximum: 1 deepest inside, -1 farthest outside.

    Section 3.1 of Cassez 2026. The maxima are those of the array that is given, so it must be the whole
    volume: a crop has other maxima, and its values differ by up to 0.67 (64 voxels, necrotic core).

    Args:
        mask: (i, j, k) bool.
        spacing_mm: along the three axes of `mask`.
        boundary: as in `signed_distance`; a mask without interior is 0 inside under `zero`.

    Returns:
        (i, j, k) float32 in [-1, 1]. An empty mask gives -1 everywhere, a full one 1.
    """
    signed = signed_distance(mask, spacing_mm=spacing_mm, boundary=boundary)
    return _normalised(signed, *_reach(signed))


def distance_reach_mm(mask: Mask, *, spacing_mm: Sequence[float] = (1.0, 1.0, 1.0)) -> tuple[float, float]:
    """Largest distance inside and outside, in mm: what `signed_distance_map` divided by.

    A side that does not exist, or has no depth under the rule `zero`, has reach 0.
    """
    return _reach(signed_distance(mask, spacing_mm=spacing_mm))


def label_distance_maps(
    labels: npt.NDArray[np.integer], values: Sequence[int], *, spacing_mm: Sequence[float] = (1.0, 1.0, 1.0)
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Compute the stored target of one patient: a map a label, and how far each reaches.

    Args:
        labels: (i, j, k); any value that is not asked for, -1 included, is background.
        values: the labels, one map each.
        spacing_mm: along the three axes of `labels`.

    Returns:
        (c, i, j, k) int8 codes of the maps, and (c, 2) float32 reach in mm, inside and outside.
    """
    signed = [signed_distance(labels == value, spacing_mm=spacing_mm) for value in values]
    reach = [_reach(one) for one in signed]
    codes = np.stack([quantise(_normalised(one, *far)) for one, far in zip(signed, reach, strict=True)])
    return codes, np.asarray(reach, dtype=np.float32)


def quantise(values: Distances) -> npt.NDArray[np.int8]:
    """Round values in [-1, 1] to int8; the error is at most 1/254."""
    return np.rint(np.clip(values, -1, 1) * STEPS).astype(np.int8)


def dequantise(codes: npt.NDArray[np.int8]) -> Distances:
    """Undo `quantise`."""
    return codes.astype(np.float32) / np.float32(STEPS)


def inner_boundary(mask: Mask) -> Mask:
    """Voxels of a mask with a face outside it; the edge of the array is no outside."""
    cross = ndimage.generate_binary_structure(3, 1)
    interior: Mask = ndimage.binary_erosion(mask, cross, border_value=1)
    return mask & ~interior


def boundary_share(mask: Mask) -> float:
    """Share of a mask's voxels that the rule `zero` sets to 0; in thin tissue most of them. Empty: NaN."""
    return float(inner_boundary(mask).sum() / mask.sum()) if mask.any() else float("nan")


def _reach(signed: Distances) -> tuple[float, float]:
    if not np.isfinite(signed).all():
        return 0.0, 0.0
    return max(float(signed.max()), 0.0), max(-float(signed.min()), 0.0)


def _normalised(signed: Distances, inside_mm: float, outside_mm: float) -> Distances:
    if not np.isfinite(signed).all():
        return np.sign(signed)
    scale = np.where(signed > 0, inside_mm or 1.0, outside_mm or 1.0)
    return (signed / scale).astype(np.float32)
