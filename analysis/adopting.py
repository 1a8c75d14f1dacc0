"""What one method would gain by another's component: the Dice if it had labelled those voxels so.

The counterpart of `analysis.counterfactual`, which takes components out: here one is put in, over whatever
the method says there. Everything is counted, so the result equals a full recompute.
"""

from collections.abc import Mapping

import numpy as np

from analysis.cohort.label_map import Affine, Labels
from analysis.components import label_components
from analysis.counterfactual import Counts, Scores, component_rows_of, dice_of_counts
from analysis.overlap import joint_histogram


def adoptions(
    reference: Labels,
    adopting: Labels,
    giving: Labels,
    affine: Affine,
    regions: Mapping[str, tuple[int, ...]],
) -> Scores:
    """Let a method adopt every component of another, one at a time.

    Args:
        reference: (x, y, z) uint8.
        adopting: (x, y, z) uint8, the method whose Dice is asked for.
        giving: (x, y, z) uint8, the method whose components are adopted.
        affine: (4, 4); it decides the numbering of equal components.
        regions: name to the labels it unites.

    Returns:
        (n, regions) Dice, in the order of the component table of `giving`.
    """
    found = label_components(giving, affine=affine)
    rows = component_rows_of(giving, found)
    size = int(max(reference.max(initial=0), adopting.max(initial=0), giving.max(initial=0))) + 1
    joint = _joint(reference, adopting, giving, rows, (len(found.table.labels), size))
    histogram = joint_histogram(reference, adopting)
    columns = []
    for members in regions.values():
        inside = np.isin(np.arange(size), members)
        known = inside[: len(histogram)]
        both, predicted, truth = (
            int(part.sum()) for part in (histogram[known][:, known], histogram[:, known], histogram[known])
        )
        becomes_inside = inside[found.table.labels]
        in_truth = joint[:, :, inside].sum(axis=(1, 2))
        both_then = both + becomes_inside * in_truth - joint[:, inside][:, :, inside].sum(axis=(1, 2))
        predicted_then = (
            predicted + becomes_inside * joint.sum(axis=(1, 2)) - joint[:, inside].sum(axis=(1, 2))
        )
        columns.append(dice_of_counts(both_then, predicted_then, truth))
    return np.stack(columns, axis=1) if columns else np.zeros((len(found.table.labels), 0))


def _joint(
    reference: Labels, adopting: Labels, giving: Labels, rows: Counts, shape: tuple[int, int]
) -> Counts:
    """Count the voxels of each component by what the method and the reference say: (n, size, size)."""
    count, size = shape
    inside = giving.ravel(order="F") != 0
    said = adopting.ravel(order="F")[inside].astype(np.int64)
    truth = reference.ravel(order="F")[inside].astype(np.int64)
    places = (rows * size + said) * size + truth
    return np.bincount(places, minlength=count * size * size).reshape(count, size, size)
