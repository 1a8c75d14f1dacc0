"""What each chart shows when the address does not say, and what it may show instead."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.metric_definitions import DICE_AVERAGE
from viewer.cohort_columns import CohortColumns
from viewer.cohort_state import CohortState
from viewer.quantities import Quantity

_FAVOURITES = (
    "dice",
    "hd95_pooled_mm",
    "hd95_surfel_mm",
    "hd95_max_mm",
    "hd95_rankings_mm",
    "fragment_count",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A menu.

    Attributes:
        name: for people and screen readers.
        parameter: what of the address it changes.
        options: value for the address, words, and whether it is chosen.
    """

    name: str
    parameter: str
    options: tuple[tuple[str, str, bool], ...]


def plane(state: CohortState, columns: CohortColumns) -> tuple[Quantity, Quantity] | None:
    """Decide what the axes chart shows; None if the results hold no metric."""
    metrics = columns.metrics()
    if not metrics:
        return None
    firsts = [one for one in _FAVOURITES if one in metrics] or metrics
    x = _first_of(firsts[0], columns)
    y = _first_of(firsts[min(1, len(firsts) - 1)], columns)
    return (
        state.x if state.x is not None and state.x in columns else x,
        state.y if state.y is not None and state.y in columns else y,
    )


def measured(state: CohortState, columns: CohortColumns) -> str | None:
    """Decide which metric the distributions and pairs are of; None if there is none."""
    metrics = columns.metrics()
    if state.metric in metrics:
        return state.metric
    return next((one for one in _FAVOURITES if one in metrics), metrics[0] if metrics else None)


def region(state: CohortState, metric: str, columns: CohortColumns) -> str:
    """Decide which region the pairs and the ECDF are of."""
    regions = columns.regions(metric)
    return state.area if state.area in regions else regions[0]


def pair(state: CohortState, metric: str, region: str, columns: CohortColumns) -> tuple[str, str] | None:
    """Decide which two methods are paired; None if fewer than two have the metric."""
    methods = compared_methods(metric, region, columns)
    if len(methods) < 2:
        return None
    if len(state.pair) == 2 and set(state.pair) <= set(methods):
        return state.pair[0], state.pair[1]
    return methods[1], methods[0]


def compared_methods(metric: str, region: str, columns: CohortColumns) -> list[str]:
    """Name the methods that have a metric; the reference is none, even where it has a volume."""
    reference = columns.cohort.sources[0].name
    return [name for name in columns.methods(metric, region) if name != reference]


def quantity_menus(name: str, parameter: str, chosen: Quantity, columns: CohortColumns) -> list[Choice]:
    """Offer what an axis may show: metric or feature, region, method, and a method to take away.

    Args:
        name: of the axis, for screen readers.
        parameter: of the address.
        chosen: what it shows now.
        columns: what there is.
    """
    titles = {source.name: source.title for source in columns.cohort.sources}
    metrics = [_kept(one, chosen, columns) for one in columns.metrics()]
    features = [Quantity(one) for one in columns.features()]
    menus = [
        _menu(
            f"{name}: metric",
            parameter,
            [(one, one.definition.axis) for one in (*metrics, *features)],
            chosen,
        )
    ]
    if not chosen.method:
        return menus
    methods = columns.methods(chosen.metric, chosen.region)
    regions = [one for one in columns.regions(chosen.metric) if one]
    if regions:
        words = [(_in_region(chosen, one, columns), one) for one in regions]
        menus.append(_menu(f"{name}: region", parameter, words, chosen))
    words = [(_by_method(chosen, one), titles[one]) for one in methods]
    menus.append(_menu(f"{name}: method", parameter, words, chosen))
    others = [one for one in methods if one != chosen.method]
    words = [(chosen.of(chosen.method), "value itself")]
    words += [(chosen.of(chosen.method, one), f"minus {titles[one]}") for one in others]
    menus.append(_menu(f"{name}: value or difference", parameter, words, chosen))
    return menus


def name_menu(name: str, parameter: str, options: Sequence[tuple[str, str]], chosen: str) -> Choice:
    """Offer plain values with their words."""
    return Choice(name, parameter, tuple((value, words, value == chosen) for value, words in options))


def _menu(name: str, parameter: str, options: Sequence[tuple[Quantity, str]], chosen: Quantity) -> Choice:
    return Choice(name, parameter, tuple((one.text, words, one == chosen) for one, words in options))


def _kept(metric: str, chosen: Quantity, columns: CohortColumns) -> Quantity:
    """Take another metric with the region, method and difference that are chosen, as far as it has them."""
    regions = columns.regions(metric)
    region = chosen.region if chosen.region in regions else regions[0]
    return _with_methods(Quantity(metric, region), chosen, columns)


def _in_region(chosen: Quantity, region: str, columns: CohortColumns) -> Quantity:
    return _with_methods(Quantity(chosen.metric, region), chosen, columns)


def _with_methods(bare: Quantity, chosen: Quantity, columns: CohortColumns) -> Quantity:
    methods = columns.methods(bare.metric, bare.region)
    own = compared_methods(bare.metric, bare.region, columns) or methods
    method = chosen.method if chosen.method in methods else own[0]
    minus = chosen.minus if chosen.minus in methods and chosen.minus != method else ""
    return bare.of(method, minus)


def _by_method(chosen: Quantity, method: str) -> Quantity:
    return chosen.of(method, chosen.minus if chosen.minus != method else "")


def _first_of(metric: str, columns: CohortColumns) -> Quantity:
    return _with_methods(Quantity(metric, columns.regions(metric)[0]), Quantity(DICE_AVERAGE.name), columns)
