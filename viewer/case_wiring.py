"""What the cards under the stage follow, and who is told.

         the address ─► 63-case.js   tabs, isolation, pressed buttons, sliders   (no server)
              │
      ┌───────┴──────┐       patient, turned verdicts, the rule's options
      ▼              ▼
    LISTED         TRIED     and which tab is open
      │              │
      ▼       ┌──────┴───────┐
    ledger    ▼              ▼
           what-if card   filter card       (the stage's panels follow a trial too, see viewer/wiring.py)

The numbers of a trial are made once and remembered (`WhatIfs`), however many parts show them.
"""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from analysis.cohort.nifti import NiftiError
from viewer import ledger, rule_card, what_if_card
from viewer.case_rows import case_rows
from viewer.markup_component import Markup
from viewer.names import Id
from viewer.open_study import NotInStudyError, OpenStudy, Reading
from viewer.overlays import certainty
from viewer.trial import problems, study_trial, tried
from viewer.view_state import ViewState, read_query
from viewer.what_if import WhatIf, WhatIfs, with_trial

_SLIDERS = ("overlap", "share", "cap")


def wire_case(app: Dash, study: OpenStudy, whatifs: WhatIfs) -> None:
    """Connect the cards under the stage."""
    _wire_ledger(app, study, whatifs)
    _wire_cards(app, study, whatifs)
    _wire_browser(app)


def carried_out(reading: Reading, view: ViewState, whatifs: WhatIfs) -> tuple[WhatIf | None, list[str]]:
    """Carry out what an address tries, or say in sentences why that can't be done."""
    sentences = problems(reading.study, view)
    if view.patient is None:
        return None, sentences
    try:
        return whatifs.of(reading, view.patient, view), sentences
    except (NotInStudyError, NiftiError, ValueError) as error:
        return None, [*sentences, f"This can't be tried: {error.args[0]}"]


def _wire_ledger(app: Dash, study: OpenStudy, whatifs: WhatIfs) -> None:
    @app.callback(
        Output(Id.LEDGER, "rowData"),
        Output(Id.LEDGER_LINE, "children"),
        Output(Id.COSTLIEST, "children"),
        Input(Id.LISTED, "data"),
        prevent_initial_call=True,
    )
    def fill(share: str) -> tuple[Any, ...]:
        view, _ = read_query(share)
        if view.patient is None:
            return [], "", None
        reading = study.read()
        found, _ = carried_out(reading, view, whatifs)
        if found is None:
            rows = case_rows(reading, view.patient, study.cache, view.flip)
        else:
            components = with_trial(reading.ledger(view.patient), found, reading.study)
            rows = ledger.table_rows(reading.cohort, components, found.changes, view.flip)
        rows = ledger.with_certainty(rows, certainty(reading, view.patient, study.cache))
        return rows, ledger.summary(rows), Markup(what_if_card.costliest(rows))


def _wire_cards(app: Dash, study: OpenStudy, whatifs: WhatIfs) -> None:
    @app.callback(
        Output(Id.WHAT_IF, "children"),
        Output(Id.RULE_FOUND, "children"),
        Input(Id.TRIED, "data"),
        prevent_initial_call=True,
    )
    def tell(share: str) -> tuple[Any, Any]:
        view, _ = read_query(share)
        reading = study.read()
        trial, default = tried(reading.study, view), study_trial(reading.study)
        found, sentences = carried_out(reading, view, whatifs)
        cohort = reading.cohort
        if view.tab == "what-if":
            return Markup(what_if_card.card(cohort, view, found, trial, sentences)), no_update
        if view.tab != "rule" or view.patient is None:
            return no_update, no_update
        before: rule_card.Counts = {}
        if trial is not None and default is not None and trial.filtered == default.filtered:
            stored = reading.ledger(view.patient)
            before = rule_card.stored_counts(stored, trial.filtered, cohort.scheme.names)
        return no_update, Markup(rule_card.found_here(cohort, trial, found, before, sentences))


def _wire_browser(app: Dash) -> None:
    """Connect what needs no server: the functions of assets/63-case.js."""
    app.clientside_callback(
        ClientsideFunction("caseCards", "follow"), Output(Id.STAGE, "isolated"), Input(Id.ADDRESS, "search")
    )
    app.clientside_callback(
        ClientsideFunction("caseCards", "countShown"),
        Output(Id.LEDGER_SHOWN, "children"),
        Input(Id.LEDGER, "virtualRowData"),
        State(Id.LEDGER, "rowData"),
        prevent_initial_call=True,
    )
    for name, part in zip(_SLIDERS, (Id.OVERLAP, Id.SHARE, Id.CAP), strict=True):
        app.clientside_callback(
            ClientsideFunction("caseCards", f"set_{name}"),
            Output(part, "title"),  # nobody else uses it: the slider only writes the address
            Input(part, "value"),
            State(Id.RULE_STEPS, "data"),
            prevent_initial_call=True,
        )
        app.clientside_callback(
            ClientsideFunction("caseCards", f"follow_{name}"),
            Output(part, "value"),
            Input(Id.ADDRESS, "search"),
            State(Id.RULE_STEPS, "data"),
            State(part, "value"),
        )
