"""Run nnU-Net's trainers in this process: no look-up by name, so neither timm nor torchvision is imported."""

import json
import os
from pathlib import Path
from typing import Any

import torch

from training.config import ConfigError, TrainingConfig
from training.nnunet.plans import CONFIGURATION, PLANS_NAME
from training.recipes import Recipe

DATASET = "Dataset023_BraTSGLI"
SETTINGS = (
    *("epochs", "iterations", "validation_iterations", "learning_rate", "weight_decay", "device"),
    *("distance_weight", "weighting"),
)
"""What nnU-Net's trainers take from a config."""
TRAINERS = {"baseline": "nnUNetTrainerMedNeXtBaseline", "distmap": "nnUNetTrainerMedNeXtDistMap"}


def use_folders(folder: Path) -> None:
    """Name nnU-Net's three folders below one of ours, and keep its worker processes few."""
    for kind in ("raw", "preprocessed", "results"):
        os.environ[f"nnUNet_{kind}"] = str((folder / kind).resolve())
    # Its defaults, 12 and 8, are more than the cores of a small machine.
    cores = len(os.sched_getaffinity(0))
    os.environ.setdefault("nnUNet_n_proc_DA", str(0 if cores <= 2 else min(12, cores)))
    os.environ.setdefault("nnUNet_def_n_proc", str(max(1, min(8, cores // 2))))


def train_fold(folder: Path, config: TrainingConfig, device: torch.device) -> Path:
    """Train one fold with one of the trainers, or go on with it; validation with probabilities at the end.

    Args:
        folder: from `glioscope train prepare --engine nnunet`.
        config: recipe (`baseline` or `distmap`, with its weight and weighting), fold, and of the numbers
            those in `SETTINGS`; the rest is the plan's and nnU-Net's own.
        device: where.

    Returns:
        The result folder of the trainer.

    Raises:
        ConfigError: no such trainer, or the folder was not prepared.
    """
    from training.nnunet import trainers

    name = trainer_name(config.recipe)
    use_folders(folder)
    source = folder / "preprocessed" / DATASET
    if not (source / f"{PLANS_NAME}.json").is_file():
        raise ConfigError(
            f"{folder} is not prepared for nnU-Net: glioscope train prepare --engine nnunet makes it"
        )
    plans, data = (json.loads((source / file).read_text()) for file in (f"{PLANS_NAME}.json", "dataset.json"))
    check_fold(source, config.fold)
    trainer = getattr(trainers, name)(plans, CONFIGURATION, config.fold, data, device)
    if config.recipe.distance != "none":
        trainer.recipe = config.recipe
    trainer.num_epochs, trainer.num_iterations_per_epoch = config.epochs, config.iterations
    trainer.num_val_iterations_per_epoch = config.validation_iterations
    trainer.initial_lr, trainer.weight_decay = config.learning_rate, config.weight_decay
    _run(trainer)
    return Path(trainer.output_folder_base)


def check_fold(source: Path, fold: int) -> None:
    """Refuse a fold that the study has not: nnU-Net would split patients at random, subjects apart.

    Raises:
        ConfigError: no such fold, or nobody on one of its sides.
    """
    sides = json.loads((source / "splits_final.json").read_text())
    known = [number for number, one in enumerate(sides) if one["val"] and one["train"]]
    if fold not in known:
        raise ConfigError(f"{source} has no fold {fold} with patients on both sides; there are folds {known}")


def trainer_name(recipe: Recipe) -> str:
    """Name the trainer of a recipe.

    Raises:
        ConfigError: nnU-Net has none.
    """
    if recipe.name not in TRAINERS:
        raise ConfigError(f"nnU-Net has trainers for the recipes {', '.join(TRAINERS)}, not {recipe.name!r}")
    return TRAINERS[recipe.name] + ("DWA" if recipe.weighting == "dwa" else "")


def _run(trainer: Any) -> None:  # noqa: ANN401 - nnU-Net's
    """Train, from the last checkpoint if there is one, and predict the held-out cases."""
    final, latest = (Path(trainer.output_folder) / f"checkpoint_{one}.pth" for one in ("final", "latest"))
    if final.is_file():
        trainer.load_checkpoint(str(final))
    else:
        if latest.is_file():
            trainer.load_checkpoint(str(latest))
        trainer.run_training()
    trainer.perform_actual_validation(save_probabilities=True)
