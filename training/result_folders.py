"""nnU-Net's result folder, read without nnU-Net: its checkpoint, plan, labels, channels and folds."""

import json
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from analysis.cohort.layouts import CONTRASTS
from analysis.cohort.usage import UsageError
from training.mednext import MULTIPLE, check_divisible

CHECKPOINTS = ("checkpoint_final.pth", "checkpoint_best.pth", "checkpoint_latest.pth")


class ModelError(UsageError):
    """A folder that holds no model that could predict what is asked for."""


class UntrustedCheckpointError(ModelError):
    """A checkpoint that can only be read by executing it."""


def read_nnunet_checkpoint(path: Path, *, trust: bool = False) -> dict[str, Any]:
    """Read nnU-Net's checkpoint as data; only where that fails, and with `trust`, as the program it is.

    Raises:
        UntrustedCheckpointError: see above.
        ModelError: it is cut off, or no checkpoint of nnU-Net.
    """
    try:
        with torch.serialization.safe_globals(_numpy_numbers()):
            found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if not trust:
            raise UntrustedCheckpointError(
                f"{path} can't be read as data alone: loading it runs whatever program its author put in. "
                "If you trust them, say --trust"
            ) from error
        found = torch.load(path, map_location="cpu", weights_only=False)
    except (RuntimeError, EOFError, ValueError) as error:
        raise ModelError(f"{path} can't be read, it is cut off or no checkpoint at all") from error
    wanted = ("network_weights", "init_args", "trainer_name")
    missing = [name for name in wanted if name not in found] if isinstance(found, dict) else wanted
    if missing:
        raise ModelError(f"{path} is no checkpoint of nnU-Net: it holds no {missing[0]}")
    return dict(found)


def _numpy_numbers() -> list[Any]:
    """What nnU-Net's logging leaves in a checkpoint beside tensors: numpy's scalars."""
    import numpy as np

    kinds = [np.dtype(name).__class__ for name in ("float32", "float64", "int32", "int64", "bool")]
    return [np._core.multiarray.scalar, np.dtype, *kinds]  # type: ignore[attr-defined]  # noqa: SLF001


def read_folder_json(path: Path) -> Any:  # noqa: ANN401 - JSON
    """Read one of nnU-Net's files.

    Raises:
        ModelError: it is missing, or cut off.
    """
    if not path.is_file():
        raise ModelError(f"{path.parent} is no result folder of nnU-Net: {path.name} is missing")
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise ModelError(f"{path} can't be read as JSON: {error}") from error


def configuration(plans: dict[str, Any], name: str) -> dict[str, Any]:
    """Read a configuration of a plan, what it inherits included.

    Raises:
        ModelError: there is none of that name, or it asks for what glioscope does not do.
    """
    if name not in plans["configurations"]:
        raise ModelError(f"plans.json has no configuration {name!r}, which the checkpoint was trained with")
    own = dict(plans["configurations"][name])
    parent = own.pop("inherits_from", None)
    merged = {**configuration(plans, parent), **own} if parent else own
    if list(plans.get("transpose_forward", (0, 1, 2))) != [0, 1, 2]:
        raise ModelError(
            "the plan swaps axes (transpose_forward), which glioscope does not: use nnUNetv2_predict"
        )
    schemes = set(merged["normalization_schemes"])
    if schemes != {"ZScoreNormalization"}:
        raise ModelError(f"the plan normalises by {', '.join(sorted(schemes))}: use nnUNetv2_predict")
    return merged


def patch_of(plan: dict[str, Any], path: Path) -> tuple[int, int, int]:
    """Read the patch of a plan's configuration.

    Raises:
        ModelError: MedNeXt can't halve it four times.
    """
    patch: tuple[int, int, int] = triple(plan["patch_size"])
    try:
        check_divisible(patch, MULTIPLE)
    except ValueError as error:
        raise ModelError(f"the plan of {path} does not fit MedNeXt: {error}") from error
    return patch


def named_labels(data: dict[str, Any]) -> dict[str, frozenset[int]]:
    """Read what labels or regions `dataset.json` names, and their values."""
    return {
        str(name): frozenset(map(int, value if isinstance(value, list) else [value]))
        for name, value in data["labels"].items()
        if name not in ("background", "ignore")
    }


def head_names(named: Mapping[str, frozenset[int]], count: int) -> tuple[str, ...]:
    """Name the channels of the distance head, which are labels: as `dataset.json` does, else by number."""
    names = {min(values): name for name, values in named.items() if len(values) == 1}
    return tuple(names.get(value, str(value)) for value in range(1, count + 1))


def output_labels(data: dict[str, Any]) -> tuple[tuple[int, ...], bool]:
    """Read which label each output channel stands for or paints, and whether channels are regions."""
    values = [value for name, value in data["labels"].items() if name not in ("background", "ignore")]
    if any(isinstance(value, list) and len(value) > 1 for value in values):
        return tuple(int(one) for one in data["regions_class_order"]), True
    return tuple(sorted(int(value[0] if isinstance(value, list) else value) for value in values)), False


def channel_names(data: dict[str, Any], folder: Path) -> tuple[str, ...]:
    """Read the modalities of `dataset.json` in their order, by our names.

    Raises:
        ModelError: one is none that we know.
    """
    names = data["channel_names"]
    ordered = [str(names[key]).lower() for key in sorted(names, key=int)]
    unknown = [name for name in ordered if name not in CONTRASTS]
    if unknown:
        raise ModelError(
            f"{folder}/dataset.json calls a channel {unknown[0]!r}; known are {', '.join(CONTRASTS)}"
        )
    return tuple(CONTRASTS[name] for name in ordered)


def side_of_fold(folder: Path, fold: Path, side: str) -> frozenset[str]:
    """Read a side of a fold from splits_final.json; without it, `val` from the validation predictions.

    `fold_all` has seen everybody.
    """
    splits = folder / "splits_final.json"
    number = fold.name.removeprefix("fold_")
    if splits.is_file():
        sides = read_folder_json(splits)
        if number.isdigit() and int(number) < len(sides):
            return frozenset(sides[int(number)][side])
        return frozenset(one for part in sides for name in part.values() for one in name if side == "train")
    if side == "train":
        return frozenset()
    return frozenset(path.name.removesuffix(".nii.gz") for path in (fold / "validation").glob("*.nii.gz"))


def triple(values: Sequence[Any]) -> Any:  # noqa: ANN401 - of whatever type the JSON has
    """Make three values of JSON a tuple."""
    first, second, third = values
    return first, second, third
