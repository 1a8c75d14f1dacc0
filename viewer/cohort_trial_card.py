"""What a rule does to the cohort beside the study's own: mean Dice, fragments, case classes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from dash import html
from dash.development.base_component import Component

from analysis import cases
from analysis.metric_definitions import Definition, definition
from viewer import number_format
from viewer.cohort_columns import CohortColumns
from viewer.cohort_trial import DONE, RUNNING, Progress
from viewer.cohort_view import CohortView
from viewer.markup import attributes, term
from viewer.quantities import Quantity
from viewer.score_changes import written

Floats = npt.NDArray[np.float64]


def card(
    columns: CohortColumns,
    progress: Progress | None,
    rows: Sequence[Mapping[str, Any]],
    eps: float,
    query: str,
) -> list[Component]:
    """Write how far a trial on the cohort is and, once it is done, what came of it.

    Args:
        columns: the study's own numbers.
        progress: of the job; None where it never ran.
        rows: a row a patient, as the worker writes them.
        eps: materiality threshold of the case classes, in Dice.
        query: of the trial, for the link to its CSV.
    """
    total = len(columns.cohort.ids)
    parts: list[Component] = [_head(progress, total)]
    if progress is not None and progress.words:
        parts.append(html.P(progress.words, className="told-problem"))
    if progress is not None and progress.state == DONE:
        table = compared(columns, rows)
        parts += [_said(table, total, progress), _table(columns.cohort, table, eps), _csv(query)]
    return parts


def _head(progress: Progress | None, total: int) -> Component:
    is_running = progress is not None and progress.state == RUNNING
    done = 0 if progress is None else progress.done
    button = html.Button(
        "Cancel" if is_running else f"Try on all {number_format.count(total)} patients",
        className="button button-small",
        title="A process of its own reads every patient; it ends when nobody looks any more",
        disabled=progress is not None and progress.state == DONE,
        **attributes(data_cohort_trial="cancel" if is_running else "start"),
    )
    shown: list[Component] = [html.Strong("On the cohort"), button]
    if progress is not None and progress.state != DONE:
        of = max(progress.total, 1)
        shown.append(html.Progress(value=str(done), max=str(of), **attributes(aria_label="Patients done")))
        shown.append(html.Span(f"{done} of {of} patients", className="fact", role="status"))
    return html.Div(shown, className="cohort-trial-head")


def compared(columns: CohortColumns, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Put the trial's numbers beside the study's: a row a patient that has both.

    Columns are those of the rows, each with a twin `study_...`, and the Dice averages of the two parents.
    """
    cohort = columns.cohort
    table = pd.DataFrame(list(rows), columns=_names(cohort))
    consensus = cohort.by_role("consensus").name
    own: dict[str, Any] = {"patient": cohort.ids}
    own["study_dice_average"] = _values(columns, Quantity("dice_average", "", consensus))
    for region in cohort.scheme.regions:
        own[f"study_dice_{region}"] = _values(columns, Quantity("dice", region, consensus))
    for label in cohort.scheme.labels:
        own[f"study_fragments_{label.name}"] = _values(
            columns, Quantity("fragment_count", label.name, consensus)
        )
    for role in ("baseline", "distmap"):
        own[role] = _values(columns, Quantity("dice_average", "", cohort.by_role(role).name))
    both = pd.DataFrame(own).merge(table, on="patient", how="inner")
    return both[both["study_dice_average"].notna()].reset_index(drop=True)


def _names(cohort: CohortView) -> list[str]:
    return [
        "patient",
        "dice_average",
        *(f"dice_{region}" for region in cohort.scheme.regions),
        *(f"fragments_{label.name}" for label in cohort.scheme.labels),
    ]


def _values(columns: CohortColumns, quantity: Quantity) -> Floats:
    if quantity not in columns:
        return np.full(len(columns.cohort.ids), np.nan)
    return np.asarray(columns.values(quantity), dtype=np.float64)


def _said(table: pd.DataFrame, total: int, progress: Progress) -> Component:
    missing = total - len(table)
    words = f"n = {number_format.count(len(table))}, the same patients on both sides"
    if missing:
        words += f"; {number_format.count(missing)} lack a score or a volume"
    return html.P(words + ".", className="told", title="\n".join(progress.failures) or None)


def _table(cohort: CohortView, table: pd.DataFrame, eps: float) -> Component:
    dice, fragments = definition("dice"), definition("fragment_count")
    rows = [("Mean Dice average", "dice_average", dice)]
    rows += [(f"Mean Dice {region}", f"dice_{region}", dice) for region in cohort.scheme.regions]
    rows += [
        (f"Mean fragments {label.name}", f"fragments_{label.name}", fragments)
        for label in cohort.scheme.labels
    ]
    body = [_mean_row(title, table[f"study_{name}"], table[name], what) for title, name, what in rows]
    heads = [html.Td(), *[html.Th(words, scope="col") for words in ("Study", "This rule", "Change")]]
    return html.Table(
        [
            html.Caption("The study's rule and this one on the cohort", className="visually-hidden"),
            html.Thead(html.Tr(heads)),
            html.Tbody([*body, *_class_rows(table, eps)]),
        ],
        className="scores changes",
    )


def _mean_row(title: str, before: pd.Series, after: pd.Series, what: Definition) -> Component:
    was, now = float(before.mean()), float(after.mean())
    digits = 4 if what.digits else 2
    step = "0" if was == now else number_format.signed(now - was, digits)
    direction = "same"
    if was != now:
        direction = "change better" if (now > was) == (what.name == "dice") else "change worse"
    return _row(title, (written(was, digits), written(now, digits), step), direction, what.sentence)


def _class_rows(table: pd.DataFrame, eps: float) -> list[Component]:
    winners = cases.winner(table["baseline"], table["distmap"], eps=eps)
    before, after = (
        cases.case_counts(winners, cases.order(table["baseline"], table["distmap"], table[name], eps=eps))
        for name in ("study_dice_average", "dice_average")
    )
    counted = [
        (f"{case} {title}", before.cases[case], after.cases[case])
        for case, title in cases.CASE_TITLES.items()
    ]
    counted.append(("Ties of order", before.order_ties, after.order_ties))
    tip = f"Patients of the class at eps {number_format.threshold(eps)}"
    return [
        _row(title, (str(was), str(now), _count_step(was, now)), "same", tip) for title, was, now in counted
    ]


def _count_step(was: int, now: int) -> str:
    return "0" if was == now else f"{now - was:+d}".replace("-", number_format.MINUS)


def _row(title: str, cells: tuple[str, str, str], direction: str, tip: str) -> Component:
    was, now, step = cells
    return html.Tr(
        [
            html.Th(term(title, tip), scope="row"),
            html.Td(was),
            html.Td(now),
            html.Td(step, className=direction),
        ]
    )


def _csv(query: str) -> Component:
    address = f"/cohort-trial/result.csv{query}"
    return html.P(
        html.A("CSV, a line a patient", href=address, download="glioscope-rule.csv"), className="told"
    )


def as_csv(table: pd.DataFrame) -> str:
    """Write the comparison as CSV, a line a patient."""
    return str(table.to_csv(index=False, lineterminator="\n"))
