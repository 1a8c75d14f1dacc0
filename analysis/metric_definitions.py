"""What every number means: one table, shown where the number is shown and the same as in the README."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from analysis.feature_names import FEATURES
from analysis.statistics.comparison import higher_is_better


@dataclass(frozen=True, slots=True)
class Definition:
    """What one quantity is.

    Attributes:
        name: its id in the results.
        title: short, for axes and heads of columns, without the unit.
        unit: `mm`, `ml`, `voxels`, or empty where it has none.
        says: one sentence that defines it.
        digits: after the point, where it is written in a table.
        higher_is_better: which way it improves; None for one without a better side.
    """

    name: str
    title: str
    unit: str
    says: str
    digits: int
    higher_is_better: bool | None

    @property
    def axis(self) -> str:
        """The title with its unit."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    @property
    def sentence(self) -> str:
        """The definition with the direction in which it improves."""
        better = {True: " Higher is better.", False: " Lower is better.", None: ""}
        return self.says + better[self.higher_is_better]


_OVERLAP_DIGITS, _MM_DIGITS, _COUNT_DIGITS = 3, 1, 0

_METRICS: tuple[tuple[str, str, str, int, str], ...] = (
    (
        "dice",
        "Dice",
        "",
        _OVERLAP_DIGITS,
        "Twice the common voxels over the sum of the voxels of reference and prediction.",
    ),
    ("iou", "IoU", "", _OVERLAP_DIGITS, "Common voxels over the voxels of either (Jaccard index)."),
    (
        "precision",
        "Precision",
        "",
        _OVERLAP_DIGITS,
        "Share of the predicted voxels that lie in the reference.",
    ),
    ("recall", "Recall", "", _OVERLAP_DIGITS, "Share of the reference's voxels that were predicted."),
    (
        "specificity",
        "Specificity",
        "",
        5,
        "Share of the voxels outside the reference that were not predicted, over the whole image.",
    ),
    (
        "hd95_pooled_mm",
        "HD95 pooled",
        "mm",
        _MM_DIGITS,
        "One 95th percentile over both directions' border-voxel distances joined (MedPy; the paper).",
    ),
    (
        "hd95_max_mm",
        "HD95 max",
        "mm",
        _MM_DIGITS,
        "The larger of the two directed 95th percentiles of border-voxel distances (MONAI).",
    ),
    (
        "hd95_surfel_mm",
        "HD95 surfel",
        "mm",
        _MM_DIGITS,
        (
            "The larger of the two directed 95th percentiles over area-weighted surface elements "
            "(DeepMind; BraTS 2023)."
        ),
    ),
    (
        "hd95_rankings_mm",
        "HD95 as published",
        "mm",
        _MM_DIGITS,
        "As `rankings.json` gives it: its authors name no definition, and it is not MedPy's pooled one.",
    ),
    ("hd_mm", "Hausdorff", "mm", _MM_DIGITS, "The largest border-voxel distance of both directions."),
    (
        "assd_pooled_mm",
        "ASSD pooled",
        "mm",
        2,
        "The mean border-voxel distance, both directions joined.",
    ),
    (
        "nsd_voxel_1mm",
        "NSD voxel, 1 mm",
        "",
        _OVERLAP_DIGITS,
        "Share of the border voxels of both masks that lie within 1 mm of the other's border.",
    ),
    (
        "nsd_surfel_1mm",
        "NSD surfel, 1 mm",
        "",
        _OVERLAP_DIGITS,
        "Share of the surface area of both masks that lies within 1 mm of the other's (surface elements).",
    ),
    (
        "lesion_dice",
        "Lesion-wise Dice",
        "",
        _OVERLAP_DIGITS,
        "Mean Dice over lesions by the BraTS 2023 GLI protocol; a missed or invented lesion counts 0.",
    ),
    (
        "lesion_hd95_mm",
        "Lesion-wise HD95",
        "mm",
        _MM_DIGITS,
        "Mean HD95 over lesions by the BraTS 2023 GLI protocol; a missed or invented one counts 374 mm.",
    ),
    (
        "lesion_tp",
        "Lesions found",
        "",
        _COUNT_DIGITS,
        "Lesions of the reference over 50 mm³ that a predicted component touches (BraTS 2023 GLI).",
    ),
    (
        "lesion_fp",
        "Lesions invented",
        "",
        _COUNT_DIGITS,
        "Predicted components that touch no lesion of the reference, however small (BraTS 2023 GLI).",
    ),
    (
        "lesion_fn",
        "Lesions missed",
        "",
        _COUNT_DIGITS,
        "Lesions of the reference over 50 mm³ that no predicted component touches (BraTS 2023 GLI).",
    ),
    ("volume_ml", "Volume", "ml", 2, "Voxels of the mask times the volume of one."),
    (
        "component_count",
        "Components",
        "",
        _COUNT_DIGITS,
        "26-connected components of the mask, of any size.",
    ),
    (
        "fragment_count",
        "Fragments",
        "",
        _COUNT_DIGITS,
        "26-connected components of the mask beside the largest, of any size.",
    ),
)

