"""Two methods on the same patients: every pair, the line where both agree, and what the pairs say."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.statistics.outcomes import Outcomes, outcomes
from analysis.statistics.signed_rank import SignedRank, signed_rank
from viewer import number_format
from viewer.number_format import MINUS, difference
from viewer.palette import THEMES
from viewer.plot_axes import Figure, Floats


@dataclass(frozen=True, slots=True)
class PairedResult:
    """What the pairs say.

    Attributes:
        test: Wilcoxon's signed-rank test of first minus second, whole subjects changing sign together.
        counts: wins, ties and losses of the first; None for a metric without a better side.
    """

    test: SignedRank
    counts: Outcomes | None


def compare(
    first: Floats, second: Floats, subjects: npt.NDArray[np.object_], *, higher_is_better: bool | None
) -> PairedResult:
    """Test and count the pairs.

    Args:
        first: (patients,) values of one method; NaN where it has none.
        second: (patients,) values of the other.
        subjects: (patients,) whose scans they are.
        higher_is_better: of the metric; None for neither.
    """
    counts = None if higher_is_better is None else outcomes(first, second, higher_is_better=higher_is_better)
    return PairedResult(signed_rank(first, second, clusters=subjects), counts)


def sentences(result: PairedResult, titles: tuple[str, str], digits: int, unit: str) -> list[str]:
    """Say what the pairs say, with everything that a reader needs to judge it.

    Args:
        result: from `compare`.
        titles: of both methods.
        digits: after the point of a difference.
        unit: of the metric, or empty.
    """
    test, (first, second) = result.test, titles
    entered = test.pairs - test.dropped
    if not entered:
        return [f"No patient has a value of both: {test.pairs} have at most one."]
    unit = f" {unit}" if unit else ""
    said = [
        (
            f"{first} {MINUS} {second}: median {difference(test.median_difference, digits)}{unit}, "
            f"mean {difference(test.mean_difference, digits)}{unit}"
        ),
        (
            f"Wilcoxon signed-rank {_p_value(test.p_value)} (two-sided, {test.method}, "
            f"dropped as equal: {number_format.count(test.zeros)}, "
            f"subjects: {number_format.count(test.clusters)})"
        ),
        f"effect size {difference(test.rank_biserial, 2)} (rank-biserial, {MINUS}1 to +1)",
    ]
    if result.counts is not None:
        counts = result.counts
        said.append(
            f"{first} better in {number_format.count(counts.wins)}, worse in "
            f"{number_format.count(counts.losses)}, equal in {number_format.count(counts.ties)}"
        )
    said.append(f"n = {number_format.count(entered)} pairs, {number_format.count(test.dropped)} left out")
    return [*said, test.note] if test.note else said


def identity_line(span: tuple[float, float], theme: str) -> Figure:
    """Draw the line where both are equal.

    Args:
        span: lowest and highest position shown, of both axes.
        theme: dark or light.
    """
    low, high = span
    return {
        "type": "line",
        "x0": low,
        "x1": high,
        "y0": low,
        "y1": high,
        "layer": "below",
        "line": {"color": THEMES[theme].axis, "width": 1.5},
    }


def _p_value(value: float) -> str:
    if value < 1e-300:
        return "p < 1e\N{MINUS SIGN}300"
    return f"p = {value:.2g}".replace("-", MINUS)
