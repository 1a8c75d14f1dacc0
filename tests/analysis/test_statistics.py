import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.published import read_published
from analysis.statistics.bootstrap import bootstrap_interval
from analysis.statistics.comparison import ComparisonOptions, compare_methods, higher_is_better
from analysis.statistics.corrections import benjamini_hochberg, holm
from analysis.statistics.groups import compare_groups, mann_whitney
from analysis.statistics.outcomes import outcomes
from analysis.statistics.signed_rank import Alternative, signed_rank
from analysis.statistics.summary import summarize
from analysis.statistics.tables import cell, to_csv, to_latex, to_markdown

NAN = float("nan")
differences = st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=9)
alternatives: st.SearchStrategy[Alternative] = st.sampled_from(["two-sided", "greater", "less"])
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def brute_force(values: list[float], alternative: Alternative) -> float:
    """p by trying every sign of every non-zero difference."""
    used = np.array([value for value in values if value])
    if not len(used):
        return 1.0
    ranks = stats.rankdata(np.abs(used))
    observed = ranks[used > 0].sum()
    sums = [ranks[list(signs)].sum() for signs in itertools.product([False, True], repeat=len(ranks))]
    upper, lower = np.mean([s >= observed for s in sums]), np.mean([s <= observed for s in sums])
    return float({"greater": upper, "less": lower, "two-sided": min(1.0, 2 * min(upper, lower))}[alternative])


@given(differences, alternatives)
def test_the_exact_test_tries_every_change_of_signs(values: list[float], alternative: Alternative) -> None:
    test = signed_rank(values, np.zeros(len(values)), alternative=alternative)
    assert test.p_value == pytest.approx(brute_force(values, alternative), rel=1e-12)


@pytest.mark.parametrize("zero_method", ["wilcox", "pratt"])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_many_pairs_agree_with_scipy(alternative: Alternative, zero_method: str) -> None:
    generator = np.random.default_rng(3)
    first, second = generator.integers(0, 12, 400) + 0.0, generator.integers(0, 11, 400) + 0.0
    test = signed_rank(first, second, alternative=alternative, zero_method=zero_method)
    theirs = stats.wilcoxon(
        first, second, alternative=alternative, zero_method=zero_method, method="asymptotic"
    )
    assert test.p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    assert (test.method, test.zero_method, test.scipy_version) == ("normal", zero_method, scipy.__version__)


def test_few_untied_pairs_agree_with_scipy() -> None:
    first = np.random.default_rng(4).normal(0.3, 1, 30)
    test = signed_rank(first, np.zeros(30))
    assert test.method == "exact"
    assert test.p_value == pytest.approx(stats.wilcoxon(first, method="exact").pvalue, rel=1e-12)


def test_five_pairs_are_tested_and_say_that_they_cannot_be_significant() -> None:
    test = signed_rank([1, 2, 3, 4, 5], np.zeros(5))
    assert test.p_value == 2 / 2**5
    assert test.note == "fewer than 6 pairs differ (5): no two-sided p can be below 0.0625"
    assert signed_rank([1, 2, 3, 4, 5, 6], np.zeros(6)).note == ""


def test_no_difference_anywhere_has_p_one() -> None:
    test = signed_rank([0.5, 0.5, 0.7], [0.5, 0.5, 0.7])
    assert (test.p_value, test.rank_biserial, test.zeros, test.method) == (1.0, 0.0, 3, "none")
    assert test.note == "all differences are zero: p = 1"


@pytest.mark.parametrize("values", [[], [NAN, NAN]])
def test_without_a_finite_pair_the_p_value_is_nan_and_says_so(values: list[float]) -> None:
    test = signed_rank(values, values)
    assert math.isnan(test.p_value)
    assert (test.note, test.dropped) == ("no finite pair", len(values))


def test_undefined_pairs_are_dropped_and_counted() -> None:
    test = signed_rank([1, NAN, 3, math.inf, 5], [0, 0, NAN, math.inf, 0])
    assert (test.pairs, test.dropped, test.mean_difference) == (5, 3, 3.0)


def test_the_effect_is_one_where_every_pair_is_larger() -> None:
    assert signed_rank([2, 3, 4], [1, 1, 1]).rank_biserial == 1.0
    assert signed_rank([1, 1, 1], [2, 3, 4]).rank_biserial == -1.0
    # ranks 1, 2, 3 with signs +, +, -: (1 + 2 - 3) / 6
    assert signed_rank([1, 2, -3], [0, 0, 0]).rank_biserial == 0.0


