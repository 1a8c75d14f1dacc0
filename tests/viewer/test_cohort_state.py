from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.cohort_state import CHARTS, FORMS, CohortState, Lasso, joined, read_cohort_query
from viewer.quantities import Quantity
from viewer.view_state import ViewState

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
NUMBERS = st.floats(-100, 100).map(lambda value: float(f"{value:g}"))
QUANTITIES = st.builds(Quantity, NAMES, NAMES, NAMES, NAMES)
LASSOS = st.builds(
    Lasso,
    st.sampled_from(["symlog", "linear"]),
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=9).map(tuple),
)
STATES = st.builds(
    CohortState,
    chart=st.sampled_from(CHARTS),
    x=st.none() | QUANTITIES,
    metric=st.just("") | NAMES,
    pair=st.just(()) | st.tuples(NAMES, NAMES),
    form=st.sampled_from(FORMS),
    density=st.booleans(),
    lasso=st.none() | LASSOS,
    on=st.just(()) | st.tuples(QUANTITIES, QUANTITIES),
    columns=st.lists(NAMES, unique=True).map(tuple),
    find=st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
    filter=st.sampled_from(["", '{"x":{"filter":0.1,"filterType":"number","type":"greaterThan"}}']),
    sort=st.lists(st.tuples(NAMES, st.sampled_from(["asc", "desc"])), max_size=2).map(tuple),
)


@given(STATES)
def test_a_state_survives_the_address(state):
    assert read_cohort_query(state.query()) == (state, ())


def test_the_default_state_needs_no_address():
    assert CohortState().query() == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("chart", "pie"),
        ("x", "::"),
        ("pair", "only-one"),
        ("zoom", "1,0,0,1"),
        ("zoom", "0,1,0,nan"),
        ("lasso", "symlog,0,0,1,1"),
        ("lasso", "round,0,0,1,0,1,1"),
        ("lasso", "linear," + ",".join(["0"] * 1000)),
        ("filter", "[1]"),
        ("filter", "{"),
        ("sort", "x:up"),
        ("on", "dice:WT:a"),
    ],
)
def test_rubbish_is_named_and_ignored(name, text):
    state, problems = read_cohort_query(f"?{name}={quote(text)}")
    assert state == CohortState()
    assert len(problems) == 1
    assert problems[0].startswith(f"The link says {name}=")


def test_an_endless_value_is_refused():
    assert read_cohort_query("?filter=" + "x" * 5000)[1] != ()


def test_queries_join_to_one():
    assert joined("", "?a=1", "?b=2") == "?a=1&b=2"
    assert joined("", "") == ""


def test_no_word_of_an_address_means_two_things():
    shared = set(CohortState.__slots__) & set(ViewState.__slots__)
    assert shared == set()
