"""Two groups of patients: is a feature larger in one than in the other?"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy
from scipy import stats

from analysis.statistics.corrections import benjamini_hochberg, holm
from analysis.statistics.signed_rank import Alternative

Floats = npt.NDArray[np.float64]

EXACT_UP_TO = 8


@dataclass(frozen=True, slots=True)
class MannWhitney:
    """A Mann-Whitney U test and the choices it was made with.

    Attributes:
        p_value: NaN if a group is empty; 1 if all values are equal.
        statistic: U of the first group.
        rank_biserial: 2 U / (n1 n2) - 1, -1 to 1, positive where the first group is larger.
        median_first: median of the first group; NaN if empty.
        median_second: median of the second group; NaN if empty.
        first_values: values of the first group that entered.
        second_values: values of the second group that entered.
        dropped: NaN values of both groups.
        alternative: `greater` asks whether the first group is larger.
        method: `exact` up to 8 values a group without ties, else `normal` (tie-corrected, with
            continuity correction); `none` where nothing could be tested.
        scipy_version: whose test it is.
        note: what a reader must know; empty if nothing.
    """

    p_value: float
    statistic: float
    rank_biserial: float
    median_first: float
    median_second: float
    first_values: int
    second_values: int
    dropped: int
    alternative: Alternative
    method: str
    scipy_version: str
    note: str


def mann_whitney(
    first: npt.ArrayLike, second: npt.ArrayLike, *, alternative: Alternative = "two-sided"
) -> MannWhitney:
    """Test whether one group of values tends to be larger than another.

    Args:
        first: (n1,) values; NaN values are dropped and counted.
        second: (n2,) values.
        alternative: `greater` asks whether the first group is larger.
    """
    groups = [np.asarray(group, dtype=np.float64) for group in (first, second)]
    left, right = (group[~np.isnan(group)] for group in groups)
    method, note = _method(left, right)
    p_value, statistic = _test(left, right, alternative, method)
    pairs = len(left) * len(right)
    return MannWhitney(
        p_value=p_value,
        statistic=statistic,
        rank_biserial=2 * statistic / pairs - 1 if pairs else float("nan"),
        median_first=float(np.median(left)) if len(left) else float("nan"),
        median_second=float(np.median(right)) if len(right) else float("nan"),
        first_values=len(left),
        second_values=len(right),
        dropped=sum(map(len, groups)) - len(left) - len(right),
        alternative=alternative,
        method=method,
        scipy_version=scipy.__version__,
        note=note,
    )


def compare_groups(
    features: pd.DataFrame,
    classes: Sequence[str | None] | npt.NDArray[np.object_],
    pairs: Iterable[tuple[str, str]],
) -> pd.DataFrame:
    """Test every feature between pairs of case classes, adjusted over the whole grid.

    Args:
        features: one row a patient, one column a feature; no other columns.
        classes: (patients,) the class of each; other classes than those of a pair take no part.
        pairs: names of two classes each.

    Returns:
        One row a pair and feature: `first`, `second`, `feature`, the fields of `MannWhitney`, `p_holm` and
        `p_benjamini_hochberg`.
    """
    labels = np.asarray(classes, dtype=object)
    rows = [
        {
            "first": first,
            "second": second,
            "feature": name,
            **asdict(mann_whitney(column[labels == first].to_numpy(), column[labels == second].to_numpy())),
        }
        for first, second in pairs
        for name, column in features.items()
    ]
    table = pd.DataFrame(rows)
    if len(table):
        table["p_holm"] = holm(table["p_value"])
        table["p_benjamini_hochberg"] = benjamini_hochberg(table["p_value"])
    return table


def _method(left: Floats, right: Floats) -> tuple[str, str]:
    if not len(left) or not len(right):
        return "none", "a group is empty"
    joined = np.concatenate([left, right])
    if np.all(joined == joined[0]):
        return "none", "all values are equal: p = 1"
    tied = len(np.unique(joined)) < len(joined)
    return ("normal" if tied or min(len(left), len(right)) > EXACT_UP_TO else "exact"), ""


def _test(left: Floats, right: Floats, alternative: Alternative, method: str) -> tuple[float, float]:
    if method == "none":
        empty = not len(left) or not len(right)
        return (float("nan"), float("nan")) if empty else (1.0, len(left) * len(right) / 2)
    exact = method == "exact"
    result = stats.mannwhitneyu(
        left, right, alternative=alternative, method="exact" if exact else "asymptotic"
    )
    return float(result.pvalue), float(result.statistic)
