"""A study as an nnU-Net data set: a list of paths, nothing copied; folds grouped by subject."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.labels import LabelScheme
from analysis.cohort.patients import Patient
from training.dataset import CHANNELS, read_patient
from training.nnunet.plans import CONFIGURATION, PLANS_NAME, Plans
from training.preprocessing import ImageError

REFERENCES = "gt_segmentations"
DATA_FOLDER = f"{PLANS_NAME}_{CONFIGURATION}"
"""Where nnU-Net keeps the preprocessed cases of our plan."""


def dataset_json(
    patients: Iterable[Patient], scheme: LabelScheme, *, regions: bool = False
) -> dict[str, Any]:
    """Describe a study for nnU-Net.

    Args:
        patients: with images and reference.
        scheme: its labels must be consecutive from 1, as nnU-Net wants.
        regions: train overlapping regions (those of the Dice average) instead of labels.

    Raises:
        ImageError: a modality or a reference is missing.
        ValueError: the labels are not consecutive.
    """
    values = [label.value for label in scheme.labels]
    if values != list(range(1, len(values) + 1)):
        raise ValueError(f"nnU-Net needs labels 1, 2, 3, ...; scheme {scheme.name} has {values}")
    cases = {patient.id: _case(patient) for patient in patients}
    return {
        "channel_names": {str(index): name for index, name in enumerate(CHANNELS)},
        "labels": {"background": 0, **(_regions(scheme) if regions else _labels(scheme))},
        **({"regions_class_order": _paint_order(scheme)} if regions else {}),
        "numTraining": len(cases),
        "file_ending": ".nii.gz",
        "dataset": cases,
    }


def splits(folds: Mapping[str, int]) -> list[dict[str, list[str]]]:
    """Turn folds into the content of `splits_final.json`: entry k is fold k, whose `val` may be empty."""
    return [
        {
            side: sorted(name for name, own in folds.items() if (own == fold) == (side == "val"))
            for side in ("train", "val")
        }
        for fold in range(max(folds.values()) + 1)
    ]


def write_dataset(
    raw: Path, preprocessed: Path, description: Mapping[str, Any], plans: Plans, folds: Mapping[str, int]
) -> None:
    """Write `dataset.json`, the plan, the folds and an empty fingerprint where nnU-Net looks for them.

    The references are linked, not copied, into the folder that its validation compares with.

    Args:
        raw: `nnUNet_raw`.
        preprocessed: `nnUNet_preprocessed`.
        description: from `dataset_json`.
        plans: from `training.nnunet.plans`.
        folds: patient to fold.
    """
    name = plans["dataset_name"]
    _write(raw / name / "dataset.json", description)
    for file, content in (
        ("dataset.json", description),
        (f"{plans['plans_name']}.json", plans),
        ("splits_final.json", splits(folds)),
        ("dataset_fingerprint.json", {"spacings": [], "shapes_after_crop": []}),
    ):
        _write(preprocessed / name / file, content)
    for patient, case in description["dataset"].items():
        _link(
            Path(case["label"]), preprocessed / name / REFERENCES / f"{patient}{description['file_ending']}"
        )


def usable_patients(
    patients: Sequence[Patient], scheme: LabelScheme, folder: Path, say: Callable[[str], None]
) -> tuple[list[Patient], tuple[float, float, float]]:
    """Read every patient before nnU-Net does, which trains on NaN and on unknown labels without a word.

    Patients that were preprocessed before were read then, and keep the plan's spacing.

    Args:
        patients: of the study.
        scheme: its labels.
        folder: of the preprocessed data set.
        say: takes a sentence about each patient that can't be used.

    Returns:
        Those that can be trained on, and the median spacing in mm along z, y and x, as nnU-Net plans it.

    Raises:
        ImageError: there are none.
    """
    from tqdm import tqdm

    good, spacings = [], []
    for patient in tqdm(patients, unit="patient", desc="read", disable=None):
        if not (folder / DATA_FOLDER / f"{patient.id}.pkl").is_file():
            try:
                label_map = read_patient(patient, scheme)[1]
            except (ValueError, OSError) as error:
                say(str(error))
                continue
            spacings.append(label_map.spacing_mm[::-1])
        good.append(patient)
    if not good:
        raise ImageError(f"none of the {len(patients)} patients can be trained on")
    plan = folder / f"{PLANS_NAME}.json"
    if plan.is_file():
        spacing = json.loads(plan.read_text())["configurations"][CONFIGURATION]["spacing"]
    else:
        spacing = np.median(spacings, axis=0).round(6).tolist()
    z, y, x = spacing
    return good, (z, y, x)


def check_same_labels(folder: Path, description: Mapping[str, Any]) -> None:
    """Refuse to prepare regions where labels were, or labels of another scheme: the cases know which.

    Raises:
        ImageError: the folder was prepared otherwise.
    """
    path = folder / "dataset.json"
    if path.is_file() and (before := json.loads(path.read_text())["labels"]) != description["labels"]:
        raise ImageError(
            f"{folder} was prepared with {', '.join(before)}, now it would be "
            f"{', '.join(description['labels'])}: say another --output"
        )


def preprocess_dataset(preprocessed: Path, description: Mapping[str, Any], plans: Plans) -> Path:
    """Run nnU-Net's own preprocessor over every case that is not there yet, in this process.

    Returns:
        The folder of the preprocessed cases.
    """
    from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor
    from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
    from tqdm import tqdm

    manager = PlansManager(plans)
    configuration = manager.get_configuration(CONFIGURATION)
    folder: Path = preprocessed / plans["dataset_name"] / configuration.data_identifier
    folder.mkdir(parents=True, exist_ok=True)
    for name, case in tqdm(description["dataset"].items(), unit="patient", desc="preprocess", disable=None):
        # nnU-Net writes the .pkl last: with it, the case is whole.
        if not (folder / f"{name}.pkl").is_file():
            DefaultPreprocessor(verbose=False).run_case_save(
                str(folder / name), case["images"], case["label"], manager, configuration, dict(description)
            )
    return folder


def _link(source: Path, target: Path) -> None:
    """Link a file, or copy it where links are not allowed; one of the same name gives way."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        target.symlink_to(source)
    except OSError:
        write_bytes_atomically(target, source.read_bytes())


def _case(patient: Patient) -> dict[str, Any]:
    missing = [name for name in CHANNELS if name not in patient.images]
    if missing or patient.reference is None:
        raise ImageError(
            f"patient {patient.id}: no {missing[0] + ' image' if missing else 'reference label map'}"
        )
    images = [str(patient.images[name].resolve()) for name in CHANNELS]
    return {"images": images, "label": str(patient.reference.resolve())}


def _labels(scheme: LabelScheme) -> dict[str, int]:
    return {label.name: label.value for label in scheme.labels}


def _regions(scheme: LabelScheme) -> dict[str, list[int]]:
    return {name: list(scheme.regions[name]) for name in _by_size(scheme)}


def _paint_order(scheme: LabelScheme) -> list[int]:
    from training.voting import nested_regions

    return [value for _, value in nested_regions(scheme)]


def _by_size(scheme: LabelScheme) -> Sequence[str]:
    return sorted(scheme.dice_average, key=lambda name: -len(scheme.regions[name]))


def _write(path: Path, content: Any) -> None:  # noqa: ANN401 - JSON
    write_bytes_atomically(path, json.dumps(content, indent=1).encode())
