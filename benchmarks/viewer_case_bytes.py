"""Bytes of a case as the browser fetches them, compressed, and what its surfaces cost to make.

Run: OMP_NUM_THREADS=1 python benchmarks/viewer_case_bytes.py [STUDY] [--patients N] [--mode MODE]

Without a study, synthetic patients on the full BraTS grid are made and prepared. Exits 1 where a case of
volumes and surfaces is larger than 1.5 MB without MRI, its surfaces take more than 3 s of CPU to make when
nothing is cached, or a contrast adds more than 1.3 MB.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from analysis.synthetic.study import Recipe, write_synthetic_study
from meshing.recipes import DEFAULT, RECIPES
from meshing.smooth import forget
from meshing.warm import warm_up
from viewer import case_bytes, comparison
from viewer.case_bytes import Made
from viewer.command_line import run
from viewer.comparison import Pair
from viewer.content_cache import ContentCache
from viewer.open_study import Reading, read
from viewer.panels import contrasts

MOST_WITHOUT_MRI_MB = 1.5
MOST_A_CONTRAST_MB = 1.3
MOST_CPU_S = 3.0


class Row(NamedTuple):
    """One case: megabytes as they are sent, seconds of CPU."""

    patient: str
    sources: int
    surfaces_mb: float
    plain_mb: float
    labels_mb: float
    errors_mb: float
    contrast_mb: float
    surfaces_cpu_s: float


def main(arguments: Sequence[str]) -> int:
    """Measure and print; say by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", nargs="?", type=Path)
    parser.add_argument("--patients", type=int, default=3)
    parser.add_argument("--mode", choices=RECIPES, default=DEFAULT, help="how surfaces are made")
    options = parser.parse_args(arguments)
    warm_up()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.study or _synthetic(Path(scratch) / "study", options.patients)
        reading, cache = read(folder), ContentCache(Path(scratch) / "cache")
        patients = list(reading.patients)[: options.patients]
        rows = [_sizes(reading, patient, options.mode, cache) for patient in patients]
    heads = ("sources", "surfaces", "as GLB", "labels", "both", "errors WT", "contrast", "CPU s")
    print(f"{'MB compressed':<24}" + "".join(f"{head:>11}" for head in heads))
    for row in rows:
        sizes = (row.surfaces_mb, row.plain_mb, row.labels_mb, row.surfaces_mb + row.labels_mb)
        others = (row.errors_mb, row.contrast_mb, row.surfaces_cpu_s)
        print(f"{row.patient:<24}{row.sources:>11}" + "".join(f"{n:>11.2f}" for n in sizes + others))
    holds = [
        all(row.surfaces_mb + row.labels_mb <= MOST_WITHOUT_MRI_MB for row in rows),
        all(row.contrast_mb <= MOST_A_CONTRAST_MB for row in rows),
        all(row.surfaces_cpu_s <= MOST_CPU_S for row in rows),
    ]
    words = [
        f"{MOST_WITHOUT_MRI_MB} MB without MRI",
        f"{MOST_A_CONTRAST_MB} MB a contrast",
        f"{MOST_CPU_S} s of CPU",
    ]
    for word, is_held in zip(words, holds, strict=True):
        print(f"at most {word}: {'held' if is_held else 'MISSED'}")
    return 0 if all(holds) else 1


def _synthetic(folder: Path, patients: int) -> Path:
    for _ in write_synthetic_study(folder, Recipe(patients, 1, "full", with_images=True), jobs=1):
        pass
    if run(["prepare", str(folder), "--jobs", "1"]):
        sys.exit(f"{folder} could not be prepared")
    return folder


def _sizes(reading: Reading, patient: str, mode: str, cache: ContentCache) -> Row:
    sources = [source.name for source in reading.cohort.sources]
    there = [name for name in sources if case_bytes.has_label_file(reading, patient, name)]

    def mb(offers: Sequence[Made]) -> float:
        return sum(len(offer.compressed(cache)) for offer in offers) / 1e6

    forget()
    start = time.process_time()
    surfaces_mb = mb([case_bytes.mesh(reading, patient, name, mode) for name in there])
    taken = time.process_time() - start
    known = contrasts(reading, patient)
    return Row(
        patient,
        len(there),
        surfaces_mb,
        mb([case_bytes.mesh(reading, patient, name, mode) for name in there]),
        mb([case_bytes.label_volume(reading, patient, name) for name in there]),
        mb([comparison.error_surfaces(reading, Pair(patient, name, "WT")) for name in there[1:]]),
        max((mb([case_bytes.image_residuals(reading, patient, name)]) for name in known), default=0.0),
        taken,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
