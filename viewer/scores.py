"""The scores of one case: a row a method, with every definition said and every gap explained."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from dash import html
from dash.development.base_component import Component

from viewer import number_format
from viewer.cohort_view import CohortView, Source


@dataclass(frozen=True, slots=True)
class ScoreGroup:
    """Columns that show one quantity for several regions.

    Attributes:
        title: head of the group.
        tip: the definition in one sentence.
        metric: its id in the results.
        digits: after the point.
        is_better_high: which end is good; None for neither.
        only_labels: whether regions of several labels are left out.
    """

    title: str
    tip: str
    metric: str
    digits: int
    is_better_high: bool | None
    only_labels: bool = False


GROUPS = (
    ScoreGroup(
        "Dice", "Twice the common voxels over the sum of both; 1 where both are empty", "dice", 3, True
    ),
    ScoreGroup(
        "HD95 pooled, mm",
        "95th percentile of the border distances of both directions joined, in mm (MedPy's definition)",
        "hd95_pooled_mm",
        1,
        False,
    ),
    ScoreGroup(
        "HD95 as published, mm",
        "As rankings.json gives it, in mm: its authors name no definition; it is not MedPy's pooled one",
        "hd95_rankings_mm",
        1,
        False,
    ),
    ScoreGroup(
        "Fragments",
        "26-connected components beside the largest of the label, of any size",
        "fragment_count",
        0,
        None,
        only_labels=True,
    ),
)


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


def _regions(group: ScoreGroup, cohort: CohortView, values: Values) -> list[str]:
    """Name the regions for which any method has a group's metric."""
    present = {region for _, region, metric in values if metric == group.metric}
    return [
        region
        for region, members in cohort.scheme.regions.items()
        if region in present and not (group.only_labels and len(members) > 1)
    ]


def _head(shown: Sequence[tuple[ScoreGroup, list[str]]]) -> Component:
    groups = [html.Th("Method", rowSpan=2, scope="col")]
    groups += [
        html.Th(group.title, colSpan=len(regions), scope="colgroup", title=group.tip)
        for group, regions in shown
    ]
    regions = [
        html.Th(region, scope="col", className="first" if region == names[0] else "")
        for _, names in shown
        for region in names
    ]
    return html.Thead([html.Tr(groups), html.Tr(regions)])


def _row(
    method: Source, shown: Sequence[tuple[ScoreGroup, list[str]]], values: Values, methods: Sequence[Source]
) -> Component:
    cells = [
        _cell(group, region, method, values, methods, is_first=region == regions[0])
        for group, regions in shown
        for region in regions
    ]
    return html.Tr([html.Th(method.title, scope="row"), *cells])


def _cell(
    group: ScoreGroup,
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
        group.is_better_high is not None
        and len(written) > 1
        and _written(group, value) == _best(group, known)
    )
    text = _written(group, value) if math.isfinite(value) else number_format.MISSING
    classes = " ".join(name for name, given in (("best", best), ("first", is_first)) if given)
    return html.Td(text, className=classes, title=reason or None)


def _best(group: ScoreGroup, known: Sequence[float]) -> str:
    return _written(group, max(known) if group.is_better_high else min(known))


def _written(group: ScoreGroup, value: float) -> str:
    return f"{value:.{group.digits}f}"


def _value(group: ScoreGroup, region: str, method: str, values: Values) -> tuple[float, str]:
    """Find a score and, where it is missing, the reason."""
    row = values.get((method, region, group.metric))
    if row is None:
        return math.nan, "not in the results"
    number, reason = row["value"], row["reason"]
    found = float(number) if isinstance(number, (int, float)) else math.nan
    return found, reason if isinstance(reason, str) else ""
