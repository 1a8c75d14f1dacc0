from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.ceiling.selectors import SelectorOptions
from analysis.cohort.labels import SCHEMES
from analysis.published import METHODS, read_published
from analysis.report import ceiling_tables, cohort_tables, error_tables, paper_tables
from analysis.report.contents import build_parts, entries
from analysis.report.figures import case_figure, drawn, fragment_figure, importance_figure
from analysis.report.inputs import LackingError, ReportInputs, ShownPatient

ROLES = {name: name for name in METHODS}
TITLES = {"baseline": "Baseline", "distmap": "DistMap", "consensus": "CC-Consensus"}


def published_inputs(folder: Path) -> ReportInputs:
    tables = read_published(folder)
    return ReportInputs(
        metrics=tables.metrics,
        features=tables.features,
        patients=tables.patients,
        scheme=SCHEMES["brats2023"],
        methods=METHODS,
        titles=TITLES,
        roles=ROLES,
        size_sweep=tables.size_sweep,
    )


def random_inputs(patients: int = 60, seed: int = 0) -> ReportInputs:
    """A cohort of random numbers in the schema of results."""
    generator = np.random.default_rng(seed)
    ids = [f"A-{number // 2:05d}-{number % 2:03d}" for number in range(patients)]
    folds = pd.array(np.arange(patients) % 5, dtype="Int64")
    rows = []
    for method in METHODS:
        for region in ("WT", "TC", "ET", "NCR", "ED"):
            for metric in (
                "dice",
                "iou",
                "precision",
                "recall",
                "fragment_count",
                "hd95_pooled_mm",
                "volume_ml",
            ):
                values = generator.random(patients)
                parts = {"patient": ids, "fold": folds, "method": method, "region": region}
                rows.append(pd.DataFrame(parts | {"metric": metric, "value": values, "reason": None}))
    metrics = pd.concat(rows, ignore_index=True)
    averages = {f"dice_average_{method}": generator.random(patients) for method in METHODS}
    table = pd.DataFrame({"patient": ids, "fold": folds, "subject": [name[:7] for name in ids]} | averages)
    table = table.assign(
        winner="B", order="C5", **{f"volume_ml_{r}": generator.random(patients) for r in ("ET", "NCR", "ED")}
    )
    features = pd.DataFrame(
        generator.random((patients, 4)), columns=["vol_WT", "vol_ET", "cavities_WT", "nb_cc_ET"]
    )
    features.insert(0, "patient", ids)
    return ReportInputs(metrics, features, table, SCHEMES["brats2023"], METHODS, TITLES, ROLES)


@pytest.fixture(scope="module")
def published(test_data: Path) -> ReportInputs:
    return published_inputs(test_data / "published")


def test_table_5_1_has_the_published_means_and_the_right_points(published: ReportInputs) -> None:
    table = paper_tables.dice_table(published).set_index("region")
    assert table["baseline"].round(4).tolist() == [0.9354, 0.9185, 0.8696, 0.9078]
    assert table["distmap"].round(4).tolist() == [0.9360, 0.9180, 0.8723, 0.9088]
    assert table["difference_pp"].round(2).tolist() == [0.06, -0.05, 0.27, 0.09]
    assert table.loc["WT", ["improved", "degraded", "tied", "patients", "left_out"]].tolist() == [
        577,
        618,
        1,
        1196,
        0,
    ]


def test_table_5_2_has_the_published_means_and_p_values(published: ReportInputs) -> None:
    table = paper_tables.fragment_table(published).set_index("label")
    assert table.index.tolist() == ["NCR", "ED", "ET"]
    assert table["consensus"].round(1).tolist() == [31.3, 17.0, 1.6]
    assert table.loc["ET", "p_consensus_fewer_than_baseline"] == pytest.approx(1.4e-30, rel=0.05)


def test_table_5_3_names_each_hd95_and_shows_both_sides_of_the_test(published: ReportInputs) -> None:
    table = paper_tables.distance_table(published).set_index(["metric", "region"])
    ncr, tc = table.loc[("hd95_pooled_mm", "NCR")], table.loc[("hd95_rankings_mm", "TC")]
    assert (ncr["patients"], tc["patients"]) == (1153, 1160)
    assert ncr[["baseline", "distmap", "consensus"]].round(2).tolist() == [4.89, 4.86, 4.48]
    assert ncr["p_consensus_less"] == pytest.approx(5.67e-14, rel=0.01)
    assert tc["p_consensus_less"] > 0.99
    assert tc["p_two_sided"] < 1e-5


def test_the_case_table_shows_what_materiality_leaves(published: ReportInputs) -> None:
    table = paper_tables.case_table(published).set_index("class")
    assert table.loc["C5", ["patients_at_0", "patients_at_0.001"]].tolist() == [463, 31]
    assert table.loc["order tie", "patients_at_0"] == 17


def test_without_pins_the_clearest_patients_are_those_of_appendix_e(published: ReportInputs) -> None:
    table = paper_tables.patient_table(published)
    short = table["patient"].str.removeprefix("BraTS-GLI-").tolist()
    assert short == ["00048-001", "01437-000", "01428-000", "00017-001", "01530-000", "00540-000"]


def test_pins_are_shown_in_place_of_the_clearest(published: ReportInputs) -> None:
    pinned = replace(published, shown=[ShownPatient("X", "BraTS-GLI-00000-000", "Mine")])
    row = paper_tables.patient_table(pinned).iloc[0]
    assert (row["tag"], row["title"], row["order"]) == ("X", "Mine", "C6")


