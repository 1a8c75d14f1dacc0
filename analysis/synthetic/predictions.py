"""Two networks' outlines of a lesion: both err in the same places, and a little each for itself."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.cohort.label_map import Labels
from analysis.synthetic.noise import Values, add_noise, smooth_noise
from analysis.synthetic.tumour import Lesion, outline


@dataclass(frozen=True, slots=True)
class Skill:
    """How far outlines go astray, in mm (standard deviations of the displacement).

    Attributes:
        shared_mm: what both networks get wrong alike.
        own_mm: what each gets wrong alone.
        bias_mm: both draw larger (negative) or smaller regions.
    """

    shared_mm: float
    own_mm: float
    bias_mm: float


class Outlines(NamedTuple):
    """The label maps of both networks in the lesion's box, (z, y, x) uint8."""

    baseline: Labels
    distmap: Labels


class _Error(NamedTuple):
    """How one network moves the three outlines, (z, y, x) float32 in mm."""

    whole: Values
    core: Values
    rim: Values


def draw_skill(rng: np.random.Generator) -> Skill:
    """Draw how well a patient is segmented: most well, some badly, as the published Dice is spread."""
    hard = float(np.exp(rng.normal(0, 0.55)))
    return Skill(
        shared_mm=0.75 * hard,
        own_mm=0.17 * hard * float(np.exp(rng.normal(0, 0.45))),
        bias_mm=float(rng.normal(0, 0.35 * hard)),
    )


def predict(rng: np.random.Generator, lesion: Lesion, skill: Skill) -> Outlines:
    """Outline a lesion twice.

    Args:
        rng: where the errors come from.
        lesion: what there is to outline; its finest detail is lost on a network.
        skill: how well both do.
    """
    shared = _error(rng, lesion, skill.shared_mm, 5.0, skill.bias_mm)
    return Outlines(
        *(_outline(lesion, shared, _error(rng, lesion, skill.own_mm, 4.0, 0.0)) for _ in range(2))
    )


def _outline(lesion: Lesion, shared: _Error, own: _Error) -> Labels:
    core = lesion.core + shared.core + own.core
    # The rim is counted from the core's outline, wherever a network puts that.
    rim = lesion.rim - (shared.core + own.core) + shared.rim + own.rim
    return outline(lesion.whole + shared.whole + own.whole, core, rim)


def _error(
    rng: np.random.Generator, lesion: Lesion, amplitude_mm: float, correlation_mm: float, bias_mm: float
) -> _Error:
    parts = []
    for _ in range(3):
        field = np.full(lesion.whole.shape, bias_mm, np.float32)
        add_noise(field, lesion.to_mm, smooth_noise(rng, correlation_mm), 0.8 * amplitude_mm)
        add_noise(field, lesion.to_mm, smooth_noise(rng, 1.8, 64), 0.6 * amplitude_mm)
        parts.append(field)
    return _Error(*parts)
