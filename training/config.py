"""Everything that decides how a run goes, as one frozen value that is stored with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from analysis.cohort.usage import UsageError
from training.field_kinds import check_field_kinds
from training.recipes import Recipe, recipe_from

Precision = Literal["bf16", "fp32"]


class ConfigError(UsageError):
    """A run that could not work, said before it starts."""


@dataclass(frozen=True)
class TrainingConfig:
    """One training run.

    Attributes:
        recipe: network and losses.
        fold: which fold is held out.
        epochs: of `iterations` steps each.
        iterations: steps an epoch; nnU-Net's 250.
        validation_iterations: batches an epoch for the validation Dice; nnU-Net's 50.
        batch: patches a step.
        patch: (z, y, x); None takes the recipe's.
        learning_rate: at the start; falls as (1 - t/T)^0.9, poly, every epoch.
        weight_decay: of AdamW.
        precision: bf16 computes in BF16 where torch autocasts; weights stay in FP32.
        seed: of weights, samples and augmentation.
        workers: processes that make samples ahead; 0 makes them in between.
        device: "auto" takes a GPU if there is one; "cuda" insists on one.
        augment: apply nnU-Net's recipe.
        compile: use torch.compile.
        channels_last: memory order of network and images; measure first (`benchmarks/RESULTS.md`).
        network_options: options of the network by name.
    """

    recipe: Recipe
    fold: int = 0
    epochs: int = 300
    iterations: int = 250
    validation_iterations: int = 50
    batch: int = 2
    patch: tuple[int, int, int] | None = None
    learning_rate: float = 1e-3
    weight_decay: float = 3e-5
    precision: Precision = "bf16"
    seed: int = 42
    workers: int = 4
    device: str = "auto"
    augment: bool = True
    compile: bool = False
    channels_last: bool = False
    network_options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_field_kinds(self, ConfigError)
        for name in ("epochs", "iterations", "validation_iterations", "batch"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, found {getattr(self, name)}")
        for name in ("fold", "seed", "workers", "weight_decay"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} can't be negative, found {getattr(self, name)}")
        if self.learning_rate <= 0:
            raise ConfigError(f"learning_rate must be above 0, found {self.learning_rate}")
        if self.precision not in ("bf16", "fp32"):
            raise ConfigError(f"precision is bf16 or fp32, found {self.precision!r}")

    @property
    def patch_zyx(self) -> tuple[int, int, int]:
        """The patch that is trained on."""
        return self.patch or self.recipe.patch

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a checkpoint or a file."""
        return asdict(self)


def config_from(values: Mapping[str, Any]) -> TrainingConfig:
    """Undo `as_json`."""
    plain = dict(values)
    chosen = recipe_from(**plain.pop("recipe"))
    patch = plain.pop("patch")
    return TrainingConfig(recipe=chosen, patch=None if patch is None else tuple(patch), **plain)
