"""What happened in a case, in sentences computed from its results."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from analysis import cases
from viewer import number_format
from viewer.cohort_view import CohortView
from viewer.disagreement import Roles
from viewer.markup import attributes

Row = Mapping[str, Any]
_MATERIAL = 0.0001  # of the Dice average


def story(cohort: CohortView, patient: str, rows: Sequence[Row]) -> list[Component]:
    """Tell a case: where the consensus fell, and what the rule kept and removed.

    Args:
        cohort: scores and names.
        patient: the open case.
        rows: its ledger, as `ledger.table_rows` gives it.

    Returns:
        Paragraphs; none where nothing is known. The components that matter most are links.
    """
    told = [
        _order(cohort, patient),
        _costliest(rows),
        _removed(rows, "removed-true"),
        _removed(rows, "removed-false"),
        _kept(rows),
    ]
    return [html.P(sentence) for sentence in told if sentence]


def _order(cohort: CohortView, patient: str) -> list[Any]:
    row, roles = cohort.point(patient), cohort.roles
    if row is None or roles is None or not isinstance(row["order"], str):
        return []
    titles = {"baseline": roles.baseline, "distmap": roles.distmap, "consensus": roles.consensus}
    values = ", ".join(f"{title} {number_format.dice(row[role])}" for role, title in titles.items())
    return [html.Strong(_order_words(str(row["order"]), roles)), f" Dice average: {values}."]


def _order_words(order: str, roles: Roles) -> str:
    if order not in cases.CASE_TITLES:
        return f"{roles.consensus} equals one of its parents."
    return f"{roles.class_titles()[order]} (class {order})."


def _costliest(rows: Sequence[Row]) -> list[Any]:
    """Name the one verdict whose opposite would help the case most, if any would help."""
    judged = [row for row in rows if row["outcome"] and row.get("if_flipped") is not None]
    worst = max(judged, key=lambda row: float(row["if_flipped"]), default=None)
    if worst is None or worst["if_flipped"] < _MATERIAL:
        return []
    verdict = str(worst["outcome"]).split("-", maxsplit=1)[0]
    change = number_format.dice_difference(worst["if_flipped"])
    return [
        "The verdict that cost most: ",
        _link(worst),
        f" was {verdict}; the opposite gives {change} Dice average.",
    ]


def _removed(rows: Sequence[Row], outcome: str) -> list[Any]:
    members = [row for row in rows if row["outcome"] == outcome]
    if not members:
        return []
    kind = "true" if outcome == "removed-true" else "false"
    return [
        f"The rule removed {_counted(members, kind)}, {_total(members)}; the largest is ",
        _link(_largest(members)),
        ".",
    ]


def _kept(rows: Sequence[Row]) -> list[Any]:
    members = [row for row in rows if row["outcome"] == "kept-false"]
    if not members:
        return []
    return [
        f"It kept {_counted(members, 'false')}, {_total(members)}; the largest is ",
        _link(_largest(members)),
        ".",
    ]


def _counted(members: Sequence[Row], kind: str) -> str:
    return f"{number_format.count(len(members))} {kind} component{'' if len(members) == 1 else 's'}"


def _total(members: Sequence[Row]) -> str:
    return f"{number_format.volume_ml(sum(row['volume_ml'] for row in members))} in all"


def _largest(members: Sequence[Row]) -> Row:
    return max(members, key=lambda row: int(row["voxel_count"]))


def _link(row: Row) -> Component:
    words = f"{row['label_name']} {row['component']} ({number_format.volume_ml(row['volume_ml'])})"
    return html.A(
        words, href=f"?component={row['id']}", **attributes(data_go=f"component={row['id']}", data_quiet="")
    )
