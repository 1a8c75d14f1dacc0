from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.ceiling.dice_cube import DiceCube, dice_cube
from analysis.ceiling.importances import feature_importances
from analysis.ceiling.one_feature import (
    best_rule,
    cross_validated_picks,
    different_features,
    fitted_picks,
)
from analysis.ceiling.oracles import fixed_rules, patient_oracle, region_oracle, strict_wins
from analysis.ceiling.selectors import SelectorOptions, select
from analysis.ceiling.size_sweep import sweep_means, sweep_patient
from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.feature_names import AGREEMENT_FEATURES, MORPHOLOGY_FEATURES
from analysis.published import METHODS, NESTED_REGIONS, read_published

FEW_TREES = SelectorOptions(trees=20, boosting_rounds=5)


def cube_of(dice: np.ndarray, folds: list[int] | None = None) -> DiceCube:
    """A cube from (patients, methods, regions) values."""
    return DiceCube(
        dice=np.asarray(dice, dtype=float),
        patients=np.array([f"p{number}" for number in range(len(dice))], dtype=object),
        folds=np.array(folds if folds is not None else [0] * len(dice)),
        methods=("baseline", "distmap", "consensus")[: np.shape(dice)[1]],
        regions=("WT", "TC", "ET")[: np.shape(dice)[2]],
        dropped=0,
    )


def random_cube(seed: int, patients: int = 60) -> DiceCube:
    generator = np.random.default_rng(seed)
    return cube_of(generator.random((patients, 3, 3)), list(np.arange(patients) % 5))


# two patients; the best method of patient 0 is 1 on both regions, of patient 1 it is 0 on WT and 2 on TC
TWO = cube_of(np.array([[[0.1, 0.2], [0.9, 0.8], [0.5, 0.5]], [[0.9, 0.1], [0.6, 0.6], [0.7, 0.8]]]))


def test_the_region_oracle_takes_the_best_of_every_region() -> None:
    assert region_oracle(TWO).tolist() == [[1, 1], [0, 2]]
    assert TWO.picked(region_oracle(TWO)).tolist() == pytest.approx([0.85, 0.85])


def test_the_patient_oracle_takes_one_method_for_all_regions() -> None:
    assert patient_oracle(TWO).tolist() == [1, 2]
    assert TWO.picked(patient_oracle(TWO)).tolist() == pytest.approx([0.85, 0.75])


def test_a_tie_goes_to_the_earlier_method() -> None:
    equal = cube_of(np.full((1, 3, 2), 0.5))
    assert patient_oracle(equal).tolist() == [0]
    assert strict_wins(equal)["ties"].tolist() == [1, 1]


def test_there_is_one_fixed_rule_for_every_choice_of_methods() -> None:
    rules = fixed_rules(random_cube(1))
    assert len(rules) == 27
    assert len(rules[["WT", "TC", "ET"]].drop_duplicates()) == 27
    assert rules["dice_average"].is_monotonic_decreasing


@given(st.integers(0, 30))
def test_no_rule_beats_the_region_oracle_and_no_method_the_patient_oracle(seed: int) -> None:
    cube = random_cube(seed, patients=12)
    best_region = cube.picked(region_oracle(cube)).mean()
    best_patient = cube.picked(patient_oracle(cube)).mean()
    assert best_region >= best_patient - 1e-12
    assert best_patient >= cube.averages().mean(axis=0).max() - 1e-12
    assert best_region >= fixed_rules(cube)["dice_average"].max() - 1e-12
    picks, _ = fitted_picks(cube, np.random.default_rng(seed).random((12, 4)))
    assert best_region >= cube.picked(picks).mean() - 1e-12


def test_a_patient_without_every_method_is_left_out_and_counted() -> None:
    rows = [("a", "baseline", "WT", 0.5), ("a", "distmap", "WT", 0.6), ("b", "baseline", "WT", 0.7)]
    metrics = pd.DataFrame(rows, columns=["patient", "method", "region", "value"]).assign(
        metric="dice", fold=1
    )
    cube = dice_cube(metrics, ("baseline", "distmap"), ("WT",))
    assert (cube.patients.tolist(), cube.dropped, cube.folds.tolist()) == (["a"], 1, [1])
    assert cube.dice.tolist() == [[[0.5], [0.6]]]


