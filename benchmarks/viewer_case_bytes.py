"""Bytes of a case as the browser fetches them, compressed: surfaces, label volumes, errors, one contrast.

Run: OMP_NUM_THREADS=1 python benchmarks/viewer_case_bytes.py [STUDY] [--patients N] [--mode MODE]

Without a study, synthetic patients on the full BraTS grid are made. Exits 1 where a case of volumes and
surfaces is larger than 1.5 MB without MRI, or a contrast adds more than 1.3 MB.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from analysis.synthetic.study import Recipe, write_synthetic_study
from meshing.recipes import DEFAULT, RECIPES
from viewer import case_bytes, comparison
from viewer.case_bytes import Made
from viewer.comparison import Pair
from viewer.content_cache import ContentCache
from viewer.open_study import Reading, read
from viewer.panels import contrasts

MOST_WITHOUT_MRI_MB = 1.5
MOST_A_CONTRAST_MB = 1.3


def main(arguments: Sequence[str]) -> int:
    """Measure and print; say by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", nargs="?", type=Path)
    parser.add_argument("--patients", type=int, default=3)
    parser.add_argument("--mode", choices=RECIPES, default=DEFAULT, help="how surfaces are made")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.study or _synthetic(Path(scratch) / "study", options.patients)
        reading, cache = read(folder), ContentCache(Path(scratch) / "cache")
        patients = list(reading.patients)[: options.patients]
        rows = [_sizes(reading, patient, options.mode, cache) for patient in patients]
    print(f"{'MB compressed':<24}{'surfaces':>10}{'labels':>8}{'both':>8}{'errors WT':>11}{'contrast':>10}")
    for patient, surfaces, labels, errors, contrast in rows:
        both = surfaces + labels
        print(f"{patient:<24}{surfaces:>10.2f}{labels:>8.2f}{both:>8.2f}{errors:>11.2f}{contrast:>10.2f}")
    holds = all(
        surfaces + labels <= MOST_WITHOUT_MRI_MB and contrast <= MOST_A_CONTRAST_MB
        for _, surfaces, labels, _, contrast in rows
    )
    print(f"limits: {MOST_WITHOUT_MRI_MB} MB without MRI, {MOST_A_CONTRAST_MB} MB a contrast: {_said(holds)}")
    return 0 if holds else 1


def _synthetic(folder: Path, patients: int) -> Path:
    for _ in write_synthetic_study(folder, Recipe(patients, 1, "full", with_images=True), jobs=1):
        pass
    return folder


def _sizes(
    reading: Reading, patient: str, mode: str, cache: ContentCache
) -> tuple[str, float, float, float, float]:
    sources = [source.name for source in reading.cohort.sources]
    there = [name for name in sources if case_bytes.has_label_file(reading, patient, name)]

    def mb(offers: Sequence[Made]) -> float:
        return sum(len(offer.compressed(cache)) for offer in offers) / 1e6

    known = contrasts(reading, patient)
    return (
        patient,
        mb([case_bytes.mesh(reading, patient, name, mode) for name in there]),
        mb([case_bytes.label_volume(reading, patient, name) for name in there]),
        mb([comparison.error_surfaces(reading, Pair(patient, name, "WT")) for name in there[1:]]),
        max((mb([case_bytes.image_residuals(reading, patient, name)]) for name in known), default=0.0),
    )


def _said(holds: bool) -> str:  # noqa: FBT001 - the one thing it says
    return "held" if holds else "MISSED"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
