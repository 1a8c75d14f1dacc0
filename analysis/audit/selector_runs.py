"""The paper's fitted policies, run once each: one-feature rules, classifiers, forests."""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

from analysis.audit.evidence import Evidence, UncheckableError
from analysis.ceiling.importances import feature_importances
from analysis.ceiling.one_feature import FeatureRule, cross_validated_picks, different_features, fitted_picks
from analysis.ceiling.oracles import patient_oracle
from analysis.ceiling.selectors import Family, Selection, SelectorOptions, select
from analysis.feature_names import AGREEMENT_FEATURES, MORPHOLOGY_FEATURES
from analysis.published import NESTED_REGIONS

_SEED = 42
_FOLDS = 5
_FEWEST_SCANS = 50
_ALL = (*MORPHOLOGY_FEATURES, *AGREEMENT_FEATURES)


class SelectorRuns:
    """Fits what claims ask for, at most once.

    The paper's scripts did not use the study's folds but random ones; these are theirs.
    """

    def __init__(self, options: SelectorOptions | None = None) -> None:
        self.options = options or SelectorOptions()
        self._selection = cache(self._fit)
        self._rules = cache(self._fit_rules)
        self._importances = cache(self._fit_importances)

    def fitted_rule(self, evidence: Evidence) -> float:
        """Mean Dice average of the one-feature rules on the scans they were fitted on."""
        picks, _ = fitted_picks(_enough(evidence).cube, evidence.feature_rows())
        return float(evidence.cube.picked(picks).mean())

    def held_out_rule(self, evidence: Evidence) -> float:
        """Mean Dice average of the one-feature rules on held-out folds."""
        return self._rules(evidence)[0]

    def features_chosen(self, region: str) -> Callable[[Evidence], float]:
        """Different features of a region's rule over the five folds."""
        place = NESTED_REGIONS.index(region)
        return lambda evidence: float(different_features(self._rules(evidence)[1])[place])

    def shape_features_by_patient(self, evidence: Evidence) -> float:
        """Logistic regression by patient on the shape features."""
        return self._by_patient(evidence, MORPHOLOGY_FEATURES)

    def all_features_by_patient(self, evidence: Evidence) -> float:
        """Logistic regression by patient on all features."""
        return self._by_patient(evidence, _ALL)

    def by_region(self, family: Family) -> Callable[[Evidence], float]:
        """Mean Dice average of one family choosing region by region."""
        return lambda evidence: self._selection(evidence, family).dice_average

    def accuracy(self, region: str) -> Callable[[Evidence], float]:
        """Percent of scans on which the forest names the best method of a region."""
        return lambda evidence: 100 * self._selection(evidence, "forest").accuracy[region]

    def importance(self, feature: str) -> Callable[[Evidence], float]:
        """Impurity importance of a feature in the forest of region ET."""

        def recompute(evidence: Evidence) -> float:
            return float(self._importances(evidence)["impurity"]["ET"][feature])

        return recompute

    def _by_patient(self, evidence: Evidence, columns: tuple[str, ...]) -> float:
        features = _enough(evidence).feature_rows(columns)
        splitter = StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED)
        folds = _numbered(splitter, features, patient_oracle(evidence.cube))
        chosen = select(
            evidence.cube, features, folds, family="logistic", level="patient", options=self.options
        )
        return chosen.dice_average

    def _fit(self, evidence: Evidence, family: Family) -> Selection:
        features = _enough(evidence).feature_rows()
        folds = _random_folds(features)
        return select(evidence.cube, features, folds, family=family, level="region", options=self.options)

    def _fit_rules(self, evidence: Evidence) -> tuple[float, list[list[FeatureRule]]]:
        features = _enough(evidence).feature_rows()
        picks, rules = cross_validated_picks(evidence.cube, features, _random_folds(features))
        return float(evidence.cube.picked(picks).mean()), rules

    def _fit_importances(self, evidence: Evidence) -> pd.DataFrame:
        table = feature_importances(
            _enough(evidence).cube, evidence.feature_rows(), _ALL, options=self.options, repeats=0
        )
        return table.set_index(["region", "feature"])


def _enough(evidence: Evidence) -> Evidence:
    """Refuse cohorts on which a fitted policy would mean nothing."""
    scans = len(evidence.cube.patients)
    if scans < _FEWEST_SCANS:
        raise UncheckableError(
            f"{scans} scans are too few to fit a policy; at least {_FEWEST_SCANS} are needed."
        )
    return evidence


def _random_folds(features: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return _numbered(KFold(_FOLDS, shuffle=True, random_state=_SEED), features, None)


def _numbered(
    splitter: KFold | StratifiedKFold, features: npt.NDArray[np.float64], classes: npt.NDArray[np.intp] | None
) -> npt.NDArray[np.int64]:
    """(patients,) the fold that holds each patient out."""
    folds = np.zeros(len(features), dtype=np.int64)
    for number, (_, held_out) in enumerate(splitter.split(features, classes)):
        folds[held_out] = number
    return folds
