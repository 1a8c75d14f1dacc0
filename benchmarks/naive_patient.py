"""One patient the way a first script would do it: nibabel, scipy, scikit-image, whole volumes."""

from collections.abc import Mapping
from pathlib import Path

import nibabel as nib
import numpy as np
from naive_consensus import CONNECTIVITY_26, Labels, consensus
from naive_distances import distances
from naive_features import features
from naive_overlaps import overlaps
from scipy import ndimage

LABELS_OF = {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,), "NCR": (1,), "ED": (2,)}

Metrics = dict[tuple[str, str, str], float]


def analyse(paths: Mapping[str, Path]) -> tuple[Metrics, dict[str, float]]:
    """Read reference, Baseline, DistMap and consensus, and measure the three methods.

    The consensus is read, since a user has it on disk, and computed again, since the analysis does.

    Returns:
        (method, region, metric) to value, and the features.
    """
    volumes = {name: _read(path) for name, path in paths.items()}
    volumes["consensus"] = consensus(volumes["distmap"], volumes["baseline"])
    found: Metrics = {}
    for method in ("baseline", "distmap", "consensus"):
        for region, members in LABELS_OF.items():
            reference, prediction = (np.isin(volumes[name], members) for name in ("reference", method))
            numbers = overlaps(reference, prediction) | distances(reference, prediction, (1.0, 1.0, 1.0))
            count = ndimage.label(prediction, CONNECTIVITY_26)[1]
            numbers |= {
                "volume_ml": prediction.sum() / 1000,
                "component_count": count,
                "fragment_count": count - 1,
            }
            found |= {(method, region, metric): float(value) for metric, value in numbers.items()}
    return found, features(volumes["reference"], volumes["baseline"], volumes["distmap"])


def _read(path: Path) -> Labels:
    return nib.load(path).get_fdata().astype(np.uint8)
