"""The lesion-wise protocol of BraTS 2023: every lesion scored for itself, misses and false alarms penalized.

What counts is equality with the challenge's published evaluation, so its peculiarities are kept:

* Lesions of the reference that touch after dilation are one lesion.
* Every predicted component that touches a dilated lesion belongs to it, whole; it may belong to several.
* A lesion at or under the smallest volume is not scored, but a component that touches only such a lesion is
  not a false positive either. False positives have no smallest volume.
* Nothing to score and nothing predicted is a Dice of 1 and 0 mm.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine, spacing_mm, voxel_volume_mm3
from analysis.components import ComponentRuns, find_components
from analysis.kernels import lesions as kernel
from analysis.masks import LIMIT, stack_bits
from analysis.surface_elements import ElementPoints, hd95_surfel_mm, stack_element_distances

# A lesion of exactly the smallest volume must not be scored because of the last bit of an affine.
_VOLUME_SLACK = 1 + 1e-6


@dataclass(frozen=True, slots=True)
class LesionProtocol:
    """The numbers of a challenge.

    Attributes:
        dilation_steps: dilations with 18 neighbours, before lesions are separated and matched.
        smallest_mm3: lesions of this volume or less are not scored.
        penalty_mm: what a missed lesion and a false positive add instead of a distance.
    """

    dilation_steps: int = 3
    smallest_mm3: float = 50.0
    penalty_mm: float = 374.0


BRATS_2023_GLI = LesionProtocol()


@dataclass(frozen=True, slots=True)
class LesionScores:
    """The verdict on one region.

    Attributes:
        lesion_dice: mean Dice over scored lesions and false positives, which count 0.
        lesion_hd95_mm: mean surface-element HD95 over the same.
        lesion_tp: scored lesions that some component touches.
        lesion_fp: components that touch no lesion.
        lesion_fn: scored lesions that none touches.
    """

    lesion_dice: float
    lesion_hd95_mm: float
    lesion_tp: float
    lesion_fp: float
    lesion_fn: float


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceLesions:
    """The lesions of one region of the reference.

    Attributes:
        zones: (x, y, z) uint32, F-ordered, number of the dilated lesion from 1.
        mask: (x, y, z) uint8, F-ordered, not 0 in the region itself.
        voxel_counts: (lesions,) voxels of each lesion, undilated.
    """

    zones: npt.NDArray[np.uint32]
    mask: npt.NDArray[np.uint8]
    voxel_counts: npt.NDArray[np.int64]


def reference_lesions(region: ComponentRuns, protocol: LesionProtocol = BRATS_2023_GLI) -> ReferenceLesions:
    """Separate the lesions of a reference.

    Args:
        region: the components of the region's mask.
        protocol: how far to dilate.
    """
    # A dilated lesion is the dilation of its own voxels: nothing of another lesion reaches into it, else they
    # would be one. So the zones serve for separating lesions and for matching components alike.
    dilated = kernel.dilate_runs(region.runs, protocol.dilation_steps)
    found = find_components(dilated.T, affine=np.eye(4))
    zones = np.zeros(region.shape, np.uint32, order="F")
    found.paint(found.table.numbers, zones)
    mask = np.zeros(region.shape, np.uint8, order="F")
    region.paint(np.ones(len(region.table.labels), np.uint32), mask)
    voxel_counts = np.bincount(zones[mask != 0], minlength=len(found.table.labels) + 1)[1:]
    return ReferenceLesions(zones, mask, voxel_counts)


def lesion_scores(
    lesions: ReferenceLesions,
    prediction: ComponentRuns,
    affine: Affine,
    protocol: LesionProtocol = BRATS_2023_GLI,
) -> LesionScores:
    """Score one region of a prediction lesion by lesion.

    Args:
        lesions: of the reference, in the same box.
        prediction: the components of the region's mask.
        affine: (4, 4), for volumes and distances.
        protocol: the challenge's numbers.
    """
    belongs, dice = _matched(lesions, prediction)
    scored = lesions.voxel_counts * voxel_volume_mm3(affine) > protocol.smallest_mm3 * _VOLUME_SLACK
    found = scored & belongs.any(axis=1)
    hd95_mm = np.full(len(scored), protocol.penalty_mm)
    hd95_mm[found] = _lesions_hd95_mm(lesions, prediction, np.flatnonzero(found), belongs, affine)
    false_positives = int(np.count_nonzero(~belongs.any(axis=0)))
    penalties_mm = false_positives * protocol.penalty_mm
    counted = int(np.count_nonzero(scored)) + false_positives
    return LesionScores(
        lesion_dice=float(dice[scored].sum()) / counted if counted else 1.0,
        lesion_hd95_mm=(float(hd95_mm[scored].sum()) + penalties_mm) / counted if counted else 0.0,
        lesion_tp=float(np.count_nonzero(found)),
        lesion_fp=float(false_positives),
        lesion_fn=float(np.count_nonzero(scored & ~found)),
    )


def _matched(
    lesions: ReferenceLesions, prediction: ComponentRuns
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """(lesions, components) which touch, and (lesions,) Dice of each with all that touch it."""
    size = len(lesions.voxel_counts), len(prediction.table.labels)
    touched, shared = kernel.match_components(
        prediction.runs, prediction.components, lesions.zones.T, lesions.mask.T, size
    )
    belongs = touched > 0
    predicted = belongs @ prediction.table.voxel_counts
    return belongs, 2 * shared.sum(axis=1) / (lesions.voxel_counts + predicted)


def _lesions_hd95_mm(
    lesions: ReferenceLesions,
    prediction: ComponentRuns,
    wanted: npt.NDArray[np.intp],
    belongs: npt.NDArray[np.bool_],
    affine: Affine,
) -> npt.NDArray[np.float64]:
    """(wanted,) HD95 of lesions, each against all components that belong to it; as many at once as fit."""
    hd95_mm = np.empty(len(wanted))
    for first in range(0, len(wanted), LIMIT):
        group = wanted[first : first + LIMIT]
        bits = np.uint8(1) << np.arange(len(group), dtype=np.uint8)
        reference_bits = np.zeros(len(lesions.voxel_counts) + 1, np.uint8)
        reference_bits[group + 1] = bits
        reference = np.where(lesions.mask != 0, reference_bits[lesions.zones], np.uint8(0))
        predicted = np.zeros(prediction.shape, np.uint8, order="F")
        prediction.paint((bits @ belongs[group]).astype(np.uint32), predicted)
        names = tuple(str(lesion) for lesion in group)
        points = [
            ElementPoints(stack_bits(names, masks), spacing_mm(affine)) for masks in (reference, predicted)
        ]
        distances = stack_element_distances(*points)
        hd95_mm[first : first + LIMIT] = [hd95_surfel_mm(distances[name]) for name in names]
    return hd95_mm
