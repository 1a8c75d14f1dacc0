import numpy as np
import pytest
from cohorts import NAN, make_cohort

from viewer import symlog
from viewer.disagreement import Roles, classify, figure, legend
from viewer.view_state import ViewState

ROLES = Roles("Baseline", "DistMap", "CC-Consensus")
ROWS = [
    ("P1", 0.9, 0.8, 0.85),  # C1, C4
    ("P2", 0.8, 0.9, 0.95),  # C2, C6
    ("P3", 0.8, 0.8, 0.7),  # tie, C5
    ("P4", 0.8, NAN, NAN),  # unknown
]


def points(eps=0.0):
    return classify(make_cohort(ROWS).scores(), eps)


def drawn(view=ViewState(), current=None, pins=None):  # noqa: B008 - a frozen value
    return figure(points(view.eps), ROLES, view, current, pins or {})


def test_points_stand_where_the_definition_puts_them():
    table = points()
    assert table["x"].tolist()[:3] == pytest.approx([-0.1, 0.1, 0.0])
    assert table["y"].tolist()[:3] == pytest.approx([-0.05, 0.05, -0.1])


def test_the_legend_counts_every_class_and_what_has_none():
    counts, unknown = legend(points(), "order", ROLES)
    assert {item.key: item.count for item in counts} == {"C3": 0, "C4": 1, "C5": 1, "C6": 1, "tie": 0}
    assert unknown == 1


def test_a_larger_threshold_turns_leads_into_ties():
    counts, _ = legend(points(eps=0.2), "winner", ROLES)
    assert {item.key: item.count for item in counts} == {"B": 0, "D": 0, "tie": 3}


def test_every_known_patient_is_drawn_once_and_the_unknown_one_never():
    classes = [trace for trace in drawn()["data"] if "customdata" in trace]
    assert sorted(patient for trace in classes for patient in trace["customdata"]) == ["P1", "P2", "P3"]


def test_ids_travel_as_plain_lists_because_dash_loses_encoded_arrays():
    for trace in drawn()["data"]:
        assert not any(isinstance(value, np.ndarray) for value in trace.values())


def test_the_ring_stands_on_the_open_case():
    ring = drawn(current="P2")["data"][-1]
    assert symlog.symexp(ring["x"]).tolist() == pytest.approx([0.1])
    assert symlog.symexp(ring["y"]).tolist() == pytest.approx([0.05])


def test_a_case_without_scores_has_no_ring():
    assert drawn(current="P4")["data"][-1]["x"] == []


def test_linear_axes_show_the_values_themselves():
    ring = drawn(ViewState(scale="linear"), current="P1")["data"][-1]
    assert ring["x"] == pytest.approx([-0.1])
    assert "ticktext" not in drawn(ViewState(scale="linear"))["layout"]["xaxis"]


def test_pins_carry_their_tags():
    texts = [trace for trace in drawn(pins={"P1": "C1", "P4": "C9"})["data"] if trace.get("name") == "pins"]
    assert texts[0]["text"] == ["C1"]


def test_a_tag_stands_on_the_side_where_no_other_point_is():
    scores = {"crowded": (0.5, 0.6, 0.6), "upper right of it": (0.5, 0.62, 0.63), "alone": (0.9, 0.5, 0.5)}
    cohort = make_cohort([(name, *values) for name, values in scores.items()])
    pins = {"crowded": "C1", "alone": "C2"}
    data = figure(classify(cohort.scores(), 0.0), ROLES, ViewState(scale="linear"), None, pins)["data"]
    tags = next(trace for trace in data if trace.get("name") == "pins")
    assert dict(zip(tags["text"], tags["textposition"], strict=True)) == {"C1": "top left", "C2": "top right"}


def test_tags_of_points_in_one_place_stand_on_different_sides():
    cohort = make_cohort([("one", 0.5, 0.6, 0.6), ("other", 0.5, 0.6, 0.6), ("far", 0.9, 0.5, 0.5)])
    data = figure(classify(cohort.scores(), 0.0), ROLES, ViewState(), None, {"one": "C1", "other": "C2"})[
        "data"
    ]
    tags = next(trace for trace in data if trace.get("name") == "pins")
    assert len(set(tags["textposition"])) == 2


def test_hovering_shows_patient_and_scores():
    text = next(trace for trace in drawn()["data"] if trace.get("customdata") == ["P2"])["text"][0]
    assert text.startswith("<b>P2</b>")
    assert "DistMap 0.900" in text


def test_a_cohort_without_scores_draws_an_empty_plot():
    empty = classify(make_cohort([]).scores(), 0.0)
    assert figure(empty, ROLES, ViewState(), None, {})["layout"]["xaxis"]["range"][0] < 0
