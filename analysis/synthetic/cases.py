"""The six ways in which Baseline, DistMap and CC-Consensus can be ordered, each made on purpose.

Cassez 2026, Appendix E, shows one patient of each. A case changes what a patient has (its draw) and what the
two networks outline; fragments are scattered over the result as over any other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.synthetic.counts import ED, ET, NCR, Draw
from analysis.synthetic.fragments import BASELINE, DISTMAP, REFERENCE, Maps
from analysis.synthetic.predictions import Skill

Field = npt.NDArray[np.float32]


class Scene(NamedTuple):
    """What a case may change: the three maps, and a second lesion that none of them shows yet.

    Attributes:
        maps: (3, z, y, x) uint8, reference, Baseline and DistMap, one component a label.
        satellite: (z, y, x) uint8, a small complete lesion in the other hemisphere, apart from the first.
        front_mm: (z, y, x) float32, mm towards the front along a wavy path, to cut a map off by.
        beyond_core_mm: (z, y, x) float32, distance beyond the outline of the core, or of where one could be.
    """

    maps: Maps
    satellite: Labels
    front_mm: Field
    beyond_core_mm: Field


@dataclass(frozen=True, slots=True)
class Case:
    """One of the six behaviours.

    Attributes:
        tag: C1 to C6.
        title: for people.
        prepare: changes the draw, so that the behaviour can show.
        stage: changes the maps in place, so that it does.
    """

    tag: str
    title: str
    prepare: Callable[[Draw], Draw]
    stage: Callable[[Scene], None]


# Cases show how networks differ, not how hard the tumour was: their outlines are good.
CASE_SKILL = Skill(whole_mm=0.5, core_mm=0.35, own=0.2)


def _oedema_only(draw: Draw) -> Draw:
    return replace(draw, wt_voxels=max(draw.wt_voxels, 40_000), tc_voxels=0, et_voxels=0)


def _not_enhancing(draw: Draw) -> Draw:
    whole = max(draw.wt_voxels, 50_000)
    return replace(draw, wt_voxels=whole, tc_voxels=round(0.4 * whole), et_voxels=0)


def _typical(draw: Draw) -> Draw:
    whole = max(draw.wt_voxels, 60_000)
    return replace(draw, wt_voxels=whole, tc_voxels=round(0.4 * whole), et_voxels=round(0.22 * whole))


def _hallucinate_core(scene: Scene) -> None:
    """DistMap sees a core with a rim in an oedema-only tumour."""
    distmap = scene.maps[DISTMAP]
    inside = distmap == ED
    beyond = np.where(inside, scene.beyond_core_mm, np.inf)
    distmap[beyond < np.quantile(beyond[inside], 0.08)] = ET
    distmap[beyond < np.quantile(beyond[inside], 0.03)] = NCR


def _under_segment(scene: Scene) -> None:
    """Baseline stops halfway through the tumour."""
    _cut_short(scene, BASELINE, 0.48)


def _miss_satellite(scene: Scene) -> None:
    """Both networks miss part of the tumour, Baseline more; only DistMap finds the second lesion."""
    _cut_short(scene, BASELINE, 0.6)
    _cut_short(scene, DISTMAP, 0.92)
    there = scene.satellite > 0
    scene.maps[REFERENCE][there] = scene.satellite[there]
    scene.maps[DISTMAP][there] = scene.satellite[there]


def _hallucinate_enhancement(scene: Scene) -> None:
    """DistMap calls the outer part of a core that does not enhance enhancing."""
    distmap = scene.maps[DISTMAP]
    core = distmap == NCR
    distmap[core & (scene.beyond_core_mm > np.quantile(scene.beyond_core_mm[core], 0.78))] = ET


def _veto_enhancement(scene: Scene) -> None:
    """Baseline calls the enhancing rim necrotic; its veto then takes the whole rim from DistMap."""
    baseline = scene.maps[BASELINE]
    baseline[baseline == ET] = NCR


def _invent_satellite(scene: Scene) -> None:
    """DistMap invents a second lesion and outlines the first well; Baseline cuts the first one short."""
    there = scene.satellite > 0
    scene.maps[DISTMAP][there] = scene.satellite[there]
    _cut_short(scene, BASELINE, 0.78)


def _cut_short(scene: Scene, number: int, share: float) -> None:
    """Let a map stop at a wavy front, so that this share of its voxels stays."""
    labels = scene.maps[number]
    shown = labels > 0
    labels[shown & (scene.front_mm < np.quantile(scene.front_mm[shown], 1 - share))] = 0


CASES: Mapping[str, Case] = MappingProxyType(
    {
        case.tag: case
        for case in (
            Case("C1", "Baseline > DistMap: a core imagined in oedema", _oedema_only, _hallucinate_core),
            Case("C2", "DistMap > Baseline: Baseline stops halfway", _typical, _under_segment),
            Case("C3", "B < F < D: the veto costs a true lesion", _typical, _miss_satellite),
            Case(
                "C4",
                "D < F < B: the veto takes back an imagined rim",
                _not_enhancing,
                _hallucinate_enhancement,
            ),
            Case("C5", "Filter worst: the veto deletes the true rim", _typical, _veto_enhancement),
            Case("C6", "Filter best: the veto deletes an imagined lesion", _typical, _invent_satellite),
        )
    }
)
