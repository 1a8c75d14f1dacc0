"""Surface elements, NSD and the lesion-wise protocol: `python benchmarks/analysis_lesions.py`.

3 methods x WT, TC, ET together. The official code takes 16 to 40 s a method; allowed here is 1 s for all.
"""

import sys

import scan
from race import race, report

from analysis.cohort.label_map import LabelMap
from analysis.lesion_wise import LesionScores, lesion_scores
from analysis.surface_elements import hd95_surfel_mm, nsd_surfel_1mm, stack_element_distances
from analysis.volumes import CroppedMap, common_box

REGIONS = ("WT", "TC", "ET")
LIMIT_S = 1.0


def fast(volumes: dict[str, LabelMap]) -> dict[tuple[str, str], tuple[float, float, LesionScores]]:
    """HD95 and NSD over surface elements, and the lesion-wise scores, from whole label maps."""
    box = common_box(list(volumes.values())).slices
    crops = {name: CroppedMap(one.labels[box], one.affine, scan.SCHEME) for name, one in volumes.items()}
    reference = crops["reference"]
    found = {}
    for method in scan.SOURCES[1:]:
        elements = stack_element_distances(reference.elements[0], crops[method].elements[0])
        for region in REGIONS:
            scores = lesion_scores(
                reference.lesions(region), crops[method].region_components(region), reference.affine
            )
            both = elements[region]
            found[method, region] = hd95_surfel_mm(both), nsd_surfel_1mm(both), scores
    return found


def main() -> None:
    """Time them."""
    volumes = scan.label_maps()
    found = race({"glioscope": lambda: fast(volumes)}, rounds=5)
    report("Surface elements, NSD and lesion-wise scores, 3 methods x 3 regions", found, {})
    if found.seconds["glioscope"] > LIMIT_S:
        sys.exit(f"more than {LIMIT_S} s of CPU")


if __name__ == "__main__":
    main()
