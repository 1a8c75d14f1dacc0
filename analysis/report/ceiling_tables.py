"""Appendix B from a study's results: what choosing among the predictions could gain, in the study's folds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.ceiling.dice_cube import DiceCube, Floats, Picks
from analysis.ceiling.importances import feature_importances
from analysis.ceiling.one_feature import cross_validated_picks, fitted_picks
from analysis.ceiling.oracles import fixed_rules, patient_oracle, region_oracle
from analysis.ceiling.selectors import REDUNDANT_FEATURES, Family, Level, SelectorOptions, select
from analysis.ceiling.size_sweep import sweep_means
from analysis.report.inputs import LackingError, ReportInputs

_FAMILIES: tuple[Family, ...] = ("logistic", "forest", "boosting")
_LEVELS: tuple[Level, ...] = ("patient", "region")
_FEWEST_PATIENTS = 50


@dataclass(frozen=True, slots=True, eq=False)
class SelectorData:
    """Patients that have every Dice and every feature.

    Attributes:
        cube: their Dice.
        features: (patients, features), finite.
        names: of the features; constant, incomplete and redundant ones are left out.
    """

    cube: DiceCube
    features: Floats
    names: tuple[str, ...]


def selector_data(inputs: ReportInputs) -> SelectorData:
    """Join Dice and features.

    Raises:
        LackingError: if there are too few patients, folds or features to learn from.
    """
    cube = inputs.cube()
    table = inputs.features.set_index("patient").reindex(cube.patients)
    usable = table.drop(columns=list(REDUNDANT_FEATURES), errors="ignore").dropna(axis=1)
    usable = usable.loc[:, usable.max() > usable.min()]
    if usable.empty:
        raise LackingError("no feature is known for every patient.")
    if len(cube.patients) < _FEWEST_PATIENTS:
        raise LackingError(f"{len(cube.patients)} patients are too few to fit a policy ({_FEWEST_PATIENTS}).")
    return SelectorData(cube, usable.to_numpy(dtype=float), tuple(map(str, usable.columns)))


def fixed_rule_table(inputs: ReportInputs) -> pd.DataFrame:
    """The rules that name one method a region for all patients, best first."""
    cube = inputs.cube()
    table = fixed_rules(cube)
    is_consensus = (table[list(cube.regions)] == cube.methods[2]).all(axis=1)
    # Against the rule of this table that always takes the consensus, whose gain is 0 and not rounding.
    table["gain_over_consensus"] = table["dice_average"] - table.loc[is_consensus, "dice_average"].item()
    return table.assign(patients=len(cube.patients), left_out=cube.dropped)


def sweep_table(inputs: ReportInputs) -> pd.DataFrame:
    """The consensus that spares unconfirmed components above a size."""
    inputs.three_methods()
    if inputs.size_sweep.empty:
        raise LackingError("the size sweep needs the volumes of ground truth, Baseline and DistMap.")
    return sweep_means(inputs.size_sweep, inputs.scheme.dice_average)


def policy_table(
    inputs: ReportInputs, *, with_selectors: bool = True, options: SelectorOptions | None = None
) -> pd.DataFrame:
    """Appendix B: every policy's mean Dice average and its gain over the consensus.

    Args:
        inputs: the study.
        with_selectors: False leaves out the classifiers, which take minutes on a large cohort.
        options: of the classifiers.
    """
    cube = inputs.cube()
    consensus = cube.averages()[:, 2].mean()
    rows = [("oracle by patient", *_scored(cube, patient_oracle(cube)))]
    rows.append(("oracle by patient and region", *_scored(cube, region_oracle(cube))))
    best = fixed_rules(cube).iloc[0]
    rows.append((f"best fixed rule: {' / '.join(best[list(cube.regions)])}", float(best["dice_average"]), ""))
    rows += _sweep_rows(inputs)
    rows += _learned_rows(inputs, with_selectors=with_selectors, options=options)
    table = pd.DataFrame(rows, columns=["policy", "dice_average", "accuracy"])
    table.insert(2, "gain_over_consensus", table["dice_average"] - consensus)
    return table.assign(patients=len(cube.patients), left_out=cube.dropped)


def importance_table(
    inputs: ReportInputs, *, options: SelectorOptions | None = None, repeats: int = 5
) -> pd.DataFrame:
    """Feature importances of a forest for each region, fitted on all patients (figure A1)."""
    data = selector_data(inputs)
    return feature_importances(data.cube, data.features, data.names, options=options, repeats=repeats)


def _scored(cube: DiceCube, picks: Picks) -> tuple[float, str]:
    return float(cube.picked(picks).mean()), ""


def _sweep_rows(inputs: ReportInputs) -> list[tuple[str, float, str]]:
    if inputs.size_sweep.empty:
        return []
    means = sweep_table(inputs)
    return [
        (f"size threshold {threshold:g} voxels", mean, "")
        for threshold, mean in zip(means["threshold_voxels"], means["dice_average"], strict=True)
    ]


def _learned_rows(
    inputs: ReportInputs, *, with_selectors: bool, options: SelectorOptions | None
) -> list[tuple[str, float, str]]:
    try:
        data = selector_data(inputs)
    except LackingError:
        return []
    cube, folds = data.cube, data.cube.folds
    same, _ = fitted_picks(cube, data.features)
    rows = [("one-feature rule, judged on the same patients", *_scored(cube, same))]
    if len(np.unique(folds)) < 2:
        return rows
    held_out, _ = cross_validated_picks(cube, data.features, folds)
    rows.append(("one-feature rule, judged on held-out folds", *_scored(cube, held_out)))
    for family in _FAMILIES if with_selectors else ():
        for level in _LEVELS:
            chosen = select(cube, data.features, folds, family=family, level=level, options=options)
            accuracy = ", ".join(f"{name} {share:.1%}" for name, share in chosen.accuracy.items())
            rows.append((f"{family} by {level}, {len(data.names)} features", chosen.dice_average, accuracy))
    return rows
