"""Bootstrap confidence intervals of a mean or median, by patient or by subject."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Estimator = Literal["mean", "median"]
Floats = npt.NDArray[np.float64]

_CHUNK_DRAWS = 4_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile bootstrap interval and how it was drawn.

    Attributes:
        estimate: of the values themselves; NaN without a finite value.
        low: lower end; NaN with fewer than two clusters.
        high: upper end; NaN with fewer than two clusters.
        confidence: share the interval is meant to cover.
        used: values that went in.
        dropped: values that did not: NaN or infinite.
        clusters: what was drawn with replacement.
        resamples: number of draws of the whole cohort.
        seed: of the generator; the same seed gives the same interval.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    used: int
    dropped: int
    clusters: int
    resamples: int
    seed: int


def bootstrap_interval(
    values: npt.ArrayLike,
    *,
    estimator: Estimator = "mean",
    clusters: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Draw the cohort again and again, and take the percentiles of its mean or median.

    Args:
        values: (n,) such as the paired differences of two methods.
        estimator: what is computed on each draw.
        clusters: (n,) names; all values of a cluster are drawn together. None draws single values.
        confidence: 0 to 1, exclusive.
        resamples: draws, at least 1.
        seed: of numpy's default generator.
    """
    if not 0 < confidence < 1 or resamples < 1:
        raise ValueError(
            f"confidence in (0, 1) and at least one resample, found {confidence} and {resamples}"
        )
    numbers = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(numbers)
    used = numbers[finite]
    names = np.arange(len(numbers)) if clusters is None else np.asarray(clusters)
    members = _members(names[finite])
    low = high = float("nan")
    if len(members) > 1:
        draws = _draws(used, members, estimator, resamples, np.random.default_rng(seed))
        low, high = (float(q) for q in np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2]))
    return Interval(
        estimate=_estimate(used, estimator),
        low=low,
        high=high,
        confidence=confidence,
        used=len(used),
        dropped=int((~finite).sum()),
        clusters=len(members),
        resamples=resamples,
        seed=seed,
    )


def _estimate(values: Floats, estimator: Estimator) -> float:
    if not len(values):
        return float("nan")
    return float(values.mean() if estimator == "mean" else np.median(values))


def _members(names: npt.NDArray[np.generic]) -> list[npt.NDArray[np.intp]]:
    """Positions of the values of each cluster."""
    order = np.argsort(names, kind="stable")
    _, starts = np.unique(names[order], return_index=True)
    return np.split(order, starts[1:]) if len(order) else []


def _draws(
    values: Floats,
    members: list[npt.NDArray[np.intp]],
    estimator: Estimator,
    resamples: int,
    generator: np.random.Generator,
) -> Floats:
    """(resamples,) estimates; a mean needs only the sum and size of each cluster drawn."""
    if estimator == "mean":
        sums = np.array([values[m].sum() for m in members])
        sizes = np.array([len(m) for m in members], dtype=np.float64)
        picks = _picks(len(members), resamples, generator)
        return np.concatenate([sums[pick].sum(axis=1) / sizes[pick].sum(axis=1) for pick in picks])
    return np.array(
        [
            np.median(values[np.concatenate([members[cluster] for cluster in pick])])
            for block in _picks(len(members), resamples, generator)
            for pick in block
        ]
    )


def _picks(clusters: int, resamples: int, generator: np.random.Generator) -> list[npt.NDArray[np.int64]]:
    """Clusters drawn with replacement, (resamples, clusters) in blocks that stay small in memory."""
    rows = max(1, _CHUNK_DRAWS // clusters)
    sizes = [min(rows, resamples - start) for start in range(0, resamples, rows)]
    return [generator.integers(clusters, size=(size, clusters)) for size in sizes]