@given(differences)
def test_swapping_the_sides_swaps_the_alternatives(values: list[float]) -> None:
    zeros = np.zeros(len(values))
    ahead, behind = (
        signed_rank(values, zeros, alternative="greater"),
        signed_rank(zeros, values, alternative="less"),
    )
    assert ahead.p_value == behind.p_value
    assert ahead.rank_biserial == -behind.rank_biserial


def test_clusters_of_one_scan_are_the_ordinary_test() -> None:
    first = np.random.default_rng(5).normal(0.1, 1, 80)
    names = [f"subject {number}" for number in range(80)]
    assert signed_rank(first, np.zeros(80), clusters=names) == signed_rank(first, np.zeros(80))


def test_scans_of_one_subject_are_less_evidence_than_scans_of_many() -> None:
    first = np.repeat(np.random.default_rng(6).normal(0.4, 1, 60), 5)
    alone = signed_rank(first, np.zeros(300))
    clustered = signed_rank(first, np.zeros(300), clusters=np.repeat(np.arange(60), 5))
    assert clustered.clusters == 60
    assert clustered.p_value > alone.p_value
    assert clustered.p_value == pytest.approx(signed_rank(first[::5], np.zeros(60)).p_value, rel=0.05)


def test_whole_clusters_change_sign_in_the_exact_test() -> None:
    # ranks 1..4, clusters {1, 2} and {3, 4}: sums 3 and 7, four sign changes, one as large as 10
    test = signed_rank([1, 2, 3, 4], np.zeros(4), clusters=["a", "a", "b", "b"], alternative="greater")
    assert test.p_value == 1 / 4


def test_sides_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"found shapes \(2,\) and \(1,\)"):
        signed_rank([1, 2], [1])
    with pytest.raises(ValueError, match="one cluster a pair"):
        signed_rank([1, 2], [1, 1], clusters=["a"])


@given(p_values)
def test_adjusted_values_are_no_smaller_and_keep_their_order(values: list[float]) -> None:
    for adjusted in (holm(values), benjamini_hochberg(values)):
        assert np.all(adjusted >= np.array(values) - 1e-15)
        assert np.all(adjusted <= 1)
        assert np.all(np.diff(adjusted[np.argsort(values, kind="stable")]) >= 0)
    assert np.all(holm(values) >= benjamini_hochberg(values) - 1e-12)


@given(p_values)
def test_false_discovery_control_agrees_with_scipy(values: list[float]) -> None:
    assert benjamini_hochberg(values) == pytest.approx(stats.false_discovery_control(values))


def test_holm_multiplies_by_what_is_left() -> None:
    assert holm([0.01, 0.04, 0.03]).tolist() == pytest.approx([0.03, 0.06, 0.06])


def test_a_test_that_was_not_made_does_not_count() -> None:
    assert holm([0.01, NAN, 0.02]).tolist() == pytest.approx([0.02, NAN, 0.02], nan_ok=True)
    assert benjamini_hochberg([NAN, 0.5]).tolist() == pytest.approx([NAN, 0.5], nan_ok=True)


def test_a_p_value_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="numbers in 0 to 1"):
        holm([0.5, 1.5])


def test_the_interval_of_a_normal_mean_is_that_of_the_textbook() -> None:
    values = np.random.default_rng(7).normal(5, 2, 500)
    interval = bootstrap_interval(values, resamples=4000)
    half = 1.96 * values.std(ddof=1) / np.sqrt(500)
    assert interval.low == pytest.approx(values.mean() - half, abs=0.02)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.02)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(8).normal(size=40)
    assert bootstrap_interval(values, seed=1) == bootstrap_interval(values, seed=1)
    assert bootstrap_interval(values, seed=1) != bootstrap_interval(values, seed=2)


def test_drawing_whole_subjects_widens_the_interval() -> None:
    subjects = np.repeat(np.arange(40), 5)
    values = np.repeat(np.random.default_rng(9).normal(size=40), 5)
    alone, clustered = bootstrap_interval(values), bootstrap_interval(values, clusters=subjects)
    assert clustered.clusters == 40
    assert clustered.high - clustered.low > 1.5 * (alone.high - alone.low)


def test_the_median_of_a_constant_has_no_width() -> None:
    interval = bootstrap_interval(
        [3.0] * 10 + [NAN], estimator="median", clusters=list("aabbccddeef"), resamples=50
    )
    assert (interval.estimate, interval.low, interval.high, interval.used, interval.dropped) == (
        3,
        3,
        3,
        10,
        1,
    )


