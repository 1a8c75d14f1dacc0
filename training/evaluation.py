"""Dice and fragments of held-out patients, for sweeps; the whole analysis is `glioscope prepare`'s."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.components import find_components
from training.dataset import Dataset
from training.models import Model
from training.prediction import PredictionOptions, predict_case
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
        spurious: predicted components that share no voxel with the reference of their label.
        missed: components of the reference that share no voxel with the prediction; a loss that buys fewer
            fragments with silence shows here.
    """

    patient: str
    label: str
    dice: float
    fragments: int
    reference_fragments: int
    spurious: int
    missed: int


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
    ours, theirs = (_counts(*pair) for pair in ((predicted, reference), (reference, predicted)))
    scores = []
    for value, name in names.items():
        found, wanted = predicted == value, reference == value
        total = int(found.sum() + wanted.sum())
        dice = 2 * int((found & wanted).sum()) / total if total else 1.0
        (count, spurious), (wanted_count, missed) = ours(value), theirs(value)
        fragments, wanted_fragments = max(0, count - 1), max(0, wanted_count - 1)
        scores.append(Score(patient, name, dice, fragments, wanted_fragments, spurious, missed))
    return scores


def _counts(labels: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> Callable[[int], tuple[int, int]]:
    """Count the components of a label, 26-connected, and those without a voxel of it in the other map."""
    runs = find_components(np.ascontiguousarray(labels), affine=np.eye(4))
    alone = runs.overlaps(np.ascontiguousarray(other)) == 0
    return lambda value: (runs.table.count(value), int(alone[runs.table.labels == value].sum()))


def _scores(model: Model, dataset: Dataset, fold: int, options: PredictionOptions) -> Iterator[Score]:
    names = dict(zip(dataset.summary.labels, dataset.summary.label_names, strict=True))
    for patient in dataset.patients(fold, held_out=True):
        prepared = dataset.case(patient.id)
        reference = np.maximum(np.asarray(prepared.labels_zyx), 0).astype(np.uint8)
        shape = reference.shape
        place = Place((0, 0, 0), (shape[0], shape[1], shape[2]), np.eye(4))
        images = np.asarray(prepared.images_czyx, dtype=np.float32)
        case = Case(images, np.asarray(prepared.labels_zyx) >= 0, place)
        predicted = predict_case([model], case, options).labels_zyx
        yield from label_scores(patient.id, names, reference, predicted)
