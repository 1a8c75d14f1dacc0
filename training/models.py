"""A trained model, whoever trained it: a run of our loop, or a result folder of nnU-Net."""

import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from analysis.cohort.layouts import CONTRASTS
from analysis.cohort.usage import UsageError
from analysis.subjects import subject_of
from training.config import config_from
from training.mednext import MedNeXt
from training.networks import Network, NetworkSpec, build_network
from training.regression_losses import expected_distance
from training.runs import BEST, DESCRIPTION, LATEST, read_checkpoint, read_description
from training.weights import load_weights, mednext_config

NNUNET_CHECKPOINTS = ("checkpoint_final.pth", "checkpoint_best.pth", "checkpoint_latest.pth")


class ModelError(UsageError):
    """A folder that holds no model that could predict what is asked for."""


class UntrustedCheckpointError(ModelError):
    """A checkpoint that can only be read by executing it."""


@dataclass(frozen=True, eq=False)
class Model:
    """One trained network and what it must be fed.

    Attributes:
        name: for people and tables.
        network: in evaluation mode, on the CPU.
        patch: (z, y, x) of the sliding window.
        channels: modalities in order.
        labels: value that each output channel after the background stands for; for a model of regions the
            value that the n-th channel paints, later ones over earlier ones.
        label_names: of the distance head's channels, for file names.
        is_regions: whether the channels are overlapping regions under sigmoids, without a background.
        within_brain: whether intensities are normalised over the brain alone.
        has_distances: whether the distance head was trained.
        bins: logits a label in the distance head; 1 is a regression through tanh.
        edges: of the bins.
        held_out: patients that it has not seen; empty if the folder does not say.
        trained_on: patients that it has seen; empty if the folder does not say.
        spacing_mm: along z, y, x; None if any will do.
        scheme: label scheme it was trained on; empty if the folder does not say.
    """

    name: str
    network: Network
    patch: tuple[int, int, int]
    channels: tuple[str, ...]
    labels: tuple[int, ...]
    label_names: tuple[str, ...] = ()
    is_regions: bool = False
    within_brain: bool = True
    has_distances: bool = False
    bins: int = 1
    edges: Tensor | None = None
    held_out: frozenset[str] = frozenset()
    trained_on: frozenset[str] = frozenset()
    spacing_mm: tuple[float, float, float] | None = None
    scheme: str = ""

    @property
    def class_count(self) -> int:
        """Channels of class scores: with a background, unless they are regions."""
        return len(self.labels) + (0 if self.is_regions else 1)

    def distances(self, answer_bczyx: Tensor) -> Tensor:
        """Read the distance head's answer as values in [-1, 1], (b, label, z, y, x)."""
        if self.bins == 1 or self.edges is None:
            return torch.tanh(answer_bczyx.float())
        batch, channels, *space = answer_bczyx.shape
        logits = answer_bczyx.view(batch, channels // self.bins, self.bins, *space)
        return expected_distance(logits[:, :, : len(self.edges) - 1], self.edges)


def load_models(folder: Path, *, trust: bool = False) -> list[Model]:
    """Load a run, several runs side by side (`fold_0`, `fold_1`, ...), or an nnU-Net result folder.

    Args:
        folder: see above.
        trust: read checkpoints that are programs.

    Raises:
        ModelError: none of the three.
        UntrustedCheckpointError: nnU-Net's checkpoint can't be read as data, and `trust` is not set.
    """
    if (folder / "plans.json").is_file():
        folds = sorted(one for one in folder.glob("fold_*") if one.is_dir())
        found = [_nnunet_model(folder, fold, trust=trust) for fold in folds]
    elif (folder / DESCRIPTION).is_file():
        found = [_own_model(folder)]
    else:
        found = [_own_model(one.parent) for one in sorted(folder.glob(f"fold_*/{DESCRIPTION}"))]
    if not found:
        raise ModelError(
            f"{folder} holds no model: neither {DESCRIPTION} nor plans.json with fold_0, fold_1, ..."
        )
    return found


def unseen(models: Sequence[Model], patient: str) -> list[Model]:
    """Choose the models that may predict a patient: those that hold it out, else those new to its subject.

    Raises:
        ModelError: every model was trained on a scan of this subject.
    """
    holding = [model for model in models if patient in model.held_out]
    subject = subject_of(patient)
    fresh = [model for model in models if subject not in map(subject_of, model.trained_on)]
    if not holding and not fresh:
        raise ModelError(
            f"patient {patient}: every model was trained on this subject (--ensemble predicts it still)"
        )
    return holding or fresh


def _own_model(folder: Path) -> Model:
    description = read_description(folder)
    path = folder / (BEST if (folder / BEST).is_file() else LATEST)
    if not path.is_file():
        raise ModelError(f"{folder} holds no checkpoint yet")
    checkpoint = read_checkpoint(path)
    config = config_from(checkpoint["config"])
    labels, channels = tuple(description["labels"]), tuple(description["channels"])
    spec = NetworkSpec(
        config.recipe.network, len(channels), len(labels) + 1, config.recipe.distance_channels(len(labels)),
        config.patch_zyx, config.network_options,
    )  # fmt: skip
    network = build_network(spec).eval()
    load_weights(network, checkpoint["network"])
    binned = config.recipe.distance == "bins"
    return Model(
        name=f"{config.recipe.name} fold {config.fold}",
        network=network,
        patch=config.patch_zyx,
        channels=channels,
        labels=labels,
        label_names=tuple(description["label_names"]),
        has_distances=config.recipe.distance != "none",
        bins=config.recipe.bins if binned else 1,
        edges=checkpoint["edges"] if binned else None,
        held_out=frozenset(description["held_out"]),
        trained_on=frozenset(description["trained_on"]),
        spacing_mm=_triple(description["spacing_mm"]),
        scheme=description["scheme"],
    )


def _nnunet_model(folder: Path, fold: Path, *, trust: bool) -> Model:
    """Load one fold of an nnU-Net result folder without nnU-Net.

    MedNeXts are recognized by their weights, whatever the plan says of architecture.
    """
    plans = json.loads((folder / "plans.json").read_text())
    data = json.loads((folder / "dataset.json").read_text())
    path = next((fold / name for name in NNUNET_CHECKPOINTS if (fold / name).is_file()), None)
    if path is None:
        raise ModelError(f"{fold} holds none of {', '.join(NNUNET_CHECKPOINTS)}")
    checkpoint = read_nnunet_checkpoint(path, trust=trust)
    weights = checkpoint["network_weights"]
    network = MedNeXt(mednext_config(weights), deep_supervision=False).eval()
    has_head = load_weights(network, weights)
    plan = _configuration(plans, checkpoint["init_args"]["configuration"])
    labels, is_regions = _nnunet_labels(data)
    heads = len(labels) + (0 if is_regions else 1)
    if network.config.class_count != heads:
        raise ModelError(f"{path} predicts {network.config.class_count} channels, dataset.json has {heads}")
    return Model(
        name=f"{checkpoint['trainer_name']} {fold.name}",
        network=network,
        patch=_triple(plan["patch_size"]),
        channels=_nnunet_channels(data, folder),
        labels=labels,
        label_names=tuple(str(value) for value in range(1, network.config.distance_channels + 1)),
        is_regions=is_regions,
        within_brain=all(plan["use_mask_for_norm"]),
        has_distances=has_head,
        held_out=_side(folder, fold, "val"),
        trained_on=_side(folder, fold, "train"),
        spacing_mm=_triple(plan["spacing"]),
    )


def read_nnunet_checkpoint(path: Path, *, trust: bool = False) -> dict[str, Any]:
    """Read nnU-Net's checkpoint as data; only where that fails, and with `trust`, as the program it is.

    Raises:
        UntrustedCheckpointError: see above.
    """
    try:
        with torch.serialization.safe_globals(_numpy_numbers()):
            found = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError) as error:
        if not trust:
            raise UntrustedCheckpointError(
                f"{path} can't be read as data alone: loading it runs whatever program its author put in. "
                "If you trust them, say --trust"
            ) from error
        found = torch.load(path, map_location="cpu", weights_only=False)
    if not isinstance(found, dict) or "network_weights" not in found:
        raise ModelError(f"{path} is no checkpoint of nnU-Net")
    return found


