"""Controls, legends and words around a chart, each a pure function."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from viewer import parts
from viewer.chart_choices import Choice
from viewer.cohort_state import CohortState
from viewer.distributions import Group, summary
from viewer.markup import attributes
from viewer.palette import method_colour

CHARTS = {
    "disagreement": ("Disagreement", "Who is ahead, and what the consensus makes of it"),
    "axes": ("Axes", "Any metric, region and method against any other"),
    "distributions": ("Distributions", "Box, violin or ECDF of a metric, for every method and region"),
    "paired": ("Paired", "Two methods on the same patients"),
    "atlas": ("Atlas", "Every component of the cohort: size against distance or overlap"),
}
FORMS = {
    "box": ("Box", "Quartiles, Tukey's fences and the patients beyond them"),
    "violin": ("Violin", "Kernel density, and the patients beyond Tukey's fences"),
    "ecdf": ("ECDF", "Share of patients at or below each value"),
}
SCALES = {
    "symlog": ("Symlog", "Logarithmic beyond a threshold, so that small differences can be told apart"),
    "linear": ("Linear", "Plain axes"),
}
COLOURS = {
    "winner": ("Who is ahead", "C1, C2 and ties"),
    "order": ("Consensus order", "C3 to C6 and ties"),
}


def chart_tabs(chosen: str, offered: Sequence[str]) -> Component:
    """Offer the charts."""
    words = {key: CHARTS[key] for key in offered}
    buttons = parts.choices("chart", words, chosen, "disagreement")
    return html.Div(buttons, className="segments", role="group", **attributes(aria_label="Chart"))


def scale_switch(chosen: str) -> Component:
    """Offer symlog and linear axes."""
    return parts.segments("Axes", parts.choices("scale", SCALES, chosen, "symlog"))


def colour_switch(chosen: str) -> Component:
    """Offer both partitions as colours."""
    return parts.segments("Colour", parts.choices("colour", COLOURS, chosen, "winner"))


def form_switch(chosen: str) -> Component:
    """Offer the forms of a distribution."""
    return parts.segments("Form", parts.choices("form", FORMS, chosen, "box"))


def density_switch(state: CohortState) -> Component:
    """Switch counts a cell on and off."""
    return html.Button(
        "Density",
        className="segment alone",
        title="Colour each cell of the plane by how many patients lie in it",
        **attributes(
            data_go=f"density={'' if state.density else '1'}",
            data_quiet="",
            aria_pressed=str(state.density).lower(),
        ),
    )


def menu(choice: Choice) -> Component:
    """Make a menu whose choice goes into the address."""
    options = [html.Option(words, value=value, selected=chosen) for value, words, chosen in choice.options]
    return html.Select(
        options,
        className="menu",
        title=choice.name,
        **attributes(aria_label=choice.name, data_choose=choice.parameter),
    )


def menus(title: str, members: Sequence[Choice]) -> Component:
    """Put menus that belong together in a row."""
    return html.Span(
        [html.Span(title, className="group-title"), *[menu(one) for one in members]],
        className="group menus",
        role="group",
        **attributes(aria_label=title),
    )


def defined(term: str, words: str) -> Component:
    """Show a definition beside what it defines."""
    return html.Span([html.Strong(term), f" {words}"], className="defined")


def method_legend(methods: Sequence[tuple[str, int]], theme: str) -> list[Component]:
    """Write the methods in their colours."""
    return [
        html.Span(
            [html.Span(className="swatch", style={"background": method_colour(place, theme)}), title],
            className="legend-item",
        )
        for title, place in methods
    ]


def distribution_table(groups: Sequence[Group], digits: int, caption: str) -> Component:
    """Write what the distributions show as a table: also for those who do not see them."""
    heads = ("Region", "Method", "n in", "n out", "Mean", "Median", "Quartiles")
    rows = [
        html.Tr(
            [html.Th(one.region or "all", scope="row"), html.Td(one.method)]
            + [html.Td(text) for text in summary(one, digits)]
        )
        for one in groups
    ]
    return html.Div(
        html.Table(
            [
                html.Caption(caption, className="visually-hidden"),
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody(rows),
            ],
            className="scores sums",
        ),
        className="sums-frame",
        tabIndex=0,
        **attributes(role="region", aria_label=caption),
    )
