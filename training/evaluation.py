"""Dice and fragments of held-out patients, for sweeps; the whole analysis is `glioscope prepare`'s."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.components import label_components
from training.dataset import Dataset
from training.models import Model
from training.prediction import PredictionOptions, as_labels, predict_case
from training.preprocessing import Case, Place


@dataclass(frozen=True)
class Score:
    """One label of one patient.

    Attributes:
        patient: id.
        label: short name.
        dice: 1 where both sides are empty.
        fragments: components beside the largest, 26-connected, of the prediction.
        reference_fragments: of the reference.
    """

    patient: str
    label: str
    dice: float
    fragments: int
    reference_fragments: int


def score_held_out(model: Model, dataset: Dataset, fold: int, options: PredictionOptions) -> pd.DataFrame:
    """Predict the patients that a fold holds out, from the prepared arrays, and score each label.

    Returns:
        One row a patient and label, the columns of `Score`.
    """
    return pd.DataFrame([score for score in _scores(model, dataset, fold, options)])  # noqa: C416 - dataclasses as rows


def label_scores(
    patient: str, names: dict[int, str], reference: npt.NDArray[np.uint8], predicted: npt.NDArray[np.uint8]
) -> list[Score]:
    """Score the labels of one pair of label maps of any axis order."""
    ours, theirs = fragment_counts(predicted, list(names)), fragment_counts(reference, list(names))
    scores = []
    for value, name in names.items():
        found, wanted = predicted == value, reference == value
        total = int(found.sum() + wanted.sum())
        dice = 2 * int((found & wanted).sum()) / total if total else 1.0
        scores.append(Score(patient, name, dice, ours[value], theirs[value]))
    return scores


def fragment_counts(labels: npt.NDArray[np.uint8], values: list[int]) -> dict[int, int]:
    """Count the components of each label beside its largest, 26-connected."""
    table = label_components(np.ascontiguousarray(labels), affine=np.eye(4)).table
    return {value: max(0, table.count(value) - 1) for value in values}


def _scores(model: Model, dataset: Dataset, fold: int, options: PredictionOptions) -> Iterator[Score]:
    names = dict(zip(dataset.summary.labels, dataset.summary.label_names, strict=True))
    for patient in dataset.patients(fold, held_out=True):
        prepared = dataset.case(patient.id)
        reference = np.maximum(np.asarray(prepared.labels_zyx), 0).astype(np.uint8)
        shape = reference.shape
        place = Place((0, 0, 0), (shape[0], shape[1], shape[2]), np.eye(4))
        images = np.asarray(prepared.images_czyx, dtype=np.float32)
        case = Case(images, np.asarray(prepared.labels_zyx) >= 0, place)
        predicted = as_labels(predict_case([model], case, options).probabilities_czyx, model)
        yield from label_scores(patient.id, names, reference, predicted)
