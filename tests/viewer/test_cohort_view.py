import math

import pytest
from cohorts import NAN, THREE_ROLES, make_cohort

from viewer.cohort_view import resembling

ROWS = [("S-00001-000", 0.9, 0.8, 0.85), ("S-00001-001", NAN, 0.9, NAN), ("S-00002-000", 0.5, 0.9, 0.9)]


def test_a_mean_says_how_many_values_it_rests_on():
    cohort = make_cohort(ROWS)
    mean = cohort.mean_average(cohort.by_role("baseline"))
    assert (mean.value, mean.n, mean.missing) == (pytest.approx(0.7), 2, 1)


def test_a_mean_of_nothing_is_unknown():
    cohort = make_cohort([])
    mean = cohort.mean_average(cohort.by_role("baseline"))
    assert math.isnan(mean.value)
    assert mean.n == 0


def test_scans_of_the_same_subject_are_siblings():
    cohort = make_cohort(ROWS)
    assert cohort.siblings("S-00001-000") == ["S-00001-001"]
    assert cohort.siblings("S-00002-000") == []
    assert cohort.siblings("nobody") == []


def test_scores_need_all_three_roles():
    assert make_cohort(ROWS, methods=THREE_ROLES[:2]).scores() is None
    assert list(make_cohort(ROWS).scores().columns) == ["patient", "baseline", "distmap", "consensus"]


def test_resembling_ids_contain_what_was_asked_in_any_case():
    assert resembling("s-00001", ["S-00001-000", "S-00002-000"]) == ["S-00001-000"]
    assert resembling("", ["A"] * 9, limit=3) == ["A"] * 3
