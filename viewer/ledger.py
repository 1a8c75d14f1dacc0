"""The component ledger of a case: every component of every method, its verdict and what came of it."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from analysis.cohort.labels import LabelScheme
from viewer.case_bytes import Grid
from viewer.cohort_table import GRID_THEME
from viewer.cohort_view import CohortView
from viewer.grid_columns import Column, number_column, text_column

_SURE = "Was the network sure? Mean {} of its own label inside the component; needs maps beside the label map"
_FLIPPED = "Change of the Dice average with the opposite verdict on this component; + means its verdict cost"

OUTCOMES = {
    "kept-true": "kept, true",
    "kept-false": "kept, false",
    "removed-true": "removed, true",
    "removed-false": "removed, false",
}


def ledger_rows(components: pd.DataFrame | None) -> list[dict[str, Any]]:
    """List the components in the order of the table, with Python's own types; what is missing is None."""
    if components is None:
        return []
    columns = {str(name): _plain(components[name]) for name in components.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def columns() -> list[Column]:
    """Define the columns of the ledger."""
    return [
        text_column("method_title", "Method", 116, tip="Who predicted it"),
        text_column("label_name", "Label", 74, tip="Label of its voxels"),
        number_column(
            "component", "No.", 0, width=60, tip="1 is the largest of its label, then by falling size"
        ),
        number_column("volume_ml", "ml", 3, width=80, tip="Volume in ml"),
        text_column("verdict", "Verdict", 92, tip="What the consensus rule did with a DistMap component"),
        text_column(
            "outcome_words", "Outcome", 124, tip="The verdict and the truth: true touches the reference"
        )
        | {"cellClassRules": {f"outcome-{key}": f"params.data.outcome === '{key}'" for key in OUTCOMES}},
        text_column("turn", "Turn", 78, tip="Turn this verdict round and see the scores change")
        | {"cellClass": "turn-cell", "filter": False},
        number_column("if_flipped", "If flipped", 4, width=104, tip=_FLIPPED, is_signed=True),
        number_column(
            "reference_overlap_voxels", "In truth", 0, width=94, tip="Voxels with this label in the reference"
        ),
        number_column(
            "baseline_overlap_voxels",
            "In Baseline",
            0,
            width=106,
            tip="Voxels with this label in the baseline",
        ),
        number_column(
            "distance_to_main_mm", "To main mm", 1, width=112, tip="Gap to the largest of its label, in mm"
        ),
        number_column("mean_p", "Mean p", 3, width=88, tip=_SURE.format("probability")),
        number_column("mean_response", "Mean d", 3, width=88, tip=_SURE.format("distance response")),
        text_column("flagged", "Flags", 92, tip="Flags and notes on the component")
        | {"valueGetter": {"function": "flagsOf(params)"}},
        number_column("voxel_count", "Voxels", 0, width=88, tip="Voxels in the component"),
    ]


def table_rows(
    cohort: CohortView,
    components: pd.DataFrame | None,
    changes: Mapping[str, float] = MappingProxyType({}),
    turned: Collection[tuple[str, str, int]] = (),
) -> list[dict[str, Any]]:
    """Fill the ledger's rows for the page: names instead of numbers, and an id for each row.

    What the rule judged comes first, and of that what the Dice average hangs on most.

    Args:
        cohort: names of methods and labels.
        components: the ledger as it is stored.
        changes: row id to the change of the Dice average with the opposite verdict.
        turned: components whose verdict is turned round, as source, label and number.
    """
    titles = {source.name: source.title for source in cohort.sources}
    names = cohort.scheme.names
    kept = [column["field"] for column in columns()]
    rows = []
    for row in ledger_rows(components):
        label = names.get(row["label"], str(row["label"]))
        words = {
            "method_title": titles.get(row["method"], row["method"]),
            "label_name": label,
            "outcome_words": OUTCOMES.get(row["outcome"] or "", ""),
        }
        shown = {name: {**row, **words}.get(name) for name in kept}
        component = (row["method"], label, row["component"])
        name = row_id(component)
        shown |= {"id": name, "outcome": row["outcome"], "if_flipped": changes.get(name)}
        rows.append(shown | {"turn": _turn_words(row["verdict"], is_turned=component in turned)})
    return sorted(rows, key=_importance)


def with_certainty(
    rows: list[dict[str, Any]], certainty: Mapping[str, Mapping[str, float]]
) -> list[dict[str, Any]]:
    """Add to the rows how sure the network was of each component, by row id."""
    return [row | dict(certainty.get(row["id"], {})) for row in rows]


def _turn_words(verdict: str | None, *, is_turned: bool) -> str:
    """Say what a click does to a verdict; nothing where no rule judged."""
    if verdict is None:
        return ""
    if is_turned:
        return "Undo"
    return "Delete" if verdict == "kept" else "Put back"


def _importance(row: Mapping[str, Any]) -> tuple[bool, float, int]:
    return row["outcome"] is None, -abs(row["if_flipped"] or 0.0), -row["voxel_count"]


def options() -> dict[str, Any]:
    """Set up the ledger's grid."""
    return {
        "theme": {"function": GRID_THEME},
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
        "animateRows": False,
        "isExternalFilterPresent": {"function": "isLedgerFiltered()"},
        "doesExternalFilterPass": {"function": "passesLedger(params)"},
        "tooltipShowDelay": 300,
        "rowHeight": 28,
        "headerHeight": 34,
    }


def selection(
    patient: str,
    components: pd.DataFrame | None,
    scheme: LabelScheme,
    grid: Grid | None,
    wanted: tuple[str, str, int] | None,
) -> dict[str, Any] | None:
    """Describe the selected component to the stage.

    Args:
        patient: the case.
        components: the case's ledger.
        scheme: names of the labels.
        grid: turns a centroid into mm.
        wanted: source, label name and number.

    Returns:
        Case, panel, label, number and the centroid in RAS mm; None where nothing is selected or it is gone.
    """
    if wanted is None or components is None or grid is None:
        return None
    source, label, number = wanted
    values = {name: value for value, name in scheme.names.items()}
    found = components[
        (components["method"] == source)
        & (components["label"] == values.get(label, -1))
        & (components["component"] == number)
    ]
    if found.empty:
        return None
    row = found.iloc[0]
    voxel = (float(row["centroid_x"]), float(row["centroid_y"]), float(row["centroid_z"]))
    return {
        "case": patient,
        "panel": source,
        "label": label,
        "component": number,
        "mm": list(grid.file_to_world(voxel)),
    }


def row_id(component: tuple[str, str, int]) -> str:
    """Name a component as the ledger's rows and the address do."""
    return ":".join(str(part) for part in component)


def summary(rows: list[dict[str, Any]]) -> str:
    """Say in one line what the rule did in this case."""
    if not rows:
        return "No ledger: the case has no prepared volumes."
    counts = {key: sum(row["outcome"] == key for row in rows) for key in OUTCOMES}
    judged = sum(counts.values())
    if not judged:
        return f"{len(rows)} components; no rule was applied."
    parts = ", ".join(f"{count} {OUTCOMES[key]}" for key, count in counts.items())
    return f"{len(rows)} components; of {judged} judged by the consensus: {parts}."


def _plain(column: pd.Series) -> list[Any]:
    values, missing = column.astype(object).tolist(), column.isna().tolist()
    return [
        None if is_missing else value.item() if isinstance(value, np.generic) else value
        for value, is_missing in zip(values, missing, strict=True)
    ]
