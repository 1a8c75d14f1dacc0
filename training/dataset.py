"""A study made ready for training: one folder a patient with images, labels and distance maps, and a summary.

Arrays are plain .npy files, read in place; `case.json` is written last, so that a folder with it is whole and
a second run does only what is missing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.label_map import LabelMap, grid_difference_mm
from analysis.cohort.labels import LabelScheme
from analysis.cohort.nifti import read_label_map
from analysis.cohort.patients import Patient
from analysis.cohort.usage import UsageError
from analysis.subjects import subject_of
from training.preprocessing import (
    GRID_TOLERANCE_MM,
    Case,
    Image,
    ImageError,
    crop_labels,
    preprocess,
    read_channels,
)
from training.signed_distance import label_distance_maps, quantise

CHANNELS = ("t1n", "t1c", "t2w", "t2f")
SCHEMA = 1
SUMMARY = "dataset.json"
SING_CHANNEL = "t1c"
"""Modality whose intensities the geodesic distance follows; the SiNGR paper does not say which."""

Target = Literal["signed", "sing"]
TARGETS: tuple[Target, ...] = ("signed", "sing")
_PLACES_PER_LABEL = 5000


class DatasetError(UsageError):
    """A prepared folder that is missing, incomplete, or of another kind."""


@dataclass(frozen=True)
class PreparedPatient:
    """What the summary says of one patient.

    Attributes:
        id: patient.
        subject: scans of one subject share a fold.
        fold: where it is held out.
        voxel_counts: of each label, in the order of the summary's labels.
        reach_mm: (label, inside and outside), what each distance map was divided by.
    """

    id: str
    subject: str
    fold: int
    voxel_counts: tuple[int, ...]
    reach_mm: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Summary:
    """What `dataset.json` says.

    Attributes:
        study: name of the study.
        scheme: name of its label scheme.
        labels: values, ascending.
        label_names: of these.
        regions: name to values.
        channels: modalities in the order that networks see them.
        spacing_mm: of every patient, along z, y and x.
        targets: kinds of distance maps that were made.
        patients: sorted by id.
    """

    study: str
    scheme: str
    labels: tuple[int, ...]
    label_names: tuple[str, ...]
    regions: dict[str, tuple[int, ...]]
    channels: tuple[str, ...]
    spacing_mm: tuple[float, float, float]
    targets: tuple[str, ...]
    patients: tuple[PreparedPatient, ...]


@dataclass(frozen=True)
class PreparedCase:
    """One patient's arrays, opened in place."""

    folder: Path

    @cached_property
    def images_czyx(self) -> npt.NDArray[np.float16]:
        """Normalised intensities."""
        return _open(self.folder / "images.npy")

    @cached_property
    def labels_zyx(self) -> npt.NDArray[np.int8]:
        """Labels, -1 outside the brain."""
        return _open(self.folder / "labels.npy")

    @cached_property
    def places(self) -> dict[int, npt.NDArray[np.int32]]:
        """Up to 5000 voxels of each label that occurs, (n, 3) z, y, x."""
        rows = _open(self.folder / "places.npy")
        return {int(label): rows[rows[:, 0] == label, 1:] for label in np.unique(rows[:, 0])}

    def distances(self, target: Target) -> npt.NDArray[np.int8]:
        """Codes of the distance maps, (c, z, y, x)."""
        return _open(self.folder / f"{target}.npy")


@dataclass(frozen=True)
class Dataset:
    """A prepared folder."""

    folder: Path
    summary: Summary

    def patients(self, fold: int, *, held_out: bool) -> list[PreparedPatient]:
        """List the patients that a fold holds out, or those that it trains on.

        Raises:
            DatasetError: one of the two sides is empty.
        """
        sides = {
            side: [one for one in self.summary.patients if (one.fold == fold) == side]
            for side in (True, False)
        }
        if not all(sides.values()):
            folds = sorted({one.fold for one in self.summary.patients})
            raise DatasetError(
                f"{self.folder}: fold {fold} leaves no patients on one side; there are folds {folds}"
            )
        return sides[held_out]

    def case(self, patient: str) -> PreparedCase:
        """Open one patient."""
        return PreparedCase(self.folder / patient)

    def voxel_counts(self, fold: int) -> list[int]:
        """Voxels of each label over the patients that a fold trains on."""
        counts = zip(*(one.voxel_counts for one in self.patients(fold, held_out=False)), strict=True)
        return [sum(label) for label in counts]


def open_dataset(folder: Path) -> Dataset:
    """Read the summary of a prepared folder.

    Raises:
        DatasetError: there is none, or one of another schema.
    """
    path = folder / SUMMARY
    if not path.is_file():
        raise DatasetError(
            f"{folder} is no prepared data set: {SUMMARY} is missing (glioscope train prepare makes it)"
        )
    content = json.loads(path.read_text())
    if content.pop("schema", None) != SCHEMA:
        raise DatasetError(f"{path} has another schema than {SCHEMA}; prepare it again")
    patients = tuple(PreparedPatient(**_tuples(one)) for one in content.pop("patients"))
    return Dataset(folder, Summary(**_tuples(content), patients=patients))


