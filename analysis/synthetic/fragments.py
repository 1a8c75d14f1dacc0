"""Fragments: small components scattered over three label maps until each has as many as it is to have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.synthetic.counts import ED, ET, NCR, FragmentCounts
from analysis.synthetic.growing import place_fragments
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

    count: int
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
    taken = np.zeros(maps.shape[1:], np.uint8)
    reached = {}
    for label in (NCR, ET, ED):
        _protect_mains(maps, taken, label)
        kinds, counts = _plan(rng, maps, label, wanted[label])
        for kind in kinds:
            _place(rng, maps, taken, where, label, kind)
        reached[label] = counts
    return reached


def _protect_mains(maps: Maps, taken: npt.NDArray[np.uint8], label: int) -> None:
    """Keep a voxel that all maps with the label agree on, so that a tiny component is never eaten up."""
    present = [number for number in range(3) if (maps[number] == label).any()]
    if present:
        agreed = np.flatnonzero(np.all(maps[present] == label, axis=0))
        taken.reshape(-1)[agreed[len(agreed) // 2 :][:1]] = 7


def _plan(
    rng: np.random.Generator, maps: Maps, label: int, wanted: FragmentCounts
) -> tuple[list[_Kind], FragmentCounts]:
    """Say which fragments are missing."""
    reference, baseline, distmap = (component_count(labels, label) for labels in maps)
    confirmed = confirmed_count(maps[DISTMAP], maps[BASELINE], label) if baseline and distmap else 0
    shared = max(0, wanted.consensus + 1 - confirmed) if baseline and distmap else 0
    only_baseline = max(0, wanted.baseline + 1 - baseline - shared) if baseline else 0
    only_distmap = max(0, wanted.distmap + 1 - distmap - shared) if distmap else 0
    missing = max(0, wanted.reference + 1 - reference) if reference else 0
    true = [
        int(rng.binomial(count, chance))
        for count, chance in ((shared, 0.3), (only_distmap, 0.05), (only_baseline, 0.05))
    ]
    true = np.minimum(
        true, [missing, max(0, missing - true[0]), max(0, missing - true[0] - true[1])]
    ).tolist()
    kinds = [
        _Kind(shared, (BASELINE, DISTMAP), true[0], _CONFIRMED_TAIL),
        _Kind(only_distmap, (DISTMAP,), true[1], _ORPHAN_TAIL),
        _Kind(only_baseline, (BASELINE,), true[2], _ORPHAN_TAIL),
        _Kind(missing - sum(true), (), missing - sum(true), _TRUE_TAIL),
    ]
    counts = FragmentCounts(
        max(0, reference + missing - 1),
        max(0, baseline + shared + only_baseline - 1),
        max(0, distmap + shared + only_distmap - 1),
        max(0, confirmed + shared - 1),
    )
    return kinds, counts


def _place(
    rng: np.random.Generator,
    maps: Maps,
    taken: npt.NDArray[np.uint8],
    where: Surroundings,
    label: int,
    kind: _Kind,
) -> None:
    if kind.count == 0:
        return
    lengths = _lengths(rng, kind, max(1.0, _LARGEST_MM3 / where.voxel_mm3))
    host = maps[kind.members[-1] if kind.members else REFERENCE]
    zones = _ZONES[label]
    chosen = rng.choice(len(zones), size=kind.count, p=[zone.share for zone in zones])
    for number, zone in enumerate(zones):
        rows = np.flatnonzero(chosen == number)
        if len(rows):
            candidates = _candidates(rng, host, where, zone, len(rows))
            lengths[rows] = place_fragments(
                maps, taken, where.brain, candidates, lengths[rows], label, _seed(rng)
            )
    left = lengths[lengths.any(axis=1)]
    if len(left):
        anywhere = rng.permutation(np.flatnonzero(where.brain))
        left = place_fragments(maps, taken, where.brain, anywhere, np.minimum(left, 1), label, _seed(rng))
    if left.any():
        raise RuntimeError(
            f"no room in the brain for {np.count_nonzero(left.any(axis=1))} more fragments of label {label}"
        )


def _lengths(rng: np.random.Generator, kind: _Kind, largest: float) -> npt.NDArray[np.int64]:
    """(count, 3) voxels of each fragment in each map, 0 where it is absent; most are single voxels."""
    lengths = np.zeros((kind.count, 3), np.int64)
    for number in kind.members:
        sizes = np.ceil(rng.pareto(kind.tail, kind.count) * 0.9 + 1e-9)
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
