"""The 31 features with scipy and scikit-image on whole volumes, straight from their definitions."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage import measure

Labels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

CONNECTIVITY_26 = np.ones((3, 3, 3))
LABELS_OF = {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,), "NCR": (1,)}


def features(reference: Labels, baseline: Labels, distmap: Labels) -> dict[str, float]:
    """Compute the features of one patient; voxels are cubes of 1 mm."""
    masks = {region: np.isin(reference, members) for region, members in LABELS_OF.items()}
    found = {f"vol_{region}": float(masks[region].sum()) for region in ("WT", "TC", "ET")}
    found["ratio_ET_WT"] = found["vol_ET"] / found["vol_WT"]
    for region in ("ET", "NCR"):
        numbered, count = ndimage.label(masks[region], CONNECTIVITY_26)
        sizes = np.bincount(numbered.ravel())[1:]
        found[f"nb_cc_{region}"] = float(count)
        found[f"frac_small_cc_{region}"] = float(sizes[sizes < 20].sum() / sizes.sum()) if count else 0.0
        if region == "ET":
            found["cc_spread_ET"] = _spread(masks[region], numbered, sizes)
    for region in ("WT", "TC", "ET"):
        found[f"euler_{region}"] = float(measure.euler_number(masks[region], connectivity=3))
    return found | _whole_tumour(masks["WT"]) | _agreement(baseline, distmap)


def _spread(mask: Mask, numbered: npt.NDArray[np.int32], sizes: npt.NDArray[np.int64]) -> float:
    if len(sizes) < 2:
        return 0.0
    centres = np.array(ndimage.center_of_mass(mask, numbered, range(1, len(sizes) + 1)))
    offsets = centres - np.average(centres, axis=0, weights=sizes)
    return float(np.sqrt(np.average((offsets**2).sum(axis=1), weights=sizes)))


def _whole_tumour(mask: Mask) -> dict[str, float]:
    holes = ndimage.binary_fill_holes(mask) & ~mask
    eigenvalues = np.linalg.eigvalsh(np.cov(np.argwhere(mask).T))
    padded = np.pad(mask, 1).astype(np.int8)
    area = sum(np.count_nonzero(np.diff(padded, axis=axis)) for axis in range(3))
    sphericity = np.pi ** (1 / 3) * (6 * mask.sum()) ** (2 / 3) / area
    return {
        "cavities_WT": float(ndimage.label(holes, CONNECTIVITY_26)[1]),
        "pca_elongation_WT": float(np.sqrt(eigenvalues[2] / eigenvalues[0])),
        "sphericity_WT": float(sphericity),
        "surface_roughness_WT": float(1 / sphericity),
    }


def _agreement(baseline: Labels, distmap: Labels) -> dict[str, float]:
    found = {}
    for region in ("WT", "TC", "ET"):
        one, other = (np.isin(labels, LABELS_OF[region]) for labels in (baseline, distmap))
        found[f"dice_B_D_{region}"] = float(2 * (one & other).sum() / (one.sum() + other.sum()))
    for label, name in ((3, "ET"), (1, "NCR")):
        one, other = baseline == label, distmap == label
        numbered, count = ndimage.label(other, CONNECTIVITY_26)
        sizes = np.bincount(numbered.ravel())
        confirmed = np.bincount(numbered[one], minlength=count + 1) > 0
        orphans = sizes[1:][~confirmed[1:]]
        found[f"nb_cc_baseline_{name}"] = float(ndimage.label(one, CONNECTIVITY_26)[1])
        found[f"nb_cc_distmap_{name}"] = float(count)
        found[f"vol_diff_B_D_{name}"] = float(
            abs(int(one.sum()) - int(other.sum())) / (one.sum() + other.sum())
        )
        found[f"n_no_overlap_distmap_{name}"] = float(len(orphans))
        found[f"frac_removed_distmap_{name}"] = float(orphans.sum() / other.sum())
        found[f"max_orphan_cc_{name}"] = float(orphans.max(initial=0))
    return found