def test_the_one_feature_rule_finds_the_feature_that_decides() -> None:
    features = np.random.default_rng(2).random((200, 3))
    decides = features[:, 1] > 0.5
    dice = np.where(decides[:, None], [0.2, 0.8], [0.9, 0.1])
    rule = best_rule(dice, features)
    assert (rule.feature, rule.above, rule.below) == (1, 1, 0)
    assert rule.threshold == pytest.approx(0.5, abs=0.03)
    assert np.mean(rule.picks(features) == decides) > 0.97


def brute_force_score(dice: np.ndarray, features: np.ndarray) -> float:
    """The paper's loops: every feature, 19 quantiles, every pair of different methods."""
    best = -1.0
    for column in features.T:
        for cut in np.quantile(column, np.linspace(0.05, 0.95, 19)):
            for above in range(dice.shape[1]):
                for below in set(range(dice.shape[1])) - {above}:
                    picks = np.where(column > cut, above, below)
                    best = max(best, dice[np.arange(len(dice)), picks].mean())
    return best


@given(st.integers(0, 20))
def test_the_one_feature_rule_is_the_best_of_all_that_the_paper_tries(seed: int) -> None:
    generator = np.random.default_rng(seed)
    dice, features = generator.random((15, 3)), generator.integers(0, 4, (15, 3)).astype(float)
    rule = best_rule(dice, features)
    assert rule.score == pytest.approx(brute_force_score(dice, features))
    assert dice[np.arange(15), rule.picks(features)].mean() == pytest.approx(rule.score)


def test_features_that_never_vary_decide_nothing() -> None:
    with pytest.raises(ValueError, match="no feature varies"):
        best_rule(np.ones((4, 2)), np.ones((4, 3)))


def test_a_held_out_fold_does_not_choose_its_own_rule() -> None:
    cube = random_cube(3, patients=40)
    features = np.random.default_rng(3).random((40, 2))
    held_out = cube.folds == 0
    changed = cube_of(np.where(held_out[:, None, None], 1 - cube.dice, cube.dice), list(cube.folds))
    picks, rules = cross_validated_picks(cube, features, cube.folds)
    other, _ = cross_validated_picks(changed, features, cube.folds)
    assert np.array_equal(picks[held_out], other[held_out])
    assert len(different_features(rules)) == 3


@pytest.mark.parametrize("family", ["logistic", "forest", "boosting"])
@pytest.mark.parametrize("level", ["patient", "region"])
def test_a_selector_learns_what_a_feature_says(family: str, level: str) -> None:
    generator = np.random.default_rng(4)
    features = generator.random((120, 3))
    best = (features[:, 0] > 0.5).astype(int)
    dice = np.where(np.arange(2)[None, :, None] == best[:, None, None], 0.9, 0.4)
    cube = cube_of(np.repeat(dice, 2, axis=2), list(np.arange(120) % 5))
    chosen = select(cube, features, cube.folds, family=family, level=level, options=FEW_TREES)
    assert min(chosen.accuracy.values()) > 0.9
    assert chosen.dice_average > 0.85
    assert chosen.picks.shape == ((120,) if level == "patient" else (120, 2))


def test_the_same_seed_makes_the_same_choices() -> None:
    cube, features = random_cube(5), np.random.default_rng(5).random((60, 4))
    one, two = (
        select(cube, features, cube.folds, family="forest", level="region", options=FEW_TREES) for _ in "ab"
    )
    assert np.array_equal(one.picks, two.picks)


def test_a_selector_is_judged_on_patients_it_has_not_seen() -> None:
    # random classes: seen patients would be guessed right nearly always, unseen ones one time in three
    cube, features = random_cube(6, 150), np.random.default_rng(6).random((150, 5))
    chosen = select(cube, features, cube.folds, family="forest", level="patient", options=FEW_TREES)
    assert chosen.accuracy["patient"] < 0.55


def test_folds_that_agree_on_one_method_need_no_classifier() -> None:
    cube = cube_of(np.tile([[[0.9], [0.1]]], (10, 1, 1)), [0, 1] * 5)
    chosen = select(
        cube, np.arange(10.0)[:, None], cube.folds, family="boosting", level="region", options=FEW_TREES
    )
    assert (chosen.dice_average, chosen.accuracy["WT"]) == (pytest.approx(0.9), 1.0)


def test_one_fold_or_missing_features_are_refused() -> None:
    cube = random_cube(7, 10)
    features = np.ones((10, 1))
    with pytest.raises(ValueError, match="at least two folds"):
        select(cube, features, np.zeros(10, int), family="logistic", level="patient")
    with pytest.raises(ValueError, match="features must be finite"):
        select(cube, features * np.nan, cube.folds, family="logistic", level="patient")


