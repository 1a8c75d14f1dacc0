"""Section 5.3 and Appendix E: case classes, strict wins, and the six patients."""

from collections.abc import Callable, Iterator, Sequence

from analysis.audit.claim import Claim
from analysis.audit.evidence import Evidence
from analysis.ceiling.oracles import strict_wins
from analysis.published import METHODS

_RANKINGS = ("rankings.json",)
_MATERIAL = 0.001
_TENTH = 0.05
_AT_ZERO = "Scans of the class at threshold zero."

_CASES = (
    (("C1",), "602", "50.3 %"),
    (("C2",), "593", "49.6 %"),
    (("C3",), "390", "32.6 %"),
    (("C3", "C4"), "559", "46.7 %"),
    (("C5",), "463", "38.7 %"),
    (("C6",), "157", "13.1 %"),
)
_WINS = {"WT": "2.7 %", "TC": "21.7 %", "ET": "6.9 %"}
_PATIENTS = {
    "BraTS-GLI-00048-001": ("1", "0.983", "0.308", "0.973"),
    "BraTS-GLI-01437-000": ("2", "0.589", "0.923", "0.923"),
    "BraTS-GLI-01428-000": ("1", "0.618", "0.656", "0.645"),
    "BraTS-GLI-00017-001": ("0", "0.991", "0.657", "0.890"),
    "BraTS-GLI-01530-000": ("1", "0.241", "0.541", "0.169"),
    "BraTS-GLI-00540-000": ("1", "0.785", "0.795", "0.869"),
}


def case_claims() -> Iterator[Claim]:
    """Counts and shares of C1 to C6 at threshold zero, and what a threshold of 0.001 leaves of them."""
    for cases, count, share in _CASES:
        name = " and ".join(cases)
        yield Claim("5.3", f"scans of {name}", count, _count(cases), _RANKINGS, _AT_ZERO)
        yield Claim("5.3", f"share of {name}", share, _share(cases), _RANKINGS, _AT_ZERO, tolerance=_TENTH)
    for case, share in (("C5", "38.7 %"), ("C6", "13.1 %")):
        yield Claim(
            section="5.3",
            quantity=f"share of {case} with a Dice difference above {_MATERIAL}",
            printed=share,
            recompute=_share((case,), _MATERIAL),
            needs=_RANKINGS,
            how=f"Scans of the class when Dice averages up to {_MATERIAL} apart count as equal.",
            why="The printed share holds only at threshold zero: nine of ten differences are below 0.001.",
            tolerance=_TENTH,
        )
    for region, share in _WINS.items():
        yield Claim(
            section="5.3",
            quantity=f"scans on which CC-Consensus alone has the best Dice of {region}",
            printed=share,
            recompute=_strict_wins(region),
            needs=_RANKINGS,
            how="Strict wins over Baseline and DistMap, in percent of all scans.",
            tolerance=_TENTH,
        )


def patient_claims() -> Iterator[Claim]:
    """Fold and Dice averages of the six patients of Appendix E."""
    for patient, (fold, *averages) in _PATIENTS.items():
        how = f"The row of {patient} in rankings.json."
        short = patient.removeprefix("BraTS-GLI-")
        yield Claim("Appendix E", f"{short}, fold", fold, _cell(patient, "fold"), _RANKINGS, how)
        for method, printed in zip(METHODS, averages, strict=True):
            recompute = _cell(patient, f"dice_average_{method}")
            yield Claim(
                "Appendix E", f"{short}, Dice average of {method}", printed, recompute, _RANKINGS, how
            )


def _count(cases: Sequence[str], eps: float = 0.0) -> Callable[[Evidence], float]:
    return lambda evidence: float(sum(evidence.cases(eps).cases[case] for case in cases))


def _share(cases: Sequence[str], eps: float = 0.0) -> Callable[[Evidence], float]:
    return lambda evidence: 100 * _count(cases, eps)(evidence) / len(evidence.patients)


def _strict_wins(region: str) -> Callable[[Evidence], float]:
    def recompute(evidence: Evidence) -> float:
        wins = strict_wins(evidence.cube).set_index("region")
        return 100 * float(wins["consensus"][region] / wins["patients"][region])

    return recompute


def _cell(patient: str, column: str) -> Callable[[Evidence], float]:
    def recompute(evidence: Evidence) -> float:
        values = evidence.patients.loc[evidence.patients["patient"] == patient, column].dropna()
        return float(values.iloc[0]) if len(values) else float("nan")

    return recompute
