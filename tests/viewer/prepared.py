"""A small prepared study for the viewer's tests: boxes in which the rule does right and wrong."""

from pathlib import Path

import numpy as np

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import write_label_map
from analysis.cohort.study import CONSENSUS_FOLDER, Method, Reference, Study, read_study, write_study
from viewer.preparation.executors import threads
from viewer.preparation.prepare import prepare_study

PATIENTS = ("P-00001-000", "P-00002-000", "P-00003-000")
AFFINE = np.diag([-1.0, -1.0, 2.0, 1.0])
SHAPE = (40, 24, 16)
METHODS = (
    Method("baseline", "Baseline", "predictions/baseline", role="baseline"),
    Method("distmap", "DistMap", "predictions/distmap", role="distmap"),
    Method("consensus", "CC-Consensus", CONSENSUS_FOLDER, role="consensus"),
)


def maps(number: int) -> dict[str, np.ndarray]:
    """Label maps of a patient.

    ET 1 of DistMap is a true lesion that Baseline misses, ET 2 an invention, ED 1 is agreed on. The second
    patient's DistMap invents more, the third's agrees with Baseline.
    """
    reference = np.zeros(SHAPE, np.uint8)
    reference[2:12, 2:12, 2:12] = 2
    reference[26:33, 4:11, 3:10] = 3
    baseline = reference.copy()
    baseline[26:33, 4:11, 3:10] = 0
    baseline[2:4, 2:12, 2:12] = 0
    distmap = reference.copy()
    distmap[20 : 21 + number, 20:22, 2:4] = 3
    if number == 1:
        distmap[2:6, 15:19, 2:6] = 1
    return {"ground_truth": reference, "baseline": baseline, "distmap": baseline if number == 2 else distmap}


def prepared_study(folder: Path, patients: tuple[str, ...] = PATIENTS) -> Study:
    """Write and prepare the study."""
    study = Study(folder, "Boxes", SCHEMES["brats2023"], Reference(folder="ground_truth"), METHODS)
    folder.mkdir(parents=True, exist_ok=True)
    write_study(study)
    for number, patient in enumerate(patients):
        for name, labels in maps(number).items():
            place = folder / ("ground_truth" if name == "ground_truth" else f"predictions/{name}")
            write_label_map(place / f"{patient}.nii.gz", LabelMap(labels, AFFINE))
    summary = prepare_study(read_study(folder), threads(1))
    assert summary.failures == ()
    return read_study(folder)
