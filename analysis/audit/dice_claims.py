"""Section 5.1: the Dice of Baseline and DistMap (and the abstract's sentence about it)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from analysis.audit.claim import Claim
from analysis.audit.evidence import Evidence
from analysis.statistics.signed_rank import signed_rank

_RANKINGS = ("rankings.json",)
_MEAN = "Mean over all scans of rankings.json."
_TEN = (
    "The column is ten times too small: the means beside it differ by ten times the printed percentage "
    "points, as the abstract's +0.09 pp says too."
)
_TEST = "One-sided signed-rank test DistMap > Baseline, zeros dropped, normal approximation."


class _Row(NamedTuple):
    baseline: str
    distmap: str
    difference: str
    p_value: str
    outcomes: tuple[str, str, str]


_TABLE = {
    "WT": _Row("0.9354", "0.9360", "+0.006 pp", "0.72", ("577", "618", "1")),
    "TC": _Row("0.9185", "0.9180", "-0.005 pp", "0.27", ("595", "596", "5")),
    "ET": _Row("0.8696", "0.8723", "+0.027 pp", "0.54", ("568", "596", "32")),
}
_P_WHY = {
    "WT": (
        "No handling of zeros gives the printed digits on all regions (Pratt's gives 0.7151 on WT but 0.55 "
        "on ET); the conclusion does not change."
    ),
}


def dice_claims() -> Iterator[Claim]:
    """Every number of table 5.1 and of the sentences around it."""
    for region, row in _TABLE.items():
        yield from _region_claims(region, row)
    yield from _average_claims()
    yield Claim(
        section="5.1",
        quantity="scans whose Dice average differs between the two methods",
        printed="1195",
        recompute=lambda evidence: float(sum(evidence.cases().cases[case] for case in ("C1", "C2"))),
        needs=_RANKINGS,
        how="Scans of C1 and C2 together; one scan ties.",
    )


def _region_claims(region: str, row: _Row) -> Iterator[Claim]:
    for method, printed in (("baseline", row.baseline), ("distmap", row.distmap)):
        yield Claim("5.1", f"Dice {region}, {method}", printed, _mean(region, method), _RANKINGS, _MEAN)
    yield Claim(
        section="5.1",
        quantity=f"Dice {region}, DistMap - Baseline in percentage points",
        printed=row.difference,
        recompute=lambda evidence: (
            100 * (_mean(region, "distmap")(evidence) - _mean(region, "baseline")(evidence))
        ),
        needs=_RANKINGS,
        how="100 times the difference of the two means.",
        why=_TEN,
    )
    yield Claim(
        section="5.1",
        quantity=f"p of Dice {region}, DistMap > Baseline",
        printed=row.p_value,
        recompute=lambda evidence: evidence.test("dice", region, "distmap", "baseline", "greater").p_value,
        needs=_RANKINGS,
        how=_TEST,
        why=_P_WHY.get(region, ""),
    )
    for name, printed in zip(("wins", "losses", "ties"), row.outcomes, strict=True):
        words = {"wins": "improved", "losses": "degraded", "ties": "tied"}[name]
        how = f"Scans whose Dice of {region} is {words} by DistMap, at threshold zero."
        yield Claim("5.1", f"scans {words} on {region}", printed, _outcome(region, name), _RANKINGS, how)


def _average_claims() -> Iterator[Claim]:
    yield Claim("5.1", "Dice average, baseline", "0.9078", _average("baseline"), _RANKINGS, _MEAN)
    yield Claim("5.1", "Dice average, distmap", "0.9088", _average("distmap"), _RANKINGS, _MEAN)
    yield Claim(
        section="5.1",
        quantity="Dice average, DistMap - Baseline in percentage points",
        printed="+0.009 pp",
        recompute=_average_gain,
        needs=_RANKINGS,
        how="100 times the difference of the two means.",
        why=_TEN,
    )
    yield Claim(
        section="Abstract",
        quantity="Dice average, DistMap - Baseline in percentage points",
        printed="+0.09 pp",
        recompute=_average_gain,
        needs=_RANKINGS,
        how="100 times the difference of the two means.",
    )
    yield Claim(
        section="5.1",
        quantity="p of the Dice average, DistMap > Baseline",
        printed="0.50",
        recompute=_average_p,
        needs=_RANKINGS,
        how=_TEST,
        why="0.4946 rounds to 0.49 and not to 0.50; the conclusion does not change.",
    )
    yield Claim(
        section="Abstract",
        quantity="smallest p of the three regions, DistMap > Baseline",
        printed="p > 0.25",
        recompute=lambda evidence: min(
            evidence.test("dice", region, "distmap", "baseline", "greater").p_value for region in _TABLE
        ),
        needs=_RANKINGS,
        how=_TEST,
        relation="above",
    )


def _mean(region: str, method: str) -> Callable[[Evidence], float]:
    return lambda evidence: evidence.mean("dice", region, method)


def _average(method: str) -> Callable[[Evidence], float]:
    return lambda evidence: evidence.average(method)


def _outcome(region: str, name: str) -> Callable[[Evidence], float]:
    return lambda evidence: float(getattr(evidence.outcomes(region), name))


def _average_gain(evidence: Evidence) -> float:
    return 100 * (evidence.average("distmap") - evidence.average("baseline"))


def _average_p(evidence: Evidence) -> float:
    test = signed_rank(evidence.averages("distmap"), evidence.averages("baseline"), alternative="greater")
    return test.p_value
