from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cases import Scores, case_counts, dice_average, in_case, order, scatter, winner
from analysis.published import METHODS, read_published

dice = st.floats(0, 1) | st.sampled_from([0.0, 0.5, 0.501, 0.502, 1.0])
cohorts = st.lists(st.tuples(dice, dice, dice), min_size=1, max_size=30).map(lambda rows: np.array(rows).T)
thresholds = st.sampled_from([0.0, 0.001, 0.01, 0.3])


def test_a_lead_of_exactly_eps_is_a_tie() -> None:
    assert winner([0.75, 0.75], [0.5, 0.5], eps=0.25).tolist() == ["tie", "tie"]
    assert winner([0.75], [0.5], eps=0.249).tolist() == ["B"]


def test_each_order_has_its_letters() -> None:
    B = [0.1, 0.9, 0.5, 0.5, 0.5]
    D = [0.9, 0.1, 0.6, 0.6, 0.5]
    F = [0.5, 0.5, 0.4, 0.7, 0.5]
    assert order(B, D, F).tolist() == ["C3", "C4", "C5", "C6", "tie"]
    assert order(B, D, F, eps=0.15).tolist() == ["C3", "C4", "tie", "tie", "tie"]


def test_a_consensus_equal_to_one_parent_is_a_tie_of_order() -> None:
    assert order([0.2, 0.2], [0.8, 0.8], [0.2, 0.8]).tolist() == ["tie", "tie"]


def test_a_missing_average_gives_no_class_and_is_counted() -> None:
    winners = winner([np.nan, 0.5, 0.5], [0.5, 0.4, 0.4])
    orders = order([np.nan, 0.5, 0.5], [0.5, 0.4, 0.4], [0.5, np.nan, 0.6])
    assert winners.tolist() == [None, "B", "B"]
    assert orders.tolist() == [None, None, "C6"]
    counts = case_counts(winners, orders)
    assert (counts.winner_unknown, counts.order_unknown, counts.cases["C1"], counts.cases["C6"]) == (
        1,
        2,
        2,
        1,
    )


def test_x_is_positive_where_distmap_wins_and_y_negative_where_the_consensus_loses() -> None:
    x, y = scatter([0.5], [0.75], [0.25])
    assert (x.tolist(), y.tolist()) == ([0.25], [-0.5])


def test_the_average_adds_the_regions_from_left_to_right() -> None:
    values = [0.1, 0.2, 0.3]
    assert dice_average([values])[0] == (0.1 + 0.2 + 0.3) / 3
    assert dice_average([values])[0] != (0.3 + 0.2 + 0.1) / 3


def test_the_average_does_not_depend_on_memory_order() -> None:
    values = np.random.default_rng(1).random((50, 3))
    assert np.array_equal(dice_average(values), dice_average(np.asfortranarray(values)))


@pytest.mark.parametrize("eps", [-0.1, float("nan")])
def test_a_threshold_below_zero_or_nan_is_refused(eps: float) -> None:
    with pytest.raises(ValueError, match="eps is a threshold of at least 0"):
        winner([0.5], [0.5], eps=eps)


def test_averages_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"found shapes \[\(2,\), \(1,\)\]"):
        winner([0.5, 0.6], [0.5])


def test_an_unknown_case_is_refused() -> None:
    with pytest.raises(ValueError, match="no case 'C7'"):
        in_case("C7", winner([0.5], [0.5]), order([0.5], [0.5], [0.5]))


@given(cohorts, thresholds)
def test_both_partitions_count_every_patient_once(cohort: Scores, eps: float) -> None:
    counts = case_counts(winner(*cohort[:2], eps=eps), order(*cohort, eps=eps))
    assert counts.cases["C1"] + counts.cases["C2"] + counts.winner_ties == cohort.shape[1]
    assert sum(counts.cases[case] for case in ("C3", "C4", "C5", "C6")) + counts.order_ties == cohort.shape[1]


@given(cohorts, thresholds)
def test_swapping_the_parents_swaps_the_classes(cohort: Scores, eps: float) -> None:
    baseline, distmap, consensus = cohort
    swap = {"B": "D", "D": "B", "C3": "C4", "C4": "C3"}
    assert [swap.get(c, c) for c in winner(baseline, distmap, eps=eps)] == winner(
        distmap, baseline, eps=eps
    ).tolist()
    assert [swap.get(c, c) for c in order(baseline, distmap, consensus, eps=eps)] == order(
        distmap, baseline, consensus, eps=eps
    ).tolist()


@given(cohorts)
def test_the_classes_agree_with_the_scatter_at_threshold_zero(cohort: Scores) -> None:
    x, y = scatter(*cohort)
    assert np.array_equal(in_case("C6", winner(*cohort[:2]), order(*cohort)), y > 0)
    assert np.array_equal(in_case("C2", winner(*cohort[:2]), order(*cohort)), x > 0)


@given(cohorts)
def test_a_larger_threshold_never_adds_a_win(cohort: Scores) -> None:
    few, many = (case_counts(winner(*cohort[:2], eps=e), order(*cohort, eps=e)).cases for e in (0.01, 0.0))
    assert all(few[case] <= many[case] for case in many)


def published_averages(folder: Path) -> list[Scores]:
    patients = read_published(folder / "published").patients
    return [patients[f"dice_average_{method}"].to_numpy() for method in METHODS]


def test_the_published_table_gives_the_published_classes(test_data: Path) -> None:
    B, D, F = published_averages(test_data)
    counts = case_counts(winner(B, D), order(B, D, F))
    assert list(counts.cases.values()) == [602, 593, 390, 169, 463, 157]
    assert (counts.winner_ties, counts.order_ties) == (1, 17)


def test_the_published_classes_do_not_hang_on_the_last_bit(test_data: Path) -> None:
    # the table has six decimals: three times the average is a whole number of millionths
    B, D, F = (np.round(average * 3e6) for average in published_averages(test_data))
    counts = case_counts(winner(B, D), order(B, D, F))
    assert list(counts.cases.values()) == [602, 593, 390, 169, 463, 157]


def test_a_thousandth_of_materiality_leaves_few_damaged_patients(test_data: Path) -> None:
    B, D, F = published_averages(test_data)
    cases = case_counts(winner(B, D, eps=0.001), order(B, D, F, eps=0.001)).cases
    assert (cases["C1"], cases["C2"], cases["C5"], cases["C6"]) == (411, 409, 31, 16)
