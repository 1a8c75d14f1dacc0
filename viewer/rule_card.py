"""The card that tries another rule: its options, what it keeps and removes, what becomes of the scores."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from analysis.cohort.study import Study
from analysis.consensus import PAPER_RULE
from viewer import number_format, parts
from viewer.cohort_view import CohortView
from viewer.ledger import OUTCOMES
from viewer.markup import attributes
from viewer.names import Id
from viewer.score_changes import score_changes
from viewer.trial import RULE_FIELDS, Trial, study_trial
from viewer.view_state import CONNECTIVITIES
from viewer.what_if import WhatIf

OVERLAP_STEPS = (0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
SHARE_STEPS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
CAP_STEPS = (
    0.0,
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    50.0,
    100.0,
    200.0,
    500.0,
    1000.0,
    2000.0,
    5000.0,
    10000.0,
    math.inf,
)
RESET = "&".join(f"{name}=" for name in RULE_FIELDS)
Counts = Mapping[str, Mapping[str, int]]

_SLIDERS = {
    "overlap": (
        Id.OVERLAP,
        "Overlap",
        "A component stays when at least this many of its voxels have its label there",
    ),
    "share": (Id.SHARE, "Share", "and when at least this share of its voxels does"),
    "cap": (Id.CAP, "Never above", "A component of more voxels than this is never removed (the paper's tau)"),
}


def steps(study: Study) -> dict[str, dict[str, Any]]:
    """Say for each slider which values it takes and which of them is the study's own."""
    default = study_trial(study)
    rule = None if default is None else default.rule
    cap = None if rule is None else rule.never_remove_above_voxels
    return {
        "overlap": {"steps": list(OVERLAP_STEPS), "own": 1 if rule is None else rule.minimum_overlap_voxels},
        "share": {"steps": list(SHARE_STEPS), "own": 0 if rule is None else rule.minimum_overlap_fraction},
        "cap": {
            "steps": [_cap_text(step) for step in CAP_STEPS],
            "own": _cap_text(math.inf if cap is None else cap),
        },
    }


def _cap_text(voxels: float) -> float | str:
    return "inf" if math.isinf(voxels) else voxels


def controls(study: Study, cohort: CohortView) -> Component:
    """Make the options: once, and never again by the server, so that nothing pulls a slider back.

    Without roles there is no rule to try, and they are hidden.
    """
    own = study_trial(study)
    shown = own or Trial(PAPER_RULE, "", "")
    methods = {source.name: source.title for source in cohort.methods if source.role != "consensus"}
    connectivity = {str(known): str(known) for known in CONNECTIVITIES}
    connected = str(shown.rule.connectivity)
    choices = [
        parts.segments("Judge", _choice("filtered", methods, shown.filtered, "Whose components are judged")),
        parts.segments("by", _choice("veto", methods, shown.veto, "Which method confirms them")),
        parts.segments(
            "Connectivity", _choice("connectivity", connectivity, connected, "Which voxels hang together")
        ),
        parts.segments("Labels", [_spared(label.name) for label in cohort.scheme.labels]),
    ]
    return html.Div(
        [
            html.Div(choices, className="rule-line"),
            html.Div([_slider(name) for name in _SLIDERS], className="rule-line"),
        ],
        hidden=own is None,
    )


def _choice(name: str, members: Mapping[str, str], own: str, tip: str) -> list[Component]:
    return [
        html.Button(
            words,
            className="segment",
            title=f"{tip}: {words}{' (as in the study)' if value == own else ''}",
            **attributes(
                data_go=f"{name}={'' if value == own else value}",
                data_quiet="",
                data_reflect=f"{name}={value}",
                aria_pressed=str(value == own).lower(),
                **({"data_own": ""} if value == own else {}),
            ),
        )
        for value, words in members.items()
    ]


def _spared(name: str) -> Component:
    return html.Button(
        [html.Span(className="dot", style={"background": f"var(--label-{name})"}), name],
        className="segment layer",
        title=f"Whether components of {name} may be removed",
        **attributes(
            data_toggle=f"spared={name}",
            data_quiet="",
            data_reflect=f"spared={name}",
            data_inverse="",
            aria_pressed="true",
        ),
    )


