from dataclasses import replace

import pandas as pd
from cohorts import NAN, THREE_ROLES, make_cohort

from viewer.cohort_rows import records, table_columns
from viewer.cohort_table import columns, csv_titles, leaves, options
from viewer.cohort_view import Source
from viewer.quantities import Quantity

ROWS = [("P1", 0.9, 0.8, 0.85), ("P2", NAN, 0.9, NAN)]


def rows(cohort, eps, places=None):
    table = table_columns(cohort, eps)
    return records(table, range(len(cohort.patients)) if places is None else places)


def test_every_row_has_every_column():
    cohort = make_cohort(ROWS)
    fields = {column["field"] for column in columns(cohort)}
    assert all(fields - {"flagged"} <= set(row) for row in rows(cohort, 0.0))  # flags come from the notes


def test_classes_follow_the_threshold():
    cohort = make_cohort(ROWS)
    assert [rows(cohort, eps)[0]["winner"] for eps in (0.0, 0.2)] == ["Baseline", "tie"]
    assert [rows(cohort, eps)[0]["order"] for eps in (0.0, 0.2)] == ["C4", "tie"]


def test_what_is_unknown_is_none_and_not_nan():
    unknown = rows(make_cohort(ROWS), 0.0)[1]
    assert unknown["dice_average_baseline"] is None
    assert unknown["x"] is None
    assert unknown["winner"] is None


def test_a_fifth_method_has_its_column_without_code():
    cohort = make_cohort(ROWS, methods=[*THREE_ROLES, Source("other", "Other", "absent")])
    titles = [column["headerName"] for column in columns(cohort)]
    assert titles[2:6] == ["Baseline", "DistMap", "CC-Consensus", "Other"]
    assert rows(cohort, 0.0)[0]["dice_average_other"] is None


def test_without_roles_there_are_no_classes():
    cohort = make_cohort(ROWS, methods=THREE_ROLES[:1])
    assert not {"x", "y", "winner", "order"} & {column["field"] for column in columns(cohort)}


def test_missing_volumes_and_failures_are_marked():
    cohort = make_cohort(ROWS)
    table = cohort.patients.assign(
        has_volumes=[False, True], failure=pd.Series([None, "failed at read: broken"], dtype=object)
    )
    notes = [row["note"] for row in rows(replace(cohort, patients=table), 0.0)]
    assert notes == ["no volumes", "failed at read: broken"]


def test_scans_of_one_subject_name_each_other_and_a_foreign_fold():
    cohort = make_cohort(
        [("SYN-00001-000", 0.9, 0.8, 0.8), ("SYN-00001-001", 0.9, 0.8, 0.8), ("SYN-00002-000", 1, 1, 1)]
    )
    cohort.patients["fold"] = pd.array([0, 3, 0], dtype="Int64")
    said = [row["siblings"] for row in rows(cohort, 0.0)]
    assert said == ["SYN-00001-001 (fold 3)", "SYN-00001-000 (fold 0)", None]


def test_added_columns_are_grouped_by_metric_and_carry_their_definition():
    added = [Quantity("dice", "WT", "baseline"), Quantity("dice", "ET", "baseline"), Quantity("vol_WT")]
    groups = {
        one["headerName"]: one["children"] for one in columns(make_cohort(ROWS), added) if "children" in one
    }
    assert [child["headerName"] for child in groups["Dice"]] == ["WT Baseline", "ET Baseline"]
    assert "Twice the common voxels" in groups["Dice"][0]["headerTooltip"]
    assert groups["Features"][0]["headerTooltip"].endswith("Voxels of WT in the reference.")


def test_no_two_heads_of_the_csv_are_alike():
    added = [Quantity("dice", region, "baseline") for region in ("WT", "TC")]
    titles = csv_titles(make_cohort(ROWS), added)
    assert len(set(titles.values())) == len(titles) == len(leaves(columns(make_cohort(ROWS), added)))


def test_pages_are_asked_for_one_at_a_time_since_only_the_latest_request_is_answered():
    assert options(is_served_by_page=True)["maxConcurrentDatasourceRequests"] == 1
    assert "maxConcurrentDatasourceRequests" not in options()