METRIC_DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {
        name: Definition(name, title, unit, says, digits, higher_is_better(name))
        for name, title, unit, digits, says in _METRICS
    }
)

DICE_AVERAGE = Definition(
    "dice_average",
    "Dice average",
    "",
    "The mean of the Dice of the regions that enter the average (WT, TC and ET of the BraTS schemes).",
    4,
    higher_is_better=True,
)

_FEATURE_SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("vol_", "voxels", "Voxels of {region} in the reference."),
    ("ratio_ET_WT", "", "Voxels of ET over voxels of WT in the reference."),
    ("nb_cc_baseline_", "", "26-connected components of {region} in Baseline."),
    ("nb_cc_distmap_", "", "26-connected components of {region} in DistMap."),
    ("nb_cc_", "", "26-connected components of {region} in the reference."),
    (
        "frac_small_cc_",
        "",
        "Share of the reference's voxels of {region} that lie in components under 20 voxels.",
    ),
    (
        "cc_spread_",
        "mm",
        (
            "Spread of the components of {region}: root of the mean squared distance of their centroids from "
            "the common one, weighted by size."
        ),
    ),
    ("euler_", "", "Euler number of {region} in the reference, 26-connected."),
    ("cavities_", "", "26-connected components of the filled {region} minus {region}, in the reference."),
    (
        "pca_elongation_",
        "",
        "Root of the largest over the smallest eigenvalue of the voxel covariance of {region}.",
    ),
    (
        "sphericity_",
        "",
        "Surface of a ball of the volume of {region} over its own surface of exposed voxel faces.",
    ),
    ("surface_roughness_", "", "1 / sphericity of {region}."),
    ("dice_B_D_", "", "Dice of Baseline against DistMap on {region}."),
    ("vol_diff_B_D_", "", "Difference of the voxels of {region} in Baseline and DistMap over their sum."),
    (
        "n_no_overlap_distmap_",
        "",
        "DistMap components of {region} that share no voxel of it with Baseline (orphans).",
    ),
    ("frac_removed_distmap_", "", "Share of DistMap's voxels of {region} that lie in orphans."),
    ("max_orphan_cc_", "voxels", "Voxels of the largest orphan of {region}."),
)


def _feature(name: str) -> Definition:
    _, unit, says = next(row for row in _FEATURE_SENTENCES if name.startswith(row[0]))
    region = name.rpartition("_")[2]
    digits = 0 if name.startswith(("vol_", "nb_", "euler", "cavities", "n_no", "max_")) else 3
    return Definition(name, name, unit, says.format(region=region), digits, None)


FEATURE_DEFINITIONS: Mapping[str, Definition] = MappingProxyType({name: _feature(name) for name in FEATURES})


def definition(name: str) -> Definition:
    """Look up what a metric or feature is; one that is unknown here says so."""
    known = METRIC_DEFINITIONS.get(name) or FEATURE_DEFINITIONS.get(name)
    if name == DICE_AVERAGE.name:
        return DICE_AVERAGE
    return known or Definition(
        name, name, "", "Not a metric of this program: no definition is known.", 4, None
    )


def readme_rows() -> list[str]:
    """Write the README's table of definitions, a row a metric."""
    return [f"| `{one.name}` | {one.unit or '–'} | {one.says} |" for one in METRIC_DEFINITIONS.values()]
