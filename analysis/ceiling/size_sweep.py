"""The size-adaptive filter: unconfirmed components stay when they are larger than a threshold tau."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.cases import dice_average
from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import LabelScheme
from analysis.components import find_components
from analysis.consensus import ConsensusRule, painted
from analysis.overlap import dice, joint_histogram, region_overlaps
from analysis.volumes import common_box

THRESHOLDS_VOXELS = (20.0, 50.0, 100.0, 200.0, 500.0, float("inf"))


def sweep_patient(
    reference: LabelMap,
    distmap: LabelMap,
    baseline: LabelMap,
    scheme: LabelScheme,
    thresholds_voxels: Sequence[float] = THRESHOLDS_VOXELS,
) -> pd.DataFrame:
    """Score the consensus of one patient under each size threshold.

    Args:
        reference: ground truth; all three on one grid.
        distmap: the method that is filtered.
        baseline: the method that confirms.
        scheme: whose regions enter the Dice average.
        thresholds_voxels: a component larger than this is never removed; infinity is the paper's rule.

    Returns:
        One row a threshold and region of the average: `threshold_voxels`, `region`, `value` (Dice; 1 where
        both are empty).
    """
    box = common_box([reference, distmap, baseline]).slices
    found = find_components(distmap.labels[box], affine=distmap.affine)
    confirmed = found.overlaps(baseline.labels[box])
    rows = []
    for threshold in thresholds_voxels:
        rule = ConsensusRule(never_remove_above_voxels=threshold)
        filtered = painted(found, rule.keeps(found.table, confirmed))
        overlaps = region_overlaps(joint_histogram(reference.labels[box], filtered), scheme.regions)
        for region in scheme.dice_average:
            counts = overlaps[region]
            value = dice(counts) if counts.reference + counts.prediction else 1.0
            rows.append({"threshold_voxels": threshold, "region": region, "value": value})
    return pd.DataFrame(rows)


def sweep_means(sweep: pd.DataFrame, regions: Sequence[str]) -> pd.DataFrame:
    """Average a cohort's sweep.

    Args:
        sweep: patient, threshold_voxels, region, value.
        regions: of the Dice average, in the order of its additions.

    Returns:
        One row a threshold, ascending: `threshold_voxels`, `dice_average` (mean over patients), `values`
        (patients with all regions) and `missing`.
    """
    rows = []
    for threshold, group in sweep.groupby("threshold_voxels"):
        columns = {region: part.set_index("patient")["value"] for region, part in group.groupby("region")}
        table = pd.DataFrame(columns).reindex(columns=list(regions))
        averages = dice_average(table.to_numpy(dtype=np.float64))
        known = averages[np.isfinite(averages)]
        mean = float(known.mean()) if len(known) else float("nan")
        counts = {"values": len(known), "missing": len(averages) - len(known)}
        rows.append({"threshold_voxels": threshold, "dice_average": mean} | counts)
    return pd.DataFrame(rows, columns=["threshold_voxels", "dice_average", "values", "missing"])
