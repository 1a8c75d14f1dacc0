"""HD95 and ASSD of 3 methods x 5 regions: `python benchmarks/analysis_distances.py`.

Against scipy's distance transforms of whole volumes, and against MONAI where it is installed.
"""

import warnings
from collections.abc import Callable
from importlib.util import find_spec

import naive_distances
import numpy as np
import scan
from race import race, report, require_equal

from analysis.cohort.label_map import LabelMap
from analysis.surface_distances import assd_pooled_mm, hd95_max_mm, hd95_pooled_mm, stack_distances
from analysis.volumes import CroppedMap, common_box

ONE_MM = (1.0, 1.0, 1.0)
Values = dict[tuple[str, str], dict[str, float]]


def fast(volumes: dict[str, LabelMap]) -> Values:
    """Box, borders and distances, from whole label maps."""
    box = common_box(list(volumes.values())).slices
    crops = {name: CroppedMap(one.labels[box], one.affine, scan.SCHEME) for name, one in volumes.items()}
    found: Values = {}
    for method in scan.SOURCES[1:]:
        for region, both in stack_distances(crops["reference"].borders[0], crops[method].borders[0]).items():
            found[method, region] = {
                "hd95_pooled_mm": hd95_pooled_mm(both),
                "hd95_max_mm": hd95_max_mm(both),
                "assd_pooled_mm": assd_pooled_mm(both),
            }
    return found


def pair_by_pair(
    volumes: dict[str, LabelMap], measure: Callable[[np.ndarray, np.ndarray], dict[str, float]]
) -> Values:
    """Measure each region of each method alone, on whole volumes."""
    found: Values = {}
    for method in scan.SOURCES[1:]:
        for region, members in scan.SCHEME.regions.items():
            one, other = (np.isin(volumes[name].labels, members) for name in ("reference", method))
            found[method, region] = measure(one, other)
    return found


def monai(reference: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """What MONAI can say of the three numbers."""
    import torch
    from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance

    torch.set_num_threads(1)
    one, other = (
        torch.from_numpy(np.ascontiguousarray(mask))[None, None] for mask in (reference, prediction)
    )
    return {
        "hd95_max_mm": float(compute_hausdorff_distance(other, one, include_background=True, percentile=95)),
        "assd_pooled_mm": float(
            compute_average_surface_distance(other, one, include_background=True, symmetric=True)
        ),
    }


def main() -> None:
    """Race them; values must agree to 1e-9, MONAI's to single precision."""
    warnings.simplefilter("ignore")
    volumes = scan.label_maps()
    slow = "scipy's distance transforms, whole volumes"
    alternatives = {
        slow: lambda: pair_by_pair(volumes, lambda one, other: naive_distances.distances(one, other, ONE_MM)),
        "glioscope": lambda: fast(volumes),
    }
    targets = {(slow, "glioscope"): 300.0}
    if find_spec("monai"):
        alternatives["MONAI"] = lambda: pair_by_pair(volumes, monai)
        targets["MONAI", "glioscope"] = 40.0
    found = race(alternatives, rounds=5)
    for name, tolerance in ((slow, 1e-9), ("MONAI", 1e-4)):
        for pair, numbers in found.values.get(name, {}).items():
            for metric, value in numbers.items():
                require_equal((name, pair, metric), found.values["glioscope"][pair][metric], value, tolerance)
    report("HD95 and ASSD, 3 methods x 5 regions", found, targets)


if __name__ == "__main__":
    main()
