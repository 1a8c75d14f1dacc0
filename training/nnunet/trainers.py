"""The paper's two trainers for nnU-Net v2: MedNeXt with and without the distance head's loss.

nnU-Net finds them through `nnUNet_extTrainer`, a folder with one file that imports them from here (`glioscope
train trainers-path` prints it). Their checkpoints hold MedNeXt's own parameter names.
"""

import io
from collections.abc import Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from batchgeneratorsv2.transforms.utils.compose import ComposeTransforms
from nnunetv2.training.loss.deep_supervision import DeepSupervisionWrapper
from nnunetv2.training.lr_scheduler.polylr import PolyLRScheduler
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from torch import Tensor, nn

from analysis.cohort.atomic import write_bytes_atomically
from training.augment import assert_similarity
from training.config import ConfigError
from training.mednext import LEVELS, MedNeXt, for_nnunet
from training.objectives import Objective, scale_weights
from training.patches import Batch
from training.recipes import recipe, with_changes
from training.schedules import DynamicWeightAverage
from training.signed_distance import STEPS, label_distance_maps

__all__ = [
    "nnUNetTrainerMedNeXtBaseline",
    "nnUNetTrainerMedNeXtDistMap",
    "nnUNetTrainerMedNeXtDistMapDWA",
]

OUR_NETWORK = "training.mednext"
AVERAGE = "dynamic_weight_average"
"""Key of its state in a checkpoint."""


class nnUNetTrainerMedNeXtBaseline(nnUNetTrainer):  # type: ignore[misc]  # noqa: N801 - nnU-Net's way of naming
    """MedNeXt-B, AdamW, BF16, 300 epochs, Dice and cross-entropy on five scales."""

    def __init__(
        self,
        plans: dict[str, Any],
        configuration: str,
        fold: int,
        dataset_json: dict[str, Any],
        device: torch.device = torch.device("cuda"),  # noqa: B008 - nnU-Net reads the signature
    ) -> None:
        plans.setdefault("continue_training", False)  # the base class pops it
        super().__init__(plans, configuration, fold, dataset_json, device)
        self.initial_lr = 1e-3
        self.num_epochs = 300
        self.grad_scaler = None  # BF16 needs none
        if self.device.type == "cuda":
            # nnU-Net autocasts to the process default, in its predictor as well.
            torch.set_autocast_dtype("cuda", torch.bfloat16)

    def on_train_start(self) -> None:
        """Begin, and keep the folds beside the plans: whoever predicts must know who was trained on."""
        super().on_train_start()
        folds = Path(self.preprocessed_dataset_folder_base) / "splits_final.json"
        if folds.is_file():
            write_bytes_atomically(Path(self.output_folder_base) / folds.name, folds.read_bytes())

    @staticmethod
    def build_network_architecture(
        plans_manager: Any,  # noqa: ANN401, ARG004 - nnU-Net's
        configuration_manager: Any,  # noqa: ANN401
        num_input_channels: int,
        num_output_channels: int,
        enable_deep_supervision: bool = True,  # noqa: FBT001, FBT002 - nnU-Net's signature
    ) -> nn.Module:
        """Build the plan's network if it is a MedNeXt of ours, else MedNeXt-B kernel 3, the paper's.

        Its distance head is frozen: gradients that never come would stop a training on several GPUs.
        """
        name = configuration_manager.network_arch_class_name
        if not name.startswith(OUR_NETWORK):
            paper = for_nnunet(
                num_input_channels, num_output_channels, deep_supervision=enable_deep_supervision
            )
            paper.distance_head.requires_grad_(requires_grad=False)
            return paper
        network: nn.Module = get_network_from_plans(
            name,
            configuration_manager.network_arch_init_kwargs,
            configuration_manager.network_arch_init_kwargs_req_import,
            num_input_channels,
            num_output_channels,
            allow_init=False,
            deep_supervision=enable_deep_supervision,
        )
        network.get_submodule("distance_head").requires_grad_(requires_grad=False)
        return network

    def configure_optimizers(self) -> tuple[torch.optim.Optimizer, Any]:
        """AdamW as the original MedNeXt trainer sets it, poly schedule."""
        optimizer = torch.optim.AdamW(
            self.network.parameters(), self.initial_lr, weight_decay=self.weight_decay, eps=1e-4
        )
        return optimizer, PolyLRScheduler(optimizer, self.initial_lr, self.num_epochs)

    def _get_deep_supervision_scales(self) -> list[list[float]] | None:
        if not self.enable_deep_supervision:
            return None
        return [[2.0**-level] * 3 for level in range(LEVELS + 1)]

    def _build_loss(self) -> nn.Module:
        loss = super()._build_loss()
        if self.enable_deep_supervision:
            # All five scales count, as in the original trainer; nnU-Net would drop the coarsest.
            loss = DeepSupervisionWrapper(loss.loss, scale_weights(LEVELS + 1).tolist())
        found: nn.Module = loss
        return found


