import numpy as np
import pytest
from cohorts import NAN, make_cohort
from hypothesis import given
from hypothesis import strategies as st

from viewer.cohort_columns import CohortColumns
from viewer.cohort_state import CohortState, Lasso
from viewer.palette import THEMES
from viewer.planes import Scene, chosen
from viewer.plot_axes import Axis
from viewer.selections import in_lasso, in_polygon, lasso_shape
from viewer.view_state import ViewState

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
STRETCHED = (Axis("x", 0.001), Axis("y", 0.001))


def arrays(*pairs):
    return np.array([x for x, _ in pairs], float), np.array([y for _, y in pairs], float)


def scene(view=ViewState(), state=CohortState()):  # noqa: B008 - frozen values
    cohort = make_cohort([("P1", 0.75, 0.25, 0.5), ("P2", 0.25, 0.75, 0.5), ("P3", NAN, 0.5, NAN)])
    return Scene(cohort, lambda: CohortColumns(cohort, {}, np.empty((0, 3))), view, state)


def nobody(_pieces):
    raise AssertionError("the atlas has selected nothing")


def test_a_square_takes_what_is_inside_and_never_what_has_no_place():
    x, y = arrays((1, 1), (3, 1), (-1, 1), (1, 2.5), (NAN, 1), (1, NAN))
    assert in_polygon(SQUARE, x, y).tolist() == [True, False, False, False, False, False]


def test_a_point_level_with_a_corner_is_counted_once():
    diamond = [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]
    x, y = np.array([0.0, -2.0, 2.0, -1.5]), np.array([0.0, 0.0, 0.0, 1.0])
    assert in_polygon(diamond, x, y).tolist() == [True, False, False, False]


def test_a_dent_is_outside():
    dented = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (1.0, 0.5), (0.0, 2.0))
    x, y = arrays((1, 1), (0.2, 1), (1.8, 1), (1, 0.2))
    assert in_polygon(dented, x, y).tolist() == [False, True, True, True]


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=3, max_size=8), st.integers(0, 7))
def test_where_a_polygon_begins_and_which_way_it_turns_changes_nothing(vertices, start):
    x, y = np.random.default_rng(0).uniform(-3, 3, (2, 200))
    turned = vertices[start % len(vertices) :] + vertices[: start % len(vertices)]
    assert np.array_equal(in_polygon(vertices, x, y), in_polygon(turned, x, y))
    assert np.array_equal(in_polygon(vertices, x, y), in_polygon(vertices[::-1], x, y))


def test_a_lasso_keeps_its_edges_where_they_were_drawn_whatever_the_scale_is_now():
    lasso = Lasso("symlog", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    # position 1 is the value 0.009
    assert in_lasso(lasso, STRETCHED, *arrays((0.0089, 0.0089), (0.0091, 0.001))).tolist() == [True, False]
    plain = Lasso("linear", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    assert in_lasso(plain, STRETCHED, *arrays((0.9, 0.9), (1.1, 0.5))).tolist() == [True, False]


def test_a_lasso_is_drawn_on_other_axes_through_the_same_values():
    lasso = Lasso("symlog", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    path = lasso_shape(lasso, STRETCHED, (Axis("x"), Axis("y")), THEMES["dark"])["path"]
    corners = path.removeprefix("M").removesuffix("Z").split("L")
    assert corners[0] == "0,0"
    assert corners[12] == "0.009,0"
    assert corners[-1] == "0,0"


def test_nothing_selected_is_no_mask():
    assert chosen(scene(), nobody) is None


def test_a_box_takes_the_points_inside_it_edges_included():
    # P1 lies at (-0.5, -0.25), P2 at (0.5, -0.25); P3 has no place
    for box, kept in (
        ((-1, 0, -1, 0), [True, False, False]),
        ((0.5, 0.5, -0.25, 1), [False, True, False]),
        ((-1, 1, -1, 1), [True, True, False]),
    ):
        assert chosen(scene(ViewState(box=box)), nobody).tolist() == kept


def test_a_lasso_and_the_atlas_both_limit_the_patients():
    left = Lasso("linear", ((-1.0, -1.0), (0.0, -1.0), (0.0, 1.0), (-1.0, 1.0)))
    assert chosen(scene(state=CohortState(lasso=left)), nobody).tolist() == [True, False, False]
    both = CohortState(lasso=left, pieces="any")
    assert chosen(scene(state=both), lambda _: {"P2", "P1"}).tolist() == [True, False, False]
    assert chosen(scene(state=both), lambda _: {"P3"}).tolist() == [False, False, False]


def test_a_lasso_over_quantities_that_the_results_lack_limits_nothing():
    from viewer.quantities import Quantity

    lost = CohortState(
        lasso=Lasso("linear", SQUARE), on=(Quantity("dice", "WT", "a"), Quantity("iou", "WT", "a"))
    )
    assert chosen(scene(state=lost), nobody) is None


@pytest.mark.parametrize("text", ["symlog,0,0,1,0,1,1", "linear,0.25,-1,1e-05,0,1,1"])
def test_a_lasso_is_written_as_it_is_read(text):
    from viewer.cohort_state import read_cohort_query

    assert read_cohort_query(f"?lasso={text}")[0].lasso.text == text
