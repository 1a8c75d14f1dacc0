"""Four MRI contrasts of a brain with a glioma: native T1, contrast-enhanced T1, T2 and T2-FLAIR."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from analysis.cohort.label_map import Labels
from analysis.synthetic.brain import Brain
from analysis.synthetic.counts import ED, ET, NCR
from analysis.synthetic.grid import Window
from analysis.synthetic.noise import Values, add_noise, smooth_noise

Image = npt.NDArray[np.int16]


class _Weighting(NamedTuple):
    """Mean signal of each tissue in one contrast; white matter of T1 is 100."""

    white: float
    grey: float
    fluid: float
    necrosis: float
    oedema: float
    enhancing: float
    vessel: float


# From skull-stripped BraTS scans, relative to each other; vessels show where contrast agent flows.
_WEIGHTINGS: Mapping[str, _Weighting] = MappingProxyType(
    {
        "t1n": _Weighting(100, 82, 44, 62, 80, 84, 60),
        "t1c": _Weighting(100, 86, 50, 58, 82, 185, 190),
        "t2w": _Weighting(74, 98, 215, 170, 142, 122, 120),
        "t2f": _Weighting(80, 100, 36, 96, 162, 142, 60),
    }
)
CONTRASTS = tuple(_WEIGHTINGS)


@dataclass(frozen=True, slots=True, eq=False)
class _Tissue:
    """What the brain's voxels are made of, (n,) float32 each over the voxels of the mask."""

    fluid: Values
    grey: Values
    lesion: Mapping[int, Values]
    texture: Mapping[int, Values]
    vessel: Values
    bias: Values


def render_contrasts(
    rng: np.random.Generator, window: Window, brain: Brain, labels: Labels
) -> dict[str, Image]:
    """Render the four contrasts.

    Args:
        rng: for coil shading, texture, noise and the scanner's scale.
        window: the box of voxels.
        brain: in the window.
        labels: (z, y, x) uint8, the true label map in the window.

    Returns:
        By name (t1n, t1c, t2w, t2f): (z, y, x) int16 of the window, 0 outside the brain and at least 1 in it.
    """
    tissue = _tissue(rng, window, brain, labels)
    return {name: _render(rng, brain, tissue, weighting) for name, weighting in _WEIGHTINGS.items()}


def _tissue(rng: np.random.Generator, window: Window, brain: Brain, labels: Labels) -> _Tissue:
    mask = brain.mask
    coarse, fine = (_field(rng, window, mm)[mask] for mm in (9.0, 2.2))
    bias = 0.09 * _field(rng, window, 55.0)[mask] + 0.012 * coarse + 0.012 * fine
    fluid = brain.fluid[mask]
    return _Tissue(
        fluid=fluid,
        grey=brain.grey[mask],
        lesion={
            label: _softened(labels == label, 0.7 / window.grid.spacing_mm)[mask] for label in (NCR, ED, ET)
        },
        texture={
            NCR: 0.10 * coarse + 0.07 * fine,
            ED: 0.09 * coarse + 0.03 * fine,
            ET: 0.10 * coarse + 0.12 * fine,
        },
        vessel=np.clip(fine - 1.0, 0, 1) * (fluid > 0.35),
        bias=bias,
    )


def _field(rng: np.random.Generator, window: Window, correlation_mm: float) -> Values:
    field = np.zeros(window.shape_zyx, np.float32)
    add_noise(field, window.to_head, smooth_noise(rng, correlation_mm, 64 if correlation_mm < 5 else 32), 1.0)
    return field


def _softened(mask: npt.NDArray[np.bool_], sigma: float) -> Values:
    """Blur a mask as voxels of finite size do, around where it is."""
    soft = np.zeros(mask.shape, np.float32)
    hits = [
        np.flatnonzero(mask.any(axis=tuple(other for other in range(3) if other != axis)))
        for axis in range(3)
    ]
    if len(hits[0]):
        box = tuple(slice(max(0, hit[0] - 4), hit[-1] + 5) for hit in hits)
        gaussian_filter(mask[box].astype(np.float32), sigma, output=soft[box], truncate=3)
    return soft


def _render(rng: np.random.Generator, brain: Brain, tissue: _Tissue, weighting: _Weighting) -> Image:
    signal = weighting.white + (weighting.grey - weighting.white) * tissue.grey
    signal += (weighting.fluid - weighting.white) * tissue.fluid
    signal += (weighting.vessel - weighting.fluid) * tissue.vessel * (weighting.vessel > weighting.fluid)
    for label, level in ((ED, weighting.oedema), (NCR, weighting.necrosis), (ET, weighting.enhancing)):
        weight = tissue.lesion[label] * (0.88 if label == ED else 1.0)
        signal += weight * (level * (1 + tissue.texture[label]) - signal)
    signal *= 1 + tissue.bias + np.float32(0.02) * rng.standard_normal(len(signal), np.float32)
    signal += np.float32(1.3) * rng.standard_normal(len(signal), np.float32)
    scanner = rng.uniform(4, 8)
    image = np.zeros(brain.mask.shape, np.int16)
    image[brain.mask] = np.clip(signal * scanner, 1, 32_000)
    return image