def test_the_deciding_feature_is_the_most_important() -> None:
    features = np.random.default_rng(8).random((150, 3))
    best = (features[:, 2] > 0.5).astype(int)
    cube = cube_of(np.where(np.arange(2)[None, :, None] == best[:, None, None], 0.9, 0.4))
    table = feature_importances(cube, features, ["a", "b", "c"], options=FEW_TREES, repeats=2)
    assert table.iloc[0][["region", "feature"]].tolist() == ["WT", "c"]
    assert table["impurity"].sum() == pytest.approx(1)
    assert table.iloc[0]["permutation"] > 0.3


def label_map(*boxes: tuple[slice, int]) -> LabelMap:
    labels = np.zeros((40, 9, 9), np.uint8)
    for along_x, label in boxes:
        labels[along_x, 2:6, 2:6] = label
    return LabelMap(labels, np.eye(4))


def test_a_threshold_spares_large_unconfirmed_components() -> None:
    reference = label_map((slice(2, 10), 3), (slice(20, 26), 3))
    # a confirmed piece of 8 x 16 voxels, unconfirmed ones of 6 x 16 (true) and 2 x 16 (false)
    distmap = label_map((slice(2, 10), 3), (slice(20, 26), 3), (slice(34, 36), 3))
    baseline = label_map((slice(2, 10), 3))
    sweep = sweep_patient(reference, distmap, baseline, SCHEMES["brats2023"], (0.0, 40.0, float("inf")))
    values = sweep[sweep["region"] == "ET"].set_index("threshold_voxels")["value"]
    assert values[0.0] == pytest.approx(2 * 14 / (14 + 16))  # nothing is removed
    assert values[40.0] == 1.0  # the false piece goes, the true one stays
    assert values[float("inf")] == pytest.approx(2 * 8 / (14 + 8))  # both go
    assert sorted(sweep["region"].unique()) == ["ET", "TC", "WT"]


def test_a_sweep_of_empty_label_maps_is_perfect() -> None:
    empty = label_map()
    assert (sweep_patient(empty, empty, empty, SCHEMES["brats2023"])["value"] == 1).all()


def test_the_means_of_a_sweep_say_how_many_patients_they_are_of() -> None:
    sweep = pd.DataFrame(
        [("a", 20.0, "WT", 0.5), ("a", 20.0, "ET", 0.7), ("b", 20.0, "WT", 0.9)],
        columns=["patient", "threshold_voxels", "region", "value"],
    )
    row = sweep_means(sweep, ("WT", "ET")).iloc[0]
    assert (row["dice_average"], row["values"], row["missing"]) == (pytest.approx(0.6), 1, 1)


@pytest.fixture(scope="module")
def published(test_data: Path) -> tuple[DiceCube, np.ndarray]:
    tables = read_published(test_data / "published")
    cube = dice_cube(tables.metrics, METHODS, NESTED_REGIONS)
    columns = [*MORPHOLOGY_FEATURES, *AGREEMENT_FEATURES]
    return cube, tables.features.set_index("patient").loc[cube.patients, columns].to_numpy()


def test_the_published_oracles_and_rules_are_found_again(published: tuple[DiceCube, np.ndarray]) -> None:
    cube, features = published
    assert cube.picked(patient_oracle(cube)).mean() == pytest.approx(0.9131, abs=5e-5)
    assert cube.picked(region_oracle(cube)).mean() == pytest.approx(0.9139, abs=5e-5)
    best = fixed_rules(cube).iloc[0]
    assert best[["WT", "TC", "ET"]].tolist() == ["distmap", "consensus", "consensus"]
    assert best["dice_average"] == pytest.approx(0.90935, abs=5e-6)
    assert strict_wins(cube)["consensus"].tolist() == [32, 259, 83]
    picks, _ = fitted_picks(cube, features)
    assert cube.picked(picks).mean() == pytest.approx(0.91016, abs=5e-6)


def test_no_simple_selector_beats_the_consensus_in_the_studys_folds(
    published: tuple[DiceCube, np.ndarray],
) -> None:
    cube, features = published
    consensus = cube.averages()[:, 2].mean()
    picks, rules = cross_validated_picks(cube, features, cube.folds)
    assert cube.picked(picks).mean() < consensus
    assert max(different_features(rules)) >= 3
    chosen = select(cube, features, cube.folds, family="logistic", level="region")
    assert chosen.dice_average < consensus
