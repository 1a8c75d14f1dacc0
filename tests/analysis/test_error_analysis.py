import math

import pandas as pd
import pytest

from analysis.error_analysis import class_metrics, extreme_cases, false_positive_shares, volume_dependencies

NAN = float("nan")
CLASSES = ("ET", "RC")


def rows(metric: str, values: dict[str, dict[str, float]], method: str = "unet") -> pd.DataFrame:
    """Metric rows from {patient: {class: value}}."""
    return pd.DataFrame(
        [
            {"patient": patient, "method": method, "region": region, "metric": metric, "value": value}
            for patient, regions in values.items()
            for region, value in regions.items()
        ]
    )


def volumes(values: dict[str, dict[str, float]]) -> pd.DataFrame:
    return pd.DataFrame(values).T.rename_axis("patient")


# patient c has no RC, and nobody predicts it there: Dice 1 by convention
VOLUMES = volumes({"a": {"ET": 2.0, "RC": 10.0}, "b": {"ET": 4.0, "RC": 20.0}, "c": {"ET": 6.0, "RC": 0.0}})
DICE = rows("dice", {"a": {"ET": 0.2, "RC": 0.5}, "b": {"ET": 0.4, "RC": 0.7}, "c": {"ET": 0.6, "RC": 1.0}})


def test_a_class_is_judged_only_where_the_reference_has_it() -> None:
    precision = rows("precision", {"a": {"RC": 0.5}, "b": {"RC": NAN}, "c": {"RC": 1.0}})
    table = class_metrics(pd.concat([DICE, precision]), VOLUMES, "unet", CLASSES).set_index("class")
    assert table.loc["RC", ["cases", "dice"]].tolist() == [2, pytest.approx(0.6)]
    assert table.loc["RC", ["precision", "precision_missing"]].tolist() == [0.5, 1]
    assert table.loc["all", ["cases", "dice"]].tolist() == [
        5,
        pytest.approx((0.2 + 0.4 + 0.6 + 0.5 + 0.7) / 5),
    ]
    assert math.isnan(table.loc["ET", "iou"])


def test_larger_objects_that_score_better_have_correlation_one() -> None:
    table = volume_dependencies(DICE, VOLUMES, "unet", CLASSES).set_index(["volume_of", "dice_of"])
    assert table.loc[("ET", "ET"), "pearson"] == pytest.approx(1)
    assert table.loc[("RC", "ET"), "cases"] == 3
    # volumes of RC 10, 20, 0 against Dice of ET 0.2, 0.4, 0.6
    assert table.loc[("RC", "ET"), "pearson"] == pytest.approx(-0.5)


def test_two_cases_have_no_correlation() -> None:
    table = volume_dependencies(DICE, VOLUMES, "unet", CLASSES).set_index(["volume_of", "dice_of"])
    assert table.loc[("RC", "RC"), "cases"] == 2
    assert math.isnan(table.loc[("RC", "RC"), "spearman"])


def test_constant_scores_have_no_correlation() -> None:
    same = rows("dice", {patient: {"ET": 0.5, "RC": 0.5} for patient in "abc"})
    table = volume_dependencies(same, VOLUMES, "unet", ("ET",))
    assert math.isnan(table.loc[0, "pearson"])


def test_false_positives_are_a_share_of_the_mean_object() -> None:
    predicted = rows("volume_ml", {"a": {"RC": 8.0}, "b": {"RC": 0.0}, "c": {"RC": 3.0}})
    precision = rows("precision", {"a": {"RC": 0.75}, "b": {"RC": NAN}, "c": {"RC": 0.0}})
    table = false_positive_shares(pd.concat([predicted, precision]), VOLUMES, "unet", ("RC",)).iloc[0]
    # false positives 2, 0 and 3 ml; objects 10 and 20 ml
    assert table["false_positive_ml"] == pytest.approx(5 / 3)
    assert table["share_percent"] == pytest.approx(100 * (5 / 3) / 15)
    assert (table["cases"], table["cases_with_class"]) == (3, 2)


def test_a_case_without_a_prediction_enters_neither_side_of_the_share() -> None:
    predicted = rows("volume_ml", {"a": {"RC": 8.0}, "b": {"RC": NAN}})
    precision = rows("precision", {"a": {"RC": 0.75}, "b": {"RC": NAN}})
    table = false_positive_shares(pd.concat([predicted, precision]), VOLUMES, "unet", ("RC",)).iloc[0]
    # a false positive of 2 ml and an object of 10 ml, both of case a
    assert table["share_percent"] == pytest.approx(20)
    assert (table["cases"], table["cases_with_class"], table["left_out"]) == (1, 1, 1)


def test_a_class_that_no_reference_has_gets_no_share() -> None:
    predicted = rows("volume_ml", {"c": {"RC": 3.0}})
    precision = rows("precision", {"c": {"RC": 0.0}})
    table = false_positive_shares(
        pd.concat([predicted, precision]), VOLUMES.loc[["c"]], "unet", ("RC",)
    ).iloc[0]
    assert math.isnan(table["share_percent"])


def test_an_absent_class_is_hidden_but_counts_in_the_mean_as_in_the_report() -> None:
    classes = ("ET", "NETC", "SNFH", "RC")
    dice = rows("dice", {"BraTS-GLI-02492-104": {"ET": 1.0, "NETC": 0.9463, "SNFH": 1.0, "RC": 1.0}})
    sizes = volumes({"BraTS-GLI-02492-104": {"ET": 0.0, "NETC": 5.0, "SNFH": 0.0, "RC": 0.0}})
    _, best = extreme_cases(dice, sizes, "unet", classes)
    assert best.loc[0, "mean_dice"] == pytest.approx(0.9866, abs=5e-5)
    assert best.loc[0, "NETC"] == 0.9463
    assert best.loc[0, ["ET", "SNFH", "RC"]].isna().all()


def test_worst_and_best_are_the_two_ends() -> None:
    worst, best = extreme_cases(DICE, VOLUMES, "unet", CLASSES, count=2)
    assert worst["patient"].tolist() == ["a", "b"]
    assert best["patient"].tolist() == ["c", "b"]
    assert worst.loc[0, "mean_dice"] == pytest.approx(0.35)


def test_cases_without_any_dice_are_in_neither_list() -> None:
    absent = rows("dice", {"a": {"ET": NAN, "RC": NAN}})
    worst, best = extreme_cases(absent, VOLUMES, "unet", CLASSES)
    assert worst.empty
    assert best.empty
