"""Fragments: small components scattered over three label maps until each has as many as it is to have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.synthetic.counts import ED, ET, NCR, FragmentCounts
from analysis.synthetic.growing import Canvas, place_fragments
from analysis.synthetic.noise import Values
from analysis.synthetic.topology import component_count, confirmed_count

REFERENCE, BASELINE, DISTMAP = 0, 1, 2
Maps = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What decides where a fragment may lie.

    Attributes:
        brain: (z, y, x) bool; nothing lies outside.
        beyond_whole_mm: (z, y, x) float32, distance beyond the whole tumour's outline, negative inside.
        beyond_core_mm: the same of the core.
        voxel_mm3: volume of one voxel.
    """

    brain: Mask
    beyond_whole_mm: Values
    beyond_core_mm: Values
    voxel_mm3: float


class _Kind(NamedTuple):
    """Fragments of one sort: how many, in which maps, how large."""

    number: int
    members: tuple[int, ...]
    true_count: int
    tail: float


class _Zone(NamedTuple):
    """A place for fragments: the label it replaces, how far from an outline, how often it is chosen."""

    share: float
    host: int
    outline: str
    within_mm: float


# Shares by eye and by three real networks' outputs: NCR fragments lie in and around the rim, ED fragments on
# the tumour's edge and in the brain, ET fragments in the oedema around the core; a few of each lie far away.
_ZONES: Mapping[int, tuple[_Zone, ...]] = {
    NCR: (
        _Zone(0.62, ET, "core", 1e3),
        _Zone(0.26, ED, "core", 3.0),
        _Zone(0.10, ED, "core", 1e3),
        _Zone(0.02, 0, "whole", 1e3),
    ),
    ED: (_Zone(0.38, ET, "core", 1e3), _Zone(0.44, 0, "whole", 9.0), _Zone(0.18, 0, "whole", 1e3)),
    ET: (_Zone(0.75, ED, "core", 12.0), _Zone(0.13, NCR, "core", 1e3), _Zone(0.12, 0, "whole", 1e3)),
}
_LARGEST_MM3 = 60
# How often a fragment that one network draws, or both, is there in truth.
_TRUE_CHANCE = {1: 0.05, 2: 0.3}
_CONFIRMED_TAIL, _ORPHAN_TAIL, _TRUE_TAIL = 1.2, 2.2, 0.9


def scatter_fragments(
    rng: np.random.Generator, maps: Maps, where: Surroundings, wanted: Mapping[int, FragmentCounts]
) -> dict[int, FragmentCounts]:
    """Add fragments to the reference, Baseline and DistMap.

    A label that a map lacks gets no fragments there; components that exist already count.

    Args:
        rng: where the choices come from.
        maps: (3, z, y, x) uint8, changed in place.
        where: where fragments may lie.
        wanted: by label.

    Returns:
        The counts that the maps now have, exactly; `wanted` wherever that was possible.

    Raises:
        RuntimeError: if the brain is too small for so many fragments.
    """
    canvas = Canvas(maps, np.zeros(maps.shape[1:], np.uint8), where.brain)
    for label in (NCR, ET, ED):
        _protect_mains(canvas, label)
    reached = {}
    for label in (NCR, ET, ED):
        kinds, counts = _plan(rng, maps, label, wanted[label])
        for kind in kinds:
            _place(rng, canvas, where, label, kind)
        reached[label] = counts
    return reached


