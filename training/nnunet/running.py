"""Run nnU-Net's trainers in this process: no look-up by name, so neither timm nor torchvision is imported."""

import json
import os
from pathlib import Path

import torch

from training.config import ConfigError
from training.nnunet.plans import CONFIGURATION, PLANS_NAME

DATASET = "Dataset023_BraTSGLI"
TRAINERS = {"baseline": "nnUNetTrainerMedNeXtBaseline", "distmap": "nnUNetTrainerMedNeXtDistMap"}


def use_folders(folder: Path) -> None:
    """Name nnU-Net's three folders below one of ours, and keep its worker processes few."""
    for kind in ("raw", "preprocessed", "results"):
        os.environ[f"nnUNet_{kind}"] = str((folder / kind).resolve())
    # Its defaults, 12 and 8, are more than the cores of a small machine.
    cores = len(os.sched_getaffinity(0))
    os.environ.setdefault("nnUNet_n_proc_DA", str(0 if cores <= 2 else min(12, cores)))
    os.environ.setdefault("nnUNet_def_n_proc", str(max(1, min(8, cores // 2))))


def train_fold(
    folder: Path, recipe: str, fold: int, *, epochs: int, iterations: int, device: torch.device
) -> Path:
    """Train one fold with one of the two trainers, validation with probabilities at the end.

    Args:
        folder: from `glioscope train prepare --engine nnunet`.
        recipe: `baseline` or `distmap`.
        fold: which is held out.
        epochs: of training.
        iterations: steps an epoch.
        device: where.

    Returns:
        The result folder of the trainer.

    Raises:
        ConfigError: no such trainer, or the folder was not prepared.
    """
    from training.nnunet import trainers

    if recipe not in TRAINERS:
        raise ConfigError(f"nnU-Net has trainers for the recipes {', '.join(TRAINERS)}, not {recipe!r}")
    use_folders(folder)
    source = folder / "preprocessed" / DATASET
    if not (source / f"{PLANS_NAME}.json").is_file():
        raise ConfigError(
            f"{folder} is not prepared for nnU-Net: glioscope train prepare --engine nnunet makes it"
        )
    plans, data = (json.loads((source / name).read_text()) for name in (f"{PLANS_NAME}.json", "dataset.json"))
    trainer = getattr(trainers, TRAINERS[recipe])(plans, CONFIGURATION, fold, data, device)
    trainer.num_epochs, trainer.num_iterations_per_epoch = epochs, iterations
    trainer.run_training()
    trainer.perform_actual_validation(save_probabilities=True)
    return Path(trainer.output_folder_base)
