"""Sections 4, 5.5 and 6.4: the cohort, its folds, its smallest tumour, its scans without enhancing tumour."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from analysis.audit.claim import Claim
from analysis.audit.evidence import Evidence
from analysis.feature_names import AGREEMENT_FEATURES, MORPHOLOGY_FEATURES
from analysis.subjects import subject_split

_RANKINGS = ("rankings.json",)
_FEATURES = ("patient_features.csv",)
_BOTH = (*_RANKINGS, *_FEATURES)


def cohort_claims() -> Iterator[Claim]:
    """What the paper says of its patients, folds and features."""
    yield Claim(
        "4.1",
        "scans",
        "1196",
        lambda evidence: float(len(evidence.patients)),
        _RANKINGS,
        "Rows of rankings.json.",
    )
    yield Claim(
        section="4.1",
        quantity="scans of fold 0",
        printed="239",
        recompute=lambda evidence: float((evidence.patients["fold"] == 0).sum()),
        needs=_RANKINGS,
        how="Rows of rankings.json whose fold is 0.",
        why="Fold 0 has one scan more than the other four, which have 239 each.",
    )
    yield Claim(
        section="4.1",
        quantity="subjects whose scans lie in more than one fold",
        printed="0 (stratified by patient ID)",
        recompute=lambda evidence: float(subject_split(evidence.patients).split),
        needs=_RANKINGS,
        how="Subjects by the scan's name without its timepoint.",
        why="The split is by scan: most subjects with several scans are in training and validation at once.",
    )
    yield Claim(
        section="4.2",
        quantity="features",
        printed="31",
        recompute=lambda evidence: float(evidence.features.notna().any().sum()),
        needs=("patient_features.csv", "patient_agreement_features.csv"),
        how=f"Columns of the two tables: {len(MORPHOLOGY_FEATURES)} and {len(AGREEMENT_FEATURES)}.",
    )
    yield from _volume_claims()
    yield from _enhancing_claims()
    yield from _position_claims()


def _volume_claims() -> Iterator[Claim]:
    yield Claim(
        "6.4",
        "smallest WT in voxels",
        "2808",
        lambda evidence: float(evidence.features["vol_WT"].min()),
        _FEATURES,
        "Minimum of vol_WT.",
    )
    yield Claim(
        section="6.4",
        quantity="median WT in voxels",
        printed="89500",
        recompute=lambda evidence: float(evidence.features["vol_WT"].median()),
        needs=_FEATURES,
        how="Median of vol_WT; the paper prints it to the nearest hundred.",
        tolerance=50,
    )


def _enhancing_claims() -> Iterator[Claim]:
    yield Claim(
        "6.4",
        "scans without ET in the ground truth",
        "32",
        lambda evidence: float(_without_enhancing(evidence).sum()),
        _FEATURES,
        "Rows with vol_ET = 0.",
    )
    yield Claim(
        section="6.4",
        quantity="share of scans without ET in the ground truth",
        printed="2.7 %",
        recompute=lambda evidence: 100 * float(_without_enhancing(evidence).mean()),
        needs=_FEATURES,
        how="Rows with vol_ET = 0, in percent of all scans.",
        tolerance=0.05,
    )
    yield Claim(
        section="6.4",
        quantity="scans without ET in the ground truth that score Dice 1 (CC-Consensus)",
        printed="32",
        recompute=lambda evidence: float(
            np.sum(_enhancing_dice(evidence)[_without_enhancing(evidence)] == 1)
        ),
        needs=_BOTH,
        how="Scans with vol_ET = 0 whose Dice of ET is 1, that is whose prediction is empty too.",
        why="Only an empty prediction scores 1; all others hold false ET and score 0.",
    )
    yield Claim(
        section="5.5",
        quantity="mean Dice of ET that the scans without ET add (CC-Consensus)",
        printed="0.003",
        recompute=lambda evidence: float(
            np.nanmean(_enhancing_dice(evidence))
            - np.nanmean(_enhancing_dice(evidence)[~_without_enhancing(evidence)])
        ),
        needs=_BOTH,
        how="Mean over all scans minus the mean over scans with ET in the ground truth.",
        why="These scans lower the mean, for most of them score 0: the convention does not inflate ET.",
    )


def _position_claims() -> Iterator[Claim]:
    for region, printed in (("WT", "0.935"), ("TC", "0.919"), ("ET", "0.873")):
        how = "Mean over all scans of rankings.json."
        yield Claim("5.5", f"Dice {region}, consensus", printed, _mean(region), _RANKINGS, how)
    yield Claim(
        section="5.5",
        quantity="points of Dice average above the winners' range (0.87 to 0.89)",
        printed="1 (within one percentage point)",
        recompute=lambda evidence: 100 * (evidence.average("consensus") - 0.89),
        needs=_RANKINGS,
        how="100 times the mean Dice average minus 0.89, the upper end of the range the paper quotes.",
        why="The mean is nearly two points above the range, on other patients and by another protocol.",
        relation="below",
    )


def _mean(region: str) -> Callable[[Evidence], float]:
    return lambda evidence: evidence.mean("dice", region, "consensus")


def _without_enhancing(evidence: Evidence) -> npt.NDArray[np.bool_]:
    return (evidence.features["vol_ET"] == 0).to_numpy()


def _enhancing_dice(evidence: Evidence) -> npt.NDArray[np.float64]:
    return evidence.column("dice", "ET", "consensus")
