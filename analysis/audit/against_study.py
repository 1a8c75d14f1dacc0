"""A study against the published tables: the same scans, number by number."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.audit.claim import Verdict
from analysis.published import PublishedTables

_ROUNDED_FEATURE = 2e-4
_TOLERANCES = {"dice": 1e-6, "hd95_rankings_mm": 1e-4, "hd95_pooled_mm": 1e-9}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one column of a study compares with the published one.

    Attributes:
        quantity: a feature's name, or method, region and metric.
        compared: patients on which both have a value.
        equal: patients on which they agree within the tolerance.
        one_sided: patients on which only one side has a value.
        largest_difference: over the compared; NaN if none.
        patient: where it is; empty if none.
        tolerance: largest difference that still agrees; 0 for whole numbers.
        verdict: `agrees` if all compared are equal and nothing is one-sided.
    """

    quantity: str
    compared: int
    equal: int
    one_sided: int
    largest_difference: float
    patient: str
    tolerance: float
    verdict: Verdict


def compare_study(tables: PublishedTables, metrics: pd.DataFrame, features: pd.DataFrame) -> list[Agreement]:
    """Compare a study's results with the published numbers of the scans they share.

    Args:
        tables: what was published.
        metrics: of the study: patient, method, region, metric, value; published methods are baseline,
            distmap and consensus.
        features: of the study: patient and features; columns without a value are not compared.

    Returns:
        One for each feature, and each method, region and metric, that both have; none without shared scans.
    """
    return [*_feature_rows(tables.features, features), *_metric_rows(tables.metrics, metrics)]


def _feature_rows(published: pd.DataFrame, ours: pd.DataFrame) -> list[Agreement]:
    ours, published = ours.set_index("patient"), published.set_index("patient")
    shared = published.index.intersection(ours.index)
    known = ours.loc[shared].notna().any()
    columns = [name for name in published.columns if known.get(name, default=False)]
    rows = []
    for name in columns:
        theirs = published.loc[shared, name]
        whole = (published[name].dropna() % 1 == 0).all()
        rows.append(_agreement(name, theirs, ours.loc[shared, name], 0.0 if whole else _ROUNDED_FEATURE))
    return rows


def _metric_rows(published: pd.DataFrame, ours: pd.DataFrame) -> list[Agreement]:
    keys = ["method", "region", "metric"]
    shared = set(published["patient"]) & set(ours["patient"])
    theirs, mine = (table[table["patient"].isin(shared)].set_index("patient") for table in (published, ours))
    parts = dict(list(mine.groupby(keys)["value"]))
    return [
        _agreement(" ".join(map(str, key)), values, parts[key], _TOLERANCES.get(str(key[2]), 0.0))
        for key, values in theirs.groupby(keys)["value"]
        if key in parts
    ]


def _agreement(quantity: str, theirs: pd.Series, ours: pd.Series, tolerance: float) -> Agreement:
    first = theirs.astype(float).to_numpy()
    second = ours.reindex(theirs.index).astype(float).to_numpy()
    difference: npt.NDArray[np.float64] = np.abs(first - second)
    compared = np.isfinite(difference)
    one_sided = int((np.isnan(first) != np.isnan(second)).sum())
    equal = int((difference[compared] <= tolerance).sum())
    worst = int(np.nanargmax(difference)) if compared.any() else None
    return Agreement(
        quantity=quantity,
        compared=int(compared.sum()),
        equal=equal,
        one_sided=one_sided,
        largest_difference=float("nan") if worst is None else float(difference[worst]),
        patient="" if worst is None else str(theirs.index[worst]),
        tolerance=tolerance,
        verdict="agrees" if equal == compared.sum() and not one_sided else "disagrees",
    )
