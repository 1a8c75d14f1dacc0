"""The 31 features of Cassez 2026, section 4.2, under their published names.

Sixteen describe the reference, four count components of Baseline and DistMap, eleven say how these two agree.
Volumes and sizes are in voxels, lengths in mm. `surface_roughness_WT` is 1 / `sphericity_WT` by definition.
"""

import math
from collections.abc import Iterator

import numpy as np

from analysis import empty_masks, overlap, shape
from analysis.cohort.label_map import spacing_mm, voxel_volume_mm3
from analysis.components import ComponentTable
from analysis.feature_names import FEATURES
from analysis.overlap import Overlap
from analysis.volumes import CroppedMap

SMALL_VOXELS = 20

Feature = tuple[str, float]


def features(
    reference: CroppedMap, baseline: CroppedMap | None, distmap: CroppedMap | None
) -> dict[str, float]:
    """Compute the features of one patient.

    Args:
        reference: the ground truth.
        baseline: the confirming method in the same box, None where the patient has none.
        distmap: the filtered method, likewise.

    Returns:
        Every name of `FEATURES`; NaN where a method or a region of the scheme is missing.
    """
    found = dict.fromkeys(FEATURES, math.nan)
    found.update(_volumes(reference))
    found.update(_components(reference))
    found.update(_shapes(reference))
    for role, method in (("baseline", baseline), ("distmap", distmap)):
        if method is not None:
            found.update(
                (f"nb_cc_{role}_{name}", float(method.component_count(name)))
                for name in _of(method, "ET", "NCR")
            )
    if baseline is not None and distmap is not None:
        found.update(_agreement(baseline, distmap))
        found.update(_orphans(baseline, distmap))
    return found


def _of(volume: CroppedMap, *regions: str) -> Iterator[str]:
    return (region for region in regions if region in volume.scheme.regions)


def _volumes(reference: CroppedMap) -> Iterator[Feature]:
    voxels = {region: reference.region_voxels(region) for region in _of(reference, "WT", "TC", "ET")}
    for region, count in voxels.items():
        yield f"vol_{region}", float(count)
    if {"WT", "ET"} <= set(voxels):
        yield "ratio_ET_WT", _share(voxels["ET"], voxels["WT"])


def _components(reference: CroppedMap) -> Iterator[Feature]:
    for region in _of(reference, "ET", "NCR"):
        table = reference.region_components(region).table
        small = table.voxel_counts[table.voxel_counts < SMALL_VOXELS].sum()
        yield f"nb_cc_{region}", float(len(table.labels))
        yield f"frac_small_cc_{region}", _share(small, table.voxel_counts.sum())
    for region in _of(reference, "ET"):
        yield (
            "cc_spread_ET",
            shape.spread_mm(reference.region_components(region), spacing_mm(reference.affine)),
        )


def _shapes(reference: CroppedMap) -> Iterator[Feature]:
    for region in _of(reference, "WT", "TC", "ET"):
        yield f"euler_{region}", float(shape.euler_number(reference.configurations(region)))
    sides_mm = spacing_mm(reference.affine)
    for region in _of(reference, "WT"):
        volume_mm3 = reference.region_voxels(region) * voxel_volume_mm3(reference.affine)
        area_mm2 = shape.face_area_mm2(reference.configurations(region), sides_mm)
        roundness = shape.sphericity(volume_mm3, area_mm2)
        yield "cavities_WT", float(shape.cavity_count(*reference.framed(region)))
        yield "pca_elongation_WT", shape.elongation(reference.region_components(region), sides_mm)
        yield "sphericity_WT", roundness
        yield "surface_roughness_WT", 1 / roundness


def _agreement(baseline: CroppedMap, distmap: CroppedMap) -> Iterator[Feature]:
    histogram = overlap.joint_histogram(baseline.labels, distmap.labels)
    counts = overlap.region_overlaps(histogram, baseline.scheme.regions)
    for region in _of(baseline, "WT", "TC", "ET"):
        yield f"dice_B_D_{region}", _dice(counts[region])
    for region in _of(baseline, "ET", "NCR"):
        one, other = counts[region].reference, counts[region].prediction
        yield f"vol_diff_B_D_{region}", _share(abs(one - other), one + other)


def _dice(counts: Overlap) -> float:
    empty = empty_masks.which_is_empty(counts.reference, counts.prediction)
    convention = None if empty is None else empty_masks.empty_value("dice", empty)
    return overlap.dice(counts) if convention is None else convention


def _orphans(baseline: CroppedMap, distmap: CroppedMap) -> Iterator[Feature]:
    """DistMap components without one voxel of their label in Baseline."""
    table = distmap.components.table
    is_orphan = distmap.components.overlaps(baseline.labels) == 0
    for region in _of(distmap, "ET", "NCR"):
        of_region = np.isin(table.labels, distmap.scheme.regions[region])
        sizes = table.voxel_counts[of_region & is_orphan]
        yield f"n_no_overlap_distmap_{region}", float(len(sizes))
        yield f"frac_removed_distmap_{region}", _share(sizes.sum(), _voxels(table, of_region))
        yield f"max_orphan_cc_{region}", float(sizes.max(initial=0))


def _voxels(table: ComponentTable, rows: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    return int(table.voxel_counts[rows].sum())


def _share(part: float, whole: float) -> float:
    """Quotient, 0 of an empty whole, as the published tables have it."""
    return float(part / whole) if whole else 0.0
