"""A trained model, whoever trained it: a run of our loop, or a result folder of nnU-Net."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from analysis.subjects import subject_of
from training.config import config_from
from training.mednext import MedNeXt
from training.networks import Network, NetworkSpec, build_network
from training.regression_losses import expected_distance
from training.result_folders import (
    CHECKPOINTS,
    ModelError,
    channel_names,
    configuration,
    head_names,
    named_labels,
    output_labels,
    patch_of,
    read_folder_json,
    read_nnunet_checkpoint,
    side_of_fold,
    triple,
)
from training.runs import BEST, DESCRIPTION, LATEST, read_checkpoint, read_description
from training.weights import load_weights, mednext_config, without_foreign_head


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
        named: the labels or regions of nnU-Net's `dataset.json`, name to values; empty for runs of ours,
            whose `scheme` says it.
        is_regions: whether the channels are overlapping regions under sigmoids, without a background.
        within_brain: whether intensities are normalised over the brain alone.
        has_distances: whether the distance head was trained.
        response: what its answers are called in file names: `sdt`, or `sing`.
        ignored: names of weights that are no part of MedNeXt and no distance head, and so not used.
        is_regression: whether the signs of the distance head's answers are the segmentation (SiNGR); such a
            model has no class probabilities.
        bins: logits a label in the distance head; 1 is a regression through tanh.
        edges: of the bins.
        held_out: patients that it has not seen; empty if the folder does not say.
        trained_on: patients that it has seen; empty if the folder does not say (`knows_its_patients`).
        spacing_mm: along z, y, x; None if any will do.
        scheme: label scheme it was trained on; empty if the folder does not say.
    """

    name: str
    network: Network
    patch: tuple[int, int, int]
    channels: tuple[str, ...]
    labels: tuple[int, ...]
    label_names: tuple[str, ...] = ()
    named: Mapping[str, frozenset[int]] = field(default_factory=dict)
    is_regions: bool = False
    within_brain: bool = True
    has_distances: bool = False
    response: str = "sdt"
    ignored: tuple[str, ...] = ()
    is_regression: bool = False
    bins: int = 1
    edges: Tensor | None = None
    held_out: frozenset[str] = frozenset()
    trained_on: frozenset[str] = frozenset()
    spacing_mm: tuple[float, float, float] | None = None
    scheme: str = ""

    @property
    def knows_its_patients(self) -> bool:
        """Whether the folder says whom the model was trained on, so that "not seen" can be told."""
        return bool(self.trained_on)

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
        ModelError: none of the three, or one that can't be read.
        UntrustedCheckpointError: nnU-Net's checkpoint can't be read as data, and `trust` is not set.
    """
    if (folder / "plans.json").is_file():
        folds = sorted(one for one in folder.glob("fold_*") if one.is_dir())
        try:
            found = [_nnunet_model(folder, fold, trust=trust) for fold in folds]
        except KeyError as error:
            raise ModelError(f"{folder}: plans.json or dataset.json lacks {error.args[0]!r}") from error
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
        response="sing" if config.recipe.target == "sing" else "sdt",
        is_regression=config.recipe.is_regression,
        bins=config.recipe.bins if binned else 1,
        edges=checkpoint["edges"] if binned else None,
        held_out=frozenset(description["held_out"]),
        trained_on=frozenset(description["trained_on"]),
        spacing_mm=triple(description["spacing_mm"]),
        scheme=description["scheme"],
    )


def _nnunet_model(folder: Path, fold: Path, *, trust: bool) -> Model:
    """Load one fold of an nnU-Net result folder without nnU-Net.

    MedNeXts are recognized by their weights, whatever the plan says of architecture.
    """
    plans, data = (read_folder_json(folder / name) for name in ("plans.json", "dataset.json"))
    path = next((fold / name for name in CHECKPOINTS if (fold / name).is_file()), None)
    if path is None:
        raise ModelError(f"{fold} holds none of {', '.join(CHECKPOINTS)}")
    checkpoint = read_nnunet_checkpoint(path, trust=trust)
    weights, ignored = without_foreign_head(checkpoint["network_weights"])
    network = MedNeXt(mednext_config(weights), deep_supervision=False).eval()
    has_head = load_weights(network, weights)
    plan = configuration(plans, checkpoint["init_args"]["configuration"])
    labels, is_regions = output_labels(data)
    named = named_labels(data)
    heads = len(labels) + (0 if is_regions else 1)
    if network.config.class_count != heads:
        raise ModelError(f"{path} predicts {network.config.class_count} channels, dataset.json has {heads}")
    return Model(
        name=f"{checkpoint['trainer_name']} {fold.name}",
        network=network,
        patch=patch_of(plan, path),
        channels=channel_names(data, folder),
        labels=labels,
        label_names=head_names(named, network.config.distance_channels),
        named=named,
        is_regions=is_regions,
        within_brain=all(plan["use_mask_for_norm"]),
        has_distances=has_head,
        ignored=ignored,
        held_out=side_of_fold(folder, fold, "val"),
        trained_on=side_of_fold(folder, fold, "train"),
        spacing_mm=triple(plan["spacing"]),
    )