@pytest.mark.parametrize("values", [[], [NAN], [2.0]])
def test_fewer_than_two_values_have_no_interval(values: list[float]) -> None:
    interval = bootstrap_interval(values)
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)


def test_a_confidence_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence in"):
        bootstrap_interval([1, 2], confidence=1.0)


def test_wins_ties_and_losses_respect_the_threshold_and_the_direction() -> None:
    first, second = [0.9, 0.5, 0.75, NAN], [0.5, 0.9, 0.5, 0.1]
    counts = outcomes(first, second, threshold=0.25)
    assert (counts.wins, counts.ties, counts.losses, counts.dropped) == (1, 1, 1, 1)
    lower = outcomes(first, second, threshold=0.25, higher_is_better=False)
    assert (lower.wins, lower.losses) == (counts.losses, counts.wins)
    assert str(counts) == "1 / 1 / 1"


def test_two_infinite_distances_are_no_tie() -> None:
    assert outcomes([math.inf], [math.inf]).dropped == 1


@pytest.mark.parametrize("threshold", [-1.0, NAN])
def test_a_negative_materiality_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        outcomes([1], [1], threshold=threshold)


def test_distances_and_counts_improve_downwards_and_volumes_not_at_all() -> None:
    assert (
        higher_is_better("dice") is higher_is_better("nsd_voxel_1mm") is higher_is_better("lesion_tp") is True
    )
    assert higher_is_better("hd95_pooled_mm") is higher_is_better("assd_pooled_mm") is False
    assert higher_is_better("lesion_hd95_mm") is higher_is_better("fragment_count") is False
    assert higher_is_better("volume_ml") is None


def test_small_groups_are_tested_exactly() -> None:
    # of the 20 ways to choose 3 of 6 ranks, one is as extreme on either side
    test = mann_whitney([4, 5, 6], [1, 2, 3])
    assert (test.p_value, test.rank_biserial, test.method) == (pytest.approx(2 / 20), 1.0, "exact")


def test_groups_of_equal_values_have_p_one_and_empty_groups_none() -> None:
    equal = mann_whitney([1, 1], [1, 1, 1])
    assert (equal.p_value, equal.rank_biserial, equal.note) == (1.0, 0.0, "all values are equal: p = 1")
    empty = mann_whitney([NAN], [1, 2])
    assert math.isnan(empty.p_value)
    assert (empty.note, empty.dropped) == ("a group is empty", 1)


def test_tied_groups_agree_with_scipy() -> None:
    generator = np.random.default_rng(10)
    first, second = generator.integers(0, 9, 200), generator.integers(1, 10, 150)
    assert (
        mann_whitney(first, second).p_value == stats.mannwhitneyu(first, second, method="asymptotic").pvalue
    )


def test_a_grid_of_groups_is_adjusted_over_all_its_tests() -> None:
    features = pd.DataFrame({"a": [1, 2, 3, 4, 5, 6], "b": [1, 1, 1, 1, 1, 1]})
    grid = compare_groups(features, ["x", "x", "x", "y", "y", "y"], [("x", "y")])
    assert grid["feature"].tolist() == ["a", "b"]
    assert grid["p_holm"].tolist() == pytest.approx([0.2, 1.0])


def metric_rows(values: dict[str, list[float]], region: str = "ET", metric: str = "dice") -> pd.DataFrame:
    rows = [
        {
            "patient": f"p{number}",
            "method": method,
            "region": region,
            "metric": metric,
            "value": value,
            "reason": None,
        }
        for method, column in values.items()
        for number, value in enumerate(column)
    ]
    return pd.DataFrame(rows)


def test_every_mean_says_how_many_values_it_is_of() -> None:
    table = metric_rows({"a": [1.0, 3.0, NAN]})
    table.loc[2, "reason"] = "reference empty"
    row = summarize(table).iloc[0]
    assert (row["mean"], row["values"], row["missing"], row["reasons"]) == (2.0, 2, 1, "reference empty 1")
    assert row["mean_low"] <= row["mean"] <= row["mean_high"]


def test_a_group_without_a_value_has_no_mean_and_stays_in_the_table() -> None:
    row = summarize(metric_rows({"a": [NAN, NAN]})).iloc[0]
    assert math.isnan(row["mean"])
    assert (row["values"], row["missing"], row["reasons"]) == (0, 2, "no reason given 2")