def test_the_position_says_how_few_empty_references_score_one(published: ReportInputs) -> None:
    table = paper_tables.position_table(published).set_index("region")
    assert table.loc["ET", ["reference_empty", "both_empty"]].tolist() == [32, 11]
    assert table.loc["average", "dice"] == pytest.approx(0.90897, abs=1e-5)
    assert table["left_out"].tolist() == [0, 0, 0, 0]


def test_a_consensus_without_dice_is_left_out_of_its_position_and_counted(published: ReportInputs) -> None:
    patient = published.patients["patient"].iloc[0]
    metrics = published.metrics.copy()
    metrics.loc[(metrics["patient"] == patient) & (metrics["region"] == "TC"), "value"] = float("nan")
    table = paper_tables.position_table(replace(published, metrics=metrics)).set_index("region")
    assert table.loc["TC", ["patients", "left_out"]].tolist() == [1195, 1]


def test_the_rule_that_always_takes_the_consensus_gains_nothing_over_it(published: ReportInputs) -> None:
    table = ceiling_tables.fixed_rule_table(published)
    always = (table[["WT", "TC", "ET"]] == "consensus").all(axis=1)
    assert table.loc[always, "gain_over_consensus"].tolist() == [0.0]


def test_a_study_without_volumes_names_what_it_lacks(published: ReportInputs) -> None:
    asked = ("errors_by_class", "appendix_b_size_sweep", "appendix_b_importances", "appendix_b_policies")
    wanted = [entry for entry in entries(with_selectors=False) if entry.name in asked]
    parts = {part.name: part for part in build_parts(published, wanted)}
    assert parts["errors_by_class"].lacking.endswith("which only volumes give.")
    assert parts["appendix_b_size_sweep"].lacking.startswith("the size sweep needs the volumes")
    assert parts["appendix_b_importances"].lacking == "no classifiers were fitted in this run."
    assert all((part.table is None) == bool(part.lacking) for part in parts.values())
    policies = parts["appendix_b_policies"].table
    assert policies is not None
    assert "one-feature rule, judged on held-out folds" in set(policies["policy"])


def test_a_study_without_roles_has_the_tables_that_need_none() -> None:
    parts = {
        part.name: part
        for part in build_parts(replace(random_inputs(12), roles={}), entries(with_selectors=False))
    }
    assert parts["table_5_1"].lacking == "no method plays the role baseline or distmap."
    assert parts["comparisons"].table is not None
    assert parts["worst_cases"].table is not None


def test_methods_without_a_consensus_say_which_role_is_missing() -> None:
    roles = {"baseline": "baseline", "distmap": "distmap"}
    with pytest.raises(LackingError, match="no method plays the role consensus"):
        paper_tables.case_table(replace(random_inputs(12), roles=roles))


def test_every_learned_policy_is_in_the_table_with_its_accuracy() -> None:
    table = ceiling_tables.policy_table(random_inputs(), options=SelectorOptions(trees=5, boosting_rounds=2))
    learned = table[table["accuracy"] != ""]
    assert len(learned) == 6
    assert (table["dice_average"] <= table.loc[1, "dice_average"] + 1e-12).all()


def test_few_patients_get_no_learned_policy() -> None:
    with pytest.raises(LackingError, match="10 patients are too few"):
        ceiling_tables.selector_data(random_inputs(10))


def test_incomplete_constant_and_redundant_features_are_left_out() -> None:
    inputs = random_inputs()
    features = inputs.features.assign(surface_roughness_WT=np.arange(60.0), constant=1.0)
    features.loc[3, "vol_ET"] = np.nan
    data = ceiling_tables.selector_data(replace(inputs, features=features))
    assert data.names == ("vol_WT", "cavities_WT", "nb_cc_ET")


def test_the_comparison_is_of_every_pair_and_clustered_by_subject() -> None:
    table = cohort_tables.comparison_table(random_inputs(12))
    assert len(table) == 3 * 5 * 7
    assert (table["clusters"] == 6).all()
    assert (table["p_holm"] >= table["p_benjamini_hochberg"] - 1e-12).all()


def test_the_error_tables_have_every_method() -> None:
    inputs = random_inputs(12)
    for build in (
        error_tables.class_metric_table,
        error_tables.false_positive_table,
        error_tables.worst_case_table,
    ):
        assert set(build(inputs)["method"]) == set(METHODS)


def test_equal_figures_have_equal_bytes_in_both_formats() -> None:
    inputs = random_inputs()
    one, two = (drawn(case_figure(inputs)) for _ in "ab")
    assert one == two
    assert one["png"].startswith(b"\x89PNG")
    assert b"<svg" in one["svg"]


def test_the_fragment_figure_has_one_panel_a_label_and_a_bar_a_method() -> None:
    inputs = random_inputs(12)
    figure = fragment_figure(inputs, paper_tables.fragment_table(inputs))
    assert [axes.get_title() for axes in figure.axes] == ["NCR (n = 12)", "ED (n = 12)", "ET (n = 12)"]
    assert all(len(axes.patches) == 3 for axes in figure.axes)


def test_the_importance_figure_shows_eight_features_a_region() -> None:
    names = [f"feature {number}" for number in range(10)]
    rows = [{"region": region, "feature": name, "impurity": 0.1} for region in ("WT", "TC") for name in names]
    figure = importance_figure(pd.DataFrame(rows))
    assert [len(axes.patches) for axes in figure.axes] == [8, 8]


def test_the_legend_of_the_importances_has_the_colours_of_its_bars() -> None:
    rows = [{"region": "ET", "feature": name, "impurity": 0.1} for name in ("vol_WT", "max_orphan_cc_ET")]
    figure = importance_figure(pd.DataFrame(rows))
    bars = {bar.get_facecolor() for bar in figure.axes[0].patches}
    assert {patch.get_facecolor() for patch in figure.legends[0].get_patches()} == bars
    assert len(bars) == 2
