"""nnU-Net's augmentation of one patch, distance maps carried along as batchgeneratorsv2's regression target.

A per-patient normalised distance map is invariant under what this recipe does in space (rotation, one zoom
for all axes, mirroring) and under nothing else: an elastic warp or three zooms would make it wrong.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from batchgeneratorsv2.transforms.base.basic_transform import BasicTransform
from batchgeneratorsv2.transforms.intensity.brightness import MultiplicativeBrightnessTransform
from batchgeneratorsv2.transforms.intensity.contrast import BGContrast, ContrastTransform
from batchgeneratorsv2.transforms.intensity.gamma import GammaTransform
from batchgeneratorsv2.transforms.intensity.gaussian_noise import GaussianNoiseTransform
from batchgeneratorsv2.transforms.noise.gaussian_blur import GaussianBlurTransform
from batchgeneratorsv2.transforms.spatial.low_resolution import SimulateLowResolutionTransform
from batchgeneratorsv2.transforms.spatial.mirroring import MirrorTransform
from batchgeneratorsv2.transforms.spatial.spatial import SpatialTransform
from batchgeneratorsv2.transforms.utils.compose import ComposeTransforms
from batchgeneratorsv2.transforms.utils.random import RandomTransform
from torch import Tensor

from training.preprocessing import OUTSIDE

ROTATION = 30 / 360 * 2 * np.pi
ZOOM = (0.7, 1.4)
P_ROTATION = 0.2
P_ZOOM = 0.2

Motion = Literal["none", "rotation", "zoom", "both"]
Shape = tuple[int, int, int]


class Sample(NamedTuple):
    """One patch.

    Attributes:
        images_czyx: float32.
        labels_zyx: int64, -1 outside the brain.
        distances_czyx: float32 in [-1, 1], or None.
    """

    images_czyx: Tensor
    labels_zyx: Tensor
    distances_czyx: Tensor | None


def draw_motion(random: np.random.Generator) -> Motion:
    """Draw whether to rotate and whether to zoom as nnU-Net does; 64 % of patches do neither."""
    rotates, zooms = random.random() < P_ROTATION, random.random() < P_ZOOM
    return "both" if rotates and zooms else "rotation" if rotates else "zoom" if zooms else "none"


def crop_shape(patch: Shape, motion: Motion) -> Shape:
    """Say how much must be cut out so that a motion never reaches beyond it.

    nnU-Net cuts the largest for every sample (205 for a patch of 128); drawn first, most need no more
    than the patch.
    """
    if motion == "none":
        return patch
    reach = np.asarray(patch, dtype=float)
    if motion in ("rotation", "both"):
        reach = np.minimum(np.linalg.norm(patch), reach + np.sin(ROTATION) * (np.sum(patch) - reach))
    if motion in ("zoom", "both"):
        reach = reach * ZOOM[1]
    z, y, x = (int(np.ceil(size)) for size in reach)
    return z, y, x


def augment(sample: Sample, patch: Shape, motion: Motion) -> Sample:
    """Apply the recipe to a sample of `crop_shape`; draws from numpy's and torch's global generators.

    Distances pass through shifted by 1, since padding is 0 there and 0 would mean "boundary": what lies
    outside the volume reads -1.
    """
    if any(size < least for size, least in zip(sample.images_czyx.shape[1:], patch, strict=True)):
        raise ValueError(
            f"a sample of {tuple(sample.images_czyx.shape[1:])} is smaller than the patch {patch}"
        )
    data: dict[str, Any] = {"image": sample.images_czyx, "segmentation": sample.labels_zyx[None].short()}
    if sample.distances_czyx is not None:
        data["regression_target"] = sample.distances_czyx + 1
    done = recipe(patch, motion)(**data)
    carried = done.get("regression_target")
    distances = None if carried is None else carried.sub(1).clamp(-1, 1)
    labels = done["segmentation"][0].long()
    return Sample(done["image"].masked_fill(labels == OUTSIDE, 0), labels, distances)


@lru_cache(maxsize=16)
def recipe(patch: Shape, motion: Motion) -> Callable[..., dict[str, Any]]:
    """Build nnU-Net's default 3D training transforms, with the given motion in place of a drawn one."""
    assert_similarity(space := spatial(patch, motion))
    steps = [
        space,
        _perhaps(0.1, GaussianNoiseTransform((0, 0.1), p_per_channel=1, synchronize_channels=True)),
        _perhaps(
            0.2,
            GaussianBlurTransform(
                (0.5, 1.0), synchronize_channels=False, synchronize_axes=False, p_per_channel=0.5
            ),
        ),
        _perhaps(
            0.15,
            MultiplicativeBrightnessTransform(
                BGContrast((0.75, 1.25)), synchronize_channels=False, p_per_channel=1
            ),
        ),
        _perhaps(
            0.15,
            ContrastTransform(
                BGContrast((0.75, 1.25)), preserve_range=True, synchronize_channels=False, p_per_channel=1
            ),
        ),
        _perhaps(
            0.25,
            SimulateLowResolutionTransform(
                (0.5, 1),
                synchronize_channels=False,
                synchronize_axes=True,
                ignore_axes=None,
                allowed_channels=None,
                p_per_channel=0.5,
            ),
        ),
        _perhaps(0.1, _gamma(inverted=True)),
        _perhaps(0.3, _gamma(inverted=False)),
        MirrorTransform(allowed_axes=(0, 1, 2)),
    ]
    transforms: Callable[..., dict[str, Any]] = ComposeTransforms(steps)
    return transforms


def spatial(patch: Shape, motion: Motion) -> SpatialTransform:
    """Build nnU-Net's spatial transform, its two probabilities replaced by what was drawn."""
    return SpatialTransform(
        patch,
        patch_center_dist_from_border=0,
        random_crop=False,
        p_elastic_deform=0,
        p_rotation=float(motion in ("rotation", "both")),
        rotation=(-ROTATION, ROTATION),
        p_scaling=float(motion in ("zoom", "both")),
        scaling=ZOOM,
        p_synchronize_scaling_across_axes=1,
        bg_style_seg_sampling=False,
        border_mode_seg="constant",
        padding_value_seg=OUTSIDE,
    )


def assert_similarity(transform: SpatialTransform) -> None:
    """Refuse a spatial transform under which normalised distances are not invariant.

    Raises:
        ValueError: it warps, or zooms axes apart.
    """
    if transform.p_elastic_deform > 0 or transform.p_synchronize_scaling_across_axes < 1:
        raise ValueError(
            "distance maps can't be carried through an elastic warp or a zoom that differs by axis"
        )


def _gamma(*, inverted: bool) -> GammaTransform:
    return GammaTransform(
        BGContrast((0.7, 1.5)),
        p_invert_image=int(inverted),
        synchronize_channels=False,
        p_per_channel=1,
        p_retain_stats=1,
    )


def _perhaps(probability: float, transform: BasicTransform) -> RandomTransform:
    return RandomTransform(transform, apply_probability=probability)


def seeded(numbers: Sequence[int]) -> np.random.Generator:
    """Seed numpy's and torch's global generators, which transforms draw from; return one of our own."""
    sequence = np.random.SeedSequence(list(numbers))
    first, second = (int(word) for word in sequence.generate_state(2))
    np.random.seed(first)  # noqa: NPY002 - batchgeneratorsv2 draws from the global generator
    torch.manual_seed(second)
    return np.random.default_rng(sequence)
