"""The paired signed-rank test of Wilcoxon, with nothing left implicit.

Ranks and tails are scipy's; what is left to choose is written into the result: zero handling, method, side,
pairs in and out. Ties keep their mid-ranks in both methods. With clusters (scans of one subject) whole
clusters change sign together under the null hypothesis, which for clusters of one scan is the ordinary test
(the statistic of Rosner, Glynn and Lee, Biometrics 62, 2006, without weights for the clusters' sizes).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy
from scipy import stats

Alternative = Literal["two-sided", "greater", "less"]
ZeroMethod = Literal["wilcox", "pratt"]
Method = Literal["auto", "exact", "normal"]
Floats = npt.NDArray[np.float64]

EXACT_UP_TO = 50
FEWEST_PAIRS = 6


@dataclass(frozen=True, slots=True)
class SignedRank:
    """A signed-rank test and the choices it was made with.

    Attributes:
        p_value: NaN only without a single finite pair; 1 if every difference is zero.
        statistic: sum of the positive ranks, W+.
        rank_biserial: (W+ - W-) / (W+ + W-), -1 to 1, positive where the first side is larger; 0 if all
            differences are zero.
        median_difference: of first minus second, over the finite pairs; zeros count.
        mean_difference: the same for the mean.
        pairs: pairs given.
        dropped: pairs with a NaN or infinite difference; they enter nothing.
        zeros: finite pairs without a difference.
        clusters: clusters among the pairs that entered; equals pairs - dropped without clustering.
        alternative: which side of zero the hypothesis looks at.
        zero_method: `wilcox` drops zeros before ranking, `pratt` after.
        method: `exact` (all sign changes, conditional on ties) or `normal` (tie-corrected approximation
            without continuity correction); `none` where nothing could be ranked.
        scipy_version: whose ranks and normal tail these are.
        note: what a reader must know; empty if nothing.
    """

    p_value: float
    statistic: float
    rank_biserial: float
    median_difference: float
    mean_difference: float
    pairs: int
    dropped: int
    zeros: int
    clusters: int
    alternative: Alternative
    zero_method: ZeroMethod
    method: str
    scipy_version: str
    note: str


def signed_rank(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    alternative: Alternative = "two-sided",
    zero_method: ZeroMethod = "wilcox",
    method: Method = "auto",
    clusters: npt.ArrayLike | None = None,
) -> SignedRank:
    """Test whether paired values differ in location.

    Args:
        first: (n,) values of one method; NaN where undefined.
        second: (n,) values of the other, in the same order.
        alternative: `greater` asks whether first is larger than second.
        zero_method: what happens to pairs without a difference.
        method: `auto` is exact for at most 50 non-zero clusters and normal beyond.
        clusters: (n,) one name a pair, such as the subject; None makes every pair its own cluster.

    Raises:
        ValueError: if the two sides or the clusters differ in length.
    """
    differences = _differences(first, second)
    finite = np.isfinite(differences)
    used = differences[finite]
    names = np.arange(len(differences)) if clusters is None else np.asarray(clusters)
    if names.shape != differences.shape:
        raise ValueError(f"one cluster a pair, found {names.shape} clusters for {differences.shape} pairs")
    ranks = _signed_ranks(used, zero_method)
    sums = _cluster_sums(ranks, names[finite])
    chosen = _method(method, len(sums))
    return SignedRank(
        p_value=_p_value(sums, alternative, chosen) if len(used) else float("nan"),
        statistic=float(ranks[ranks > 0].sum()),
        rank_biserial=_rank_biserial(ranks) if len(used) else float("nan"),
        median_difference=float(np.median(used)) if len(used) else float("nan"),
        mean_difference=float(used.mean()) if len(used) else float("nan"),
        pairs=len(differences),
        dropped=int((~finite).sum()),
        zeros=int((used == 0).sum()),
        clusters=len(np.unique(names[finite])),
        alternative=alternative,
        zero_method=zero_method,
        method=chosen,
        scipy_version=scipy.__version__,
        note=_note(used, len(sums)),
    )


def _differences(first: npt.ArrayLike, second: npt.ArrayLike) -> Floats:
    left, right = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if left.shape != right.shape or left.ndim != 1:
        raise ValueError(f"pairs have two sides of one length, found shapes {left.shape} and {right.shape}")
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, a pair that is dropped and counted
        return left - right


def _signed_ranks(differences: Floats, zero_method: ZeroMethod) -> Floats:
    """Signed mid-ranks, one a difference; 0 where there is none."""
    ranked = differences != 0 if zero_method == "wilcox" else np.ones(len(differences), dtype=bool)
    signed = np.zeros(len(differences))
    signed[ranked] = np.sign(differences[ranked]) * stats.rankdata(np.abs(differences[ranked]))
    return signed


def _cluster_sums(ranks: Floats, names: npt.NDArray[np.generic]) -> Floats:
    """Sum of signed ranks a cluster, without the clusters whose ranks cancel or are all zero."""
    if not len(ranks):
        return ranks
    _, inverse = np.unique(names, return_inverse=True)
    sums = np.bincount(inverse, weights=ranks)
    return np.asarray(sums[sums != 0], dtype=np.float64)


def _method(method: Method, clusters: int) -> str:
    if clusters == 0:
        return "none"
    if method == "auto":
        return "exact" if clusters <= EXACT_UP_TO else "normal"
    return method


def _p_value(sums: Floats, alternative: Alternative, method: str) -> float:
    if method == "none":
        return 1.0
    upper, lower = _exact_tails(sums) if method == "exact" else _normal_tails(sums)
    if alternative == "two-sided":
        return min(1.0, 2 * min(upper, lower))
    return upper if alternative == "greater" else lower


def _normal_tails(sums: Floats) -> tuple[float, float]:
    z = sums.sum() / np.sqrt(np.square(sums).sum())
    return float(stats.norm.sf(z)), float(stats.norm.cdf(z))


def _exact_tails(sums: Floats) -> tuple[float, float]:
    """Share of all sign changes whose sum is at least, and at most, the one observed."""
    steps = np.rint(2 * np.abs(sums)).astype(np.int64)  # mid-ranks are halves
    ways = np.zeros(steps.sum() + 1)
    ways[0] = 1.0
    for step in steps:
        shifted = np.zeros_like(ways)
        shifted[step:] = ways[: len(ways) - step]
        ways = (ways + shifted) / 2
    observed = steps[sums > 0].sum()
    return float(ways[observed:].sum()), float(ways[: observed + 1].sum())


def _rank_biserial(ranks: Floats) -> float:
    total = np.abs(ranks).sum()
    return float(ranks.sum() / total) if total else 0.0


def _note(used: Floats, clusters: int) -> str:
    if not len(used):
        return "no finite pair"
    if not np.any(used):
        return "all differences are zero: p = 1"
    if clusters < FEWEST_PAIRS:
        smallest = min(1.0, 2.0 ** (1 - clusters))
        return (
            f"fewer than {FEWEST_PAIRS} pairs differ ({clusters}): no two-sided p can be below {smallest:g}"
        )
    return ""