class nnUNetTrainerMedNeXtDistMap(nnUNetTrainerMedNeXtBaseline):  # noqa: N801
    """The same, and a head that regresses the signed distance maps of the labels.

    Distance maps are made once from the preprocessed segmentations, stored beside them as int8, and pass the
    loader as extra channels; the transforms see them as regression target.
    """

    recipe = recipe("distmap")

    def initialize(self) -> None:
        """Build everything, and the objective."""
        super().initialize()
        self.objective = Objective(self.recipe, epochs=self.num_epochs)
        _bare(self.network).decoder.distances = True

    @staticmethod
    @wraps(nnUNetTrainerMedNeXtBaseline.build_network_architecture)  # nnU-Net reads the signature
    def build_network_architecture(*args: Any, **options: Any) -> nn.Module:  # noqa: ANN401
        """Build Baseline's network with a head that learns."""
        network = nnUNetTrainerMedNeXtBaseline.build_network_architecture(*args, **options)
        network.get_submodule("distance_head").requires_grad_(requires_grad=True)
        return network

    def get_tr_and_val_datasets(self) -> tuple[Any, Any]:
        """Hand over the training cases with their distance maps as extra channels."""
        training, validation = super().get_tr_and_val_datasets()
        labels = [int(value) for value in self.label_manager.all_labels if value > 0]
        return CasesWithDistances(
            training, distance_folder(Path(self.preprocessed_dataset_folder)), labels
        ), validation

    def get_training_transforms(self, *args: Any, **options: Any) -> "SplitDistances":  # noqa: ANN401
        """nnU-Net's transforms, for images and distances at once."""
        return SplitDistances(
            nnUNetTrainer.get_training_transforms(*args, **options), self.num_input_channels
        )

    def train_step(self, batch: dict[str, Any]) -> dict[str, Any]:
        """One step on nnU-Net's loss and the recipe's further terms."""
        stacked = batch["data"].to(self.device, non_blocking=True)
        images, distances = stacked[:, : self.num_input_channels], stacked[:, self.num_input_channels :]
        target = [one.to(self.device, non_blocking=True) for one in batch["target"]]
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            outputs = self.network(images)
            region = self.loss(outputs.logits, target)
        labels = target[0][:, 0].long()
        extra = self.objective.auxiliary(
            outputs, Batch(images, labels, distances, torch.ones(len(images), distances.shape[1], 2))
        )
        weights = self.objective.weights(self.current_epoch)
        terms = {"region": region, **extra}
        loss = torch.stack([weights[name] * term for name, term in terms.items()]).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 12)
        self.optimizer.step()
        return {name: term.detach().cpu().numpy() for name, term in {"loss": loss, **terms}.items()}

    def on_train_epoch_end(self, train_outputs: list[dict[str, Any]]) -> None:
        """Log the terms and their weights, and let the Dynamic Weight Average have the means."""
        super().on_train_epoch_end(train_outputs)
        means = {name: float(np.mean([one[name] for one in train_outputs])) for name in train_outputs[0]}
        weights = self.objective.weights(self.current_epoch)
        for name, mean in means.items():
            self.print_to_log_file(f"{name} {mean:.4f} weight {weights.get(name, 1):.4f}")
        self.objective.end_epoch(means)

    def save_checkpoint(self, filename: str) -> None:
        """Write nnU-Net's checkpoint with the Dynamic Weight Average's state in it."""
        super().save_checkpoint(filename)
        if self.recipe.weighting == "dwa" and Path(filename).is_file():
            # Just written by this process, and nnU-Net's own way of reading it.
            found = torch.load(filename, map_location="cpu", weights_only=False)
            buffer = io.BytesIO()
            torch.save({**found, AVERAGE: self.objective.average.state_dict()}, buffer)
            write_bytes_atomically(Path(filename), buffer.getvalue())

    def load_checkpoint(self, filename_or_checkpoint: str) -> None:
        """Go on where a checkpoint stopped, the Dynamic Weight Average included."""
        super().load_checkpoint(filename_or_checkpoint)
        if self.recipe.weighting == "dwa":
            found = torch.load(filename_or_checkpoint, map_location="cpu", weights_only=False)
            self.objective.average = DynamicWeightAverage.from_state(found[AVERAGE])


