"""Small made-up scans with nested tumours, and tiny trainings on them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import write_image, write_label_map
from analysis.cohort.sources import Images, Reference
from analysis.cohort.study import Study, write_study
from training.config import TrainingConfig
from training.dataset import CHANNELS, Dataset, prepare_patient, write_summary
from training.folds import grouped_folds
from training.recipes import Recipe

SHAPE = (36, 40, 34)
PATCH = (16, 16, 32)
TINY = {"channels": 4, "expansion": (2,) * 9, "blocks": (1,) * 9}
NAMES = [f"TST-{subject:05d}-000" for subject in range(5)] + ["TST-00001-001"]


def scan(
    seed: int, shape: tuple[int, int, int] = SHAPE
) -> tuple[list[npt.NDArray[np.float32]], npt.NDArray[np.uint8]]:
    """Four modalities and a label map (x, y, z): NCR in ET in ED, in an ellipsoid of brain."""
    random = np.random.default_rng(seed)
    grid = np.indices(shape, dtype=np.float32)
    middle = np.array(shape) / 2
    brain = _ellipsoid(grid, middle, middle - 3)
    centre = middle + random.uniform(-4, 4, 3)
    labels = np.zeros(shape, np.uint8)
    for label, radius in ((2, 9.0), (3, 6.0), (1, 3.5)):
        labels[_ellipsoid(grid, centre, radius * random.uniform(0.9, 1.1, 3))] = label
    labels[~brain] = 0
    levels = np.array([[100, 60, 120, 90], [100, 90, 110, 200], [100, 200, 180, 60], [100, 180, 120, 210]])
    images = [
        np.where(brain, level[labels] + random.normal(0, 8, shape), 0).astype(np.float32) for level in levels
    ]
    return images, labels


def make_study(
    folder: Path, names: list[str] = NAMES, voxel_mm: tuple[float, float, float] = (1.0, 1.0, 1.0)
) -> Study:
    """Write a study of scans with images and reference, without methods."""
    affine = np.diag([*voxel_mm, 1.0])
    affine[:3, 3] = -10
    for seed, name in enumerate(names):
        images, labels = scan(seed)
        for channel, image in zip(CHANNELS, images, strict=True):
            write_image(folder / "images" / name / f"{name}-{channel}.nii.gz", image, affine)
        write_label_map(folder / "reference" / f"{name}.nii.gz", LabelMap(labels, affine))
    study = Study(
        folder,
        "Test",
        SCHEMES["brats2023"],
        Reference(folder="reference"),
        images=Images("images"),
        synthetic=True,
    )
    write_study(study)
    return study


def make_dataset(study: Study, folder: Path) -> Dataset:
    """Prepare a study for training."""
    patients = study.patients()
    for patient in patients:
        prepare_patient(patient, study.scheme, folder, ("signed", "sing"))
    folds = grouped_folds([patient.id for patient in patients])
    return write_summary(folder, study.name, study.scheme, folds)


def tiny_config(recipe: Recipe | None = None, **changes: object) -> TrainingConfig:
    """A run of seconds on a CPU."""
    values: dict[str, object] = {
        "fold": 0, "epochs": 2, "iterations": 2, "validation_iterations": 1, "batch": 2, "patch": PATCH,
        "workers": 0, "device": "cpu", "precision": "fp32", "augment": False, "network_options": TINY,
    }  # fmt: skip
    return TrainingConfig(recipe=recipe or Recipe(), **{**values, **changes})  # type: ignore[arg-type]


def _ellipsoid(
    grid: npt.NDArray[np.float32], centre: npt.ArrayLike, radii: npt.ArrayLike
) -> npt.NDArray[np.bool_]:
    offsets = (grid - np.reshape(centre, (3, 1, 1, 1))) / np.reshape(radii, (-1, 1, 1, 1))
    inside: npt.NDArray[np.bool_] = (offsets**2).sum(0) <= 1
    return inside
