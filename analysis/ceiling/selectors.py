"""Meta-selectors: classifiers that guess from features which method is best.

Logistic regression, random forest and gradient boosting of scikit-learn, on whole patients or region by
region, always judged on patients they were not fitted on. Settings are those of the paper's study.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from analysis.ceiling.dice_cube import DiceCube, Floats, Picks
from analysis.ceiling.oracles import patient_oracle, region_oracle

Family = Literal["logistic", "forest", "boosting"]
Level = Literal["patient", "region"]

# 1 / sphericity_WT to six digits: one fact counted twice
REDUNDANT_FEATURES = ("surface_roughness_WT",)


class Classifier(Protocol):
    """What a selector needs of a classifier."""

    def fit(self, features: Floats, classes: Picks) -> object:
        """Learn the classes of rows of features."""

    def predict(self, features: Floats) -> Picks:
        """Guess the classes of rows of features."""


@dataclass(frozen=True, slots=True)
class SelectorOptions:
    """Settings of the classifiers.

    Attributes:
        trees: of the random forest.
        boosting_rounds: of the gradient boosting.
        seed: of every classifier.
        jobs: processes of the random forest; does not change its result.
    """

    trees: int = 400
    boosting_rounds: int = 300
    seed: int = 0
    jobs: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What a selector chose on patients it had not seen.

    Attributes:
        family: which classifier.
        level: one choice a patient, or one a patient and region.
        picks: (patients,) or (patients, regions) positions of methods.
        accuracy: share of choices equal to the oracle's, by region; one entry `patient` at patient level.
        dice_average: mean over patients of what was chosen.
    """

    family: Family
    level: Level
    picks: Picks
    accuracy: Mapping[str, float]
    dice_average: float


def classifier(family: Family, options: SelectorOptions) -> Classifier:
    """Make an unfitted classifier of one family."""
    makers: Mapping[Family, Callable[[], Classifier]] = {
        "logistic": lambda: make_pipeline(
            StandardScaler(),
            LogisticRegression(max_iter=2000, class_weight="balanced", random_state=options.seed),
        ),
        "forest": lambda: RandomForestClassifier(
            n_estimators=options.trees,
            min_samples_leaf=3,
            class_weight="balanced",
            random_state=options.seed,
            n_jobs=options.jobs,
        ),
        "boosting": lambda: GradientBoostingClassifier(
            n_estimators=options.boosting_rounds, max_depth=3, random_state=options.seed
        ),
    }
    return makers[family]()


def select(
    cube: DiceCube,
    features: Floats,
    folds: npt.NDArray[np.int64],
    *,
    family: Family,
    level: Level,
    options: SelectorOptions | None = None,
) -> Selection:
    """Let a classifier choose the method of every patient, fold by fold.

    Args:
        cube: the Dice values; the oracle's choices are the classes to learn.
        features: (patients, features), finite, in the order of the cube's patients.
        folds: (patients,); a patient is judged by the classifier fitted on all other folds.
        family: which classifier.
        level: one choice a patient, or one a region.
        options: defaults if None.

    Raises:
        ValueError: if there are fewer than two folds, or features are not finite.
    """
    if len(np.unique(folds)) < 2:
        raise ValueError("a selector needs at least two folds: one to learn from and one to be judged on")
    if not np.isfinite(features).all():
        raise ValueError("features must be finite; leave out columns or patients with missing ones")
    truths = {"patient": patient_oracle(cube)} if level == "patient" else _by_region(cube)
    chosen = options or SelectorOptions()
    guesses = {
        name: _held_out_guesses(truth, features, folds, family, chosen) for name, truth in truths.items()
    }
    columns = np.stack(list(guesses.values()), axis=1)
    picks = columns[:, 0] if level == "patient" else columns
    return Selection(
        family=family,
        level=level,
        picks=picks,
        accuracy=MappingProxyType({name: float(np.mean(guesses[name] == truths[name])) for name in truths}),
        dice_average=float(cube.picked(picks).mean()),
    )


def _by_region(cube: DiceCube) -> dict[str, Picks]:
    oracle = region_oracle(cube)
    return {region: oracle[:, place] for place, region in enumerate(cube.regions)}


def _held_out_guesses(
    truth: Picks, features: Floats, folds: npt.NDArray[np.int64], family: Family, options: SelectorOptions
) -> Picks:
    """Guesses for each fold by a classifier of the others; where these agree on one class, that class."""
    guesses = np.empty(len(truth), dtype=np.intp)
    for fold in np.unique(folds):
        held_out = folds == fold
        seen = truth[~held_out]
        if np.all(seen == seen[0]):
            guesses[held_out] = seen[0]
            continue
        model = classifier(family, options)
        model.fit(features[~held_out], seen)
        guesses[held_out] = model.predict(features[held_out])
    return guesses