class nnUNetTrainerMedNeXtDistMapDWA(nnUNetTrainerMedNeXtDistMap):  # noqa: N801
    """DistMap with both losses weighed anew each epoch by the Dynamic Weight Average."""

    recipe = with_changes(recipe("distmap"), weighting="dwa")

    def initialize(self) -> None:
        """Build everything; on one GPU only.

        Raises:
            ConfigError: there are several, each of which would see other losses and weigh them otherwise.
        """
        if self.is_ddp:
            raise ConfigError("the Dynamic Weight Average trains on one GPU, found several")
        super().initialize()


class CasesWithDistances:
    """nnU-Net's training cases with distance maps, shifted by 1, behind the image's channels.

    The shift makes the loader's padding with 0 mean -1, far outside; 0 itself would mean "boundary".
    """

    def __init__(self, cases: Any, folder: Path, labels: list[int]) -> None:  # noqa: ANN401 - nnU-Net's
        self.cases, self.folder, self.labels = cases, folder, labels
        self.identifiers = cases.identifiers

    def load_case(self, identifier: str) -> tuple[Any, Any, Any, Any]:
        """Load one case; its distance maps are made and stored the first time."""
        images, labels, previous, properties = self.cases.load_case(identifier)
        codes = stored_distances(
            self.folder / f"{identifier}.npy", labels, self.labels, properties["spacing"]
        )
        stacked = np.concatenate([images[:], codes.astype(np.float32) / STEPS + 1])
        return stacked, labels, previous, properties


class SplitDistances:
    """Transforms that take distances out of the image, carry them along, and put them back."""

    def __init__(self, transforms: ComposeTransforms, image_channels: int) -> None:
        assert_similarity(transforms.transforms[0])
        self.transforms, self.image_channels = transforms, image_channels

    def __call__(self, image: Tensor, segmentation: Tensor) -> dict[str, Any]:
        """Transform one sample of nnU-Net's loader."""
        done = self.transforms(
            image=image[: self.image_channels],
            regression_target=image[self.image_channels :],
            segmentation=segmentation,
        )
        distances = done.pop("regression_target").sub(1).clamp(-1, 1)
        return {**done, "image": torch.cat([done["image"], distances])}


def distance_folder(preprocessed_cases: Path) -> Path:
    """Name the folder of distance maps: a sibling, since nnU-Net takes every file among the cases for one."""
    return preprocessed_cases.with_name(preprocessed_cases.name + "_sdt")


def stored_distances(
    path: Path,
    labels: Any,  # noqa: ANN401 - blosc2 array
    values: list[int],
    spacing_mm: Sequence[float],
) -> npt.NDArray[np.int8]:
    """Read the codes of one case's distance maps, (label, z, y, x), or make and store them."""
    if not path.is_file():
        codes, _ = label_distance_maps(np.asarray(labels[0]), values, spacing_mm=spacing_mm)
        buffer = io.BytesIO()
        np.save(buffer, codes)
        write_bytes_atomically(path, buffer.getvalue())
    found: npt.NDArray[np.int8] = np.load(path)
    return found


def _bare(network: Any) -> MedNeXt:  # noqa: ANN401 - whatever nnU-Net wrapped it in
    for wrapper in ("module", "_orig_mod"):
        network = getattr(network, wrapper, network)
    bare: MedNeXt = network
    return bare
