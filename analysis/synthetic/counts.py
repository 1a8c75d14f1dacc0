"""How large tumours are and how many fragments predictions have: draws that follow the published cohort.

Constants were fitted to the tables of the 1196 scans of Cassez 2026 (`patient_features.csv` and
`fragments_topological_cv.csv` of github.com/guillaume-cassez/brats-moe-distmap-fusion-1, MIT). A draw is one
vector of correlated normals (a Gaussian copula); each of its entries is pushed through its own curve
`max(0, middle + spread z) ** power`, the volumes' shares through a logistic one.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

NCR, ED, ET = 1, 2, 3
LABELS = (NCR, ED, ET)

# No draw lies further out than the cohort's most extreme of 1196.
_FURTHEST = 3.2


class _Curve(NamedTuple):
    middle: float
    spread: float
    power: float


_WT_VOXELS = _Curve(9301, 4839, 1.25)
_SMALLEST_WT_VOXELS = 2800
# Logits of TC / WT and of ET / TC.
_TC_SHARE = _Curve(-0.60, 1.07, 1)
_ET_SHARE = _Curve(0.98, 1.15, 1)
_WITHOUT_ET = 32 / 1196
_WITHOUT_TC = 6 / 1196
_FRAGMENTS = {
    NCR: (_Curve(8.164, 3.612, 2), _Curve(18.60, 11.726, 1.5), _Curve(4.95, 2.756, 2)),
    ED: (_Curve(2.518, 1.306, 3), _Curve(2.622, 1.481, 3), _Curve(2.12, 1.185, 3)),
    ET: (_Curve(0.915, 0.251, 8), _Curve(0.916, 0.259, 8), _Curve(0.935, 0.252, 8)),
}
# Components of the reference beside the largest: NCR and ET from the quantiles of nb_cc_*; ED is not
# published, its curve is that of three expert label maps (2, 10 and 16).
_REFERENCE_FRAGMENTS = {NCR: _Curve(2.15, 1.85, 2.5), ED: _Curve(2.0, 0.8, 3), ET: _Curve(0.98, 0.24, 8)}

# Lower triangle of the correlations between the normals: WT voxels, TC / WT, ET / TC, then the fragments of
# Baseline, DistMap and CC-Consensus for NCR, ED and ET.
_CORRELATIONS = (
    (0.01,),
    (-0.27, -0.36),
    (0.53, 0.17, 0.05),
    (0.57, 0.24, -0.03, 0.92),
    (0.50, 0.13, -0.01, 0.88, 0.88),
    (0.27, 0.53, -0.13, 0.39, 0.41, 0.28),
    (0.30, 0.55, -0.12, 0.41, 0.43, 0.29, 0.93),
    (0.23, 0.52, -0.10, 0.35, 0.38, 0.26, 0.91, 0.94),
    (0.25, 0.10, -0.26, 0.01, 0.04, 0.03, 0.05, 0.05, 0.03),
    (0.29, 0.12, -0.28, 0.06, 0.10, 0.08, 0.11, 0.11, 0.09, 0.86),
    (0.25, 0.12, -0.26, 0.04, 0.07, 0.04, 0.09, 0.09, 0.08, 0.90, 0.94),
)


@dataclass(frozen=True, slots=True)
class FragmentCounts:
    """Fragments of one label: components beside the largest, 26-connected, no size threshold.

    Attributes:
        reference: in the ground truth.
        baseline: in Baseline.
        distmap: in DistMap.
        consensus: in CC-Consensus; never more than in either network.
    """

    reference: int
    baseline: int
    distmap: int
    consensus: int


@dataclass(frozen=True, slots=True)
class Draw:
    """What a patient is to look like.

    Attributes:
        wt_voxels: voxels of 1 mm3 of the whole tumour in the reference.
        tc_voxels: of the tumour core; 0 where there is oedema only.
        et_voxels: of the enhancing tumour; 0 where nothing enhances.
        fragments: by label.
    """

    wt_voxels: int
    tc_voxels: int
    et_voxels: int
    fragments: dict[int, FragmentCounts]


def draw_patient(rng: np.random.Generator) -> Draw:
    """Draw volumes and fragment counts together, as they come together in the published cohort."""
    normals = np.clip(_factor() @ rng.standard_normal(12), -_FURTHEST, _FURTHEST)
    reference = np.clip(rng.standard_normal(3), -_FURTHEST, _FURTHEST)
    whole = max(_SMALLEST_WT_VOXELS, _at(_WT_VOXELS, normals[0]))
    absent = rng.random()
    core = 0 if absent < _WITHOUT_TC else round(whole * _logistic(_TC_SHARE, normals[1]))
    enhancing = 0 if absent < _WITHOUT_ET else round(core * _logistic(_ET_SHARE, normals[2]))
    fragments = {
        label: _fragments(label, normals[3 + 3 * place : 6 + 3 * place], reference[place])
        for place, label in enumerate(LABELS)
    }
    return Draw(whole, core, enhancing, fragments)


def _fragments(label: int, normals: npt.NDArray[np.float64], reference: float) -> FragmentCounts:
    # The ground truth is fragmented where the networks are (rank correlation 0.5).
    truth = _at(_REFERENCE_FRAGMENTS[label], 0.5 * normals[0] + 0.87 * reference)
    baseline, distmap, consensus = (
        _at(curve, normal) for curve, normal in zip(_FRAGMENTS[label], normals, strict=True)
    )
    return FragmentCounts(truth, baseline, distmap, min(baseline, distmap, consensus))


def _at(curve: _Curve, normal: float) -> int:
    return round(float(max(0.0, curve.middle + curve.spread * normal) ** curve.power))


def _logistic(curve: _Curve, normal: float) -> float:
    return float(1 / (1 + np.exp(-curve.middle - curve.spread * normal)))


def _factor() -> npt.NDArray[np.float64]:
    """(12, 12) matrix that turns independent normals into correlated ones."""
    matrix = np.eye(12)
    for row, entries in enumerate(_CORRELATIONS, start=1):
        matrix[row, :row] = matrix[:row, row] = entries
    return np.linalg.cholesky(matrix).astype(np.float64)
