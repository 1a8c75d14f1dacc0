"""The table of the cohort: its columns, as dash-ag-grid takes them; its rows are in cohort_rows."""

from collections.abc import Sequence
from typing import Any

from analysis.metric_definitions import DICE_AVERAGE, FEATURE_DEFINITIONS
from viewer.cohort_view import CohortView
from viewer.disagreement import Roles
from viewer.grid_columns import Column, number_column, text_column
from viewer.number_format import MINUS
from viewer.quantities import Quantity

PAGE_ROWS = 200

GRID_THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--panel)', foregroundColor: 'var(--text)',"
    " borderColor: 'var(--line)', headerBackgroundColor: 'var(--raised)', headerTextColor: 'var(--muted)',"
    " rowHoverColor: 'var(--hover)', selectedRowBackgroundColor: 'var(--accent-soft)',"
    " oddRowBackgroundColor: 'var(--panel)', accentColor: 'var(--accent)',"
    " chromeBackgroundColor: 'var(--raised)',"
    " fontFamily: 'inherit', fontSize: 12.5, headerFontSize: 12, spacing: 5, wrapperBorder: false,"
    " borderRadius: 4, wrapperBorderRadius: 0})"
)


def columns(cohort: CohortView, quantities: Sequence[Quantity] = ()) -> list[Column]:
    """Define the columns: patient first and fixed, then scores, classes, volumes, and what is missing.

    Args:
        cohort: the patients.
        quantities: those that have columns beside the usual ones; they are grouped by metric.
    """
    defs = [_patient_column()]
    if cohort.patients["fold"].notna().any():
        defs.append(number_column("fold", "Fold", 0, width=78, tip="Fold of the cross-validation"))
    defs += [
        number_column(
            method.score_column,
            method.title,
            3,
            width=max(96, 52 + 8 * len(method.title)),
            tip=f"Dice average of {method.title}. {DICE_AVERAGE.sentence}",
        )
        for method in cohort.methods
    ]
    roles = cohort.roles
    if roles is not None:
        defs += _class_columns(roles)
    defs += _groups(cohort, quantities)
    defs += [
        number_column(
            f"volume_ml_{region}", f"{region} ml", 1, width=96, tip=f"Volume of {region} in the reference, ml"
        )
        for region in cohort.scheme.regions
        if f"volume_ml_{region}" in cohort.patients
    ]
    if cohort.patients["subject"].duplicated().any():
        defs.append(text_column("siblings", "Same subject", 190, tip="Other scans of the same subject"))
    missing = text_column("note", "Missing", 150, tip="What the patient lacks: results or volumes")
    # of a fixed width: with a flexible column ag-grid hides all cells until it is sure of the widths, and on
    # a slow machine it never came to be
    defs += [_flags_column(), missing | {"width": 220, "tooltipField": "note"}]
    for leaf in leaves(defs):
        if leaf["filter"] == "agNumberColumnFilter":
            leaf["getQuickFilterText"] = {"function": "''"}  # words are sought in texts, as the server does
    return defs


def leaves(defs: Sequence[Column]) -> list[Column]:
    """List the columns that hold values, out of their groups."""
    return [leaf for one in defs for leaf in one.get("children", [one])]


def csv_titles(cohort: CohortView, quantities: Sequence[Quantity]) -> dict[str, str]:
    """Give every shown column its head in the CSV: no two are alike."""
    titles = {source.name: source.title for source in cohort.sources}
    own = {quantity.text: quantity.axis(titles) for quantity in quantities}
    heads = {leaf["field"]: leaf["headerName"] for leaf in leaves(columns(cohort, quantities))}
    averages = {method.score_column: f"Dice average, {method.title}" for method in cohort.methods}
    return {field: own.get(field) or averages.get(field) or head for field, head in heads.items()}


def _groups(cohort: CohortView, quantities: Sequence[Quantity]) -> list[Column]:
    titles = {source.name: source.title for source in cohort.sources}
    groups: dict[str, list[Column]] = {}
    for quantity in quantities:
        about = quantity.definition
        is_feature = quantity.metric in FEATURE_DEFINITIONS
        head = "Features" if is_feature else about.axis
        who = titles.get(quantity.method, quantity.method)
        name = about.axis if is_feature else f"{quantity.region} {who}".strip()
        groups.setdefault(head, []).append(
            number_column(
                quantity.text,
                name,
                quantity.digits,
                width=max(92, 44 + 8 * len(name)),
                tip=f"{quantity.axis(titles)}. {quantity.says(titles)}",
            )
        )
    return [{"headerName": head, "children": children} for head, children in groups.items()]


def options(*, is_served_by_page: bool = False) -> dict[str, Any]:
    """Set up the grid: one row opens a case, columns can be sorted and filtered, text can be copied.

    Args:
        is_served_by_page: whether the rows stay on the server.
    """
    paged = {
        "cacheBlockSize": PAGE_ROWS,
        "maxBlocksInCache": 20,
        "infiniteInitialRowCount": 1,
        "maxConcurrentDatasourceRequests": 1,  # dash-ag-grid answers only its latest request: one at a time
    }
    return (paged if is_served_by_page else {}) | {
        "theme": {"function": GRID_THEME},
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
        "animateRows": False,
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "suppressFieldDotNotation": True,
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
        "width": 204,
        "filter": "agTextColumnFilter",
        "cellClass": "patient-cell",
        "cellRenderer": "PatientCell",
        "headerTooltip": "Click a row to open the case",
    }


def _flags_column() -> Column:
    """Show the flags of notes, which the browser keeps beside the rows: see assets/64-notes.js."""
    return text_column("flagged", "Flags", 92, tip="Flags and notes on the patient") | {
        "valueGetter": {"function": "params.data ? flagsOf(params) : ''"}
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
