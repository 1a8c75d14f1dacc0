"""What a random forest decides by: impurity and permutation importances, region by region."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance

from analysis.ceiling.dice_cube import DiceCube, Floats
from analysis.ceiling.oracles import region_oracle
from analysis.ceiling.selectors import SelectorOptions, classifier


def feature_importances(
    cube: DiceCube,
    features: Floats,
    names: Sequence[str],
    *,
    options: SelectorOptions | None = None,
    repeats: int = 5,
) -> pd.DataFrame:
    """Rank the features by which a forest tells the best method of each region, fitted on all patients.

    Impurity importance is what the paper prints; it favours features with many values. Permutation importance
    is the accuracy lost on the same patients when one column is shuffled.

    Args:
        cube: the Dice values.
        features: (patients, features), finite.
        names: of the features' columns.
        options: of the forest.
        repeats: shuffles a column; 0 leaves permutation importance out.

    Returns:
        One row a region and feature, most important first within a region: `region`, `feature`, `impurity`,
        and with repeats `permutation` and `permutation_deviation`.
    """
    chosen = options or SelectorOptions()
    oracle = region_oracle(cube)
    parts = []
    for place, region in enumerate(cube.regions):
        forest = classifier("forest", chosen)
        forest.fit(features, oracle[:, place])
        columns = {"region": region, "feature": list(names), "impurity": _impurity(forest)}
        if repeats:
            shuffled = permutation_importance(
                forest, features, oracle[:, place], n_repeats=repeats, random_state=chosen.seed
            )
            columns |= {
                "permutation": shuffled.importances_mean,
                "permutation_deviation": shuffled.importances_std,
            }
        parts.append(pd.DataFrame(columns).sort_values("impurity", ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)


def _impurity(forest: object) -> Floats:
    if not isinstance(forest, RandomForestClassifier):
        raise TypeError(f"only a random forest has impurity importances, found {type(forest).__name__}")
    return np.asarray(forest.feature_importances_, dtype=np.float64)
