"""Small studies on disk for the viewer's tests: boxes on a grid whose axes run left, back and up."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import write_image, write_label_map
from analysis.cohort.results import DICE_AVERAGE, VOLUME_ML, Provenance, Results, empty_table, write_results
from analysis.cohort.study import Images, Method, Reference, Study, write_study

SHAPE = (8, 9, 10)
LPS = np.array([[-1.0, 0, 0, 3], [0, -2, 0, 5], [0, 0, 3, -7], [0, 0, 0, 1]])
METHODS = (
    Method("baseline", "Baseline", "predictions/baseline", role="baseline"),
    Method("distmap", "DistMap", "predictions/distmap", role="distmap"),
)


def box_labels() -> np.ndarray:
    """A box of ED with ET in it and one voxel of NCR."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[1:6, 2:7, 3:9] = 2
    labels[2:5, 3:6, 4:8] = 3
    labels[3, 4, 5] = 1
    return labels


def write_volumes(folder: Path, patients: tuple[str, ...] = ("P-00001-000", "P-00002-000")) -> Study:
    """A study with a reference, two methods and one contrast; the second patient lacks the second method."""
    study = Study(
        folder=folder,
        name="Boxes",
        scheme=SCHEMES["brats2023"],
        reference=Reference(folder="ground_truth"),
        methods=METHODS,
        images=Images("images"),
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_study(study)
    for number, patient in enumerate(patients):
        _write_patient(folder, patient, methods=METHODS if number == 0 else METHODS[:1])
    return study


def _write_patient(folder: Path, patient: str, methods: tuple[Method, ...]) -> None:
    labels = box_labels()
    write_label_map(folder / "ground_truth" / f"{patient}.nii.gz", LabelMap(labels, LPS))
    for method in methods:
        changed = labels.copy()
        changed[1, 2, 3] = 0
        write_label_map(folder / method.folder / f"{patient}.nii.gz", LabelMap(changed, LPS))
    ramp = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
    write_image(folder / "images" / patient / f"{patient}-t1c.nii.gz", ramp, LPS)


def write_tables(
    study: Study, rows: list[tuple[str, float, float, float]], failures: pd.DataFrame | None = None
) -> None:
    """Results of patients given as (patient, baseline, distmap, consensus) Dice averages."""
    names = [f"{DICE_AVERAGE}{name}" for name in ("baseline", "distmap", "consensus")]
    patients = pd.DataFrame(rows, columns=["patient", *names])
    patients = patients.assign(
        fold=pd.array([1] * len(rows), dtype="Int64"),
        subject=[patient[:-4] for patient in patients["patient"]],
        x=0.0,
        y=0.0,
        winner="tie",
        order="tie",
        **{f"{VOLUME_ML}WT": 12.0},
    )
    tables = {name: empty_table(name) for name in ("metrics", "features", "components", "failures")}
    if failures is not None:
        tables["failures"] = failures
    write_results(study, Results(patients=patients, **tables), Provenance("test", "by hand"))
