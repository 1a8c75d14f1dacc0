import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.synthetic_tables import write_synthetic_tables
from viewer import charts, distributions, paired
from viewer.cohort_columns import open_columns
from viewer.cohort_state import FORMS, CohortState
from viewer.density import density_trace
from viewer.open_study import read
from viewer.planes import Scene
from viewer.plot_axes import Axis
from viewer.point_plot import MOST_POINTS
from viewer.quantities import Quantity
from viewer.view_state import ViewState

PLOTLY = Path(charts.__file__).parent / "frontend" / "src" / "charts" / "plotly.js"
X, Y = Quantity("dice", "ED", "baseline"), Quantity("hd95_pooled_mm", "NCR", "distmap", "baseline")


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few")
    write_synthetic_tables(folder / "study", 80)
    reading = read(folder / "study")
    return reading.cohort, open_columns(reading, folder / "columns")


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    write_synthetic_tables(folder / "study", MOST_POINTS + 500)
    reading = read(folder / "study")
    return reading.cohort, open_columns(reading, folder / "columns")


def drawn(study, state, view=ViewState(), mask=None):  # noqa: B008 - a frozen value
    cohort, columns = study
    return charts.chart(Scene(cohort, lambda: columns, view, state), mask)


def points(figure):
    return {
        patient: (x, y)
        for trace in figure["data"]
        for patient, x, y in zip(trace.get("customdata", ()), trace["x"], trace["y"], strict=False)
    }


def test_the_axes_chart_puts_every_known_patient_where_both_quantities_say(few):
    cohort, columns = few
    placed = points(drawn(few, CohortState(chart="axes", x=X, y=Y), ViewState(scale="linear")).figure)
    x, y = columns.values(X), columns.values(Y)
    known = np.isfinite(x) & np.isfinite(y)
    assert 0 < (~known).sum() < len(known)
    assert placed == {
        patient: pytest.approx((x[i], y[i])) for i, patient in enumerate(cohort.ids) if known[i]
    }


def test_what_is_left_out_of_a_chart_is_said(few):
    _, columns = few
    missing = int(np.isnan(columns.values(Y)).sum())
    said = str(drawn(few, CohortState(chart="axes", x=X, y=Y)).said)
    assert f"{80 - missing} patients drawn; {missing} left out" in said
    assert "95th percentile" in said


def test_a_quantity_that_the_results_lack_is_named_and_replaced(few):
    chart = drawn(few, CohortState(chart="axes", x=Quantity("iou", "WT", "nobody")))
    assert "iou:WT:nobody, which these results do not hold" in str(chart.said)
    assert chart.plane.startswith("dice:WT:baseline,")


def test_more_points_than_a_browser_should_get_are_counted_a_cell(many):
    cohort, _ = many
    figure = drawn(many, CohortState()).figure
    heat = figure["data"][0]
    counted = sum(
        int(text.split()[0].replace("\N{NARROW NO-BREAK SPACE}", ""))
        for row in heat["text"]
        for text in row
        if text
    )
    assert heat["type"] == "heatmap"
    assert counted == len(cohort.patients)
    assert points(figure) == {}
    assert figure["layout"]["meta"]["is_many"]


def test_a_window_with_few_points_shows_them_one_by_one(many):
    cohort, _ = many
    table = cohort.patients
    lead = (table["dice_average_distmap"] - table["dice_average_baseline"]).to_numpy()
    inside = np.sort(np.abs(lead))[200]
    state = CohortState(zoom=(-inside, inside, -1.0, 1.0))
    figure = drawn(many, state, ViewState(scale="linear")).figure
    assert set(points(figure)) == set(np.array(cohort.ids)[np.abs(lead) <= inside])


def test_density_lies_under_the_points_when_it_is_asked_for(few):
    types = [trace["type"] for trace in drawn(few, CohortState(density=True)).figure["data"]]
    assert types[0] == "heatmap"
    assert "scatter" in types
    assert drawn(few, CohortState()).figure["data"][0]["type"] == "scatter"


def test_every_point_falls_into_one_cell():
    x, y = np.random.default_rng(1).normal(size=(2, 300))
    trace = density_trace(x, y, (x.min(), x.max(), y.min(), y.max()), "dark")
    counts = [10**value for row in trace["z"] for value in row if value is not None]
    assert sum(counts) == pytest.approx(300)


def test_what_is_not_selected_is_faded(few):
    mask = np.zeros(80, dtype=bool)
    mask[3] = True
    traces = drawn(few, CohortState(), mask=mask).figure["data"]
    bright = [
        patient
        for trace in traces
        if "customdata" in trace
        for patient, opacity in zip(trace["customdata"], trace["marker"]["opacity"], strict=True)
        if opacity > 0.5
    ]
    assert bright == [few[0].ids[3]]


def test_distributions_say_how_many_values_went_in_and_how_many_did_not(few):
    _, columns = few
    chart = drawn(few, CohortState(chart="distributions", metric="hd95_pooled_mm"))
    values = columns.values(Quantity("hd95_pooled_mm", "NCR", "distmap"))
    text = str(chart.said)
    assert f"Td('{np.isfinite(values).sum()}'), Td('{np.isnan(values).sum()}')" in text
    assert len([trace for trace in chart.figure["data"] if trace["type"] == "box"]) == 9


