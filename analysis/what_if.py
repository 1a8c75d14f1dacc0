"""What a case would be under another rule, or with some verdicts turned round; everything recomputed.

`analysis.counterfactual` says for every component at once what turning its verdict round does to Dice. Here a
few verdicts, or the rule itself, are changed, and the label map that results is scored like any other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.cases import dice_average
from analysis.cohort.label_map import Labels
from analysis.components import find_components
from analysis.consensus import ConsensusRule, painted
from analysis.metrics import Families, Value, compare
from analysis.volumes import CroppedMap

FAMILIES = Families(surface_elements=False)
Scores = Mapping[tuple[str, str], Value]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A method under a rule, with some verdicts turned round.

    Attributes:
        labels: (x, y, z) uint8 inside the patient's box, what is left of the method.
        kept: (n,) whether anything is left of each 26-connected component, in the order of the method's
            component table.
    """

    labels: Labels
    kept: npt.NDArray[np.bool_]


def judged(
    filtered: CroppedMap, veto: CroppedMap, rule: ConsensusRule, turned: npt.NDArray[np.bool_]
) -> Judged:
    """Apply a rule, then turn some verdicts round.

    A verdict is about a 26-connected component, whatever connectivity the rule uses: where the rule leaves
    anything of it, turning round deletes it, and where nothing is left, turning round puts all of it back.

    Args:
        filtered: the method whose components are judged.
        veto: the method that confirms them, inside the same box.
        rule: when a component survives.
        turned: (n,) components whose verdict is turned round, in the order of `filtered.components.table`.
    """
    whole = filtered.components
    found = whole
    if rule.connectivity != 26:
        found = find_components(filtered.labels, affine=filtered.affine, connectivity=rule.connectivity)
    labels = painted(found, rule.keeps(found.table, found.overlaps(veto.labels)))
    kept = whole.overlaps(labels) > 0
    if turned.any():
        is_turned = painted(whole, turned) != 0
        labels = np.where(is_turned, painted(whole, turned & ~kept), labels)
    return Judged(np.asfortranarray(labels), kept ^ turned)


class Known(NamedTuple):
    """A label map inside a patient's box, and its scores against the reference."""

    labels: Labels
    scores: Scores


def scored(
    reference: CroppedMap, labels: Labels, *, outside_voxels: int, beside: Known | None = None
) -> Scores:
    """Score a label map like a method of the study: (region, metric) to value.

    Args:
        reference: the ground truth inside the patient's box.
        labels: (x, y, z) uint8 inside the same box.
        outside_voxels: voxels of the image beyond the box.
        beside: a label map whose scores against the same reference are known: a region that is the same
            in both keeps them, which the slowest scores, lesion by lesion, are spared.
    """
    prediction = CroppedMap(labels, reference.affine, reference.scheme)
    same = [] if beside is None else unchanged_regions(beside.labels, labels, reference.scheme.regions)
    found = compare(
        reference, prediction, outside_voxels=outside_voxels, families=FAMILIES, without=frozenset(same)
    )
    scores = {(region, value.metric): value for region, value in found}
    if beside is not None:
        scores |= {key: value for key, value in beside.scores.items() if key[0] in same}
    return {(region, metric): scores[region, metric] for region, metric in _order(reference.scheme.regions)}


def unchanged_regions(before: Labels, after: Labels, regions: Mapping[str, Sequence[int]]) -> list[str]:
    """Name the regions whose masks are the same in two label maps of one shape."""
    differs = before != after
    pairs = np.unique(np.stack([before[differs], after[differs]]), axis=1)
    return [name for name, members in regions.items() if np.equal(*np.isin(pairs, members)).all()]


def _order(regions: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, str]]:
    return product(regions, FAMILIES.metrics)


def average(scores: Scores, regions: tuple[str, ...]) -> float:
    """Average the Dice of some regions, added in their order as the results do."""
    return float(dice_average([[scores[region, "dice"].value for region in regions]])[0])
