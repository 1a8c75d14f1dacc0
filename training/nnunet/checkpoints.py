"""Runs of our loop as result folders of nnU-Net, so that `nnUNetv2_predict` can use them."""

import json
from pathlib import Path
from typing import Any

import torch

from analysis.cohort.atomic import write_bytes_atomically
from training.config import ConfigError, TrainingConfig, config_from
from training.mednext import SIZES
from training.networks import NetworkSpec, build_network
from training.nnunet.plans import CONFIGURATION, PLANS_NAME, Plans, mednext_plans
from training.runs import BEST, LATEST, Checkpoint, read_checkpoint, read_description

TRAINERS = {"none": "nnUNetTrainerMedNeXtBaseline", "mse": "nnUNetTrainerMedNeXtDistMap"}


def export_to_nnunet(run: Path, results: Path, dataset_name: str = "Dataset023_BraTSGLI") -> Path:
    """Write a run as `<dataset>/<trainer>__nnUNetPlansMedNeXt__3d_fullres/fold_k/checkpoint_final.pth`.

    Args:
        run: a folder of our loop, of recipe `baseline` or `distmap` on a MedNeXt.
        results: `nnUNet_results`.
        dataset_name: as nnU-Net knows it.

    Returns:
        The model's folder, with `plans.json` and `dataset.json`.

    Raises:
        ConfigError: the run is of another network or head, for which nnU-Net has no trainer here.
    """
    description = read_description(run)
    checkpoint = read_checkpoint(run / (BEST if (run / BEST).is_file() else LATEST))
    config = config_from(checkpoint["config"])
    recipe = config.recipe
    if not recipe.network.startswith("mednext") or recipe.distance not in TRAINERS:
        raise ConfigError(f"recipe {recipe.name} has no trainer in nnU-Net; `baseline` and `distmap` have")
    plans, data = _plans(description, config, dataset_name), _dataset(description)
    trainer = TRAINERS[recipe.distance]
    folder = results / dataset_name / f"{trainer}__{PLANS_NAME}__{CONFIGURATION}"
    for name, content in (("plans.json", plans), ("dataset.json", data)):
        write_bytes_atomically(folder / name, json.dumps(content, indent=1).encode())
    target = folder / f"fold_{config.fold}" / "checkpoint_final.pth"
    target.parent.mkdir(parents=True, exist_ok=True)
    arguments = {"plans": plans, "configuration": CONFIGURATION, "fold": config.fold, "dataset_json": data}
    torch.save(_state(checkpoint, trainer, arguments), target)
    return folder


def _plans(description: dict[str, Any], config: TrainingConfig, dataset_name: str) -> Plans:
    labels, channels = description["labels"], description["channels"]
    spec = NetworkSpec(
        config.recipe.network, len(channels), len(labels) + 1, len(labels), options=config.network_options
    )
    network = build_network(spec)
    return mednext_plans(
        dataset_name,
        len(channels),
        patch=config.patch_zyx,
        batch=config.batch,
        spacing_mm=description["spacing_mm"],
        config=getattr(network, "config", SIZES["B"]),
    )


def _dataset(description: dict[str, Any]) -> dict[str, Any]:
    names = zip(description["label_names"], description["labels"], strict=True)
    return {
        "channel_names": {str(index): name for index, name in enumerate(description["channels"])},
        "labels": {"background": 0, **dict(names)},
        "numTraining": 0,
        "file_ending": ".nii.gz",
    }


def _state(checkpoint: Checkpoint, trainer: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Arrange a checkpoint of ours as nnU-Net's trainer writes its own."""
    return {
        "network_weights": checkpoint["network"],
        "init_args": arguments,
        "trainer_name": trainer,
        "inference_allowed_mirroring_axes": (0, 1, 2),
        "current_epoch": checkpoint["progress"]["epoch"],
        "optimizer_state": checkpoint["optimizer"],
        "grad_scaler_state": None,
        "_best_ema": checkpoint["progress"]["best"],
        "logging": {},
    }


def trainers_path() -> Path:
    """Name the folder that `nnUNet_extTrainer` must point at."""
    return Path(__file__).parent.parent / "nnunet_trainers"
