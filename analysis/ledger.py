"""The component ledger: every component of every method, what it overlaps, and how the rule judged it."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cohort.label_map import Labels, spacing_mm, voxel_volume_mm3
from analysis.components import ComponentTable, moved
from analysis.crop import Box
from analysis.volumes import CroppedMap

KEPT, REMOVED = "kept", "removed"

COLUMNS = (
    "patient",
    "method",
    "label",
    "component",
    "voxel_count",
    "volume_ml",
    "is_largest",
    "centroid_x",
    "centroid_y",
    "centroid_z",
    "bbox_x_start",
    "bbox_y_start",
    "bbox_z_start",
    "bbox_x_stop",
    "bbox_y_stop",
    "bbox_z_stop",
    "distance_to_main_mm",
    "baseline_overlap_voxels",
    "verdict",
    "reference_overlap_voxels",
    "outcome",
)


def component_rows(
    volume: CroppedMap,
    box: Box,
    *,
    reference: Labels,
    baseline: Labels | None,
    kept: npt.NDArray[np.bool_] | None,
) -> pd.DataFrame:
    """Describe the components of one label map, one row each.

    A component is true when at least one of its voxels has its label in the reference, and false otherwise.

    Args:
        volume: the label map inside the patient's box.
        box: where that box lies; centroids and boxes are given in voxels of the whole volume.
        reference: (x, y, z) labels inside the box.
        baseline: likewise of the confirming method; None leaves `baseline_overlap_voxels` null.
        kept: (n,) the rule's verdicts; None where the rule does not apply to this method.

    Returns:
        Every column of `COLUMNS` but `patient` and `method`.
    """
    found = volume.components
    table = moved(found.table, box)
    overlaps = found.overlaps(reference)
    columns = _measures(table, voxel_volume_mm3(volume.affine))
    columns["distance_to_main_mm"] = found.distances_to_main_mm(spacing_mm(volume.affine))
    columns["baseline_overlap_voxels"] = _nullable(
        None if baseline is None else found.overlaps(baseline), len(overlaps)
    )
    columns["verdict"] = _words(kept, (REMOVED, KEPT), len(overlaps))
    columns["reference_overlap_voxels"] = overlaps
    outcomes = None if kept is None else 2 * kept + (overlaps > 0)
    columns["outcome"] = _words(
        outcomes, ("removed-false", "removed-true", "kept-false", "kept-true"), len(overlaps)
    )
    return pd.DataFrame(columns)


def _measures(table: ComponentTable, voxel_mm3: float) -> dict[str, object]:
    columns: dict[str, object] = {
        "label": table.labels,
        "component": table.numbers,
        "voxel_count": table.voxel_counts,
        "volume_ml": table.voxel_counts * voxel_mm3 / 1000,
        "is_largest": table.numbers == 1,
    }
    for axis, name in enumerate("xyz"):
        columns[f"centroid_{name}"] = table.centroids[:, axis]
    for axis, name in enumerate("xyz"):
        columns[f"bbox_{name}_start"] = table.box_starts[:, axis]
    for axis, name in enumerate("xyz"):
        columns[f"bbox_{name}_stop"] = table.box_stops[:, axis]
    return columns


def _nullable(values: npt.NDArray[np.int64] | None, length: int) -> pd.arrays.IntegerArray:
    nothing = values is None
    filled = np.zeros(length, np.int64) if values is None else values
    return pd.arrays.IntegerArray(filled, np.full(length, nothing))


def _words(
    codes: npt.NDArray[np.integer] | npt.NDArray[np.bool_] | None, words: tuple[str, ...], length: int
) -> pd.Series:
    if codes is None:
        return pd.Series([None] * length, dtype="str")
    return pd.Series(np.array(words, dtype=object)[codes.astype(np.int64)], dtype="str")
