import math

import pytest

from analysis.metric_definitions import definition
from viewer.score_changes import change
from viewer.what_if_card import costliest


def row(name, outcome, gain, voxels=10):
    label, number = name.split()
    return {
        "id": f"distmap:{label}:{number}",
        "label_name": label,
        "component": int(number),
        "outcome": outcome,
        "voxel_count": voxels,
        "if_flipped": gain,
    }


@pytest.mark.parametrize(
    ("metric", "was", "now", "text"),
    [
        ("dice", 0.5, 0.6, "+0.1000"),
        ("dice", 0.5, 0.49999, "> −0.0001"),
        ("dice", 0.5, 0.50001, "< +0.0001"),
        ("hd95_pooled_mm", 5.0, 3.25, "−1.8"),
        ("lesion_fp", 3.0, 1.0, "−2"),
        ("hd95_pooled_mm", math.nan, 3.0, "appears"),
        ("hd95_pooled_mm", 3.0, math.nan, "undefined now"),
    ],
)
def test_a_change_has_its_sign_and_is_never_written_as_nothing(metric, was, now, text):
    assert change(was, now, definition(metric)) == text


def test_the_costliest_verdict_is_one_click_and_says_what_it_cost():
    found = costliest([row("ET 1", "removed-true", 0.31), row("ED 1", "kept-true", -0.2)])
    assert found.children == "Costliest: ET 1 (+0.3100)"
    assert getattr(found, "data-go") == "component=distmap:ET:1&cursor="
    assert found.title.endswith("No other costs as much.")


def test_of_verdicts_that_cost_the_same_the_largest_is_taken_and_the_others_are_counted():
    rows = [
        row("ET 2", "removed-true", 0.1, 5),
        row("ET 1", "removed-true", 0.1, 9),
        row("NCR 1", "kept-false", 0.1, 7),
    ]
    found = costliest(rows)
    assert found.children.startswith("Costliest: ET 1")
    assert found.title.endswith("2 more cost exactly as much; of equals the largest is taken.")


def test_a_case_in_which_no_verdict_costs_says_so():
    assert costliest([row("ET 1", "kept-true", -0.3)]).children == "No verdict costs anything"
    assert costliest([row("ET 1", "kept-true", 0.0)]).children == "No verdict costs anything"


def test_a_case_without_verdicts_offers_nothing():
    assert costliest([row("ET 1", None, None)]) is None
    assert costliest([]) is None


def test_a_cost_below_the_digits_is_not_written_as_zero():
    assert costliest([row("ET 1", "kept-false", 1e-6)]).children == "Costliest: ET 1 (< +0.0001)"
