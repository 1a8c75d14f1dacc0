"""Do some models fit one another, and a study? Asked before the first patient is predicted."""

from collections.abc import Sequence

from analysis.cohort.labels import LabelScheme
from training.models import Model
from training.result_folders import ModelError


def check_together(models: Sequence[Model], scheme: LabelScheme) -> None:
    """Refuse models that can be no ensemble, or that mean other labels than the study.

    Raises:
        ModelError: channels, labels or kinds of answers differ; or a model was trained on another label
            scheme, as far as its folder says.
    """
    first = models[0]
    for model in models:
        check_scheme(model, scheme)
        if _kind(model) != _kind(first):
            raise ModelError(
                f"{model.name} and {first.name} differ in channels, labels or kind: they are no ensemble"
            )


def check_scheme(model: Model, scheme: LabelScheme) -> None:
    """Refuse a model that means other labels than a scheme.

    nnU-Net's folder names no scheme, only labels or regions with their values. Its converter of BraTS 2021
    swaps 1 and 2: such a model's label maps look right and are wrong.

    Raises:
        ModelError: says which label or region differs.
    """
    if model.scheme and model.scheme != scheme.name:
        raise ModelError(
            f"{model.name} was trained on label scheme {model.scheme}, the study has {scheme.name}"
        )
    ours = {label.value for label in scheme.labels}
    if set(model.labels) != ours:
        raise ModelError(
            f"{model.name} predicts labels {_listed(model.labels)}, scheme {scheme.name} has {_listed(ours)}"
        )
    by_name = {label.name.lower(): frozenset({label.value}) for label in scheme.labels}
    regions = {frozenset(values) for values in scheme.regions.values()}
    for name, values in model.named.items():
        expected = by_name.get(name.lower(), values)
        if values != expected or (model.is_regions and values not in regions):
            raise ModelError(
                f"{model.name}: dataset.json says {name} is {_listed(values)}, which it is not in scheme "
                f"{scheme.name} ({', '.join(f'{one.name} {one.value}' for one in scheme.labels)})"
            )


def _kind(model: Model) -> tuple[object, ...]:
    return model.channels, model.labels, model.is_regions, model.is_regression, model.within_brain


def _listed(values: Sequence[int] | set[int] | frozenset[int]) -> str:
    return ", ".join(str(value) for value in sorted(values))