def _protect_mains(canvas: Canvas, label: int) -> None:
    """Keep a voxel that all maps with the label agree on, so that a tiny component is never eaten up."""
    present = [number for number in range(3) if (canvas.maps[number] == label).any()]
    if present:
        agreed = np.flatnonzero(np.all(canvas.maps[present] == label, axis=0))
        canvas.taken.reshape(-1)[agreed[len(agreed) // 2 :][:1]] = 7


def _plan(
    rng: np.random.Generator, maps: Maps, label: int, wanted: FragmentCounts
) -> tuple[list[_Kind], FragmentCounts]:
    """Say which fragments are missing, and what the counts are once they are there."""
    reference, baseline, distmap = (component_count(labels, label) for labels in maps)
    both = baseline > 0 and distmap > 0
    confirmed = confirmed_count(maps[DISTMAP], maps[BASELINE], label) if both else 0
    shared = max(0, wanted.consensus + 1 - confirmed) if both else 0
    orphans = max(0, wanted.distmap + 1 - distmap - shared) if distmap else 0
    vain = max(0, wanted.baseline + 1 - baseline - shared) if baseline else 0
    missed = max(0, wanted.reference + 1 - reference) if reference else 0
    counts = FragmentCounts(
        reference=max(0, reference + missed - 1),
        baseline=max(0, baseline + shared + vain - 1),
        distmap=max(0, distmap + shared + orphans - 1),
        consensus=max(0, confirmed + shared - 1),
    )
    kinds = []
    for number, members, tail in (
        (shared, (BASELINE, DISTMAP), _CONFIRMED_TAIL),
        (orphans, (DISTMAP,), _ORPHAN_TAIL),
        (vain, (BASELINE,), _ORPHAN_TAIL),
    ):
        true = min(missed, int(rng.binomial(number, _TRUE_CHANCE[len(members)])))
        missed -= true
        kinds.append(_Kind(number, members, true, tail))
    return [*kinds, _Kind(missed, (), missed, _TRUE_TAIL)], counts


def _place(rng: np.random.Generator, canvas: Canvas, where: Surroundings, label: int, kind: _Kind) -> None:
    if kind.number == 0:
        return
    left = _lengths(rng, kind, max(1.0, _LARGEST_MM3 / where.voxel_mm3))
    host = canvas.maps[kind.members[-1] if kind.members else REFERENCE]
    zones = _ZONES[label]
    chosen = rng.choice(len(zones), size=kind.number, p=[zone.share for zone in zones])
    for number, zone in enumerate(zones):
        rows = np.flatnonzero(chosen == number)
        if len(rows):
            candidates = _candidates(rng, host, where, zone, len(rows))
            left[rows] = place_fragments(canvas, candidates, left[rows], label, _seed(rng))
    left = np.minimum(left[left.any(axis=1)], 1)
    if len(left):
        # Their zone is full, or this tumour has none: single voxels fit in somewhere.
        anywhere = rng.permutation(np.flatnonzero(where.brain))
        left = place_fragments(canvas, anywhere, left, label, _seed(rng))
    if left.any():
        homeless = np.count_nonzero(left.any(axis=1))
        raise RuntimeError(f"no room in the brain for {homeless} more fragments of label {label}")


def _lengths(rng: np.random.Generator, kind: _Kind, largest: float) -> npt.NDArray[np.int64]:
    """(count, 3) voxels of each fragment in each map, 0 where it is absent; most are single voxels."""
    lengths = np.zeros((kind.number, 3), np.int64)
    for number in kind.members:
        sizes = np.ceil(rng.pareto(kind.tail, kind.number) * 0.9 + 1e-9)
        lengths[:, number] = np.clip(sizes, 1, largest)
    sizes = np.ceil(rng.pareto(_TRUE_TAIL, kind.true_count) + 1e-9)
    lengths[: kind.true_count, REFERENCE] = np.clip(sizes, 1, largest)
    return lengths


def _candidates(
    rng: np.random.Generator, host: Labels, where: Surroundings, zone: _Zone, count: int
) -> npt.NDArray[np.int64]:
    """Flat indices of voxels in a zone, in random order; more than enough of them for `count` fragments."""
    beyond = where.beyond_core_mm if zone.outline == "core" else where.beyond_whole_mm
    inside = (host == zone.host) & where.brain & (beyond < zone.within_mm)
    found = np.flatnonzero(inside)
    return rng.choice(found, size=min(len(found), 200 * count + 1000), replace=False, shuffle=True)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1, 2**31))
