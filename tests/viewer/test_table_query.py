import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.table_query import QueryError, ordered

NAN = float("nan")
TABLE = {
    "patient": np.array(["P1", "P2", "p3", "Q4"], dtype=object),
    "score": np.array([0.5, NAN, 0.9, 0.1]),
    "class": np.array(["C5", None, "tie", "C6"], dtype=object),
}


def shown(filters=None, sort=(), find=""):
    return TABLE["patient"][ordered(TABLE, filters or {}, sort, find)].tolist()


def number(kind, value=None, to=None):
    return {"score": {"filterType": "number", "type": kind, "filter": value, "filterTo": to}}


def text(kind, value=None):
    return {"class": {"filterType": "text", "type": kind, "filter": value}}


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (number("equals", 0.5), ["P1"]),
        (number("notEqual", 0.5), ["p3", "Q4"]),
        (number("lessThan", 0.5), ["Q4"]),
        (number("lessThanOrEqual", 0.5), ["P1", "Q4"]),
        (number("greaterThan", 0.5), ["p3"]),
        (number("greaterThanOrEqual", 0.5), ["P1", "p3"]),
        (number("inRange", 0.1, 0.9), ["P1"]),
        (number("blank"), ["P2"]),
        (number("notBlank"), ["P1", "p3", "Q4"]),
        (text("contains", "c"), ["P1", "Q4"]),
        (text("notContains", "c"), ["P2", "p3"]),
        (text("equals", "TIE"), ["p3"]),
        (text("notEqual", "tie"), ["P1", "P2", "Q4"]),
        (text("startsWith", "c"), ["P1", "Q4"]),
        (text("endsWith", "6"), ["Q4"]),
        (text("blank"), ["P2"]),
        (text("notBlank"), ["P1", "p3", "Q4"]),
        ({"gone": {"type": "equals", "filter": 1}}, ["P1", "P2", "p3", "Q4"]),
    ],
)
def test_a_filter_keeps_what_ag_grid_keeps(filters, kept):
    assert shown(filters) == kept


def test_two_conditions_of_a_column_join_as_they_say():
    conditions = [number("lessThan", 0.2)["score"], number("greaterThan", 0.8)["score"]]
    either = {"score": {"filterType": "number", "operator": "OR", "conditions": conditions}}
    both = {"score": {"filterType": "number", "operator": "AND", "conditions": conditions}}
    assert shown(either) == ["p3", "Q4"]
    assert shown(both) == []


def test_words_are_found_in_any_text_whatever_their_case():
    assert shown(find="p") == ["P1", "P2", "p3"]
    assert shown(find="p c5") == ["P1"]
    assert shown(find="0.5") == []


def test_empty_values_come_first_when_the_order_rises_and_last_when_it_falls():
    assert shown(sort=[("score", "asc")]) == ["P2", "Q4", "P1", "p3"]
    assert shown(sort=[("score", "desc")]) == ["p3", "P1", "Q4", "P2"]
    assert shown(sort=[("class", "asc")]) == ["P2", "P1", "Q4", "p3"]


def test_the_first_of_several_columns_decides_and_the_next_breaks_ties():
    table = {"a": np.array([1.0, 0.0, 1.0]), "b": np.array([1.0, 2.0, 3.0])}
    assert ordered(table, {}, [("a", "desc"), ("b", "desc")]).tolist() == [2, 0, 1]


@given(st.lists(st.integers(0, 3), max_size=30), st.booleans())
def test_equal_rows_keep_their_order(values, is_falling):
    table = {"a": np.array(values, dtype=float)}
    places = ordered(table, {}, [("a", "desc" if is_falling else "asc")]).tolist()
    assert places == sorted(range(len(values)), key=lambda at: -values[at] if is_falling else values[at])


@pytest.mark.parametrize("filters", [number("near", 1), text("resembles", "a"), number("equals", "many")])
def test_a_filter_that_means_nothing_is_refused_in_a_sentence(filters):
    with pytest.raises(QueryError, match=r"\.$"):
        shown(filters)