def test_a_comparison_pairs_by_patient_whatever_the_order_of_rows() -> None:
    table = metric_rows({"a": [1.0, 2.0, 3.0, NAN], "b": [0.0, 0.0, 5.0, 1.0]})
    grid = compare_methods(table.sample(frac=1, random_state=1), iter([("a", "b")]), clusters={"p0": "s"})
    row = grid.iloc[0]
    assert (row["mean_first"], row["mean_second"], row["pairs_in"], row["pairs_out"]) == (2.0, 5 / 3, 3, 1)
    assert (row["wins"], row["losses"], row["better"]) == (2, 1, "higher")


def test_complete_patients_only_are_compared_when_asked() -> None:
    table = pd.concat(
        [
            metric_rows({"a": [1.0, 2.0], "b": [0.0, 0.0]}, "ET"),
            metric_rows({"a": [1.0, NAN], "b": [0.0, 0.0]}, "TC"),
        ]
    )
    alone = compare_methods(table, [("a", "b")]).set_index("region")
    complete = compare_methods(
        table, [("a", "b")], options=ComparisonOptions(complete_over=("ET", "TC"))
    ).set_index("region")
    assert alone.loc["ET", "pairs_in"] == 2
    assert complete.loc["ET", "pairs_in"] == 1


def test_a_patient_twice_is_refused() -> None:
    table = metric_rows({"a": [1.0], "b": [2.0]})
    with pytest.raises(ValueError, match="duplicate"):
        compare_methods(pd.concat([table, table]), [("a", "b")])


def test_methods_that_share_nothing_give_an_empty_grid() -> None:
    assert compare_methods(metric_rows({"a": [1.0]}), [("a", "b")]).empty


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NAN, "-"),
        (None, "-"),
        (pd.NA, "-"),
        (0.5, "0.5"),
        (2.0, "2"),
        (5.67e-14, "5.67e-14"),
        (0.0, "0"),
        (-0.00005, "-5.00e-05"),
        (12, "12"),
        (math.inf, "inf"),
        (0.908970, "0.90897"),
        (0.00113791, "0.0011379"),
        (20.0, "20"),
        (1196.123456, "1196.1235"),
    ],
)
def test_a_cell_is_written_for_people(value: object, text: str) -> None:
    assert cell(value) == text


def test_tables_escape_what_their_format_treats_as_special() -> None:
    table = pd.DataFrame({"name": ["50 % of a_b | c & d"], "value": [NAN]})
    assert to_markdown(table).splitlines()[2] == r"| 50 % of a_b \| c & d | - |"
    assert r"50 \% of a\_b | c \& d & - \\" in to_latex(table, caption="p < 5 %", label="tab:one")
    assert r"\caption{p \textless{} 5 \%}" in to_latex(table, caption="p < 5 %")
    assert to_csv(table) == "name,value\n50 % of a_b | c & d,\n"


def published_grid(test_data: Path, options: ComparisonOptions, metric: str) -> pd.DataFrame:
    metrics = read_published(test_data / "published").metrics
    grid = compare_methods(metrics[metrics["metric"] == metric], [("consensus", "distmap")], options=options)
    return grid.set_index("region")


def test_the_published_hd95_of_ncr_falls_by_the_published_amount(test_data: Path) -> None:
    metrics = read_published(test_data / "published").metrics
    ncr = metrics[(metrics["metric"] == "hd95_pooled_mm") & (metrics["region"] == "NCR")]
    wide = ncr.set_index(["patient", "method"])["value"].unstack().dropna()  # noqa: PD010 - three columns, no sums
    assert len(wide) == 1153
    assert wide.mean()[["baseline", "distmap", "consensus"]].round(2).tolist() == [4.89, 4.86, 4.48]
    test = signed_rank(wide["consensus"], wide["distmap"], alternative="less")
    assert test.p_value == pytest.approx(5.7e-14, rel=0.01)
    assert test.rank_biserial < 0


def test_the_published_fragments_fall_by_the_published_share(test_data: Path) -> None:
    grid = published_grid(test_data, ComparisonOptions(alternative="less"), "fragment_count")
    assert grid.loc["NCR", "mean_first"] == pytest.approx(31.31, abs=0.005)
    assert 1e-190 < grid.loc["NCR", "p_value"] < 1e-189
    assert 1e-163 < grid.loc["ED", "p_value"] < 1e-162
    assert grid.loc["ET", "p_value"] == pytest.approx(1.1e-53, rel=0.05)
