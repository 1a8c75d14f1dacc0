"""The scores of one case: a row a method, with every definition said and every gap explained."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
from dash import html
from dash.development.base_component import Component

from analysis.metric_definitions import METRIC_DEFINITIONS, Definition
from viewer import number_format
from viewer.cohort_view import CohortView, Source
from viewer.markup import term

GROUPS = (
    METRIC_DEFINITIONS["dice"],
    METRIC_DEFINITIONS["hd95_pooled_mm"],
    METRIC_DEFINITIONS["hd95_rankings_mm"],
    # of one case, fewer are not better: the reference may have as many
    replace(METRIC_DEFINITIONS["fragment_count"], higher_is_better=None),
)
ONLY_LABELS = frozenset({"fragment_count"})
"""Not shown for regions of several labels: fragments are of a label."""


def scores_table(cohort: CohortView, metrics: pd.DataFrame | None) -> Component:
    """Write the scores of a case, or why there are none.

    Args:
        cohort: names of methods and regions.
        metrics: the case's rows of metrics.parquet.
    """
    if metrics is None or metrics.empty:
        return html.P("No scores: this case has not been prepared, or failed.", className="empty")
    values = {
        (str(row["method"]), str(row["region"]), str(row["metric"])): row
        for row in metrics.to_dict("records")
    }
    shown = [(group, _regions(group, cohort, values)) for group in GROUPS]
    shown = [(group, regions) for group, regions in shown if regions]
    rows = [_row(method, shown, values, cohort.methods) for method in cohort.methods]
    return html.Table(
        [html.Caption("Scores of this case", className="visually-hidden"), _head(shown), html.Tbody(rows)],
        className="scores",
    )


Values = Mapping[tuple[str, str, str], Mapping[object, object]]


def _regions(group: Definition, cohort: CohortView, values: Values) -> list[str]:
    """Name the regions for which any method has a group's metric."""
    present = {region for _, region, metric in values if metric == group.name}
    return [
        region
        for region, members in cohort.scheme.regions.items()
        if region in present and not (group.name in ONLY_LABELS and len(members) > 1)
    ]


def _head(shown: Sequence[tuple[Definition, list[str]]]) -> Component:
    groups = [html.Th("Method", rowSpan=2, scope="col")]
    groups += [
        html.Th(term(group.axis, group.sentence), colSpan=len(regions), scope="colgroup")
        for group, regions in shown
    ]
    regions = [
        html.Th(region, scope="col", className="first" if region == names[0] else "")
        for _, names in shown
        for region in names
    ]
    return html.Thead([html.Tr(groups), html.Tr(regions)])


def _row(
    method: Source, shown: Sequence[tuple[Definition, list[str]]], values: Values, methods: Sequence[Source]
) -> Component:
    cells = [
        _cell(group, region, method, values, methods, is_first=region == regions[0])
        for group, regions in shown
        for region in regions
    ]
    return html.Tr([html.Th(method.title, scope="row"), *cells])


def _cell(
    group: Definition,
    region: str,
    method: Source,
    values: Values,
    methods: Sequence[Source],
    *,
    is_first: bool,
) -> Component:
    value, reason = _value(group, region, method.name, values)
    others = [_value(group, region, other.name, values)[0] for other in methods]
    known = [other for other in others if math.isfinite(other)]
    written = {_written(group, other) for other in known}
    best = (
        group.higher_is_better is not None
        and len(written) > 1
        and _written(group, value) == _best(group, known)
    )
    text = _written(group, value) if math.isfinite(value) else number_format.MISSING
    classes = " ".join(name for name, given in (("best", best), ("first", is_first)) if given)
    return html.Td(text, className=classes, title=reason or None)


def _best(group: Definition, known: Sequence[float]) -> str:
    return _written(group, max(known) if group.higher_is_better else min(known))


def _written(group: Definition, value: float) -> str:
    return f"{value:.{group.digits}f}"


def _value(group: Definition, region: str, method: str, values: Values) -> tuple[float, str]:
    """Find a score and, where it is missing, the reason."""
    row = values.get((method, region, group.name))
    if row is None:
        return math.nan, "not in the results"
    number, reason = row["value"], row["reason"]
    found = float(number) if isinstance(number, (int, float)) else math.nan
    return found, reason if isinstance(reason, str) else ""
