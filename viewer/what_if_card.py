"""The card that turns verdicts round: what is turned, what it does to the scores, how to go back."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from viewer import number_format
from viewer.cohort_view import CohortView
from viewer.ledger import row_id
from viewer.markup import attributes
from viewer.score_changes import score_changes
from viewer.trial import FIELDS, RULE_FIELDS, Trial
from viewer.trial_panels import NOT_THE_STUDYS
from viewer.view_state import ViewState
from viewer.what_if import WhatIf

RESET = "&".join(f"{name}=" for name in FIELDS)
_TIE = 1e-12
Row = Mapping[str, Any]


def card(
    cohort: CohortView, view: ViewState, found: WhatIf | None, trial: Trial | None, sentences: Sequence[str]
) -> list[Component]:
    """Write the card.

    Args:
        cohort: names.
        view: what the address says.
        found: the trial carried out; None where nothing is tried or it could not be.
        trial: what is tried; None where the roles are vacant.
        sentences: what could not be done, and why.
    """
    told = [html.P(sentence, className="told-problem", role="alert") for sentence in sentences]
    if trial is None:
        return [*told, html.P(_NO_ROLES, className="empty")]
    if found is None:
        return [*told, _how_to(cohort, trial)]
    lacking = [_lacking(cohort, trial, flip) for flip in found.lacking]
    return [
        *told,
        *lacking,
        _state_line(view),
        _chips(trial),
        score_changes(found.before, found.after, cohort.scheme),
    ]


_NO_ROLES = (
    "There is no verdict to turn round: the rule needs a method in the role baseline and one in the role "
    "distmap, and study.toml gives those roles to none."
)


_HOW = (
    ", or click “Put back” or “Delete” in its row. Dice, HD95 and the lesion-wise scores of the case are "
    "computed anew at once, and the consensus panel shows the changed one."
)


def _how_to(cohort: CohortView, trial: Trial) -> Component:
    source = cohort.source(trial.filtered)
    title = source.title if source else trial.filtered
    return html.Div(
        [
            html.P(
                [
                    f"Select a component of {title} and turn its verdict round with ",
                    html.Kbd("f"),
                    _HOW,
                ]
            ),
            html.P("The link in the address bar keeps what you turn round."),
        ],
        className="told",
    )


def _state_line(view: ViewState) -> Component:
    has_rule = any(getattr(view, name) != getattr(ViewState(), name) for name in RULE_FIELDS)
    words: list[Component] = [html.Strong(NOT_THE_STUDYS)]
    if has_rule:
        words.append(html.Span("the rule is changed too, see Filter", className="fact"))
    return html.Div(
        [
            *words,
            html.Button(
                "Back to the study's",
                id="what-if-reset",
                className="button button-small",
                **attributes(data_go=RESET, data_quiet=""),
            ),
        ],
        className="what-if-line",
    )


def _chips(trial: Trial) -> Component:
    if not trial.flips:
        return html.P("No verdict is turned round.", className="told")
    shown = [
        html.Button(
            [f"{label} {number}", html.Span("×", className="chip-end", **attributes(aria_hidden="true"))],
            className="chip",
            title="Let the rule judge it again",
            **attributes(
                data_toggle=f"flip={row_id((trial.filtered, label, number))}",
                data_quiet="",
                aria_label=f"Let the rule judge {label} {number} again",
            ),
        )
        for label, number in trial.flips
    ]
    return html.Div([html.Span("Turned round", className="group-title"), *shown], className="chips")


def _lacking(cohort: CohortView, trial: Trial, flip: tuple[str, int]) -> Component:
    source = cohort.source(trial.filtered)
    title = source.title if source else trial.filtered
    return html.P(
        f"The link turns round {flip[0]} {flip[1]} of {title}, which this case lacks.",
        className="told-problem",
        role="alert",
    )


def costliest(rows: Sequence[Row]) -> Component | None:
    """Offer the verdict whose opposite would raise the Dice average most, or say that there is none.

    Args:
        rows: the ledger, as `ledger.table_rows` gives it.

    Returns:
        None where no verdict can be weighed.
    """
    weighed = [row for row in rows if row["outcome"] and row.get("if_flipped") is not None]
    if not weighed:
        return None
    worst = max(weighed, key=lambda row: (float(row["if_flipped"]), row["voxel_count"]))
    gain = float(worst["if_flipped"])
    if gain <= _TIE:
        return html.Span(
            "No verdict costs anything",
            id="costliest",
            className="fact",
            title="Turning any one verdict round would lower this case's Dice average, or leave it as it is",
        )
    alike = sum(abs(float(row["if_flipped"]) - gain) <= _TIE for row in weighed) - 1
    return html.Button(
        f"Costliest: {worst['label_name']} {worst['component']} ({number_format.dice_change(gain)})",
        id="costliest",
        className="button button-small",
        title=_costliest_says(worst, gain, alike),
        **attributes(data_go=f"component={worst['id']}&cursor=", data_quiet=""),
    )


def _costliest_says(worst: Row, gain: float, alike: int) -> str:
    verdict = str(worst["outcome"]).split("-", maxsplit=1)[0]
    words = (
        f"Select the verdict that costs this case most by Dice average: it was {verdict}, "
        f"and the opposite gives {number_format.dice_change(gain)}."
    )
    if not alike:
        return words + " No other costs as much."
    return words + f" {alike} more cost exactly as much; of equals the largest is taken."
