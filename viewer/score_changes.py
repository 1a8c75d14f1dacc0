"""Scores before and after, side by side with the change: one table, every definition at hand."""

import math

from dash import html
from dash.development.base_component import Component

from analysis.cohort.labels import LabelScheme
from analysis.metric_definitions import Definition, definition
from analysis.what_if import Scores, average
from viewer import number_format
from viewer.markup import term

METRICS = (
    "dice",
    "hd95_pooled_mm",
    "lesion_dice",
    "lesion_hd95_mm",
    "lesion_tp",
    "lesion_fp",
    "lesion_fn",
)
AVERAGE = "Average"


def score_changes(before: Scores, after: Scores, scheme: LabelScheme) -> Component:
    """Write a row a metric and a column a region: what was, what is now, and the change.

    Args:
        before: scores by region and metric.
        after: likewise.
        scheme: regions, and those of the Dice average.
    """
    head = [html.Td(), html.Th(term(AVERAGE, _average_says(scheme)), scope="col")]
    head += [html.Th(region, scope="col") for region in scheme.regions]
    rows = [_row(definition(metric), before, after, scheme) for metric in METRICS]
    return html.Table(
        [
            html.Caption(
                "Scores of the study's consensus and of the changed one", className="visually-hidden"
            ),
            html.Thead(html.Tr(head)),
            html.Tbody(rows),
        ],
        className="scores changes",
    )


def _average_says(scheme: LabelScheme) -> str:
    return f"Mean of the Dice of {', '.join(scheme.dice_average)}"


def _row(what: Definition, before: Scores, after: Scores, scheme: LabelScheme) -> Component:
    averages = [average(scores, scheme.dice_average) for scores in (before, after)]
    first = _cell(what, averages[0], averages[1]) if what.name == "dice" else html.Td()
    cells = []
    for region in scheme.regions:
        was, now = before[region, what.name], after[region, what.name]
        cells.append(_cell(what, was.value, now.value, was.reason or now.reason or ""))
    return html.Tr([html.Th(term(what.axis, what.sentence), scope="row"), first, *cells])


def _cell(what: Definition, was: float, now: float, reason: str = "") -> Component:
    if was == now or (math.isnan(was) and math.isnan(now)):
        return html.Td(written(now, what.digits), className="same", title=reason or None)
    words: list[Component] = [
        html.Span([written(was, what.digits), " → ", html.Strong(written(now, what.digits))]),
        html.Span(change(was, now, what), className=f"change {_direction(was, now, what)}"),
    ]
    return html.Td(words, title=reason or None)


def written(value: float, digits: int) -> str:
    """Write a value, or a dash where there is none."""
    return number_format.MISSING if math.isnan(value) else f"{value:.{digits}f}"


def change(was: float, now: float, what: Definition) -> str:
    """Write a difference with its sign; one more digit for shares, whose changes are small."""
    if math.isnan(was) or math.isnan(now):
        return "appears" if math.isnan(was) else "undefined now"
    is_share = not what.unit and what.digits
    return number_format.signed(now - was, what.digits + bool(is_share))


def _direction(was: float, now: float, what: Definition) -> str:
    if math.isnan(was) or math.isnan(now) or what.higher_is_better is None:
        return ""
    return "better" if (now > was) == what.higher_is_better else "worse"
