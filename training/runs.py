"""The folder of a run: checkpoints, log, and what a predictor must know of it."""

import io
import json
import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn

from analysis.cohort.atomic import write_bytes_atomically
from training.config import ConfigError, TrainingConfig
from training.dataset import Summary
from training.weights import parameter_count

LATEST = "checkpoint_latest.pt"
BEST = "checkpoint_best.pt"
LOG = "log.jsonl"
DESCRIPTION = "run.json"
SCHEMA = 1

Checkpoint = dict[str, Any]


def write_checkpoint(path: Path, state: Checkpoint) -> None:
    """Write a checkpoint whole or not at all."""
    buffer = io.BytesIO()
    torch.save({"schema": SCHEMA, **state}, buffer)
    write_bytes_atomically(path, buffer.getvalue())


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint of ours, as data: nothing in it is executed.

    Raises:
        ConfigError: it is no checkpoint of ours.
    """
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise ConfigError(f"{path} can't be read as a checkpoint: {_first_line(error)}") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ConfigError(f"{path} is no checkpoint of glioscope's own loop")
    return found


def describe_run(folder: Path, config: TrainingConfig, summary: Summary, network: nn.Module) -> None:
    """Write `run.json`: the config, and the channels, labels and folds that the weights are for."""
    description = {
        "schema": SCHEMA,
        "config": config.as_json(),
        "parameters": parameter_count(network),
        "torch": torch.__version__,
        "channels": summary.channels,
        "scheme": summary.scheme,
        "labels": summary.labels,
        "label_names": summary.label_names,
        "spacing_mm": summary.spacing_mm,
        "held_out": [one.id for one in summary.patients if one.fold == config.fold],
        "trained_on": [one.id for one in summary.patients if one.fold != config.fold],
    }
    write_bytes_atomically(folder / DESCRIPTION, json.dumps(description, indent=1).encode())


def read_description(folder: Path) -> dict[str, Any]:
    """Read `run.json`.

    Raises:
        ConfigError: the folder holds no run of ours.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        raise ConfigError(f"{folder} holds no run: {DESCRIPTION} is missing")
    description: dict[str, Any] = json.loads(path.read_text())
    return description


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
