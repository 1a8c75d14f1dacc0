"""Predict a whole volume by overlapping windows, weighed by a Gaussian and mirrored: nnU-Net's way."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.nn.functional import pad

Shape = tuple[int, ...]
Predict = Callable[[Tensor], Tensor]

ALL_FLIPS = tuple(axes for count in range(4) for axes in itertools.combinations((2, 3, 4), count))
"""The identity and the seven mirrorings of a (b, c, z, y, x) volume."""


@torch.inference_mode()
def slide(
    predict: Predict,
    images_czyx: Tensor,
    patch: Shape,
    *,
    flips: Sequence[tuple[int, ...]] = ALL_FLIPS,
    step: float = 0.5,
) -> Tensor:
    """Predict every voxel of a volume of any size.

    Args:
        predict: (1, c, *patch) to (1, k, *patch), on the images' device.
        images_czyx: smaller volumes are padded with 0 to the patch.
        patch: (z, y, x).
        flips: mirrored axes of each pass over a window; the answers are averaged.
        step: of the window, as a share of the patch.

    Returns:
        (k, z, y, x) float32, averages of raw answers as nnU-Net averages logits.
    """
    padded, inner = _padded(images_czyx, patch)
    weight = gaussian(tuple(patch)).to(padded.device)
    total: Tensor | None = None
    count = torch.zeros(padded.shape[1:], device=padded.device)
    for box in windows(tuple(padded.shape[1:]), patch, step):
        window = padded[(slice(None), *box)][None]
        answer = torch.stack([predict(window.flip(axes)).float().flip(axes) for axes in flips]).mean(0)[0]
        if total is None:
            total = torch.zeros((answer.shape[0], *padded.shape[1:]), device=padded.device)
        total[(slice(None), *box)] += answer * weight
        count[box] += weight
    if total is None:
        raise ValueError(f"a volume of shape {tuple(images_czyx.shape)} has no window")
    return (total / count)[(slice(None), *inner)]


def windows(shape: Shape, patch: Shape, step: float) -> Iterator[tuple[slice, ...]]:
    """Place windows evenly, no farther apart than a share of the patch, first and last at the edges."""
    starts = []
    for whole, size in zip(shape, patch, strict=True):
        count = math.ceil((whole - size) / (size * step)) + 1
        gap = (whole - size) / (count - 1) if count > 1 else 0.0
        starts.append([int(np.round(gap * index)) for index in range(count)])
    for corner in itertools.product(*starts):
        yield tuple(slice(start, start + size) for start, size in zip(corner, patch, strict=True))


@lru_cache(maxsize=4)
def gaussian(patch: Shape) -> Tensor:
    """Weigh the voxels of a window, 1 in the middle, nowhere 0; sigma is an eighth of the patch."""
    point = np.zeros(patch)
    point[tuple(size // 2 for size in patch)] = 1
    weight = gaussian_filter(point, [size / 8 for size in patch], mode="constant")
    weight /= weight.max()
    return torch.from_numpy(np.maximum(weight, weight[weight > 0].min()).astype(np.float32)).clamp(min=1e-6)


def _padded(images_czyx: Tensor, patch: Shape) -> tuple[Tensor, tuple[slice, ...]]:
    pads, inner = [], []
    for whole, size in zip(images_czyx.shape[1:], patch, strict=True):
        missing = max(size - whole, 0)
        pads.append((missing // 2, missing - missing // 2))
        inner.append(slice(missing // 2, missing // 2 + whole))
    flat = [one for pair in reversed(pads) for one in pair]
    return pad(images_czyx, flat), tuple(inner)
