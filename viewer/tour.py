"""The tour of six steps for a first visit; assets/65-tour.js walks it, and the footer offers it again."""

from typing import NamedTuple

from dash import html
from dash.development.base_component import Component

from viewer.markup import attributes
from viewer.names import Id


class Step(NamedTuple):
    """One stop of the tour.

    Attributes:
        target: CSS selector of the part that is pointed at.
        title: what it is.
        text: what to do with it, in two sentences at most.
    """

    target: str
    title: str
    text: str


STEPS = (
    Step(
        "#stage .cs-grid",
        "One scan, seen by every method",
        "Ground truth and each method side by side, from one camera. Drag or use the arrow keys to turn, the "
        "wheel or + and − to zoom, and click a fragment to light it up in all panels.",
    ),
    Step(
        "#stage .cs-slices",
        "The same place on the slices",
        "One crosshair for all panels and the 3D views. Click to put it somewhere, turn the wheel to go "
        "through the slices; the line below says what every method has there.",
    ),
    Step(
        f"#{Id.LEDGER}",
        "Every component is a row",
        "Its size, what it overlaps, whether the rule kept or removed it, and whether that was right. Step "
        "through with j and k; a click on a row shows the component in 3D.",
    ),
    Step(
        f"#{Id.PINS}",
        "Cases worth a look",
        "Each pinned case shows one thing that can happen, with its numbers computed from these results. The "
        "keys 1 to 6 open them.",
    ),
    Step(
        f"#{Id.SCATTER}",
        "Where the methods disagree",
        "Every point is a patient, and a click opens the case. Draw a box to keep only those patients in the "
        "table.",
    ),
    Step(
        ".share",
        "Take it with you",
        "Copy a link to exactly this view, or export surfaces, a picture or the whole case. Press ? for all "
        "keys.",
    ),
)


def tour() -> Component:
    """Lay the tour out: one dialog whose steps are shown one by one."""
    steps = [
        html.Div(
            [html.H2(step.title, id=f"tour-title-{number}"), html.P(step.text, id=f"tour-text-{number}")],
            className="tour-step",
            hidden=True,
            **attributes(data_target=step.target),
        )
        for number, step in enumerate(STEPS)
    ]
    buttons = [
        html.Span(id="tour-count", className="tour-count"),
        html.Button("Skip", id="tour-skip", className="button"),
        html.Button("Back", id="tour-back", className="button"),
        html.Button("Next", id="tour-next", className="button button-next"),
    ]
    return html.Div(
        [
            html.Div(id="tour-light", className="tour-light", hidden=True, **attributes(aria_hidden="true")),
            html.Dialog(
                [*steps, html.Div(buttons, className="dialog-end")], id=Id.TOUR, className="dialog tour"
            ),
        ]
    )
