"""The 31 features against scipy and scikit-image: `python benchmarks/analysis_features.py`."""

import naive_features
import scan
from race import race, report, require_equal

from analysis.features import FEATURES, features
from analysis.volumes import CroppedMap, common_box


def main() -> None:
    """Race them on loaded volumes; every feature must agree to 1e-9."""
    volumes = [scan.label_maps()[name] for name in ("reference", "baseline", "distmap")]

    def fast() -> dict[str, float]:
        box = common_box(volumes).slices
        return features(*(CroppedMap(one.labels[box], one.affine, scan.SCHEME) for one in volumes))

    slow = "scipy and scikit-image, whole volumes"
    found = race(
        {slow: lambda: naive_features.features(*(one.labels for one in volumes)), "glioscope": fast}, rounds=5
    )
    for name in FEATURES:
        require_equal(name, found.values["glioscope"][name], found.values[slow][name])
    report("31 features", found, {(slow, "glioscope"): 90})


if __name__ == "__main__":
    main()
