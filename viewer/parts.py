"""Small parts of the page, each a pure function of the state and the cohort."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from viewer import number_format
from viewer.cohort_view import CohortView
from viewer.disagreement import ClassCount
from viewer.markup import attributes, term
from viewer.pinned import PinClaim, claims
from viewer.view_state import ViewState

GRAPH_CONFIG: Any = {
    "displaylogo": False,
    "showSendToCloud": False,  # plotly.js 4 offers an upload unless told not to
    "scrollZoom": True,
    "modeBarButtonsToRemove": ["autoScale2d"],
    "toImageButtonOptions": {"filename": "glioscope-scatter", "scale": 2},
}


def pin_cards(cohort: CohortView, current: str | None, steps: Sequence[str]) -> list[Component]:
    """Make one link a pinned case, with its claim computed from the results.

    Args:
        cohort: pins and scores.
        current: the open patient.
        steps: for each pin, what a click must change to come to its prepared view.
    """
    return [
        _pin_card(claim, way, is_open=claim.pin.patient == current)
        for claim, way in zip(claims(cohort), steps, strict=True)
    ]


def _pin_card(claim: PinClaim, steps: str, *, is_open: bool) -> Component:
    pin = claim.pin
    words: list[Component | str] = [
        html.Span([html.Span(pin.tag, className="tag"), pin.title], className="pin-title"),
        html.Span(
            [html.Span(pin.patient, className="pin-patient"), html.Span(claim.scores)], className="pin-scores"
        ),
    ]
    if claim.holds is False:
        words.append(html.Span("not so in these results", className="pin-doubt"))
    return html.A(
        words,
        href=ViewState(patient=pin.patient).query(),
        className="pin",
        title=f"{pin.tag} {pin.title}",
        **attributes(data_go=steps, aria_current="true" if is_open else "false"),
    )


def cohort_means(cohort: CohortView) -> list[Component]:
    """Write each method's mean Dice average with the number of patients behind it."""
    words: list[Component] = []
    for method in cohort.methods:
        mean = cohort.mean_average(method)
        note = f"Mean Dice average of {method.title} over {mean.n} patients; {mean.missing} have none"
        words.append(
            html.Span(
                [
                    html.Span(term(method.title, note), className="mean-title"),
                    html.Span(number_format.dice(mean.value), className="mean-value"),
                    html.Span(f"n = {number_format.count(mean.n)}", className="mean-n"),
                ],
                className="mean",
            )
        )
    return words


def theme_switch(view: ViewState) -> Component:
    """Offer the other theme."""
    other = "light" if view.theme == "dark" else "dark"
    return html.Button(
        f"{other.capitalize()} theme",
        className="button",
        **attributes(data_go=f"theme={'' if other == 'dark' else other}", data_quiet=""),
    )


def legend(counts: Sequence[ClassCount], partition: str, unknown: int) -> list[Component]:
    """Write the classes of the scatter with their counts."""
    items: list[Component] = [
        html.Span(
            [
                html.Span(className=f"swatch swatch-{item.symbol} class-{partition}-{item.key}"),
                html.Span(item.title if item.key[0] != "C" else f"{item.key} {item.title}"),
                html.Span(number_format.count(item.count), className="legend-count", id=f"count-{item.key}"),
            ],
            className="legend-item",
        )
        for item in counts
    ]
    if unknown:
        items.append(
            html.Span(
                f"{number_format.count(unknown)} without a class: a score is missing", className="legend-note"
            )
        )
    return items


def notices(sentences: Sequence[str]) -> list[Component]:
    """Show sentences above the page."""
    return [html.Div(sentence, className="notice") for sentence in sentences]


def segments(title: str, members: list[Component]) -> Component:
    """Put buttons that belong together in a row with a name."""
    return html.Div(
        [html.Span(title, className="group-title"), html.Div(members, className="segments")],
        className="group",
        role="group",
        **attributes(aria_label=title),
    )


def choices(
    parameter: str, words: Mapping[str, tuple[str, str]], chosen: str, default: str | None = None
) -> list[Component]:
    """Make one button a value of a parameter, each with its words and its explanation."""
    left_out = getattr(ViewState(), parameter) if default is None else default
    return [
        html.Button(
            short,
            className="segment",
            title=long or None,
            **attributes(
                data_go=f"{parameter}={'' if value == left_out else value}",
                data_quiet="",
                aria_pressed=str(value == chosen).lower(),
            ),
        )
        for value, (short, long) in words.items()
    ]
