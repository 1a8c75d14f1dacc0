"""Section 5.3, boundary quality: five HD95 of three methods, and by which definition."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from analysis.audit.claim import Claim, Relation
from analysis.audit.evidence import Evidence
from analysis.published import METHODS, NESTED_REGIONS
from analysis.statistics.signed_rank import Alternative, signed_rank


class _Row(NamedTuple):
    means: tuple[str, str, str]
    difference: str
    p_value: str
    patients: str


_TABLE = {
    "WT": _Row(("3.91 mm", "3.86 mm", "3.76 mm"), "-0.10 mm", "2.7e-4", "1160"),
    "TC": _Row(("3.08 mm", "2.79 mm", "2.88 mm"), "+0.09 mm", "", "1160"),
    "ET": _Row(("2.62 mm", "2.59 mm", "2.70 mm"), "+0.11 mm", "", "1160"),
    "NCR": _Row(("4.89 mm", "4.86 mm", "4.48 mm"), "-0.38 mm", "5.7e-14", "1153"),
    "ED": _Row(("4.25 mm", "4.33 mm", "4.21 mm"), "-0.12 mm", "0.82", "1193"),
}
_WHY = {("ET", "consensus"): "The mean is 2.694997 mm and was rounded twice, by way of 2.695."}
_SAME_MM = 1e-3


def distance_claims() -> Iterator[Claim]:
    """Every HD95 of section 5.3, and the same questions asked two-sided and under one definition."""
    for region, row in _TABLE.items():
        yield from _region_claims(region, row)
    for region in ("NCR", "WT"):
        yield from (replace(claim, section="Abstract") for claim in _repeated(region))
    yield from _two_sided_claims()
    yield from _definition_claims()


def _region_claims(region: str, row: _Row) -> Iterator[Claim]:
    how = f"{_definition(region)}, scans where it is finite for all methods{_on(region)}."
    needs = _needs(region)
    for method, printed in zip(METHODS, row.means, strict=True):
        why = _WHY.get((region, method), "")
        yield Claim("5.3", f"HD95 {region}, {method}", printed, _mean(region, method), needs, how, why)
    quantity = f"HD95 {region}, CC-Consensus - DistMap"
    yield Claim("5.3", quantity, row.difference, _change(region), needs, how)
    yield Claim("5.3", f"scans in the HD95 of {region}", row.patients, _count(region), needs, how)
    relation: Relation = "equals" if row.p_value else "above"
    yield Claim(
        section="5.3",
        quantity=f"p of HD95 {region}, CC-Consensus < DistMap",
        printed=row.p_value or "n.s. (p > 0.05)",
        recompute=_p_value(region, "less"),
        needs=_needs(region),
        how=f"One-sided signed-rank test, zeros dropped, normal approximation. {how}",
        relation=relation,
    )


def _repeated(region: str) -> Iterator[Claim]:
    """What the abstract says of a region: the two means that change, and the p-value."""
    quantities = {f"HD95 {region}, {method}" for method in ("distmap", "consensus")}
    quantities.add(f"p of HD95 {region}, CC-Consensus < DistMap")
    return (claim for claim in _region_claims(region, _TABLE[region]) if claim.quantity in quantities)


def _two_sided_claims() -> Iterator[Claim]:
    for region in ("TC", "ET"):
        yield Claim(
            section="5.3",
            quantity=f"p of HD95 {region}, CC-Consensus against DistMap, two-sided",
            printed="preserved (p > 0.05)",
            recompute=_p_value(region, "two-sided"),
            needs=_needs(region),
            how="Two-sided signed-rank test on the same scans as the printed one-sided test.",
            why="A one-sided test for a gain can't see a loss: two-sided, the filter makes it worse.",
            relation="above",
        )


def _definition_claims() -> Iterator[Claim]:
    both = ("rankings.json", "hd95_per_class_cv.csv")
    yield Claim(
        section="5.3",
        quantity="Baseline scans whose HD95 of ET is not the same in the two tables the section joins",
        printed="0 (one table, one HD95)",
        recompute=_differing_scans,
        needs=both,
        how="ET of rankings.json against ET (MedPy) of hd95_per_class_cv.csv, more than 0.001 mm apart.",
        why=(
            "WT, TC and ET come from rankings.json under a definition it does not state, NCR and ED from "
            "MedPy: two definitions stand in one table, up to 72 mm apart on one scan."
        ),
    )
    medpy = ("hd95_regions_medpy.csv",)
    for method, printed in zip(METHODS, _TABLE["WT"].means, strict=True):
        yield Claim(
            section="5.3",
            quantity=f"HD95 WT by MedPy, {method}",
            printed=printed,
            recompute=_medpy_mean("WT", method),
            needs=medpy,
            how="MedPy's HD95 of WT on scans where it is finite for all methods on WT, TC and ET.",
            why="Under the definition of the other rows (MedPy) the value is another.",
        )
    yield Claim(
        section="5.3",
        quantity="p of HD95 WT by MedPy, CC-Consensus < DistMap",
        printed="2.7e-4",
        recompute=lambda evidence: _test(evidence, "hd95_pooled_mm", "WT", "less"),
        needs=medpy,
        how="The same one-sided test on MedPy's HD95.",
        why="Under MedPy's definition the filter makes the HD95 of WT worse, not better.",
    )


def _definition(region: str) -> str:
    return "HD95 of rankings.json" if region in NESTED_REGIONS else "MedPy's HD95 of hd95_per_class_cv.csv"


def _on(region: str) -> str:
    return " on WT, TC and ET" if region in NESTED_REGIONS else ""


def _needs(region: str) -> tuple[str, ...]:
    return ("rankings.json",) if region in NESTED_REGIONS else ("hd95_per_class_cv.csv",)


def _metric(region: str) -> str:
    return "hd95_rankings_mm" if region in NESTED_REGIONS else "hd95_pooled_mm"


def _over(region: str) -> tuple[str, ...]:
    return NESTED_REGIONS if region in NESTED_REGIONS else (region,)


def _mean(region: str, method: str) -> Callable[[Evidence], float]:
    return lambda evidence: float(evidence.complete(_metric(region), region, _over(region))[method].mean())


def _change(region: str) -> Callable[[Evidence], float]:
    return lambda evidence: _mean(region, "consensus")(evidence) - _mean(region, "distmap")(evidence)


def _count(region: str) -> Callable[[Evidence], float]:
    return lambda evidence: float(len(evidence.complete(_metric(region), region, _over(region))))


def _p_value(region: str, alternative: Alternative) -> Callable[[Evidence], float]:
    return lambda evidence: _test(evidence, _metric(region), region, alternative)


def _test(evidence: Evidence, metric: str, region: str, alternative: Alternative) -> float:
    sides = evidence.complete(metric, region, _over(region))
    return signed_rank(sides["consensus"], sides["distmap"], alternative=alternative).p_value


def _medpy_mean(region: str, method: str) -> Callable[[Evidence], float]:
    return lambda evidence: float(evidence.complete("hd95_pooled_mm", region, NESTED_REGIONS)[method].mean())


def _differing_scans(evidence: Evidence) -> float:
    first = evidence.column("hd95_rankings_mm", "ET", "baseline")
    second = evidence.column("hd95_pooled_mm", "ET", "baseline")
    return float(np.sum(np.abs(first - second) > _SAME_MM))
