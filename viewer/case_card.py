"""The lower part of the page: scores, what-if, filter and notes as tabs, the components beside them."""

from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from analysis.cohort.study import Study
from viewer import ledger, notes_card, parts, rule_card
from viewer.cohort_view import CohortView
from viewer.markup import attributes
from viewer.names import Id

_TITLES = {
    "scores": ("Scores", "Scores of this case, and what happened in it"),
    "what-if": ("What if", "Turn verdicts of the rule round and see the scores change"),
    "rule": ("Filter", "Try another rule on this case and on the cohort"),
    "notes": ("Notes", "Notes and flags on this case and its components (g)"),
}
_PANES = {
    "scores": (Id.SCORES, "Scores of the open case"),
    "what-if": (Id.WHAT_IF, "Verdicts turned round"),
    "rule": (Id.RULE, "The rule on this case"),
    "notes": (Id.NOTES, "Notes on this case"),
}
_LOOK_MS = 1000
_SIZES = {"2+": "> 1", "10+": "≥ 10", "100+": "≥ 100"}


def details(cohort: CohortView, study: Study) -> Component:
    """Lay out the two cards under the stage."""
    has_volumes = cohort.patients["has_volumes"].any()
    return html.Div(
        [_told(cohort, study), _components(cohort)],
        className="details" if has_volumes else "details details-tables-only",
    )


def _told(cohort: CohortView, study: Study) -> Component:
    fixed: dict[str, list[Component]] = {
        "rule": [rule_card.controls(study, cohort), html.Div(id=Id.RULE_FOUND), *_cohort_trial()],
        "notes": [notes_card.composer(), html.Div(id=Id.NOTES_LIST), notes_card.files()],
    }
    tabs = html.Div(
        [_tab(name, title, tip) for name, (title, tip) in _TITLES.items()],
        className="tabs",
        role="group",
        **attributes(aria_label="What is shown of this case"),
    )
    head = html.Div([html.H2("This case", className="visually-hidden"), tabs], className="card-head")
    return html.Section(
        [head, *[_pane(name, part, title, fixed.get(name)) for name, (part, title) in _PANES.items()]],
        className="card",
        **attributes(aria_label="Scores and reasons of the open case"),
    )


def _tab(name: str, title: str, tip: str) -> Component:
    return html.Button(
        [title, html.Span(id=Id.NOTES_COUNT, className="tab-count")] if name == "notes" else title,
        className="tab",
        title=tip,
        **attributes(
            data_go=f"tab={'' if name == 'scores' else name}",
            data_quiet="",
            data_tab=name,
            aria_pressed=str(name == "scores").lower(),
        ),
    )


def _pane(name: str, part: Id, title: str, fixed: list[Component] | None) -> Component:
    return html.Div(
        fixed,
        id=part,
        className="scores-frame",
        tabIndex=0,
        role="region",
        **attributes(data_pane=name, aria_label=title),
    )


def _cohort_trial() -> list[Component]:
    return [
        html.Div(id=Id.COHORT_TRIAL, className="cohort-trial"),
        dcc.Interval(id=Id.COHORT_CLOCK, interval=_LOOK_MS, disabled=True),
    ]


def _components(cohort: CohortView) -> Component:
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Components"),
                    html.Span(id=Id.COSTLIEST),
                    _switch(
                        "Note",
                        "Note or flag the selected component, or the case (g)",
                        id=Id.NOTE_OPEN,
                    ),
                    _switch("Turn round", "Turn the verdict on the selected component round (f)", id=Id.TURN),
                    _switch(
                        "Isolate",
                        "Hide everything in 3D but the selected component and its counterparts (x)",
                        **attributes(data_toggle="isolated=1", data_quiet="", data_reflect="isolated=1"),
                    ),
                    html.Span(id=Id.CASE_SAYS, className="case-says", role="status"),
                    html.Span(id=Id.LEDGER_SHOWN, className="row-count", role="status"),
                ],
                className="card-head",
            ),
            _quick_filters(cohort),
            html.Div(id=Id.LEDGER_LINE, className="ledger-line"),
            dag.AgGrid(
                id=Id.LEDGER,
                columnDefs=ledger.columns(),
                defaultColDef={"sortable": True, "resizable": True},
                dashGridOptions=ledger.options(),
                getRowId="params.data.id",
                className="table",
            ),
        ],
        className="card",
        **attributes(aria_label="Components of the open case"),
    )


def _switch(words: str, tip: str, **more: Any) -> Component:  # noqa: ANN401 - HTML attributes of any kind
    return html.Button(words, className="button button-small", title=tip, **more)


def _quick_filters(cohort: CohortView) -> Component:
    groups = {
        "Method": {source.name: source.title for source in cohort.sources},
        "Label": {label.name: label.name for label in cohort.scheme.labels},
        "Outcome": ledger.OUTCOMES,
        "Voxels": _SIZES,
    }
    return html.Div([_quick_filter(title, members) for title, members in groups.items()], className="quick")


def _quick_filter(title: str, members: dict[str, str]) -> Component:
    buttons: list[Component] = [
        html.Button(
            words,
            className="segment",
            title=f"Show only components of {title.lower()} {words}; several of a kind add up",
            **attributes(
                data_toggle=f"ledger={name}",
                data_quiet="",
                data_reflect=f"ledger={name}",
                aria_pressed="false",
            ),
        )
        for name, words in members.items()
    ]
    return html.Div(parts.segments(title, buttons), **attributes(data_kind=title.lower()))
