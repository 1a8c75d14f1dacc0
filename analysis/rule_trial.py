"""A rule on one patient of a cohort: Dice of every region, and the fragments that are left of every label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.cases import dice_average
from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import LabelScheme
from analysis.components import find_components
from analysis.consensus import ConsensusRule, painted
from analysis.overlap import dice, joint_histogram, region_overlaps
from analysis.volumes import common_box


@dataclass(frozen=True, slots=True)
class RuleScores:
    """What a rule gives on one patient.

    Attributes:
        dice: region to Dice; 1 where both are empty.
        fragments: label name to 26-connected components beside the largest.
    """

    dice: Mapping[str, float]
    fragments: Mapping[str, int]

    def average(self, regions: Sequence[str]) -> float:
        """Average the Dice of some regions, added in their order."""
        return float(dice_average([[self.dice[region] for region in regions]])[0])


def rule_scores(
    reference: LabelMap, filtered: LabelMap, veto: LabelMap, scheme: LabelScheme, rule: ConsensusRule
) -> RuleScores:
    """Apply a rule to a patient and count what comes of it.

    Args:
        reference: ground truth; all three on one grid.
        filtered: the method whose components are judged.
        veto: the method that confirms them.
        scheme: labels and regions.
        rule: when a component survives.
    """
    box = common_box([reference, filtered, veto]).slices
    found = find_components(filtered.labels[box], affine=filtered.affine, connectivity=rule.connectivity)
    labels = painted(found, rule.keeps(found.table, found.overlaps(veto.labels[box])))
    overlaps = region_overlaps(joint_histogram(reference.labels[box], labels), scheme.regions)
    scores = {
        region: dice(one) if one.reference + one.prediction else 1.0 for region, one in overlaps.items()
    }
    left = find_components(labels, affine=filtered.affine).table if labels.size else None
    return RuleScores(
        scores,
        {
            name: 0 if left is None else max(0, int(np.count_nonzero(left.labels == value)) - 1)
            for value, name in scheme.names.items()
        },
    )
