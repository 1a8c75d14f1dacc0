"""The charts of the cohort: for each what is drawn, how it is steered, and what is said beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from dash import html
from dash.development.base_component import Component

from analysis.metric_definitions import definition
from viewer import (
    chart_choices,
    chart_parts,
    disagreement,
    distributions,
    number_format,
    paired,
    parts,
)
from viewer.cohort_columns import CohortColumns
from viewer.cohort_view import CohortView
from viewer.number_format import MINUS
from viewer.palette import THEMES
from viewer.planes import Plane, Scene, axis_of, overlay, plane_figure
from viewer.plot_axes import OPEN_CASE, Figure, plain_layout
from viewer.point_plot import is_too_many
from viewer.quantities import Quantity
from viewer.selections import Mask


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart as the page shows it.

    Attributes:
        figure: for Plotly; None where there is nothing to draw.
        controls: in the head of the card.
        legend: below it.
        said: below the chart: definitions, counts, tests.
        plane: what a lasso or box drawn in it is about, as the address writes it; None if it takes none.
    """

    figure: Figure | None
    controls: Sequence[Component] = ()
    legend: Sequence[Component] = ()
    said: Sequence[Component] = field(default=())
    plane: str | None = None


def chart(scene: Scene, mask: Mask | None) -> Chart:
    """Make the chart that the address asks for.

    Args:
        scene: the cohort and the address.
        mask: the patients that the table is limited to; None for all.
    """
    name = open_chart(scene)
    return _CHARTS[name](scene, mask)


def marked(drawn: Chart, scene: Scene, share: str) -> Figure:
    """Write into a figure what the browser needs to tell what is drawn over it, and for which share it is."""
    figure = drawn.figure or empty_figure(scene.view.theme)
    told = {"plane": drawn.plane, "scale": scene.view.scale, "share": share}
    meta = figure["layout"].get("meta", {}) | told
    figure["layout"]["meta"] = meta
    # a lasso is offered where it means something
    figure["layout"]["modebar"] = {"remove": ["lasso2d", "select2d"]} if drawn.plane is None else {}
    return figure


Places = tuple[list[list[float]], list[list[float]]]
"""Where the open case stands, across and up, in each trace that rings it."""


def rings(drawn: Chart) -> Places:
    """Say where the open case stands in a chart, so that another case moves its rings and nothing else."""
    traces = [] if drawn.figure is None else drawn.figure["data"]
    mine = [trace for trace in traces if trace.get("name") == OPEN_CASE]
    return [trace["x"] for trace in mine], [trace["y"] for trace in mine]


def rings_among_points(drawn: Chart, patient: str | None) -> Places | None:
    """Say the same of any patient from a chart that draws each as a point; None for one that does not."""
    meta = {} if drawn.figure is None else drawn.figure["layout"].get("meta", {})
    if drawn.figure is None or meta.get("is_many", True):
        return None
    for trace in drawn.figure["data"]:
        if patient in trace.get("customdata", ()):
            place = trace["customdata"].index(patient)
            return [[trace["x"][place]]], [[trace["y"][place]]]
    return [[]], [[]]


def offered(cohort: CohortView) -> list[str]:
    """Name the charts that a study can have: without roles there is no disagreement."""
    return [name for name in chart_parts.CHARTS if name != "disagreement" or cohort.roles is not None]


def open_chart(scene: Scene) -> str:
    """Name the chart that is shown: the one asked for, or the first that the study can have."""
    charts = offered(scene.cohort)
    return scene.state.chart if scene.state.chart in charts else charts[0]


def _disagreement(scene: Scene, mask: Mask | None) -> Chart:
    view, cohort = scene.view, scene.cohort
    scores, roles = cohort.scores(), cohort.roles
    if scores is None or roles is None:
        return _nothing("No method plays the roles that this chart compares.")
    points = disagreement.classify(scores, view.eps)
    counts, unknown = disagreement.legend(points, view.colour, roles)
    over = overlay(scene, mask, disagreement.axes(roles, view.scale), None)
    known = int((points["x"].notna() & points["y"].notna()).sum())
    return Chart(
        figure=disagreement.figure(points, roles, view, view.patient, dict(over.pins), over),
        controls=[
            chart_parts.colour_switch(view.colour),
            chart_parts.scale_switch(view.scale),
            chart_parts.density_switch(scene.state),
        ],
        legend=parts.legend(counts, view.colour, unknown),
        said=_counted(known, len(points), mask),
        plane="",
    )