def test_a_box_is_tukeys():
    # 1..9 and 30: quartiles 3.25 and 7.75, reach 6.75, so 30 lies beyond the upper fence at 9
    values = np.array([*range(1, 10), 30], dtype=float)
    one = distributions.group(
        "WT", ("A", 0), values[::-1], np.array([f"P{i}" for i in range(10)], dtype=object)
    )
    assert one.quartiles.tolist() == [3.25, 5.5, 7.75]
    assert one.fences == (1.0, 9.0)
    beyond = distributions.figure([one], distributions.Look("box", Axis("v"), "dark"))["data"][1]
    assert (beyond["customdata"], beyond["y"]) == (["P0"], [30.0])


def test_a_violin_has_the_area_of_a_density():
    at, density = distributions.kernel_density(np.sort(np.random.default_rng(0).normal(size=2000)))
    assert np.trapezoid(density, at) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("form", ["box", "violin", "ecdf"])
def test_equal_values_and_single_ones_can_be_drawn(form):
    groups = [
        distributions.group("WT", ("A", 0), np.full(5, 0.5), np.array(list("abcde"), dtype=object)),
        distributions.group("ET", ("A", 0), np.array([0.2]), np.array(["a"], dtype=object)),
        distributions.group("TC", ("A", 0), np.array([np.nan]), np.array(["a"], dtype=object)),
    ]
    traces = distributions.figure(groups, distributions.Look(form, Axis("v"), "light"))["data"]
    assert all(np.isfinite(np.array(trace["y"], dtype=float)).all() for trace in traces if "y" in trace)


def test_a_curve_ends_at_all_patients_and_names_the_highest():
    values = np.array([0.3, 0.1, 0.2])
    one = distributions.group("WT", ("A", 0), values, np.array(["a", "b", "c"], dtype=object))
    curve = distributions.figure([one], distributions.Look("ecdf", Axis("v"), "dark"))["data"][0]
    assert curve["y"] == pytest.approx([1 / 3, 2 / 3, 1])
    assert curve["customdata"] == ["b", "c", "a"]


def test_pairs_are_tested_by_the_statistics_of_the_report(few):
    from analysis.statistics.signed_rank import signed_rank

    cohort, columns = few
    first, second = (
        columns.values(Quantity("hd95_pooled_mm", "ET", name)) for name in ("distmap", "baseline")
    )
    subjects = cohort.patients["subject"].to_numpy(dtype=object)
    result = paired.compare(first, second, subjects, higher_is_better=False)
    assert result.test == signed_rank(first, second, clusters=subjects)
    dropped = int((np.isnan(first) | np.isnan(second)).sum())
    assert f"n = {80 - dropped} pairs, {dropped} left out" in str(
        drawn(few, CohortState(chart="paired", metric="hd95_pooled_mm", area="ET")).said
    )
    assert result.counts.wins == int((first < second).sum())


def test_both_axes_of_a_paired_plot_are_one(few):
    layout = drawn(few, CohortState(chart="paired")).figure["layout"]
    assert layout["xaxis"]["range"] == layout["yaxis"]["range"]
    line = layout["shapes"][0]
    assert (line["x0"], line["x1"]) == (line["y0"], line["y1"]) == tuple(layout["xaxis"]["range"])


def test_the_pair_can_be_turned_round(few):
    said = str(drawn(few, CohortState(chart="paired", pair=("baseline", "consensus"))).said)
    assert "Baseline − CC-Consensus: median" in said


@pytest.mark.parametrize("state", [CohortState(), CohortState(chart="axes", x=X, y=Y)])
def test_another_case_is_ringed_in_a_chart_of_points_as_in_one_drawn_for_it(few, state):
    cohort, _ = few
    nobodys = drawn(few, state)
    for patient in cohort.ids:
        places = charts.rings_among_points(nobodys, patient)
        assert places == charts.rings(drawn(few, state, ViewState(patient=patient)))
        assert len(places[0]) == len(places[1]) == 1
    assert charts.rings_among_points(nobodys, None) == ([[]], [[]])


@pytest.mark.parametrize("chart", ["distributions", "paired"])
def test_every_chart_rings_the_same_traces_whoever_is_open(few, chart):
    cohort, _ = few
    state = CohortState(chart=chart)
    nobodys, somebodys = (drawn(few, state, ViewState(patient=one)) for one in (None, cohort.ids[0]))
    assert len(charts.rings(nobodys)[0]) == len(charts.rings(somebodys)[0])


def test_a_chart_of_counts_is_asked_anew(many):
    assert charts.rings_among_points(drawn(many, CohortState()), many[0].ids[0]) is None


def test_the_page_s_plotly_can_draw_every_kind_of_trace(few, many):
    bundled = re.findall(r'from "plotly.js/lib/(?!core)(\w+)"', PLOTLY.read_text(encoding="utf-8"))
    states = [
        CohortState(chart=chart, form=form, x=X, y=Y, density=density)
        for chart in ("disagreement", "axes", "distributions", "paired")
        for form in FORMS
        for density in (False, True)
    ]
    figures = [drawn(study, state).figure for study in (few, many) for state in states]
    kinds = {trace["type"] for figure in figures for trace in figure["data"]}
    assert kinds == {"scatter", *bundled}
