"""Section 5.2 and the abstract: fragments, the components beside the largest of their label."""

from collections.abc import Callable, Iterator

from analysis.audit.claim import Claim, Relation
from analysis.audit.evidence import Evidence
from analysis.published import METHODS
from analysis.statistics.signed_rank import Alternative

_FRAGMENTS = ("fragments_topological_cv.csv",)
_MEAN = "Mean number of fragments over all scans of fragments_topological_cv.csv."
_TWICE_ROUNDED = (
    "The mean lies just below the edge of the printed digit: 79.647 and 93.247 were rounded twice, "
    "by way of 79.65 and 93.25."
)

_SHARE = "100 (F - D) / D of the means."

_MEANS = {
    "NCR": ("79.7", "93.3", "31.3"),
    "ED": ("28.9", "35.3", "17.0"),
    "ET": ("2.15", "2.33", "1.57"),
}
_DIFFERENCES = {
    "NCR": ("+13.6", "-61.9", "-66 %"),
    "ED": ("+6.4", "-18.3", "-52 %"),
    "ET": ("+0.18", "-0.76", "-33 %"),
}
_TESTS: tuple[tuple[str, str, str, Alternative, str], ...] = (
    ("NCR", "distmap", "baseline", "greater", "5.5e-42"),
    ("ED", "distmap", "baseline", "greater", "2.0e-49"),
    ("ET", "distmap", "baseline", "greater", "1.3e-3"),
    ("NCR", "consensus", "distmap", "less", "p < 1e-189"),
    ("ED", "consensus", "distmap", "less", "p < 1e-162"),
    ("ET", "consensus", "distmap", "less", "1.1e-53"),
    ("NCR", "consensus", "baseline", "less", "p < 1e-188"),
    ("ED", "consensus", "baseline", "less", "p < 1e-144"),
    ("ET", "consensus", "baseline", "less", "1.4e-3"),
)


def fragment_claims() -> Iterator[Claim]:
    """Every number of table 5.2, of its tests, of figure 1, and of the sentences that repeat them."""
    yield from _mean_claims()
    yield from _difference_claims()
    yield from _test_claims()
    yield from _ratio_claims()


def _mean_claims() -> Iterator[Claim]:
    for label, row in _MEANS.items():
        for method, printed in zip(METHODS, row, strict=True):
            why = _TWICE_ROUNDED if label == "NCR" and method != "consensus" else ""
            yield Claim(
                "5.2",
                f"fragments of {label}, {method}",
                printed,
                _mean(label, method),
                _FRAGMENTS,
                _MEAN,
                why,
            )


def _difference_claims() -> Iterator[Claim]:
    for label, (gained, lost, share) in _DIFFERENCES.items():
        yield Claim(
            section="5.2",
            quantity=f"fragments of {label}, DistMap - Baseline",
            printed=gained,
            recompute=_difference(label, "distmap", "baseline"),
            needs=_FRAGMENTS,
            how="Difference of the two means.",
            why="The printed value is the difference of the rounded means, 2.33 - 2.15.",
        )
        yield Claim(
            section="5.2",
            quantity=f"fragments of {label}, CC-Consensus - DistMap",
            printed=lost,
            recompute=_difference(label, "consensus", "distmap"),
            needs=_FRAGMENTS,
            how="Difference of the two means.",
        )
        yield Claim("5.2", _reduction_of(label), share, _reduction(label), _FRAGMENTS, _SHARE)


def _test_claims() -> Iterator[Claim]:
    for label, first, second, alternative, printed in _TESTS:
        relation: Relation = "below" if "<" in printed else "equals"
        sign = ">" if alternative == "greater" else "<"
        wrong = printed == "1.4e-3"
        yield Claim(
            section="5.2",
            quantity=f"p of fragments of {label}, {first} {sign} {second}",
            printed=printed,
            recompute=_p_value(label, first, second, alternative),
            needs=_FRAGMENTS,
            how="One-sided signed-rank test, zeros dropped, normal approximation.",
            why="The exponent lost its zero in print: the test gives 1.4e-30." if wrong else "",
            relation=relation,
        )


def _ratio_claims() -> Iterator[Claim]:
    ratio = "Mean fragments of DistMap over those of Baseline."
    for section in ("Abstract", "5.3"):
        yield Claim(
            section=section,
            quantity="fragments of NCR, DistMap over Baseline",
            printed="x1.5",
            recompute=_ratio("NCR"),
            needs=_FRAGMENTS,
            how=ratio,
            why="The means of table 5.2 give x1.17, the +17 % of figure 1; x1.5 fits no pair of them.",
        )
    yield Claim("Abstract", "fragments of ED, DistMap over Baseline", "x1.2", _ratio("ED"), _FRAGMENTS, ratio)
    yield Claim(
        section="Figure 1",
        quantity="fragments of NCR, DistMap over Baseline in percent",
        printed="+17 %",
        recompute=lambda evidence: 100 * (_ratio("NCR")(evidence) - 1),
        needs=_FRAGMENTS,
        how=ratio,
    )
    yield Claim(
        "Abstract",
        _reduction_of("NCR"),
        "-66 %",
        _reduction("NCR"),
        _FRAGMENTS,
        _SHARE,
    )
    yield Claim(
        section="5.3",
        quantity=_reduction_of("ED"),
        printed="-61 %",
        recompute=_reduction("ED"),
        needs=_FRAGMENTS,
        how=_SHARE,
        why="Table 5.2 itself prints -52 %, which the tables confirm; -61 % is a leftover.",
    )


def _mean(label: str, method: str) -> Callable[[Evidence], float]:
    return lambda evidence: evidence.mean("fragment_count", label, method)


def _difference(label: str, first: str, second: str) -> Callable[[Evidence], float]:
    return lambda evidence: _mean(label, first)(evidence) - _mean(label, second)(evidence)


def _ratio(label: str) -> Callable[[Evidence], float]:
    return lambda evidence: _mean(label, "distmap")(evidence) / _mean(label, "baseline")(evidence)


def _reduction(label: str) -> Callable[[Evidence], float]:
    return lambda evidence: (
        100 * (_mean(label, "consensus")(evidence) / _mean(label, "distmap")(evidence) - 1)
    )


def _reduction_of(label: str) -> str:
    return f"fragments of {label}, CC-Consensus against DistMap in percent"


def _p_value(label: str, first: str, second: str, alternative: Alternative) -> Callable[[Evidence], float]:
    return lambda evidence: evidence.test("fragment_count", label, first, second, alternative).p_value
