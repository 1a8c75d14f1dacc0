"""Methods against each other over a cohort: one test a metric and region, adjusted over the grid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.statistics.bootstrap import bootstrap_interval
from analysis.statistics.corrections import benjamini_hochberg, holm
from analysis.statistics.outcomes import outcomes
from analysis.statistics.signed_rank import Alternative, signed_rank

Floats = npt.NDArray[np.float64]
Columns = dict[tuple[str, str, str], Floats]

_LOWER_IS_BETTER = (
    "hd",
    "assd",
    "lesion_hd95",
    "lesion_fp",
    "lesion_fn",
    "fragment_count",
    "component_count",
)
_NEITHER = ("volume_ml",)


@dataclass(frozen=True, slots=True)
class ComparisonOptions:
    """What a grid of paired comparisons leaves to choose.

    Attributes:
        alternative: which side of zero the tests look at, for first minus second.
        threshold: materiality of wins and losses, in the metric's unit.
        complete_over: regions that must all be finite on both methods for a patient to enter; empty: each
            region stands alone.
        resamples: of the bootstrap interval of the mean difference.
        seed: of the bootstrap.
    """

    alternative: Alternative = "two-sided"
    threshold: float = 0.0
    complete_over: tuple[str, ...] = ()
    resamples: int = 2000
    seed: int = 0


def higher_is_better(metric: str) -> bool | None:
    """Say which way a metric improves; None for one without a better side (`volume_ml`)."""
    if metric in _NEITHER:
        return None
    return not metric.startswith(_LOWER_IS_BETTER)


def compare_methods(
    metrics: pd.DataFrame,
    pairs: Iterable[tuple[str, str]],
    *,
    options: ComparisonOptions | None = None,
    clusters: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Compare pairs of methods on every metric and region they share.

    Args:
        metrics: patient, method, region, metric, value.
        pairs: (first, second) method names; differences are first minus second.
        options: defaults if None.
        clusters: patient to subject; whole subjects change sign and are drawn together.

    Returns:
        One row a pair, metric and region: the means of both sides over the pairs that entered, the mean
        difference with its bootstrap interval, wins, ties and losses, the signed-rank test with its
        choices, and its p-value adjusted over all rows by Holm and by Benjamini and Hochberg.
    """
    chosen = options or ComparisonOptions()
    twice = metrics[metrics.duplicated(["patient", "method", "region", "metric"])]
    if len(twice):
        raise ValueError(f"{twice.iloc[0]['patient']} has a duplicate row for one method, region and metric")
    patients, values = _aligned(metrics)
    subjects = (
        None if clusters is None else np.array([clusters.get(one, one) for one in patients], dtype=object)
    )
    wanted = list(pairs)
    kinds = metrics[["metric", "region"]].drop_duplicates().itertuples(index=False, name=None)
    rows = [
        {"first": first, "second": second, "metric": metric, "region": region}
        | _compare(_two_sides(values, (metric, region), (first, second), chosen), metric, chosen, subjects)
        for metric, region in kinds
        for first, second in wanted
        if {(metric, region, first), (metric, region, second)} <= values.keys()
    ]
    table = pd.DataFrame(rows)
    if len(table):
        table["p_holm"] = holm(table["p_value"])
        table["p_benjamini_hochberg"] = benjamini_hochberg(table["p_value"])
    return table


def _aligned(metrics: pd.DataFrame) -> tuple[pd.Index, Columns]:
    """All patients, and for each metric, region and method one value a patient; NaN where there is no row."""
    patients = pd.Index(sorted(metrics["patient"].unique()))
    places = patients.get_indexer(pd.Index(metrics["patient"]))
    numbers = metrics["value"].to_numpy(dtype=np.float64)
    groups = metrics.groupby(["metric", "region", "method"]).indices
    columns: Columns = {}
    for key, rows in cast("dict[tuple[str, str, str], npt.NDArray[np.intp]]", groups).items():
        columns[key] = np.full(len(patients), np.nan)
        columns[key][places[rows]] = numbers[rows]
    return patients, columns


def _two_sides(
    values: Columns, kind: tuple[str, str], methods: tuple[str, str], options: ComparisonOptions
) -> tuple[Floats, Floats]:
    """First and second, by patient; NaN in both where a region that must be complete is not finite."""
    metric, region = kind
    first, second = (values[metric, region, method] for method in methods)
    complete = np.ones(len(first), dtype=bool)
    for other in options.complete_over:
        for method in methods:
            column = values.get((metric, other, method))
            complete &= False if column is None else np.isfinite(column)
    return np.where(complete, first, np.nan), np.where(complete, second, np.nan)


def _compare(
    sides: tuple[Floats, Floats],
    metric: str,
    options: ComparisonOptions,
    subjects: npt.NDArray[np.object_] | None,
) -> dict[str, float | int | str]:
    first, second = sides
    test = signed_rank(first, second, alternative=options.alternative, clusters=subjects)
    interval = bootstrap_interval(
        first - second, clusters=subjects, resamples=options.resamples, seed=options.seed
    )
    better = higher_is_better(metric)
    counts = outcomes(first, second, threshold=options.threshold, higher_is_better=better is not False)
    both = np.isfinite(first - second)
    return {
        "mean_first": float(first[both].mean()) if both.any() else float("nan"),
        "mean_second": float(second[both].mean()) if both.any() else float("nan"),
        "mean_difference": test.mean_difference,
        "difference_low": interval.low,
        "difference_high": interval.high,
        "median_difference": test.median_difference,
        "better": {True: "higher", False: "lower", None: "neither"}[better],
        "wins": counts.wins,
        "ties": counts.ties,
        "losses": counts.losses,
        "threshold": options.threshold,
        "pairs_in": test.pairs - test.dropped,
        "pairs_out": test.dropped,
        "zeros": test.zeros,
        "clusters": test.clusters,
        "alternative": test.alternative,
        "method": test.method,
        "zero_method": test.zero_method,
        "scipy_version": test.scipy_version,
        "p_value": test.p_value,
        "rank_biserial": test.rank_biserial,
        "note": test.note,
    }
