"""The one-feature rule: a method above a threshold of one feature, another at or below it.

One rule a region, found by trying every feature, threshold and pair of methods (Cassez 2026, section 5.4).
Thresholds are quantiles of the feature over the patients the rule is fitted on, as in the paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.ceiling.dice_cube import DiceCube, Floats, Picks

THRESHOLDS = 19


@dataclass(frozen=True, slots=True)
class FeatureRule:
    """If the feature is above the threshold take one method, else the other.

    Attributes:
        feature: position among the features' columns.
        threshold: a value of the feature.
        above: position of the method taken where the feature is larger.
        below: position of the method taken elsewhere.
        score: mean Dice of the region over the patients it was fitted on.
    """

    feature: int
    threshold: float
    above: int
    below: int
    score: float

    def picks(self, features: Floats) -> Picks:
        """(patients,) methods for rows of features."""
        return np.where(features[:, self.feature] > self.threshold, self.above, self.below)


def best_rule(dice: Floats, features: Floats, *, thresholds: int = THRESHOLDS) -> FeatureRule:
    """Find the rule with the best mean Dice on one region; the first found where several tie.

    Args:
        dice: (patients, methods) of one region.
        features: (patients, features); constant columns are skipped.
        thresholds: quantiles tried a feature, evenly from 5 % to 95 %.

    Raises:
        ValueError: if no feature varies.
    """
    best: FeatureRule | None = None
    for column in np.flatnonzero(features.std(axis=0) > 0):
        cuts = np.quantile(features[:, column], np.linspace(0.05, 0.95, thresholds))
        scores = _scores(dice, features[:, column], cuts)
        place = np.unravel_index(np.argmax(scores), scores.shape)
        cut, above, below = (int(index) for index in place)
        if best is None or scores[place] > best.score:
            best = FeatureRule(int(column), float(cuts[cut]), above, below, float(scores[place]))
    if best is None:
        raise ValueError("no feature varies over these patients: there is nothing to decide by")
    return best


def fitted_picks(cube: DiceCube, features: Floats) -> tuple[Picks, list[FeatureRule]]:
    """Fit one rule a region on all patients and apply it to the same patients."""
    rules = [best_rule(cube.dice[:, :, region], features) for region in range(len(cube.regions))]
    return np.stack([rule.picks(features) for rule in rules], axis=1), rules


def cross_validated_picks(
    cube: DiceCube, features: Floats, folds: npt.NDArray[np.int64]
) -> tuple[Picks, list[list[FeatureRule]]]:
    """Fit one rule a region on all folds but one, apply it to that one, for each fold.

    Returns:
        (patients, regions) picks, and the rules as [fold][region].
    """
    picks = np.zeros((len(features), len(cube.regions)), dtype=np.intp)
    chosen = []
    for fold in np.unique(folds):
        held_out = folds == fold
        rules = [
            best_rule(cube.dice[~held_out, :, region], features[~held_out])
            for region in range(len(cube.regions))
        ]
        picks[held_out] = np.stack([rule.picks(features[held_out]) for rule in rules], axis=1)
        chosen.append(rules)
    return picks, chosen


def different_features(rules: Sequence[Sequence[FeatureRule]]) -> list[int]:
    """Count, for each region, on how many different features the folds decided."""
    return [len({rule.feature for rule in of_region}) for of_region in zip(*rules, strict=True)]


def _scores(dice: Floats, feature: Floats, cuts: Floats) -> Floats:
    """(cuts, methods, methods) mean Dice of one method above the cut and another below; -inf for the same."""
    above = (feature[None, :] > cuts[:, None]).astype(np.float64)
    over, under = above @ dice, (1 - above) @ dice
    scores: Floats = (over[:, :, None] + under[:, None, :]) / len(dice)
    methods = np.arange(dice.shape[1])
    scores[:, methods, methods] = -np.inf
    return scores
