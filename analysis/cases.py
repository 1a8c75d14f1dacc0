"""Case classes: which method won a patient, and where the consensus fell between its two parents.

Two partitions of a cohort, each with a materiality threshold `eps` on the Dice average. With B, D and F
the averages of Baseline, DistMap and CC-Consensus:

    winner   C1  B > D + eps          C2  D > B + eps          else tie
    order    C3  B + eps < F < D - eps                         C4  D + eps < F < B - eps
             C5  F < min(B, D) - eps  C6  F > max(B, D) + eps  else tie

Source: Cassez 2026, section 5.3 and Appendix E, which counts at eps = 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
Classes = npt.NDArray[np.object_]

CASE_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "C1": "Baseline > DistMap",
        "C2": "DistMap > Baseline",
        "C3": "Baseline < Consensus < DistMap",
        "C4": "DistMap < Consensus < Baseline",
        "C5": "Consensus below both",
        "C6": "Consensus above both",
    }
)


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How many patients fall into each class.

    Attributes:
        cases: C1 to C6, each with its number of patients.
        winner_ties: patients with both averages known and neither ahead.
        order_ties: patients with all three averages known and none of C3 to C6.
        winner_unknown: patients that lack Baseline or DistMap.
        order_unknown: patients that lack any of the three.
    """

    cases: Mapping[str, int]
    winner_ties: int
    order_ties: int
    winner_unknown: int
    order_unknown: int


def dice_average(dice: npt.ArrayLike) -> Scores:
    """Average the Dice of the regions of each patient, as the published table does.

    The columns are added from left to right and the sum divided once. Ties at eps = 0 hang on the last bit,
    so the order of the additions is part of the definition.

    Args:
        dice: (patients, regions); NaN in any region makes the average NaN.
    """
    columns = np.asarray(dice, dtype=np.float64)
    if columns.ndim != 2 or columns.shape[1] == 0:
        raise ValueError(
            f"Dice values are (patients, regions) with at least one region, found shape {columns.shape}"
        )
    total = np.zeros(len(columns))
    for column in columns.T:
        total += column
    average: Scores = total / columns.shape[1]
    return average


def winner(baseline: npt.ArrayLike, distmap: npt.ArrayLike, *, eps: float = 0.0) -> Classes:
    """Say which of the two methods has the better Dice average.

    Args:
        baseline: (patients,) Dice averages.
        distmap: (patients,) Dice averages.
        eps: materiality threshold, at least 0; a lead of exactly `eps` is a tie.

    Returns:
        (patients,) of "B", "D" or "tie"; None where an average is NaN.
    """
    baseline, distmap = _same_length(baseline, distmap)
    _check_eps(eps)
    classes = np.full(len(baseline), "tie", dtype=object)
    classes[baseline > distmap + eps] = "B"
    classes[distmap > baseline + eps] = "D"
    classes[np.isnan(baseline) | np.isnan(distmap)] = None
    return classes


def order(
    baseline: npt.ArrayLike, distmap: npt.ArrayLike, consensus: npt.ArrayLike, *, eps: float = 0.0
) -> Classes:
    """Say where the consensus fell between its parents.

    Args:
        baseline: (patients,) Dice averages.
        distmap: (patients,) Dice averages.
        consensus: (patients,) Dice averages.
        eps: materiality threshold, at least 0.

    Returns:
        (patients,) of "C3", "C4", "C5", "C6" or "tie"; None where an average is NaN.
    """
    baseline, distmap, consensus = _same_length(baseline, distmap, consensus)
    _check_eps(eps)
    classes = np.full(len(baseline), "tie", dtype=object)
    classes[(baseline + eps < consensus) & (consensus < distmap - eps)] = "C3"
    classes[(distmap + eps < consensus) & (consensus < baseline - eps)] = "C4"
    classes[consensus < np.minimum(baseline, distmap) - eps] = "C5"
    classes[consensus > np.maximum(baseline, distmap) + eps] = "C6"
    classes[np.isnan(baseline) | np.isnan(distmap) | np.isnan(consensus)] = None
    return classes


def scatter(
    baseline: npt.ArrayLike, distmap: npt.ArrayLike, consensus: npt.ArrayLike
) -> tuple[Scores, Scores]:
    """Place each patient in the plane of disagreement (figure 8 of the paper).

    Returns:
        x = D - B (positive: DistMap wins) and y = F - max(B, D) (negative: the consensus is worse than
        its better parent), each (patients,); NaN where an average they need is NaN.
    """
    baseline, distmap, consensus = _same_length(baseline, distmap, consensus)
    return distmap - baseline, consensus - np.maximum(baseline, distmap)


def in_case(case: str, winners: Classes, orders: Classes) -> npt.NDArray[np.bool_]:
    """Say which patients belong to one of C1 to C6, given both partitions.

    Raises:
        ValueError: if there is no such case.
    """
    if case not in CASE_TITLES:
        raise ValueError(f"no case {case!r}; known are {', '.join(CASE_TITLES)}")
    if case in ("C1", "C2"):
        return np.asarray(winners == ("B" if case == "C1" else "D"), dtype=bool)
    return np.asarray(orders == case, dtype=bool)


def case_counts(winners: Classes, orders: Classes) -> CaseCounts:
    """Count the patients of every class; ties and patients that could not be classed are counted too."""
    return CaseCounts(
        cases=MappingProxyType({case: int(in_case(case, winners, orders).sum()) for case in CASE_TITLES}),
        winner_ties=int((winners == "tie").sum()),
        order_ties=int((orders == "tie").sum()),
        winner_unknown=sum(value is None for value in winners),
        order_unknown=sum(value is None for value in orders),
    )


def _same_length(*scores: npt.ArrayLike) -> tuple[Scores, ...]:
    arrays = tuple(np.asarray(score, dtype=np.float64) for score in scores)
    if len({array.shape for array in arrays}) != 1 or arrays[0].ndim != 1:
        raise ValueError(f"one Dice average a patient and method, found shapes {[a.shape for a in arrays]}")
    return arrays


def _check_eps(eps: float) -> None:
    if not eps >= 0:
        raise ValueError(f"eps is a threshold of at least 0, found {eps}")
