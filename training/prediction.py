"""Predict patients: label maps, probabilities, distance responses and uncertainty, in the file's own grid."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import dropout3d

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import write_image, write_label_map
from analysis.cohort.patients import Patient
from analysis.cohort.probabilities import write_probabilities
from training.mednext import Block
from training.models import Model
from training.preprocessing import Case, preprocess, read_channels, restore
from training.regression_losses import signed_labels
from training.result_folders import ModelError
from training.sliding_window import ALL_FLIPS, slide

Uncertainty = Literal["tta", "dropout"]
DROPOUT_SAMPLES = 8
DROPOUT_RATE = 0.1


@dataclass(frozen=True)
class PredictionOptions:
    """What to predict beside label maps.

    Attributes:
        mirror: average over the eight mirrorings.
        probabilities: write them, as bytes.
        responses: write the distance head's answer.
        uncertainties: write the variance of probabilities over mirrorings, over dropout of features.
        device: where to compute.
    """

    mirror: bool = True
    probabilities: bool = False
    responses: bool = False
    uncertainties: tuple[Uncertainty, ...] = ()
    device: str = "cpu"


@dataclass(frozen=True, eq=False)
class Prediction:
    """What models say of one case, in its crop.

    Attributes:
        labels_zyx: the label map.
        probabilities_czyx: background first, or one channel a region; None of models that regress maps.
        distances_czyx: in [-1, 1], one channel a label; None without a trained head.
        variances_zyx: of each uncertainty that was asked for, the mean over channels of the variance of
            probabilities (of regressed maps where there are none).
    """

    labels_zyx: npt.NDArray[np.uint8]
    probabilities_czyx: npt.NDArray[np.float32] | None
    distances_czyx: npt.NDArray[np.float32] | None
    variances_zyx: Mapping[Uncertainty, npt.NDArray[np.float32]]


def predict_patient(
    models: Sequence[Model], patient: Patient, folder: Path, options: PredictionOptions
) -> Path:
    """Predict one patient by an ensemble and write the results into a method's folder.

    `<id>.nii.gz` is the label map. On demand: `<id>.npz` (see `analysis.cohort.probabilities`), and in
    `responses/<id>/` NIfTI volumes `<id>-sdtNCR.nii.gz` (float32 in [-1, 1]; `sing` in place of `sdt` for
    SiNGR) and `<id>-tta-variance.nii.gz`.

    Raises:
        ImageError: the images can't be used.
        ModelError: the images' spacing is not the models', or they have no answer of the kind asked for.
    """
    first = models[0]
    check_answers(first, options)
    images, affine = read_channels(patient.id, patient.images, first.channels)
    case = preprocess(images, affine, within_brain=first.within_brain)
    _check_spacing(first, case, patient.id)
    found = predict_case(models, case, options)
    labels = restore(found.labels_zyx, case.place)
    path = folder / f"{patient.id}.nii.gz"
    if options.probabilities and found.probabilities_czyx is not None:
        _write_probabilities(path.with_name(f"{patient.id}.npz"), found.probabilities_czyx, case, first)
    for name, values in _volumes(found, first, options).items():
        whole = restore(values, case.place, fill=0 if name.endswith("variance") else -1)
        write_image(folder / "responses" / patient.id / f"{patient.id}-{name}.nii.gz", whole, affine)
    write_label_map(path, LabelMap(labels, affine))
    return path


def predict_case(models: Sequence[Model], case: Case, options: PredictionOptions) -> Prediction:
    """Average the logits of some models and turn them into probabilities, and their distances likewise."""
    images = torch.from_numpy(case.images_czyx).to(options.device)
    flips = ALL_FLIPS if options.mirror else ALL_FLIPS[:1]
    answers = [_answer(model, images, flips) for model in models]
    classes = models[0].class_count
    mean = torch.stack(answers).mean(0)
    distances = None
    if all(model.has_distances for model in models):
        pairs = zip(models, answers, strict=True)
        distances = torch.stack([model.distances(one[None, classes:])[0] for model, one in pairs]).mean(0)
    scores = distances if models[0].is_regression and distances is not None else _scores(mean, models[0])
    return Prediction(
        as_labels(scores.cpu().numpy(), models[0]),
        None if models[0].is_regression else scores.cpu().numpy(),
        None if distances is None else distances.cpu().numpy(),
        {kind: _variance(models, images, kind).cpu().numpy() for kind in options.uncertainties},
    )


def as_labels(scores_czyx: npt.NDArray[np.float32], model: Model) -> npt.NDArray[np.uint8]:
    """Decide on labels.

    Of probabilities the arg-max, for regions one painted over the other where above 1/2; of regressed maps
    the largest where it is above 0.
    """
    values = np.asarray((0, *model.labels), dtype=np.uint8)
    if model.is_regression:
        signs = signed_labels(torch.from_numpy(scores_czyx)[None])[0].numpy()
        decided: npt.NDArray[np.uint8] = values[signs]
        return decided
    if not model.is_regions:
        chosen: npt.NDArray[np.uint8] = values[scores_czyx.argmax(0)]
        return chosen
    labels = np.zeros(scores_czyx.shape[1:], dtype=np.uint8)
    for region, value in zip(scores_czyx, model.labels, strict=True):
        labels[region > 0.5] = value
    return labels


def _answer(model: Model, images: Tensor, flips: Sequence[tuple[int, ...]]) -> Tensor:
    network = model.network.to(images.device)

    def predict(window: Tensor) -> Tensor:
        outputs = network.outputs(window, deep=False, distances=model.has_distances)
        parts = [outputs.logits[0]] if outputs.distances is None else [outputs.logits[0], outputs.distances]
        return torch.cat(parts, 1)

    return slide(predict, images, model.patch, flips=flips)


def _scores(answer_czyx: Tensor, model: Model) -> Tensor:
    """Read what decides on labels out of an answer: probabilities, or regressed maps."""
    logits, distances = answer_czyx[: model.class_count], answer_czyx[model.class_count :]
    if model.is_regression:
        return model.distances(distances[None])[0]
    return torch.sigmoid(logits) if model.is_regions else torch.softmax(logits, 0)


def _variance(models: Sequence[Model], images: Tensor, kind: Uncertainty) -> Tensor:
    """Variance of scores over mirrorings, or over random dropout of feature maps, and over models."""
    passes = [(axes,) for axes in ALL_FLIPS] if kind == "tta" else [ALL_FLIPS[:1]] * DROPOUT_SAMPLES
    samples = []
    for model in models:
        with dropping(model.network, DROPOUT_RATE if kind == "dropout" else 0.0):
            samples += [_scores(_answer(model, images, flips), model) for flips in passes]
    variance = torch.stack(samples).var(0, unbiased=False).mean(0)
    # Maps run from -1 to 1: over 4, theirs is at most 1/4 as that of probabilities.
    return variance / 4 if models[0].is_regression else variance


@contextmanager
def dropping(network: nn.Module, rate: float) -> Iterator[None]:
    """Drop whole feature maps after each block while the context lasts, and switch on dropout a network has.

    MedNeXt is trained without dropout: what this measures is sensitivity to lost features, not a posterior.
    """
    blocks = [part for part in network.modules() if isinstance(part, Block)] if rate else []
    own = [part for part in network.modules() if isinstance(part, nn.Dropout | nn.Dropout3d)] if rate else []
    hooks = [block.register_forward_hook(lambda _m, _i, out: dropout3d(out, rate)) for block in blocks]
    for part in own:
        part.train()
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
        for part in own:
            part.eval()


def _volumes(found: Prediction, model: Model, options: PredictionOptions) -> Mapping[str, npt.NDArray[Any]]:
    volumes: dict[str, npt.NDArray[Any]] = {
        f"{kind}-variance": one for kind, one in found.variances_zyx.items()
    }
    if options.responses and found.distances_czyx is not None:
        named = zip(model.label_names, found.distances_czyx, strict=True)
        volumes |= {f"{model.response}{name}": one for name, one in named}
    return volumes


def _write_probabilities(
    path: Path, probabilities_czyx: npt.NDArray[np.float32], case: Case, model: Model
) -> None:
    """Write the foreground's probabilities of a case's crop: (c, z, y, x) here, (c, x, y, z) in the file."""
    foreground = probabilities_czyx if model.is_regions else probabilities_czyx[1:]
    members = list(model.named.values()) if model.is_regions else [frozenset({one}) for one in model.labels]
    codes = np.rint(foreground * 255).astype(np.uint8).transpose(0, 3, 2, 1)
    (z, y, x), (depth, height, width) = case.place.start, case.place.shape
    write_probabilities(path, codes, members, start=(x, y, z), shape=(width, height, depth))


def check_answers(model: Model, options: PredictionOptions) -> None:
    """Refuse to ask a model for what it has no answer of.

    Raises:
        ModelError: there is no trained distance head, or there are no class probabilities.
    """
    if options.responses and not model.has_distances:
        raise ModelError(f"{model.name} has no trained distance head, so no responses")
    if options.probabilities and model.is_regression:
        raise ModelError(f"{model.name} regresses maps and has no probabilities: ask for responses")


def _check_spacing(model: Model, case: Case, patient: str) -> None:
    if model.spacing_mm is not None and not np.allclose(case.place.spacing_mm, model.spacing_mm, rtol=0.01):
        spacing = ", ".join(f"{mm:g}" for mm in case.place.spacing_mm[::-1])
        wanted = ", ".join(f"{mm:g}" for mm in model.spacing_mm[::-1])
        raise ModelError(
            f"patient {patient}: spacing {spacing} mm, the model wants {wanted}: use nnUNetv2_predict"
        )