def _axes(scene: Scene, mask: Mask | None) -> Chart:
    columns = scene.columns()
    plane = chart_choices.plane(scene.state, columns)
    if plane is None:
        return _nothing("The results of this study hold no metrics.")
    x, y = (columns.values(quantity) for quantity in plane)
    known = int((np.isfinite(x) & np.isfinite(y)).sum())
    menus = [
        chart_parts.menus(title, chart_choices.quantity_menus(title, parameter, quantity, columns))
        for title, parameter, quantity in (("Across", "x", plane[0]), ("Up", "y", plane[1]))
    ]
    steering = [chart_parts.scale_switch(scene.view.scale), chart_parts.density_switch(scene.state)]
    if scene.cohort.roles is not None:
        steering.insert(0, chart_parts.colour_switch(scene.view.colour))
    return Chart(
        figure=plane_figure(scene, plane, mask),
        controls=steering,
        legend=menus,
        said=[*_lost(scene, columns), *_definitions(scene, plane), *_counted(known, len(x), mask)],
        plane=",".join(quantity.text for quantity in plane),
    )


def _distributions(scene: Scene, _mask: Mask | None) -> Chart:
    columns, state = scene.columns(), scene.state
    metric = chart_choices.measured(state, columns)
    if metric is None:
        return _nothing("The results of this study hold no metrics.")
    regions = columns.regions(metric)
    only = chart_choices.region(state, metric, columns)
    groups = _groups(scene, metric, [only] if state.form == "ecdf" else regions)
    axis = axis_of(Quantity(metric), scene, scene.view.scale)
    look = distributions.Look(
        state.form, replace(axis, title=definition(metric).axis), scene.view.theme, scene.view.patient
    )
    menus = [_metric_menu(metric, columns)]
    if state.form == "ecdf" and len(regions) > 1:
        menus.append(chart_choices.name_menu("Region", "area", [(one, one) for one in regions], only))
    places = list(dict.fromkeys((one.method, one.place) for one in groups))
    return Chart(
        figure=distributions.figure(groups, look),
        controls=[chart_parts.form_switch(state.form), chart_parts.scale_switch(scene.view.scale)],
        legend=[chart_parts.menus("Shown", menus), *chart_parts.method_legend(places, scene.view.theme)],
        said=[
            chart_parts.defined(definition(metric).axis, definition(metric).sentence),
            chart_parts.distribution_table(
                groups, definition(metric).digits, f"{definition(metric).axis}, by region and method"
            ),
        ],
    )


def _groups(scene: Scene, metric: str, regions: Sequence[str]) -> list[distributions.Group]:
    columns = scene.columns()
    patients = scene.cohort.patients["patient"].to_numpy(dtype=object)
    names = [source.name for source in scene.cohort.methods]
    return [
        distributions.group(
            region,
            (scene.titles[method], names.index(method)),
            columns.values(Quantity(metric, region, method)),
            patients,
        )
        for region in regions
        for method in chart_choices.compared_methods(metric, region, columns)
    ]


def _paired(scene: Scene, mask: Mask | None) -> Chart:
    columns, state = scene.columns(), scene.state
    metric = chart_choices.measured(state, columns)
    region = "" if metric is None else chart_choices.region(state, metric, columns)
    pair = None if metric is None else chart_choices.pair(state, metric, region, columns)
    if metric is None or pair is None:
        return _nothing("Fewer than two methods share a metric in the results of this study.")
    across, up = Quantity(metric, region, pair[1]), Quantity(metric, region, pair[0])
    first, second = columns.values(up), columns.values(across)
    about = definition(metric)
    subjects = scene.cohort.patients["subject"].to_numpy(dtype=object)
    result = paired.compare(first, second, subjects, higher_is_better=about.higher_is_better)
    titles = (scene.titles[pair[0]], scene.titles[pair[1]])
    words = paired.sentences(result, titles, about.digits + 1, about.unit)
    return Chart(
        figure=_with_identity(plane_figure(scene, (across, up), mask), scene),
        controls=[
            *([chart_parts.colour_switch(scene.view.colour)] if scene.cohort.roles is not None else []),
            chart_parts.scale_switch(scene.view.scale),
            chart_parts.density_switch(state),
        ],
        legend=[chart_parts.menus("Shown", _pair_menus(scene, metric, region, pair))],
        said=[
            chart_parts.defined(about.axis, about.sentence),
            html.Ul([html.Li(word) for word in words], className="findings"),
        ],
        plane=f"{across.text},{up.text}",
    )


