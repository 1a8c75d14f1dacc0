"""Error analysis by class, after the BraTS 2024 post-treatment report: what fails, where, on which cases.

Classes are regions of one label. A class is absent from a case when the reference has no voxel of it. The
mean Dice of a case takes every class, an absent one that is rightly not predicted with Dice 1 (as the report
does: three absent classes and one of 0.9463 are listed with a mean of 0.9866).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

_PER_CLASS = ("dice", "iou", "precision", "recall")
_FEWEST_CASES = 3


def class_metrics(
    metrics: pd.DataFrame, volumes_ml: pd.DataFrame, method: str, classes: Sequence[str]
) -> pd.DataFrame:
    """Mean Dice, IoU, precision and recall of each class over the cases that have it.

    Args:
        metrics: patient, method, region, metric, value.
        volumes_ml: reference volumes by patient (rows) and class (columns).
        method: whose predictions.
        classes: regions of one label.

    Returns:
        One row a class and one for all classes together: `class`, `cases` that have it, and for each metric
        its mean and, as `<metric>_missing`, how many of these cases have no value (precision of an empty
        prediction is undefined).
    """
    values = {metric: _values(metrics, method, metric, classes) for metric in _PER_CLASS}
    present = volumes_ml.reindex(index=values["dice"].index, columns=list(classes)) > 0
    rows = []
    for name in (*classes, "all"):
        members = list(classes) if name == "all" else [name]
        mask = present[members].to_numpy()
        row: dict[str, object] = {"class": name, "cases": int(mask.sum())}
        for metric in _PER_CLASS:
            block = values[metric][members].to_numpy(dtype=float)[mask]
            row[metric] = float(np.nanmean(block)) if np.isfinite(block).any() else np.nan
            row[f"{metric}_missing"] = int(np.isnan(block).sum())
        rows.append(row)
    return pd.DataFrame(rows)


def volume_dependencies(
    metrics: pd.DataFrame, volumes_ml: pd.DataFrame, method: str, classes: Sequence[str]
) -> pd.DataFrame:
    """Correlate the volume of each class with the Dice of each class.

    The diagonal is the dependence on an object's own size; the rest says which class helps or disturbs which.

    Returns:
        One row a pair: `volume_of`, `dice_of`, `cases` (reference has the class whose Dice it is), Pearson's
        and Spearman's coefficients with their p-values; NaN with fewer than three cases or without spread.
    """
    dice = _values(metrics, method, "dice", classes)
    volumes = volumes_ml.reindex(index=dice.index, columns=list(classes))
    rows = []
    for volume_of in classes:
        for dice_of in classes:
            cases = (volumes[dice_of] > 0) & dice[dice_of].notna() & volumes[volume_of].notna()
            numbers = _correlations(volumes.loc[cases, volume_of], dice.loc[cases, dice_of])
            rows.append({"volume_of": volume_of, "dice_of": dice_of, "cases": int(cases.sum())} | numbers)
    return pd.DataFrame(rows)


def false_positive_shares(
    metrics: pd.DataFrame, volumes_ml: pd.DataFrame, method: str, classes: Sequence[str]
) -> pd.DataFrame:
    """Mean false-positive volume of each class as a share of its mean volume in the reference.

    A false-positive volume is the predicted volume times one minus precision, 0 for an empty prediction.

    Returns:
        One row a class: `class`, `false_positive_ml` (mean over the cases with a prediction), `object_ml`
        (mean over those of them that have the class), `share_percent`, `cases`, `cases_with_class` and
        `left_out`, the cases without a prediction.
    """
    volume, precisions = (_values(metrics, method, metric, classes) for metric in ("volume_ml", "precision"))
    rows = []
    for name in classes:
        predicted, precision = volume[name], precisions[name]
        wrong = (predicted * (1 - precision)).where(predicted > 0, 0.0).where(predicted.notna()).dropna()
        # Of the same patients, or a method that is absent for some would be judged by the others.
        sizes = volumes_ml[name].reindex(wrong.index) if name in volumes_ml else pd.Series(dtype=float)
        objects = sizes[sizes > 0]
        share = 100 * wrong.mean() / objects.mean() if len(objects) else np.nan
        rows.append(
            (name, wrong.mean(), objects.mean(), share, len(wrong), len(objects), len(volume) - len(wrong))
        )
    columns = ["class", "false_positive_ml", "object_ml", "share_percent"]
    columns += ["cases", "cases_with_class", "left_out"]
    return pd.DataFrame(rows, columns=columns)


def extreme_cases(
    metrics: pd.DataFrame,
    volumes_ml: pd.DataFrame,
    method: str,
    classes: Sequence[str],
    *,
    count: int = 20,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List the cases with the lowest and the highest mean Dice over all classes.

    Returns:
        Worst first and best first: `patient`, `mean_dice`, and the Dice of each class, NaN (written as a
        hyphen) where the reference lacks the class. Cases without any Dice are in neither.
    """
    dice = _values(metrics, method, "dice", classes)
    volumes = volumes_ml.reindex(index=dice.index, columns=list(classes))
    shown = dice.where(volumes.isna() | (volumes > 0))
    table = shown.assign(mean_dice=dice.mean(axis=1)).dropna(subset=["mean_dice"]).reset_index()
    table = table[["patient", "mean_dice", *classes]]
    worst = table.sort_values(["mean_dice", "patient"], kind="stable")
    best = table.sort_values(["mean_dice", "patient"], ascending=[False, True], kind="stable")
    return worst.head(count).reset_index(drop=True), best.head(count).reset_index(drop=True)


def _values(metrics: pd.DataFrame, method: str, metric: str, classes: Sequence[str]) -> pd.DataFrame:
    """Patients by class of one metric; a class that the table lacks is all NaN."""
    rows = metrics[metrics["method"] == method]
    known = {
        str(region): part.set_index("patient")["value"]
        for region, part in rows[rows["metric"] == metric].groupby("region")
    }
    patients = pd.Index(sorted(rows["patient"].unique()), name="patient")
    return pd.DataFrame(known, index=patients).reindex(columns=list(classes)).astype(float)


def _correlations(volume: pd.Series, dice: pd.Series) -> dict[str, float]:
    names = ("pearson", "pearson_p", "spearman", "spearman_p")
    if len(volume) < _FEWEST_CASES or volume.nunique() < 2 or dice.nunique() < 2:
        return dict.fromkeys(names, float("nan"))
    linear, ranked = stats.pearsonr(volume, dice), stats.spearmanr(volume, dice)
    numbers = (linear.statistic, linear.pvalue, ranked.statistic, ranked.pvalue)
    return {name: float(number) for name, number in zip(names, numbers, strict=True)}