def read_patient(patient: Patient, scheme: LabelScheme) -> tuple[list[Image], LabelMap]:
    """Read what a patient is trained on: its modalities in the order of `CHANNELS`, and its reference.

    Returns:
        The images, (x, y, z) each, and the label map with the images' affine.

    Raises:
        ImageError: a modality or the reference is missing, off the others' grid, empty, or holds NaN.
        NiftiError: a file can't be read, or the reference holds a label that the scheme lacks.
    """
    if patient.reference is None:
        raise ImageError(f"patient {patient.id}: no reference label map to train on")
    images, affine = read_channels(patient.id, patient.images, CHANNELS)
    label_map = read_label_map(patient.reference, scheme)
    if label_map.shape != images[0].shape:
        raise ImageError(f"patient {patient.id}: reference grid {label_map.shape}, images {images[0].shape}")
    apart_mm = grid_difference_mm(label_map.shape, label_map.affine, label_map.shape, affine)
    if apart_mm > GRID_TOLERANCE_MM:
        raise ImageError(
            f"patient {patient.id}: the reference lies up to {apart_mm:.1f} mm off the images' grid"
        )
    if not any(image.any() for image in images):
        raise ImageError(f"patient {patient.id}: the images are empty: every voxel is 0")
    return images, LabelMap(label_map.labels, affine)


def prepare_patient(
    patient: Patient, scheme: LabelScheme, folder: Path, targets: Sequence[Target] = ("signed",)
) -> None:
    """Write one patient's arrays, unless they are there already.

    Raises:
        ImageError: its images or its label map can't be used.
    """
    done = folder / patient.id / "case.json"
    if done.is_file() and set(targets) <= set(json.loads(done.read_text())["targets"]):
        return
    images, label_map = read_patient(patient, scheme)
    case = preprocess(images, label_map.affine)
    labels = crop_labels(label_map.labels, case)
    values = [label.value for label in scheme.labels]
    maps, reach_mm = label_distance_maps(labels, values, spacing_mm=case.place.spacing_mm)
    arrays: dict[str, npt.NDArray[Any]] = {
        "images": case.images_czyx.astype(np.float16),
        "labels": labels,
        "signed": maps,
    }
    arrays["places"] = _places(labels, values)
    if "sing" in targets:
        arrays["sing"] = _sing(case, labels, values)
    for name, array in arrays.items():
        _write_array(done.parent / f"{name}.npy", array)
    facts = {
        "targets": list(targets),
        "start": case.place.start,
        "shape": case.place.shape,
        "spacing_mm": case.place.spacing_mm,
        "voxel_counts": [int((labels == value).sum()) for value in values],
        "reach_mm": reach_mm.tolist(),
    }
    write_bytes_atomically(done, json.dumps(facts).encode())


def write_summary(folder: Path, study: str, scheme: LabelScheme, folds: Mapping[str, int]) -> Dataset:
    """Collect what `prepare_patient` wrote into `dataset.json`; targets are those that every patient has.

    Raises:
        DatasetError: the patients' spacings differ, which our own loop can't train on.
    """
    facts = {name: json.loads((folder / name / "case.json").read_text()) for name in sorted(folds)}
    spacings = {tuple(round(mm, 3) for mm in one["spacing_mm"]) for one in facts.values()}
    if len(spacings) != 1:
        raise DatasetError(f"spacings differ ({len(spacings)} kinds): train through nnU-Net, which resamples")
    patients = tuple(
        PreparedPatient(
            name, subject_of(name), folds[name], **_tuples(_only(one, "voxel_counts", "reach_mm"))
        )
        for name, one in facts.items()
    )
    summary = Summary(
        study=study,
        scheme=scheme.name,
        labels=tuple(label.value for label in scheme.labels),
        label_names=tuple(label.name for label in scheme.labels),
        regions=dict(scheme.regions),
        channels=CHANNELS,
        spacing_mm=spacings.pop(),
        targets=tuple(kind for kind in TARGETS if all(kind in one["targets"] for one in facts.values())),
        patients=patients,
    )
    write_bytes_atomically(
        folder / SUMMARY, json.dumps({"schema": SCHEMA, **asdict(summary)}, indent=1).encode()
    )
    return Dataset(folder, summary)


def _sing(case: Case, labels: npt.NDArray[np.int8], values: Sequence[int]) -> npt.NDArray[np.int8]:
    """SiNG transform of each label, as codes."""
    import torch

    from training.geodesic import sing_transform

    image = torch.from_numpy(case.images_czyx[CHANNELS.index(SING_CHANNEL)])
    masks = [torch.from_numpy(labels == value) for value in values]
    maps = [sing_transform(image, mask, spacing_mm=case.place.spacing_mm) for mask in masks]
    return quantise(torch.stack(maps).numpy())


def _places(labels: npt.NDArray[np.int8], values: Sequence[int]) -> npt.NDArray[np.int32]:
    """Voxels to centre patches on: (n, 4) label, z, y, x."""
    random = np.random.default_rng(0)
    rows = []
    for value in values:
        found = np.argwhere(labels == value)
        chosen = random.choice(len(found), min(len(found), _PLACES_PER_LABEL), replace=False)
        rows.append(np.insert(found[np.sort(chosen)], 0, value, axis=1))
    return np.concatenate(rows).astype(np.int32)


def _open(path: Path) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(path, mmap_mode="r")
    return array


def _write_array(path: Path, array: npt.NDArray[Any]) -> None:
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array))
    write_bytes_atomically(path, buffer.getvalue())


def _only(facts: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: facts[name] for name in names}


def _tuples(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Lists of JSON as tuples, all the way down, dictionaries kept."""
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
