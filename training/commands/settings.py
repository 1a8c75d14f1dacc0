"""`--set NAME=VALUE`: how a command takes the many numbers of a training run."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analysis.cohort.usage import UsageError

if TYPE_CHECKING:
    from training.config import TrainingConfig

Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="NAME=VALUE, repeatable. Of the run: epochs, iterations, validation_iterations, batch, patch, "
        "learning_rate, weight_decay, precision, seed, workers, device, augment, compile, channels_last. "
        "Of the recipe: network, distance_weight, weighting, fragment_weight, bins. "
        "Of the network: network.channels=8 and so on.",
    ),
]
_OF_RECIPE = ("network", "distance_weight", "weighting", "fragment_weight", "bins", "schedule", "region")


def config_with(
    recipe: str,
    fold: int,
    settings: Sequence[str] | None,
    **recipe_changes: Any,  # noqa: ANN401 - fields of a recipe
) -> "TrainingConfig":
    """Make a run's config of a recipe's name, a fold and settings.

    Raises:
        UsageError: a setting does not exist, or its value makes no sense.
    """
    from dataclasses import fields

    from training.config import TrainingConfig
    from training.recipes import recipe as recipe_named
    from training.recipes import with_changes

    known = {field.name for field in fields(TrainingConfig)} - {"recipe", "fold", "network_options"}
    of_run: dict[str, Any] = {"workers": min(4, _cores())}
    of_network: dict[str, Any] = {}
    of_recipe: dict[str, Any] = {}
    for name, value in map(_pair, settings or []):
        if name.startswith("network."):
            of_network[name.removeprefix("network.")] = value
        elif name in known:
            of_run[name] = _patch(value) if name == "patch" else value
        elif name in _OF_RECIPE:
            of_recipe[name] = value
        else:
            raise UsageError(
                f"no setting {name!r}; known are {', '.join(sorted({*known, *_OF_RECIPE}))}, network.NAME"
            )
    chosen = with_changes(recipe_named(recipe), **{**of_recipe, **recipe_changes})
    return TrainingConfig(recipe=chosen, fold=fold, network_options=of_network, **of_run)


def check_settings(settings: Sequence[str] | None, taken: Sequence[str], who: str) -> None:
    """Refuse settings that would be passed over in silence.

    Raises:
        UsageError: there is one that is not taken.
    """
    for name, _ in map(_pair, settings or []):
        if name not in taken:
            raise UsageError(f"{who} take no setting {name!r}, only {', '.join(taken)}")


def data_folder(folder: Path) -> Path:
    """Check that a folder exists before anything heavy is imported.

    Raises:
        UsageError: it does not.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} does not exist: glioscope train prepare makes it")
    return folder


def _pair(text: str) -> tuple[str, Any]:
    """Split NAME=VALUE; the value is JSON (True and False as in Python) where it can be, else text."""
    name, separator, value = text.partition("=")
    if not separator:
        raise UsageError(f"a setting is NAME=VALUE, found {text!r}")
    try:
        return name, json.loads(value.lower() if value in ("True", "False") else value)
    except json.JSONDecodeError:
        return name, value


def _patch(value: Any) -> tuple[int, int, int]:  # noqa: ANN401 - what the user typed
    from training.commands.asked import patch_of

    found = patch_of(str(value))
    if found is None:
        raise UsageError("a patch has one size or three")
    return found


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) - 1
