"""The pins and the story that is told, which follow the open case."""

from typing import Any

from dash import Dash, Input, Output

from analysis.cohort.nifti import NiftiError
from viewer import parts
from viewer.cohort_view import Pin
from viewer.guided import Reason, guided_view, reason, steps_to
from viewer.markup import plain
from viewer.markup_component import Markup
from viewer.names import Id
from viewer.open_study import OpenStudy, Reading
from viewer.pinned import claims
from viewer.story_banner import banner
from viewer.view_state import read_query


def wire_stories(app: Dash, study: OpenStudy) -> None:
    """Show the pins, each with its prepared view, and tell the one that was opened."""

    @app.callback(
        Output(Id.PINS, "children"),
        Output(Id.STORY, "children"),
        Output(Id.STORY, "hidden"),
        Input(Id.TOLD, "data"),
        prevent_initial_call=True,
    )
    def tell(share: str) -> tuple[Any, ...]:
        view, _ = read_query(share)
        reading = study.read()
        cohort = reading.cohort
        found = {pin.tag: _reason(study, reading, pin) for pin in cohort.pins}
        steps = [steps_to(guided_view(pin, found[pin.tag])) for pin in cohort.pins]
        cards = reading.once(
            ("pins", view.patient, *steps), lambda: plain(parts.pin_cards(cohort, view.patient, steps))
        )
        is_told = any(pin.tag == view.story and pin.patient == view.patient for pin in cohort.pins)
        if not is_told or view.story is None:
            return Markup(cards), [], True
        told = banner(cohort, claims(cohort), steps, view.story, found[view.story])
        return Markup(cards), Markup(told), False


def _reason(study: OpenStudy, reading: Reading, pin: Pin) -> Reason | None:
    try:
        return reason(reading, pin, study.cache)
    except NiftiError:  # the stage says of a broken volume that it is broken
        return None
