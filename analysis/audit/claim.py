"""One printed number, and what the tables say about it."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from analysis.audit.evidence import Evidence, UncheckableError

Relation = Literal["equals", "below", "above"]
Verdict = Literal["agrees", "disagrees", "not checked"]

_NUMBER = re.compile(r"[+-]?\d+(?:\.(?P<decimals>\d+))?(?:e(?P<power>[+-]?\d+))?")
_SLACK = 1 + 1e-9  # a value on the edge of its rounding interval must not hang on the last bit


@dataclass(frozen=True, slots=True)
class Claim:
    """A number of the paper and how to find it again.

    Attributes:
        section: of the paper.
        quantity: what the number is.
        printed: as the paper writes it, powers of ten as `e`; the first number in it is compared.
        recompute: finds the number in the tables.
        needs: tables without which it can't be found.
        how: one sentence on the recomputation.
        why: one sentence for a disagreement that is in the paper itself; empty where it should agree.
        relation: `below` and `above` for bounds such as "p < 1e-189".
        tolerance: largest difference that still agrees; None takes half a unit of the last printed digit.
        is_slow: whether classifiers must be fitted for it.
    """

    section: str
    quantity: str
    printed: str
    recompute: Callable[[Evidence], float] = field(repr=False, compare=False)
    needs: tuple[str, ...]
    how: str
    why: str = ""
    relation: Relation = "equals"
    tolerance: float | None = None
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a claim.

    Attributes:
        section: of the paper.
        quantity: what the number is.
        printed: as the paper writes it.
        recomputed: from the tables; NaN where it was not checked.
        tolerance: largest difference that still agrees; 0 for bounds.
        verdict: whether the tables agree.
        explanation: how it was recomputed, and why it disagrees or was not checked.
    """

    section: str
    quantity: str
    printed: str
    recomputed: float
    tolerance: float
    verdict: Verdict
    explanation: str


def printed_value(printed: str) -> float:
    """Read the first number of a printed text: `+0.006 pp` is 0.006, `p < 1e-189` is 1e-189."""
    return float(_first_number(printed).group())


def rounding_tolerance(printed: str) -> float:
    """Half a unit of the last printed digit: 0.0005 for `0.006`, 5e-16 for `5.7e-14`, 0 for whole counts."""
    number = _first_number(printed)
    decimals, power = number["decimals"], number["power"]
    if decimals is None and power is None:
        return 0.5 if "%" in printed else 0.0
    return 0.5 * math.pow(10.0, int(power or 0) - len(decimals or ""))


def judge(claim: Claim, evidence: Evidence, *, with_selectors: bool = True) -> Finding:
    """Recompute one claim and compare.

    Args:
        claim: the number.
        evidence: the tables.
        with_selectors: False leaves out what takes minutes, and says so.
    """
    tolerance = rounding_tolerance(claim.printed) if claim.tolerance is None else claim.tolerance
    missing = [name for name in claim.needs if name in evidence.absent]
    if missing:
        return _finding(claim, math.nan, tolerance, "not checked", f"{', '.join(missing)} is absent.")
    if claim.is_slow and not with_selectors:
        return _finding(claim, math.nan, tolerance, "not checked", "No classifiers were fitted in this run.")
    try:
        recomputed = claim.recompute(evidence)
    except UncheckableError as problem:
        return _finding(claim, math.nan, tolerance, "not checked", str(problem))
    if _agrees(claim, recomputed, tolerance):
        return _finding(claim, recomputed, tolerance, "agrees", claim.how)
    reason = claim.why or "These tables do not give the printed number; the tables its authors published do."
    return _finding(claim, recomputed, tolerance, "disagrees", f"{claim.how} {reason}")


def _agrees(claim: Claim, recomputed: float, tolerance: float) -> bool:
    value = printed_value(claim.printed)
    if claim.relation == "below":
        return recomputed < value
    if claim.relation == "above":
        return recomputed > value
    return abs(recomputed - value) <= tolerance * _SLACK


def _finding(
    claim: Claim, recomputed: float, tolerance: float, verdict: Verdict, explanation: str
) -> Finding:
    return Finding(
        section=claim.section,
        quantity=claim.quantity,
        printed=claim.printed,
        recomputed=recomputed,
        tolerance=tolerance if claim.relation == "equals" else 0.0,
        verdict=verdict,
        explanation=explanation,
    )


def _first_number(printed: str) -> re.Match[str]:
    found = _NUMBER.search(printed)
    if found is None:
        raise ValueError(f"no number in {printed!r}")
    return found