def _pair_menus(scene: Scene, metric: str, region: str, pair: tuple[str, str]) -> list[chart_choices.Choice]:
    columns = scene.columns()
    methods = chart_choices.compared_methods(metric, region, columns)
    regions = [one for one in columns.regions(metric) if one]
    menus = [_metric_menu(metric, columns)]
    if regions:
        menus.append(chart_choices.name_menu("Region", "area", [(one, one) for one in regions], region))
    pairs = [(first, second) for first in methods for second in methods if first != second]
    words = [(f"{a},{b}", f"{scene.titles[a]} {MINUS} {scene.titles[b]}") for a, b in pairs]
    menus.append(chart_choices.name_menu("Methods", "pair", words, f"{pair[0]},{pair[1]}"))
    return menus


def _with_identity(figure: Figure, scene: Scene) -> Figure:
    """Give both axes one range and draw the line where both methods are equal."""
    layout = figure["layout"]
    if not scene.state.zoom:
        ends = [*layout["xaxis"]["range"], *layout["yaxis"]["range"]]
        layout["xaxis"]["range"] = layout["yaxis"]["range"] = [min(ends), max(ends)]
    ends = [*layout["xaxis"]["range"], *layout["yaxis"]["range"]]
    line = paired.identity_line((min(ends), max(ends)), scene.view.theme)
    return {**figure, "layout": layout | {"shapes": [line, *layout["shapes"]]}}


def _metric_menu(metric: str, columns: CohortColumns) -> chart_choices.Choice:
    words = [(one, definition(one).axis) for one in columns.metrics()]
    return chart_choices.name_menu("Metric", "metric", words, metric)


def _definitions(scene: Scene, plane: Plane) -> list[Component]:
    return [
        chart_parts.defined(quantity.axis(scene.titles), quantity.says(scene.titles))
        for quantity in dict.fromkeys(plane)
    ]


def _lost(scene: Scene, columns: CohortColumns) -> list[Component]:
    """Say what the address asks for that the results do not hold."""
    state = scene.state
    wanted = [*(one for one in (state.x, state.y) if one is not None), *state.on]
    return [
        html.Span(f"The link asks for {one.text}, which these results do not hold.", className="lost")
        for one in wanted
        if one not in columns
    ]


def _counted(known: int, total: int, mask: Mask | None) -> list[Component]:
    """Say how many are drawn, how many are not, and how many the table is limited to."""
    said = [f"{number_format.count(known)} patients drawn"]
    if total > known:
        said.append(f"{number_format.count(total - known)} left out: a value is missing")
    if mask is not None:
        said.append(f"{number_format.count(int(mask.sum()))} selected")
    if is_too_many(known):
        said.append("counts a cell; zoom in to see and open single patients")
    return [html.Span("; ".join(said) + ".", className="counted")]


def _nothing(why: str) -> Chart:
    return Chart(figure=None, said=[html.P(why, className="empty")])


def _atlas(_scene: Scene, _mask: Mask | None) -> Chart:
    """Draw nothing: the atlas is a component of its own, which steers and explains itself."""
    about = (
        "Every 26-connected component of every method and label: its size against the gap to the largest of "
        "its label, or the share of it in Baseline or in the reference. Drag moves, the wheel zooms, "
        "a click opens the case with the component selected; the table follows what is selected here."
    )
    return Chart(figure=None, said=[chart_parts.defined("Atlas.", about)])


def empty_figure(theme: str) -> Figure:
    """Draw nothing, not even axes, in the colours of a theme."""
    hidden = {"visible": False}
    return {"data": [], "layout": plain_layout(THEMES[theme]) | {"xaxis": hidden, "yaxis": hidden}}


_CHARTS: dict[str, Callable[[Scene, Mask | None], Chart]] = {
    "disagreement": _disagreement,
    "axes": _axes,
    "distributions": _distributions,
    "paired": _paired,
    "atlas": _atlas,
}