def _slider(name: str) -> Component:
    part, words, tip = _SLIDERS[name]
    last = {"overlap": len(OVERLAP_STEPS), "share": len(SHARE_STEPS), "cap": len(CAP_STEPS)}[name] - 1
    return html.Label(
        [
            html.Span(words, className="threshold-words"),
            dcc.Input(id=part, type="range", min=0, max=last, step=1, value=0, className="threshold-range"),
            html.Output(id=f"{part}-text", className="threshold-value"),
        ],
        className="threshold",
        title=tip,
    )


def found_here(
    cohort: CohortView, trial: Trial | None, found: WhatIf | None, before: Counts, sentences: Sequence[str]
) -> list[Component]:
    """Write what a rule does to the open case.

    Args:
        cohort: names.
        trial: the rule; None where the roles are vacant.
        found: the trial carried out; None where the study's own rule stands.
        before: components of the judged method by label and outcome under the study's rule; may be empty.
        sentences: what could not be done, and why.
    """
    told: list[Component] = [html.P(text, className="told-problem", role="alert") for text in sentences]
    if trial is None:
        return [*told, html.P(_NO_ROLES, className="empty")]
    now = before if found is None else outcome_counts(found)
    is_same = html.P("This is the study's own rule: move an option to try another one.", className="told")
    line = is_same if found is None else _changed_line()
    words = [*told, line, _counts_table(cohort, trial, before, now)]
    return words if found is None else [*words, score_changes(found.before, found.after, cohort.scheme)]


_NO_ROLES = (
    "There is no rule to try: it needs a method in the role baseline and one in the role distmap, and "
    "study.toml gives those roles to none."
)


def _changed_line() -> Component:
    return html.Div(
        [
            html.Strong("What if: not the study's rule"),
            html.Button(
                "Back to the study's",
                id="rule-reset",
                className="button button-small",
                **attributes(data_go=RESET, data_quiet=""),
            ),
        ],
        className="what-if-line",
    )


def outcome_counts(found: WhatIf) -> Counts:
    """Count the judged components of a trial by label name and outcome."""
    filtered = found.volumes.maps[found.trial.filtered]
    table, names = filtered.components.table, filtered.scheme.names
    is_true = filtered.components.overlaps(found.volumes.reference.labels) > 0
    words = np.where(found.verdicts.kept, "kept-", "removed-").astype(object) + np.where(
        is_true, "true", "false"
    )
    frame = pd.DataFrame({"label": table.labels, "outcome": words})
    return _counted(frame, names)


def stored_counts(components: pd.DataFrame | None, method: str, names: Mapping[int, str]) -> Counts:
    """Count the components of a method in the stored ledger by label name and outcome."""
    if components is None:
        return {}
    rows = components[(components["method"] == method) & components["outcome"].notna()]
    return _counted(rows, names)


def _counted(rows: pd.DataFrame, names: Mapping[int, str]) -> Counts:
    found: dict[str, Counter[str]] = {}
    for label, outcome in zip(rows["label"], rows["outcome"], strict=True):
        found.setdefault(names.get(int(label), str(label)), Counter())[str(outcome)] += 1
    return found


def _counts_table(cohort: CohortView, trial: Trial, before: Counts, now: Counts) -> Component:
    source = cohort.source(trial.filtered)
    title = source.title if source else trial.filtered
    head = [html.Th(title, scope="col"), *[html.Th(words, scope="col") for words in OUTCOMES.values()]]
    rows = [
        html.Tr(
            [
                html.Th(label.name, scope="row"),
                *[_count_cell(before.get(label.name), now.get(label.name, {}), key) for key in OUTCOMES],
            ]
        )
        for label in cohort.scheme.labels
    ]
    return html.Table(
        [
            html.Caption(f"Components of {title} by outcome", className="visually-hidden"),
            html.Thead(html.Tr(head)),
            html.Tbody(rows),
        ],
        className="scores changes",
    )


def _count_cell(before: Mapping[str, int] | None, now: Mapping[str, int], outcome: str) -> Component:
    count = now.get(outcome, 0)
    was = None if before is None else before.get(outcome, 0)
    if was is None or was == count:
        return html.Td(number_format.count(count), className="same")
    is_good = outcome in ("kept-true", "removed-false")
    direction = "better" if (count > was) == is_good else "worse"
    return html.Td(
        [
            html.Span([f"{number_format.count(was)} → ", html.Strong(number_format.count(count))]),
            html.Span(f"{count - was:+d}".replace("-", number_format.MINUS), className=f"change {direction}"),
        ]
    )
