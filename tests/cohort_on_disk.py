"""A small cohort as a user has it on disk."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import write_label_map


@dataclass(frozen=True)
class CohortOnDisk:
    """Three small patients in the BraTS 2023 layout, and the predictions of two methods in flat folders."""

    folder: Path
    patients: tuple[str, ...] = ("BraTS-GLI-00001-000", "BraTS-GLI-00002-000", "BraTS-GLI-00002-001")

    @property
    def reference(self) -> Path:
        return self.folder / "ground_truth"

    def reference_of(self, patient: str) -> Path:
        return self.reference / patient / f"{patient}-seg.nii.gz"

    def predictions(self, method: str) -> Path:
        return self.folder / "predictions" / method

    def prediction_of(self, method: str, patient: str) -> Path:
        return self.predictions(method) / f"{patient}.nii.gz"

    def study_arguments(self, study: Path) -> list[str]:
        """What `glioscope init` needs to make a study of it."""
        methods = [f"--method={name}={self.predictions(name)}" for name in ("baseline", "distmap")]
        return ["init", str(study), f"--reference={self.reference}", *methods]


def write_cohort(folder: Path) -> CohortOnDisk:
    """Write the small cohort; NCR, ED and ET are nested boxes, each method shifts them and adds fragments."""
    made = CohortOnDisk(folder)
    for number, patient in enumerate(made.patients):
        write_label_map(made.reference_of(patient), small_tumour(number))
        for shift, method in enumerate(("baseline", "distmap"), start=1):
            write_label_map(made.prediction_of(method, patient), small_tumour(number, shift))
    return made


def small_tumour(seed: int, shift: int = 0) -> LabelMap:
    """A tumour of all three labels in 20 x 22 x 18 voxels of 1 x 1 x 2 mm, flipped in x and y."""
    labels = np.zeros((20, 22, 18), np.uint8)
    labels[4 + shift : 14, 4:16, 4:14] = 2
    labels[6 + shift : 12, 6:13, 6:12] = 3
    labels[8:10, 8 : 10 + shift, 8:10] = 1
    scattered = np.random.default_rng([seed, shift]).integers(0, 18, (12, 3))
    labels[tuple(scattered.T)] = 1 + np.arange(12) % 3
    affine = np.diag([-1.0, -1.0, 2.0, 1.0])
    affine[:3, 3] = 10, 11, -18
    return LabelMap(labels, affine)
