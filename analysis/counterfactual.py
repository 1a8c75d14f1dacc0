"""What one component is worth: the Dice of a case if the rule had judged that component the other way.

A component that was removed is put back, one that was kept is taken out; all others stay. Everything is
counted, nothing estimated: the result equals a full recompute, to the last bit of the quotient.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine, Labels
from analysis.components import Components, label_components
from analysis.overlap import joint_histogram

Counts = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Flips:
    """One row a component of the filtered method, in the order of its component table.

    Attributes:
        labels: (n,) label of the component.
        numbers: (n,) its number within the label.
        was_kept: (n,) what the rule did.
        regions: names of the columns below.
        dice_now: (regions,) Dice of the filtered label map as it is.
        dice_flipped: (n, regions) Dice with this one component judged the other way.
    """

    labels: npt.NDArray[np.uint8]
    numbers: npt.NDArray[np.uint32]
    was_kept: npt.NDArray[np.bool_]
    regions: tuple[str, ...]
    dice_now: Scores
    dice_flipped: Scores

    def average_changes(self, averaged: tuple[str, ...]) -> Scores:
        """Say how the Dice average changes by each flip: (n,), positive where the rule cost something."""
        columns = [self.regions.index(region) for region in averaged]
        change: Scores = (self.dice_flipped - self.dice_now)[:, columns].mean(axis=1)
        return change


def flips(
    reference: Labels,
    unfiltered: Labels,
    filtered: Labels,
    affine: Affine,
    regions: Mapping[str, tuple[int, ...]],
) -> Flips:
    """Judge every component of a method the other way, one at a time.

    Args:
        reference: (x, y, z) uint8.
        unfiltered: (x, y, z) uint8, the method before the rule (DistMap).
        filtered: (x, y, z) uint8, the same with some components set to 0 (CC-Consensus).
        affine: (4, 4); it decides the numbering of equal components.
        regions: name to the labels it unites.

    Raises:
        ValueError: if `filtered` is not `unfiltered` with whole components set to 0.
    """
    found = label_components(unfiltered, affine=affine)
    rows = component_rows_of(unfiltered, found)
    kept = _verdicts(unfiltered, filtered, rows, len(found.table.labels))
    histogram = joint_histogram(reference, filtered)
    labels = max(int(unfiltered.max(initial=0)) + 1, len(histogram))
    shared = _shared(reference, unfiltered, rows, len(kept), labels)
    now, flipped = [], []
    for members in regions.values():
        inside = np.isin(np.arange(labels), members)
        known = inside[: len(histogram)]
        both, predicted, truth = (
            int(part.sum()) for part in (histogram[known][:, known], histogram[:, known], histogram[known])
        )
        sign = np.where(kept, -1, 1) * inside[found.table.labels]
        now.append(dice_of_counts(np.array([both]), np.array([predicted]), truth)[0])
        flipped.append(
            dice_of_counts(
                both + sign * shared[:, inside].sum(axis=1), predicted + sign * shared.sum(axis=1), truth
            )
        )
    columns = np.stack(flipped, axis=1) if flipped else np.zeros((len(kept), 0))
    return Flips(found.table.labels, found.table.numbers, kept, tuple(regions), np.array(now), columns)


def component_rows_of(labels: Labels, found: Components) -> Counts:
    """Find for every foreground voxel, in Fortran order, the row of its component in the table."""
    flat = labels.ravel(order="F")
    inside = flat != 0
    first = np.searchsorted(found.table.labels, np.arange(256, dtype=np.uint16))
    rows: Counts = first[flat[inside]] + found.numbers.ravel(order="F")[inside].astype(np.int64) - 1
    return rows


def _verdicts(unfiltered: Labels, filtered: Labels, rows: Counts, count: int) -> npt.NDArray[np.bool_]:
    before, after = unfiltered.ravel(order="F"), filtered.ravel(order="F")
    inside = before != 0
    same = after[inside] == before[inside]
    staying = np.bincount(rows, same, count)
    is_whole = (staying == 0) | (staying == np.bincount(rows, minlength=count))
    if after[~inside].any() or (after[inside][~same] != 0).any() or not is_whole.all():
        raise ValueError("the filtered label map is not the unfiltered one with whole components set to 0")
    return staying > 0


def _shared(reference: Labels, labels: Labels, rows: Counts, count: int, size: int) -> Counts:
    """Count the voxels of each component by their label in the reference: (n, size)."""
    truth = reference.ravel(order="F")[labels.ravel(order="F") != 0].astype(np.int64)
    size = max(size, int(truth.max(initial=0)) + 1)
    return np.bincount(rows * size + truth, minlength=count * size).reshape(count, size)


def dice_of_counts(both: Counts, predicted: Counts, truth: int) -> Scores:
    """Twice the shared voxels over those of both; 1 where both are empty."""
    whole = predicted + truth
    return np.where(whole == 0, 1.0, 2 * both / np.maximum(whole, 1))
