"""How the page hangs together, in one place.

                 scatter click, table row, search ─► 60-navigation.js     (assets)
                 pins, layers, presets, theme ─────►   go(changes)
                 the stage's selection ────────────►      │
                                                          ▼
                                              the address  ?patient=…&off=…    ◄── Back, Forward, a link
                                                          │  read_query
                     ┌──────────────┬──────────────┬──────┴─────┬─────────────┐
                     ▼              ▼              ▼            ▼             ▼
                   CASE           LOOK          CHOSEN        CHART        CLASSES  shares of the
                     │              │              │            │             │     address; one that
             ┌───────┼───────┐      │              │            │             │     has not changed
             ▼       ▼       ▼      ▼              ▼            ▼             ▼
        pins     scores,  table's  layers, camera, selection,  figure,      rows of    wakes nobody
                 story    mark     slices, theme   crosshair   legend       the table

SHOWN (panels), LISTED (ledger), TRIED (what-if, filter), RULED (the rule on the cohort) and TOLD (pins and
story) are shares of their own: see viewer/case_wiring.py.

What CHOSEN's component is goes into FOUND; whether it is still wanted when the answer comes is known in the
browser alone, which puts it on the stage (viewer/wiring_links.py).

A callback waits for the scripts of all its outputs, so the stage, the plot and the table each have their own.
What a hand moves (camera, crosshair, selection) stays in the browser, which writes it into the address when
the hand rests, see viewer/wiring_links.py. Bytes come from viewer/routes.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from viewer import comparison, ledger, overlays, panels, parts, scores, story, toolbar
from viewer.case_bytes import grid
from viewer.case_rows import case_rows
from viewer.case_wiring import carried_out, wire_case
from viewer.cohort_state import joined, read_cohort_query
from viewer.cohort_view import CohortView, resembling
from viewer.cohort_wiring import COHORT_SHARES, wire_cohort
from viewer.markup import plain
from viewer.markup_component import Markup
from viewer.names import Id
from viewer.open_study import OpenStudy, Reading
from viewer.stale_links import lost_of
from viewer.story_wiring import wire_stories
from viewer.trial import FIELDS, RULE_FIELDS
from viewer.trial_panels import with_trial_comparison, with_trial_labels, with_trial_panel
from viewer.view_state import ViewState, read_query
from viewer.what_if import WhatIfs, with_trial
from viewer.wiring_links import wire_links

SHARES: dict[Id, tuple[str, ...]] = {
    Id.CASE: ("patient", "mode"),
    Id.TOLD: ("patient", "story"),
    Id.SHOWN: ("patient", "mode", *FIELDS),
    Id.TRIED: ("patient", "tab", *FIELDS),
    Id.RULED: ("tab", *RULE_FIELDS),
    Id.LISTED: ("patient", *FIELDS),
    Id.LOOK: (
        "patient",
        "mode",
        "off",
        "preset",
        "theme",
        "plane",
        "contrast",
        "overlay",
        "strength",
        "convention",
        "alone",
        "unlinked",
        *FIELDS,
        "panels",
        "opacity",
        "show",
        "region",
        "cut",
        "window",
        "fill",
        "ruler",
    ),
    Id.CHOSEN: ("patient", "component", *FIELDS),
    Id.CHART: ("eps", "colour", "scale", "box", "theme"),
    Id.RINGED: ("patient",),
    Id.CLASSES: ("eps", "box"),
    Id.COLUMNS: (),
}


def wire(app: Dash, study: OpenStudy, whatifs: WhatIfs) -> None:
    """Connect the parts of the page."""
    _wire_address(app, study)
    _wire_case(app, study)
    _wire_look(app, study)
    _wire_details(app, study)
    _wire_chosen(app, study, whatifs)
    wire_cohort(app, study)
    _wire_browser(app)
    wire_case(app, study, whatifs)
    wire_links(app)
    wire_stories(app, study)


def shares(cohort: CohortView, search: str | None) -> tuple[dict[Id, str], list[str]]:
    """Divide an address among those who follow it.

    Returns:
        The share of each slot as a query string, in which the patient is one the study has, and
        sentences about what the address asks for in vain.
    """
    view, problems = read_query(search)
    patient, sentences = opened(cohort, view.patient)
    view = ViewState(**{**_as_dict(view), "patient": patient})
    state, more = read_cohort_query(search)
    own = {slot: view.only(*names).query() for slot, names in SHARES.items()}
    if view.component is None:
        own[Id.CHOSEN] = ""  # of whichever case: nothing is chosen
    own |= {slot: joined(own[slot], state.only(*names).query()) for slot, names in COHORT_SHARES.items()}
    return own, [*problems, *more, *sentences, *_missing(cohort, view)]


def _missing(cohort: CohortView, view: ViewState) -> list[str]:
    """Name what a link of another day asks for and the study does not have."""
    gone = [name for name in view.panels if cohort.source(name) is None]
    sentences = [f"There is no method “{name[:40]}” in this study; its panel is left out." for name in gone]
    if view.region is not None and view.region not in cohort.scheme.regions:
        known = ", ".join(cohort.scheme.regions)
        sentences.append(f"There is no region “{view.region[:40]}” in this study; there are {known}.")
    return sentences


def opened(cohort: CohortView, wanted: str | None) -> tuple[str | None, list[str]]:
    """Decide which case is open: the one asked for, the only one that resembles it, or the first."""
    ids = cohort.ids
    if wanted is None:
        return first_case(cohort), []
    if wanted in ids:
        return wanted, []
    alike = resembling(wanted, ids)
    if len(alike) == 1:
        return alike[0], []
    hint = f" Did you mean {', '.join(alike)}?" if alike else ""
    return None, [f"There is no patient “{wanted[:80]}” in this study.{hint}"]


def first_case(cohort: CohortView) -> str | None:
    """Choose the case a visitor sees first: the first pin, else the first patient."""
    if cohort.pins:
        return cohort.pins[0].patient
    return cohort.ids[0] if cohort.ids else None


def _as_dict(view: ViewState) -> dict[str, Any]:
    return {name: getattr(view, name) for name in ViewState.__slots__}


def _wire_address(app: Dash, study: OpenStudy) -> None:
    slots = list(SHARES)

    @app.callback(
        *[Output(slot, "data") for slot in slots],
        Output(Id.NOTICES, "children"),
        Input(Id.ADDRESS, "search"),
        *[State(slot, "data") for slot in slots],
    )
    def follow(search: str | None, *before: str | None) -> tuple[Any, ...]:
        now, sentences = shares(study.read().cohort, search)
        changed = (
            now[slot] if now[slot] != old else no_update for slot, old in zip(slots, before, strict=True)
        )
        lost = lost_of(study.read(), read_query(now[Id.LOOK])[0].patient, search)
        return *changed, Markup(parts.notices([*sentences, *lost]))


def _wire_case(app: Dash, study: OpenStudy) -> None:
    @app.callback(
        Output(Id.STAGE, "caseKey"),
        Output(Id.STAGE, "panels"),
        Output(Id.STAGE, "brainUrl"),
        Output(Id.CASE_LINE, "children"),
        Input(Id.SHOWN, "data"),
        prevent_initial_call=True,
    )
    def open_case(share: str) -> tuple[Any, ...]:
        view, _ = read_query(share)
        reading = study.read()
        if view.patient is None:
            return None, [], None, "No case is open"
        return (
            view.patient,
            with_trial_panel(panels.panels(reading, view.patient, view.mode), reading, view),
            panels.brain_url(reading, view.patient),
            Markup(panels.case_line(reading, view.patient)),
        )


def _wire_look(app: Dash, study: OpenStudy) -> None:
    @app.callback(
        Output(Id.STAGE, "layers"),
        Output(Id.STAGE, "theme"),
        Output(Id.STAGE, "slices"),
        Output(Id.STAGE, "linked"),
        Output(Id.STAGE, "maximized"),
        Output(Id.STAGE, "order"),
        Output(Id.STAGE, "opacity"),
        Output(Id.STAGE, "comparison"),
        Output(Id.STAGE, "isCut"),
        Output(Id.TOOLBAR, "children"),
        Output(Id.THEME_SWITCH, "children"),
        Input(Id.LOOK, "data"),
        prevent_initial_call=True,
    )
    def look(share: str) -> tuple[Any, ...]:
        view, _ = read_query(share)
        reading = study.read()
        found = grid(reading, view.patient, study.cache) if view.patient else None
        known = panels.contrasts(reading, view.patient) if view.patient else []
        words = overlays.choices_of(overlays.maps_of(reading, view.patient) if view.patient else {})
        names = [label.name for label in reading.cohort.scheme.labels] + ["brain"]
        return (
            {name: name not in view.off for name in names},
            view.theme,
            with_trial_labels(panels.slices(reading, view.patient, view, found), reading, view)
            if view.patient
            else None,
            not view.unlinked,
            view.alone,
            panels.order(reading, view),
            {name: percent / 100 for name, percent in view.opacity},
            with_trial_comparison(comparison.described(reading, view.patient, view), reading, view)
            if view.patient
            else None,
            view.cut,
            Markup(_controls(reading, view, known, words, has_volumes=found is not None)),
            Markup(parts.theme_switch(view)),
        )


def _controls(
    reading: Reading,
    view: ViewState,
    contrasts: Sequence[str],
    overlay_words: Mapping[str, tuple[str, str]],
    *,
    has_volumes: bool,
) -> Any:  # noqa: ANN401 - JSON
    """Make the controls of the stage; they are the same for all patients that have the same to show."""
    view = replace(view, patient=None)
    key = ("controls", view, tuple(contrasts), tuple(overlay_words.items()), has_volumes)
    return reading.once(
        key,
        lambda: plain(
            [
                *toolbar.toolbar(reading.cohort, view, contrasts, has_volumes=has_volumes),
                *toolbar.overlay_choices(view, overlay_words),
            ]
        ),
    )


def _wire_details(app: Dash, study: OpenStudy) -> None:
    @app.callback(
        Output(Id.SCORES, "children"),
        Input(Id.CASE, "data"),
        prevent_initial_call=True,
    )
    def detail(share: str) -> Markup | None:
        patient = read_query(share)[0].patient
        reading = study.read()
        if patient is None:
            return None
        rows = case_rows(reading, patient, study.cache)
        table = reading.once(
            ("scores", patient), lambda: plain(scores.scores_table(reading.cohort, reading.metrics(patient)))
        )
        told = html.Div(story.story(reading.cohort, patient, rows), className="story")
        return Markup([table, told])


def _wire_chosen(app: Dash, study: OpenStudy, whatifs: WhatIfs) -> None:
    @app.callback(
        Output(Id.FOUND, "data"),
        Output(Id.LEDGER, "selectedRows"),
        Output(Id.LEDGER, "scrollTo"),
        Input(Id.CHOSEN, "data"),
        prevent_initial_call=True,
    )
    def choose(share: str) -> tuple[Any, ...]:
        view, _ = read_query(share)
        if view.patient is None or view.component is None:
            return {"component": None, "selection": None}, [], no_update
        reading = study.read()
        tried, _ = carried_out(reading, view, whatifs)
        components = with_trial(reading.ledger(view.patient), tried, reading.study)
        chosen = ledger.selection(
            view.patient,
            components,
            reading.cohort.scheme,
            grid(reading, view.patient, study.cache),
            view.component,
        )
        row = ledger.row_id(view.component)
        found = {"component": row, "selection": chosen}
        if chosen is None:
            return found, [], no_update
        return found, {"ids": [row]}, {"rowId": row, "rowPosition": "middle"}


def _wire_browser(app: Dash) -> None:
    """Connect what needs no server: the functions of assets/60-navigation.js."""
    for function, target, *given in _ON_CHANGE:
        app.clientside_callback(
            ClientsideFunction("navigation", function), target, *given, prevent_initial_call=True
        )
    app.clientside_callback(  # never by way of the server: its answer would pull back a slider that moves on
        ClientsideFunction("navigation", "followThreshold"),
        Output(Id.EPS, "value"),
        Input(Id.ADDRESS, "search"),
        State(Id.EPS_STEPS, "data"),
        State(Id.EPS, "value"),
    )


# What only writes the address has no output of its own: it is given a property that nobody else uses.
_ON_CHANGE: tuple[tuple[Any, ...], ...] = (
    ("openPoint", Output(Id.SCATTER, "clickData"), Input(Id.SCATTER, "clickData")),
    ("openRow", Output(Id.TABLE, "cellClicked"), Input(Id.TABLE, "cellClicked")),
    ("openSearched", Output(Id.SEARCH, "value"), Input(Id.SEARCH, "n_submit"), State(Id.SEARCH, "value")),
    ("openComponent", Output(Id.LEDGER, "cellClicked"), Input(Id.LEDGER, "cellClicked")),
    ("keepChanges", Output(Id.STAGE, "changes"), Input(Id.STAGE, "changes")),
    ("setThreshold", Output(Id.EPS, "title"), Input(Id.EPS, "value"), State(Id.EPS_STEPS, "data")),
)
