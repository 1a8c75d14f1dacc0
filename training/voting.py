"""Voxel-level voting: p = alpha p_B + (1 - alpha) p_D by region, alpha fitted on training folds only."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analysis.cohort.labels import LabelScheme
from analysis.cohort.probabilities import Probabilities
from analysis.cohort.usage import UsageError

ALPHAS = 101
"""Alpha runs over 0, 0.01, ... 1; 0 is the second model alone (DistMap), 1 the first (Baseline)."""

Mask = npt.NDArray[np.bool_]


def dice_over_alphas(
    baseline: npt.NDArray[np.int32], distmap: npt.NDArray[np.int32], reference: Mask
) -> npt.NDArray[np.float64]:
    """Dice of a voted region at each of the 101 alphas, from one pass over the voxels.

    A voxel is predicted where k b + (100 - k) d > 100 * 127.5, that is probability above 1/2. It flips at
    most once as k grows, so that two histograms of the flips hold all 101 answers, exactly.

    Args:
        baseline: region probability in bytes, (x, y, z).
        distmap: the same of the other model.
        reference: the region's mask.

    Returns:
        (101,); 1 where both sides are empty.
    """
    first, last = _predicted_range(baseline, distmap)
    size, overlap = (_counts(first[where], last[where]) for where in (slice(None), reference))
    total = size + int(reference.sum())
    return np.where(total > 0, 2 * overlap / np.maximum(total, 1), 1.0)


def fit_alphas(dice: npt.NDArray[np.float64], folds: Sequence[int]) -> dict[int, npt.NDArray[np.float64]]:
    """Choose the best alpha of each region for each fold, on the patients that the fold trains on.

    Args:
        dice: (patient, region, 101).
        folds: of the patients.

    Returns:
        Fold to (region,) alphas. Of equally good ones the most even (nearest to 1/2) is taken.
    """
    which = np.asarray(folds)
    evenness = -np.abs(np.arange(ALPHAS) - (ALPHAS - 1) / 2)
    alphas = {}
    for fold in sorted(set(which.tolist())):
        mean = dice[which != fold].mean(0)
        best = mean.max(1, keepdims=True)
        chosen = np.where(mean >= best - 1e-12, evenness, -np.inf).argmax(1)
        alphas[fold] = chosen / (ALPHAS - 1)
    return alphas


def fuse(
    baseline: Probabilities, distmap: Probabilities, scheme: LabelScheme, alphas: Mapping[str, float]
) -> npt.NDArray[np.uint8]:
    """Vote on nested regions and paint them, the smaller over the larger, (x, y, z) labels.

    Args:
        baseline: of the labels, or of these regions.
        distmap: the same of the other model.
        scheme: whose `dice_average` regions are voted on.
        alphas: of these regions.

    Raises:
        UsageError: the regions are not nested with one label between each and the next.
    """
    fused = np.zeros(baseline.codes_cxyz.shape[1:], dtype=np.uint8)
    inside = np.ones(fused.shape, dtype=np.bool_)
    for region, value in nested_regions(scheme):
        alpha = alphas[region]
        first, second = (one.of(scheme.regions[region]) for one in (baseline, distmap))
        inside = inside & (alpha * first + (1 - alpha) * second > 127.5)
        fused[inside] = value
    return fused


def nested_regions(scheme: LabelScheme) -> list[tuple[str, int]]:
    """Order a scheme's regions from large to small, each with the label that it alone adds.

    Raises:
        UsageError: they are not nested so.
    """
    ordered = sorted(scheme.dice_average, key=lambda name: -len(scheme.regions[name]))
    sets = [set(scheme.regions[name]) for name in ordered] + [set()]
    added = [outer - inner for outer, inner in pairwise(sets)]
    nested = all(inner <= outer for outer, inner in pairwise(sets))
    if not nested or any(len(one) != 1 for one in added):
        raise UsageError(
            f"voting needs regions nested label by label, scheme {scheme.name} has {', '.join(ordered)}"
        )
    return [(name, one.pop()) for name, one in zip(ordered, added, strict=True)]


def _predicted_range(
    baseline: npt.NDArray[np.int32], distmap: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and last k at which each voxel is predicted; first > last where it never is."""
    b, d = baseline.astype(np.int64), distmap.astype(np.int64)
    slope, gap = b - d, 12750 - 100 * d
    steps = np.where(slope == 0, 1, np.abs(slope))
    # k slope > gap: for a rising vote k > gap / slope, for a falling one k < -gap / |slope|.
    rising_first = np.floor_divide(gap, steps) + 1
    falling_last = -np.floor_divide(gap, steps) - 1
    always = np.where(gap < 0, 0, ALPHAS)
    first = np.where(slope > 0, np.clip(rising_first, 0, ALPHAS), np.where(slope < 0, 0, always))
    last = np.where(slope < 0, np.clip(falling_last, -1, ALPHAS - 1), ALPHAS - 1)
    return first, last


def _counts(first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(101,) how many voxels are predicted at each k."""
    alive = first <= last
    begins = np.bincount(first[alive].ravel(), minlength=ALPHAS + 1)
    ends = np.bincount(last[alive].ravel() + 1, minlength=ALPHAS + 1)
    counts: npt.NDArray[np.int64] = np.cumsum(begins - ends)[:ALPHAS]
    return counts
