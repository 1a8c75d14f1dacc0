from cohorts import NAN, THREE_ROLES, make_cohort

from viewer.cohort_view import Pin
from viewer.pinned import choose_pins, claims

ROWS = [
    ("P1", 0.9, 0.5, 0.89),  # C1 clearest, C4
    ("P2", 0.5, 0.9, 0.9),  # C2 clearest, tie
    ("P3", 0.6, 0.8, 0.7),  # C3 clearest: 0.1 from both
    ("P4", 0.8, 0.6, 0.7),  # C4 clearest
    ("P5", 0.7, 0.75, 0.3),  # C5
    ("P6", 0.7, 0.71, 0.8),  # C6
    ("P7", NAN, 0.7, NAN),
]


def test_the_clearest_patient_of_each_class_is_chosen():
    chosen = {pin.tag: pin.patient for pin in choose_pins(make_cohort(ROWS))}
    assert chosen == {"C1": "P1", "C2": "P2", "C3": "P3", "C4": "P4", "C5": "P5", "C6": "P6"}


def test_no_patient_is_pinned_twice():
    pins = choose_pins(make_cohort(ROWS[:1]))
    assert [(pin.tag, pin.patient) for pin in pins] == [("C1", "P1")]


def test_nothing_is_chosen_without_roles():
    assert choose_pins(make_cohort(ROWS, methods=THREE_ROLES[:2])) == ()


def test_a_claim_is_read_from_the_results():
    cohort = make_cohort(ROWS, pins=[Pin("C5", "P5", "worst")])
    (claim,) = claims(cohort)
    assert claim.scores.split() == ["B", "0.700", "D", "0.750", "F", "0.300"]
    assert claim.holds is True


def test_a_pin_whose_class_the_results_deny_says_so():
    cohort = make_cohort(ROWS, pins=[Pin("C1", "P2", "not so"), Pin("C6", "P5", "not so")])
    assert [claim.holds for claim in claims(cohort)] == [False, False]


def test_a_pin_without_scores_claims_nothing():
    cohort = make_cohort(ROWS, pins=[Pin("C1", "P7", "unknown"), Pin("X", "P1", "other tag")])
    assert [claim.holds for claim in claims(cohort)] == [None, None]
