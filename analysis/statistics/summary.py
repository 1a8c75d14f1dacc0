"""Summaries of a metrics table: every mean with its values in and out."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.statistics.bootstrap import bootstrap_interval

GROUPS = ("method", "region", "metric")


def summarize(
    metrics: pd.DataFrame,
    *,
    by: Sequence[str] = GROUPS,
    clusters: Mapping[str, str] | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Describe the values of each group of rows.

    Args:
        metrics: columns of `by`, `patient`, `value` and, if known, `reason`.
        by: columns that name a group; groups keep the order in which they first appear.
        clusters: patient to subject; the interval draws whole subjects. None draws patients.
        resamples: of the bootstrap; 0 leaves the interval out.
        seed: of the bootstrap.

    Returns:
        One row a group: `by`, `values` (finite ones, which all numbers describe), `missing`, `reasons` of the
        missing, `mean`, `standard_deviation`, `median`, `quartile_1`, `quartile_3`, `minimum`, `maximum`,
        and, with a bootstrap, `mean_low` and `mean_high`. Without a finite value every number is NaN.
    """
    rows = []
    for names, group in metrics.groupby(list(by), sort=False, observed=True):
        values = group["value"].to_numpy(dtype=np.float64)
        row = dict(zip(by, names, strict=True)) | _describe(values) | {"reasons": _reasons(group)}
        if resamples:
            subjects = _subjects(group, clusters)
            interval = bootstrap_interval(values, clusters=subjects, resamples=resamples, seed=seed)
            row |= {"mean_low": interval.low, "mean_high": interval.high}
        rows.append(row)
    return pd.DataFrame(rows)


def _subjects(group: pd.DataFrame, clusters: Mapping[str, str] | None) -> list[str] | None:
    return None if clusters is None else [clusters.get(patient, patient) for patient in group["patient"]]


def _describe(values: npt.NDArray[np.float64]) -> dict[str, float | int]:
    finite = values[np.isfinite(values)]
    counts: dict[str, float | int] = {"values": len(finite), "missing": len(values) - len(finite)}
    if not len(finite):
        return counts | dict.fromkeys(_NUMBERS, float("nan"))
    first, median, third = np.quantile(finite, [0.25, 0.5, 0.75])
    deviation = finite.std(ddof=1) if len(finite) > 1 else float("nan")
    numbers = (finite.mean(), deviation, median, first, third, finite.min(), finite.max())
    return counts | {name: float(number) for name, number in zip(_NUMBERS, numbers, strict=True)}


_NUMBERS = ("mean", "standard_deviation", "median", "quartile_1", "quartile_3", "minimum", "maximum")


def _reasons(group: pd.DataFrame) -> str:
    """`reference empty 3, prediction empty 1` for the values that are missing."""
    if "reason" not in group.columns:
        return ""
    missing = group.loc[~np.isfinite(group["value"].to_numpy(dtype=np.float64)), "reason"]
    return ", ".join(
        f"{reason} {count}" for reason, count in missing.fillna("no reason given").value_counts().items()
    )
