import numpy as np
import pandas as pd
import pytest
from cohorts import make_cohort

from viewer.case_bytes import Grid
from viewer.ledger import ledger_rows, row_id, selection, summary, table_rows

GRID = Grid((9, 9, 9), ((1, 0, 0, 0),), ((-1, 0, 0, 10), (0, -2, 0, 20), (0, 0, 3, -5), (0, 0, 0, 1)))


@pytest.fixture
def components():
    rows = [
        ("reference", 2, 1, 900, None, None),
        ("distmap", 3, 1, 50, "removed", "removed-true"),
        ("distmap", 3, 2, 5, "kept", "kept-false"),
    ]
    table = pd.DataFrame(rows, columns=["method", "label", "component", "voxel_count", "verdict", "outcome"])
    table["label"] = table["label"].astype(np.uint8)
    return table.assign(
        volume_ml=table["voxel_count"] / 1000,
        distance_to_main_mm=[0.0, 0.0, 7.5],
        baseline_overlap_voxels=pd.array([None, 0, 3], dtype="Int64"),
        reference_overlap_voxels=[900, 40, 0],
        centroid_x=[1.0, 2.0, 3.0],
        centroid_y=[1.0, 2.0, 3.0],
        centroid_z=[1.0, 2.0, 3.0],
    )


def test_what_the_rule_judged_comes_first_and_the_largest_on_top(components):
    rows = table_rows(make_cohort([]), components)
    assert [row["id"] for row in rows] == ["distmap:ET:1", "distmap:ET:2", "reference:ED:1"]


def test_the_verdict_that_matters_most_comes_first(components):
    changes = {"distmap:ET:1": 0.1, "distmap:ET:2": -0.2}
    rows = table_rows(make_cohort([]), components, changes)
    assert [(row["id"], row["if_flipped"]) for row in rows] == [
        ("distmap:ET:2", -0.2),
        ("distmap:ET:1", 0.1),
        ("reference:ED:1", None),
    ]


def test_rows_hold_plain_values_that_json_knows(components):
    for row in ledger_rows(components):
        assert all(value is None or type(value) in (int, float, str) for value in row.values())
    assert ledger_rows(components)[0]["baseline_overlap_voxels"] is None


def test_a_case_without_a_ledger_says_so():
    assert ledger_rows(None) == []
    assert summary([]) == "No ledger: the case has no prepared volumes."


def test_the_line_counts_every_outcome(components):
    line = summary(table_rows(make_cohort([]), components))
    assert line.startswith(
        "3 components; of 2 judged by the consensus: 0 kept, true, 1 kept, false, 1 removed, true"
    )


def test_a_selection_lies_at_the_centroid_in_mm(components):
    chosen = selection("P1", components, make_cohort([]).scheme, GRID, ("distmap", "ET", 2))
    # voxel (3, 3, 3): 10 - 3, 20 - 6, -5 + 9
    assert chosen == {"case": "P1", "panel": "distmap", "label": "ET", "component": 2, "mm": [7.0, 14.0, 4.0]}


@pytest.mark.parametrize("wanted", [("distmap", "ET", 3), ("nobody", "ET", 1), ("distmap", "XX", 1), None])
def test_a_component_that_is_not_there_is_no_selection(components, wanted):
    assert selection("P1", components, make_cohort([]).scheme, GRID, wanted) is None


def test_a_component_is_named_as_in_the_address():
    assert row_id(("distmap", "ET", 2)) == "distmap:ET:2"


def test_only_what_was_judged_can_be_turned_round_and_what_is_turned_can_be_undone(components):
    rows = table_rows(make_cohort([]), components, turned=[("distmap", "ET", 2)])
    assert {row["id"]: row["turn"] for row in rows} == {
        "distmap:ET:1": "Put back",
        "distmap:ET:2": "Undo",
        "reference:ED:1": "",
    }