def _numpy_numbers() -> list[Any]:
    """What nnU-Net's logging leaves in a checkpoint beside tensors: numpy's scalars."""
    import numpy as np

    kinds = [np.dtype(name).__class__ for name in ("float32", "float64", "int32", "int64", "bool")]
    return [np._core.multiarray.scalar, np.dtype, *kinds]  # type: ignore[attr-defined]  # noqa: SLF001


def _configuration(plans: dict[str, Any], name: str) -> dict[str, Any]:
    """Read a configuration of a plan, what it inherits included."""
    own = dict(plans["configurations"][name])
    parent = own.pop("inherits_from", None)
    merged = {**_configuration(plans, parent), **own} if parent else own
    if list(plans.get("transpose_forward", (0, 1, 2))) != [0, 1, 2]:
        raise ModelError(
            "the plan swaps axes (transpose_forward), which glioscope does not: use nnUNetv2_predict"
        )
    schemes = set(merged["normalization_schemes"])
    if schemes != {"ZScoreNormalization"}:
        raise ModelError(f"the plan normalises by {', '.join(sorted(schemes))}: use nnUNetv2_predict")
    return merged


def _nnunet_labels(data: dict[str, Any]) -> tuple[tuple[int, ...], bool]:
    values = [value for name, value in data["labels"].items() if name not in ("background", "ignore")]
    if any(isinstance(value, list) and len(value) > 1 for value in values):
        return tuple(int(one) for one in data["regions_class_order"]), True
    return tuple(sorted(int(value[0] if isinstance(value, list) else value) for value in values)), False


def _nnunet_channels(data: dict[str, Any], folder: Path) -> tuple[str, ...]:
    names = data["channel_names"]
    ordered = [str(names[key]).lower() for key in sorted(names, key=int)]
    unknown = [name for name in ordered if name not in CONTRASTS]
    if unknown:
        raise ModelError(
            f"{folder}/dataset.json calls a channel {unknown[0]!r}; known are {', '.join(CONTRASTS)}"
        )
    return tuple(CONTRASTS[name] for name in ordered)


def _side(folder: Path, fold: Path, side: str) -> frozenset[str]:
    """Read a side of a fold from splits_final.json; without it, `val` from the validation predictions."""
    splits = folder / "splits_final.json"
    if splits.is_file():
        return frozenset(json.loads(splits.read_text())[int(fold.name.removeprefix("fold_"))][side])
    if side == "train":
        return frozenset()
    return frozenset(path.name.removesuffix(".nii.gz") for path in (fold / "validation").glob("*.nii.gz"))


def _triple(values: Sequence[Any]) -> Any:  # noqa: ANN401 - of whatever type the JSON has
    first, second, third = values
    return first, second, third
