import math

from hypothesis import given
from hypothesis import strategies as st

from viewer.view_state import (
    CONNECTIVITIES,
    CONVENTIONS,
    MODES,
    PARTITIONS,
    PLANES,
    PRESETS,
    SCALES,
    SHOWS,
    TABS,
    THEMES,
    ViewState,
    read_query,
)

NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)
COMPONENTS = st.tuples(NAMES, NAMES, st.integers(0, 10**6))
TURNS = st.tuples(st.integers(-180, 180), st.integers(-90, 90), st.integers(4, 400)).map(
    lambda whole: (float(whole[0]), float(whole[1]), whole[2] / 10)
)
TENTHS = st.integers(-3000, 3000).map(lambda tenths: tenths / 10)


def ordered(sides):
    """A box whose low sides are low."""
    return (*sorted(sides[:2]), *sorted(sides[2:]))


STATES = st.builds(
    ViewState,
    patient=st.none() | NAMES,
    mode=st.sampled_from(MODES),
    off=st.lists(NAMES, unique=True).map(lambda names: tuple(sorted(names))),
    preset=st.sampled_from(PRESETS),
    camera=st.none() | TURNS | st.tuples(TURNS, TENTHS, TENTHS, TENTHS).map(lambda t: (*t[0], *t[1:])),
    cameras=st.dictionaries(NAMES, TURNS).map(
        lambda stands: tuple((name, *turn) for name, turn in sorted(stands.items()))
    ),
    eps=st.integers(0, 1000).map(lambda steps: steps / 10000),
    colour=st.sampled_from(PARTITIONS),
    scale=st.sampled_from(SCALES),
    box=st.none() | st.tuples(*[st.integers(-9, 9).map(float)] * 4).map(ordered),
    theme=st.sampled_from(THEMES),
    plane=st.sampled_from(PLANES),
    contrast=st.none() | NAMES,
    convention=st.sampled_from(CONVENTIONS),
    component=st.none() | COMPONENTS,
    cursor=st.none() | st.tuples(TENTHS, TENTHS, TENTHS),
    alone=st.none() | NAMES,
    unlinked=st.booleans(),
    isolated=st.booleans(),
    tab=st.sampled_from(TABS),
    ledger=st.lists(NAMES, unique=True).map(lambda names: tuple(sorted(names))),
    flip=st.sets(COMPONENTS, max_size=9).map(lambda flips: tuple(sorted(flips))),
    connectivity=st.none() | st.sampled_from(CONNECTIVITIES),
    overlap=st.none() | st.integers(0, 10**5),
    share=st.none() | st.integers(0, 100).map(lambda percent: percent / 100),
    cap=st.none() | st.integers(0, 10**5).map(float) | st.just(math.inf),
    spared=st.lists(NAMES, unique=True).map(lambda names: tuple(sorted(names))),
    filtered=st.none() | NAMES,
    veto=st.none() | NAMES,
    story=st.none() | NAMES,
    panels=st.lists(NAMES, unique=True).map(tuple),
    opacity=st.dictionaries(NAMES, st.integers(0, 100)).map(lambda pairs: tuple(sorted(pairs.items()))),
    show=st.sampled_from(SHOWS),
    region=st.none() | NAMES,
    cut=st.booleans(),
    window=st.none() | st.tuples(st.integers(0, 100), st.integers(101, 255)),
    fill=st.integers(0, 100),
    ruler=st.none() | st.tuples(*[TENTHS] * 6),
)


@given(STATES)
def test_a_state_survives_its_own_query_string(state):
    assert read_query(state.query()) == (state, ())


@given(st.text(max_size=300))
def test_no_query_string_is_refused(search):
    state, problems = read_query(search)
    assert isinstance(state, ViewState)
    assert all(problem.endswith(".") for problem in problems)


def test_the_default_state_is_an_empty_query():
    assert ViewState().query() == ""


def test_what_is_not_understood_falls_back_and_is_named():
    state, problems = read_query("?patient=P1&plane=oblique&eps=-1&cursor=1,2&off=NCR")
    assert state == ViewState(patient="P1", off=("NCR",))
    assert [problem.split(",")[0] for problem in problems] == [
        "The link says eps=-1",
        "The link says plane=oblique",
        "The link says cursor=1",
    ]


def test_a_camera_that_stands_nowhere_is_no_camera():
    for text in ("1,2", "0,91,1", "0,0,0", "0,0,nan", "0,0,1,5", "0,0,1,5,6,1e9", "a,b,c", "0,0,1,1,2,3,4"):
        state, problems = read_query(f"?camera={text}")
        assert state.camera is None, text
        assert problems[0].startswith(f"The link says camera={text}")


def test_one_camera_that_stands_nowhere_spoils_the_list_and_that_is_said():
    state, problems = read_query("?cameras=baseline:30:-10:1.5,distmap:0:91:1")
    assert state.cameras == ()
    assert problems[0].startswith("The link says cameras=baseline:30:-10:1.5")


def test_panels_keep_the_order_they_are_named_in():
    assert read_query("?panels=distmap,reference,distmap")[0].panels == ("distmap", "reference")


def test_a_window_upside_down_and_a_ruler_of_one_end_mean_nothing():
    state, problems = read_query("?window=200:100&ruler=1,2,3&opacity=ED:140&fill=101")
    assert state == ViewState()
    assert len(problems) == 4


def test_a_box_inside_out_is_no_box():
    state, problems = read_query("?box=0.1,-0.1,0,0.2")
    assert state.box is None
    assert problems[0].startswith("The link says box=0.1,-0.1,0,0.2")


def test_infinite_and_missing_numbers_are_no_threshold():
    for text in ("nan", "inf", "1e400", "ten"):
        assert read_query(f"?eps={text}")[0].eps == 0.0


def test_parameters_of_others_are_left_alone():
    assert read_query("?utm_source=x&patient=P1") == (ViewState(patient="P1"), ())


def test_a_share_keeps_only_what_it_names():
    state = ViewState(patient="P1", eps=0.01, theme="light")
    assert state.only("eps") == ViewState(eps=0.01)


def test_a_query_is_short_and_readable():
    state = ViewState(patient="BraTS-GLI-00048-001", off=("ED", "brain"), cursor=(1.5, -2.0, 3.0))
    assert state.query() == "?patient=BraTS-GLI-00048-001&off=ED,brain&cursor=1.5,-2,3"
