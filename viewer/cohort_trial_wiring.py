"""The card of a trial on the cohort follows the rule, and looks at the job while it runs."""

from typing import Any

from dash import Dash, Input, Output, State, no_update

from viewer.cohort_columns import ColumnStore
from viewer.cohort_trial import RUNNING, job_of
from viewer.cohort_trial_card import card
from viewer.markup_component import Markup
from viewer.names import Id
from viewer.open_study import OpenStudy
from viewer.trial import RULE_FIELDS, is_trying, tried
from viewer.view_state import read_query


def wire_cohort_trials(app: Dash, study: OpenStudy, store: ColumnStore) -> None:
    """Show the job of the rule that is tried; every look keeps its worker going."""

    @app.callback(
        Output(Id.COHORT_TRIAL, "children"),
        Output(Id.COHORT_CLOCK, "disabled"),
        Input(Id.RULED, "data"),
        Input(Id.COHORT_CLOCK, "n_intervals"),
        Input(Id.COHORT_CHANGED, "data"),
        State(Id.ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def look(share: str, _ticks: int, _changed: Any, search: str | None) -> tuple[Any, bool]:  # noqa: ANN401 - a time
        view, _ = read_query(share)
        reading = study.read()
        trial = tried(reading.study, view)
        alone = view.only(*RULE_FIELDS)
        if trial is None or not is_trying(reading.study, alone) or not reading.study.has_volumes:
            return None, True
        job = job_of(reading.study, trial)
        job.watch()
        progress = job.progress()
        is_running = progress is not None and progress.state == RUNNING
        if view.tab != "rule":
            return no_update, not is_running
        rows = [] if is_running else job.rows()
        eps = read_query(search)[0].eps
        return Markup(card(store.of(reading), progress, rows, eps, alone.query())), not is_running
