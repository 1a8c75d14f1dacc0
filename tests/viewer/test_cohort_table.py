from dataclasses import replace

import numpy as np
import pandas as pd
from cohorts import NAN, THREE_ROLES, make_cohort

from viewer.cohort_table import columns, rows
from viewer.cohort_view import Source

ROWS = [("P1", 0.9, 0.8, 0.85), ("P2", NAN, 0.9, NAN)]


def test_every_row_has_every_column():
    cohort = make_cohort(ROWS)
    fields = {column["field"] for column in columns(cohort)}
    assert all(set(row) == fields for row in rows(cohort, 0.0))


def test_classes_follow_the_threshold():
    cohort = make_cohort(ROWS)
    assert [rows(cohort, eps)[0]["winner"] for eps in (0.0, 0.2)] == ["Baseline", "tie"]
    assert [rows(cohort, eps)[0]["order"] for eps in (0.0, 0.2)] == ["C4", "tie"]


def test_only_the_patients_of_a_selection_have_rows():
    cohort = make_cohort([("P1", 0.75, 0.25, 0.5), ("P2", 0.25, 0.75, 0.5), ("P3", NAN, 0.5, NAN)])
    assert [row["patient"] for row in rows(cohort, 0.0, np.array([False, True, True]))] == ["P2", "P3"]


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
