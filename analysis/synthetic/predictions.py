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
        whole_mm: of the whole tumour's outline, in both networks alike.
        core_mm: of the core's and the enhancing rim's.
        own: what each network adds for itself, as a share of those.
    """

    whole_mm: float
    core_mm: float
    own: float


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
    hard = min(3.0, float(np.exp(rng.normal(0.05, 0.62))))
    return Skill(
        whole_mm=0.85 * hard * float(np.exp(rng.normal(0, 0.5))),
        core_mm=0.42 * hard**2,
        own=0.22 * float(np.exp(rng.normal(0, 0.75))),
    )


def predict(rng: np.random.Generator, lesion: Lesion, skill: Skill) -> Outlines:
    """Outline a lesion twice.

    Args:
        rng: where the errors come from.
        lesion: what there is to outline; its finest detail is lost on a network.
        skill: how well both do.
    """
    shared = _error(rng, lesion, skill, 5.0)
    alone = Skill(skill.whole_mm * skill.own, skill.core_mm * skill.own, 0.0)
    return Outlines(*(_outline(lesion, shared, _error(rng, lesion, alone, 4.0)) for _ in range(2)))


def _outline(lesion: Lesion, shared: _Error, own: _Error) -> Labels:
    core = lesion.core + shared.core + own.core
    # The rim is counted from the core's outline, wherever a network puts that.
    rim = lesion.rim - (shared.core + own.core) + shared.rim + own.rim
    return outline(lesion.whole + shared.whole + own.whole, core, rim)


def _error(rng: np.random.Generator, lesion: Lesion, skill: Skill, correlation_mm: float) -> _Error:
    amplitudes = (skill.whole_mm, skill.core_mm, skill.core_mm)
    return _Error(*(_displacement(rng, lesion, amplitude, correlation_mm) for amplitude in amplitudes))


def _displacement(
    rng: np.random.Generator, lesion: Lesion, amplitude_mm: float, correlation_mm: float
) -> Values:
    """A field of displacements: the same everywhere (too large, too small), in places, and ragged."""
    field = np.full(lesion.whole.shape, rng.normal(0, 0.45 * amplitude_mm), np.float32)
    add_noise(field, lesion.to_mm, smooth_noise(rng, correlation_mm), 0.75 * amplitude_mm)
    add_noise(field, lesion.to_mm, smooth_noise(rng, 1.8), 0.5 * amplitude_mm)
    return field
