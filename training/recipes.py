"""Recipes: which network and which losses, as data."""

import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from analysis.cohort.usage import UsageError
from training.dataset import Target
from training.field_kinds import check_field_kinds

RegionLoss = Literal["dice-ce", "dice-top-k", "generalized-dice", "none"]
DistanceLoss = Literal["none", "mse", "focal-l1", "bins"]
SurfaceLoss = Literal["none", "generalized-surface", "boundary", "hausdorff-one-sided", "hausdorff-mean-max"]
Schedule = Literal["linear", "step", "cosine", "constant", "beside"]
Weighting = Literal["fixed", "dwa"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "region": ("dice-ce", "dice-top-k", "generalized-dice", "none"),
    "distance": ("none", "mse", "focal-l1", "bins"),
    "surface": ("none", "generalized-surface", "boundary", "hausdorff-one-sided", "hausdorff-mean-max"),
    "schedule": ("linear", "step", "cosine", "constant", "beside"),
    "weighting": ("fixed", "dwa"),
    "target": ("signed", "sing"),
}


class RecipeError(UsageError):
    """A recipe that does not exist or makes no sense."""


@dataclass(frozen=True)
class Recipe:
    """What a model is trained with.

    Attributes:
        name: what `--recipe` calls it.
        title: for people.
        network: a name of `training.networks`.
        patch: (z, y, x).
        region: loss of the class scores, on all scales; `none` trains no class scores, and the signs of the
            head's answers are the segmentation.
        distance: loss of the distance head, `none` leaves the head untrained.
        target: which map the head learns.
        distance_weight: lambda.
        bins: of the head under `bins`.
        surface: a loss that weighs errors by distance, at full resolution.
        schedule: alpha of region against surface by epoch; `beside` keeps both at 1.
        fragment_weight: of the fragment penalty.
        weighting: `dwa` multiplies region and distance weights by the Dynamic Weight Average.
    """

    name: str = "baseline"
    title: str = ""
    network: str = "mednext-b"
    patch: tuple[int, int, int] = (128, 128, 128)
    region: RegionLoss = "dice-ce"
    distance: DistanceLoss = "none"
    target: Target = "signed"
    distance_weight: float = 1.0
    bins: int = 16
    surface: SurfaceLoss = "none"
    schedule: Schedule = "linear"
    fragment_weight: float = 0.0
    weighting: Weighting = "fixed"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise RecipeError(
                    f"{name} of a recipe is one of {', '.join(choices)}, found {getattr(self, name)!r}"
                )
        check_field_kinds(self, RecipeError)
        if self.bins < 2:
            raise RecipeError(f"distances need at least 2 bins, found {self.bins}")
        if self.distance_weight < 0 or self.fragment_weight < 0:
            raise RecipeError(
                f"weights are not negative, found {self.distance_weight} and {self.fragment_weight}"
            )
        if self.surface != "none" and self.target != "signed":
            raise RecipeError("a surface loss needs the target `signed`")
        if self.is_regression:
            self._check_regression()

    @property
    def needs_distances(self) -> bool:
        """Whether batches must carry distance maps."""
        return self.distance != "none" or self.surface != "none"

    @property
    def is_regression(self) -> bool:
        """Whether labels are decided by regressed maps (SiNGR) and not by class scores."""
        return self.region == "none"

    def _check_regression(self) -> None:
        if self.distance not in ("mse", "focal-l1") or self.target != "sing":
            raise RecipeError(
                "without a region loss the target `sing` must be regressed (mse or focal-l1): the signed "
                "distance map is 0 on the boundary, where a sign would say nothing"
            )
        if self.surface != "none" or self.fragment_weight:
            raise RecipeError("surface and fragment losses need class scores, and so a region loss")
        if self.weighting == "dwa":
            raise RecipeError("the Dynamic Weight Average needs two losses, and there is one")

    def distance_channels(self, labels: int) -> int:
        """Count the channels of the distance head for so many labels."""
        return labels * (self.bins if self.distance == "bins" else 1)


def recipe(name: str) -> Recipe:
    """Find a recipe by name.

    Raises:
        RecipeError: there is none of that name.
    """
    known = recipes()
    if name not in known:
        raise RecipeError(f"no recipe {name!r}; known are {', '.join(known)}")
    return known[name]


@cache
def recipes() -> dict[str, Recipe]:
    """Read all recipes, in the file's order."""
    content = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
    return {name: recipe_from(name=name, **values) for name, values in content.items()}


def recipe_from(**values: Any) -> Recipe:  # noqa: ANN401 - TOML or JSON
    """Make a recipe of plain values.

    Raises:
        RecipeError: a field does not exist.
    """
    unknown = sorted(values.keys() - {field.name for field in fields(Recipe)})
    if unknown:
        raise RecipeError(f"a recipe has no field {unknown[0]!r}")
    plain: dict[str, Any] = {
        name: tuple(one) if isinstance(one, list) else one for name, one in values.items()
    }
    return Recipe(**plain)


def with_changes(chosen: Recipe, **changes: Any) -> Recipe:  # noqa: ANN401 - fields of a recipe
    """Change some fields of a recipe; None keeps what it has."""
    return replace(chosen, **{name: value for name, value in changes.items() if value is not None})
