"""The sheet where a reader chooses the table's columns, with the definition of every one that is shown."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analysis.metric_definitions import DICE_AVERAGE, definition
from viewer.cohort_table import csv_titles
from viewer.markup import attributes
from viewer.planes import Scene
from viewer.quantities import Quantity


def column_chooser(scene: Scene, quantities: Sequence[Quantity]) -> list[Component]:
    """Offer metrics, regions, methods and features as columns, and define those that are shown.

    Args:
        scene: the cohort and the address.
        quantities: that have columns now.
    """
    columns, state = scene.columns(), scene.state
    metrics = [one for one in columns.metrics() if one != DICE_AVERAGE.name]
    if not metrics and not columns.features():
        return [html.P("The results of this study hold no further numbers.", className="counted")]
    offered = [(one, definition(one).axis) for one in metrics]
    if columns.features():
        offered.append(("features", "31 features"))
    regions = list(dict.fromkeys(region for one in metrics for region in columns.regions(one)))
    groups = [
        _group("Metrics", "columns", offered, state.columns),
        _group("Regions", "regions", [(one, one) for one in regions], state.regions),
        _group("Methods", "methods", [(one.name, one.title) for one in scene.cohort.sources], state.methods),
        html.P("No region or no method chosen means all of them.", className="counted"),
    ]
    return [*groups, _definitions(scene, quantities)]


def _group(
    title: str, parameter: str, offered: Sequence[tuple[str, str]], chosen: Sequence[str]
) -> Component:
    buttons = [
        html.Button(
            words,
            className="segment",
            **attributes(
                data_toggle=f"{parameter}={value}", data_quiet="", aria_pressed=str(value in chosen).lower()
            ),
        )
        for value, words in offered
    ]
    return html.Div(
        [html.Span(title, className="group-title"), html.Div(buttons, className="segments segments-many")],
        className="column-group",
        role="group",
        **attributes(aria_label=f"Columns: {title}"),
    )


def _definitions(scene: Scene, quantities: Sequence[Quantity]) -> Component:
    """Define every column that is shown, once a metric: also for those who can't point at a head."""
    names = [DICE_AVERAGE.name, *dict.fromkeys(quantity.metric for quantity in quantities)]
    usual = {
        "D \N{MINUS SIGN} B": "Dice average of DistMap minus that of Baseline.",
        "F \N{MINUS SIGN} best": "Dice average of the consensus minus that of its better parent.",
        "Ahead, Order": "Case classes beyond the threshold: C1 and C2, C3 to C6.",
        "ml": definition("volume_ml").says + " Here of the reference.",
    }
    shown = set(csv_titles(scene.cohort, quantities).values())
    words = {definition(name).axis: definition(name).sentence for name in names}
    words |= {term: text for term, text in usual.items() if term in ("ml", "Ahead, Order") or term in shown}
    terms = [part for term, text in words.items() for part in (html.Dt(term), html.Dd(text))]
    return html.Section(
        [html.H3("What the columns mean"), html.Dl(terms, className="definitions")],
        **attributes(aria_label="What the columns mean"),
    )
