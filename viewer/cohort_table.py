"""The table of the cohort: its columns and rows, as dash-ag-grid takes them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from viewer.cohort_view import CohortView
from viewer.disagreement import Roles, classify
from viewer.grid_columns import Column, number_column, text_column
from viewer.number_format import MINUS
from viewer.selections import Mask

GRID_THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--panel)', foregroundColor: 'var(--text)',"
    " borderColor: 'var(--line)', headerBackgroundColor: 'var(--raised)', headerTextColor: 'var(--muted)',"
    " rowHoverColor: 'var(--hover)', selectedRowBackgroundColor: 'var(--accent-soft)',"
    " oddRowBackgroundColor: 'var(--panel)', accentColor: 'var(--accent)',"
    " chromeBackgroundColor: 'var(--raised)',"
    " fontFamily: 'inherit', fontSize: 12.5, headerFontSize: 12, spacing: 5, wrapperBorder: false,"
    " borderRadius: 4, wrapperBorderRadius: 0})"
)


def columns(cohort: CohortView) -> list[Column]:
    """Define the columns: patient first and fixed, then scores, classes, volumes and what is missing."""
    defs = [_patient_column()]
    if cohort.patients["fold"].notna().any():
        defs.append(number_column("fold", "Fold", 0, width=78))
    defs += [
        number_column(
            method.score_column,
            method.title,
            3,
            width=max(96, 52 + 8 * len(method.title)),
            tip=f"Dice average of {method.title}",
        )
        for method in cohort.methods
    ]
    roles = cohort.roles
    if roles is not None:
        defs += _class_columns(roles)
    defs += [
        number_column(
            f"volume_ml_{region}", f"{region} ml", 1, width=96, tip=f"Volume of {region} in the reference, ml"
        )
        for region in cohort.scheme.regions
        if f"volume_ml_{region}" in cohort.patients
    ]
    defs.append(_flags_column())
    defs.append(
        {"field": "note", "headerName": "Missing", "minWidth": 150, "flex": 1, "tooltipField": "note"}
    )
    return defs


def rows(cohort: CohortView, eps: float, mask: Mask | None = None) -> list[dict[str, Any]]:
    """Fill the rows, with case classes at a threshold; a missing value is None.

    Args:
        cohort: the patients.
        eps: materiality threshold in Dice.
        mask: (patients,) which of them are shown; None for all.
    """
    table = cohort.patients.copy()
    scores, roles = cohort.scores(), cohort.roles
    if scores is not None and roles is not None:
        points = classify(scores, eps)
        table["x"], table["y"] = points["x"], points["y"]
        table["winner"] = points["winner"].map(_winner_words(roles))
        table["order"] = points["order"]
    table["note"] = [_note(row) for row in cohort.patients.to_dict("records")]
    fields = [column["field"] for column in columns(cohort)]
    wanted = table.reindex(columns=fields).astype(object)
    if mask is not None:
        wanted = wanted[mask]
    records = wanted.where(pd.notna(wanted), None).to_dict("records")
    return [{str(name): value for name, value in record.items()} for record in records]


def options() -> dict[str, Any]:
    """Set up the grid: one row opens a case, columns can be sorted and filtered, text can be copied."""
    return {
        "theme": {"function": GRID_THEME},
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
        "animateRows": False,
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "suppressColumnVirtualisation": True,
        "suppressDragLeaveHidesColumns": True,
        "tooltipShowDelay": 300,
        "rowHeight": 30,
        "headerHeight": 34,
    }


def _patient_column() -> Column:
    return {
        "field": "patient",
        "headerName": "Patient",
        "pinned": "left",
        "width": 178,
        "filter": "agTextColumnFilter",
        "cellClass": "patient-cell",
        "headerTooltip": "Click a row to open the case",
    }


def _flags_column() -> Column:
    """Show the flags of notes, which the browser keeps beside the rows: see assets/64-notes.js."""
    return text_column("flagged", "Flags", 92, tip="Flags and notes on the patient") | {
        "valueGetter": {"function": "flagsOf(params)"}
    }


def _class_columns(roles: Roles) -> list[Column]:
    return [
        number_column(
            "x",
            f"D {MINUS} B",
            4,
            width=96,
            is_signed=True,
            tip=f"Dice average, {roles.distmap} {MINUS} {roles.baseline}",
        ),
        number_column(
            "y",
            f"F {MINUS} best",
            4,
            width=102,
            is_signed=True,
            tip=f"{roles.consensus} {MINUS} the better parent",
        ),
        text_column(
            "winner", "Ahead", 104, tip="Which parent has the better Dice average, beyond the threshold"
        ),
        text_column("order", "Order", 84, tip="Where the consensus falls between its parents: C3 to C6"),
    ]


def _winner_words(roles: Roles) -> Mapping[str, str]:
    return {"B": roles.baseline, "D": roles.distmap, "tie": "tie"}


def _note(row: Mapping[Any, Any]) -> str:
    if row.get("failure"):
        return str(row["failure"])
    return "" if row["has_volumes"] else "no volumes"
