import numpy as np
import pytest
from studies import write_tables

from analysis.cohort.labels import SCHEMES
from analysis.cohort.results import read_table
from analysis.cohort.study import Study, write_study
from benchmarks.synthetic_tables import write_synthetic_tables
from viewer.cohort_columns import ColumnStore, open_columns
from viewer.open_study import read
from viewer.quantities import Quantity, read_quantity


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables") / "study"
    study = write_synthetic_tables(folder, 60, components_each=18)
    return study, read(folder)


def test_a_column_holds_each_patients_value_of_the_long_table(synthetic, tmp_path):
    study, reading = synthetic
    columns = open_columns(reading, tmp_path)
    metrics = read_table(study, "metrics")
    for quantity in (Quantity("dice", "ED", "distmap"), Quantity("hd95_pooled_mm", "NCR", "consensus")):
        rows = metrics[
            (metrics["metric"] == quantity.metric)
            & (metrics["region"] == quantity.region)
            & (metrics["method"] == quantity.method)
        ].set_index("patient")["value"]
        assert np.array_equal(columns.values(quantity), rows.loc[reading.cohort.ids], equal_nan=True)


def test_a_difference_is_first_minus_second(synthetic, tmp_path):
    columns = open_columns(synthetic[1], tmp_path)
    first, second = Quantity("dice", "WT", "distmap"), Quantity("dice", "WT", "baseline")
    difference = columns.values(first.of("distmap", "baseline"))
    assert np.array_equal(difference, columns.values(first) - columns.values(second))


def test_features_and_dice_averages_are_columns_too(synthetic, tmp_path):
    study, reading = synthetic
    columns = open_columns(reading, tmp_path)
    assert np.array_equal(columns.values(Quantity("vol_WT")), read_table(study, "features")["vol_WT"])
    averages = columns.values(Quantity("dice_average", "", "baseline"))
    assert np.array_equal(averages, read_table(study, "patients")["dice_average_baseline"])
    assert columns.metrics() == ["dice_average", "dice", "hd95_pooled_mm", "fragment_count"]
    assert columns.regions("hd95_pooled_mm") == ["ET", "NCR", "ED"]
    assert columns.methods("dice", "WT") == ["baseline", "distmap", "consensus"]


def test_a_damaged_file_is_made_again_and_a_whole_one_is_not(synthetic, tmp_path):
    before = open_columns(synthetic[1], tmp_path).values(Quantity("vol_WT"))
    data = next(tmp_path.glob("*.npy"))
    written = data.stat().st_mtime_ns
    open_columns(synthetic[1], tmp_path)
    assert data.stat().st_mtime_ns == written
    data.write_bytes(data.read_bytes()[:-8] + b"damaged!")
    assert np.array_equal(open_columns(synthetic[1], tmp_path).values(Quantity("vol_WT")), before)


def test_a_study_without_metrics_has_only_what_its_patients_table_holds(tmp_path):
    study = Study(tmp_path / "study", "Empty", SCHEMES["brats2023"])
    study.folder.mkdir()
    write_study(study)
    write_tables(study, [("P-00001-000", 0.9, 0.8, 0.7)])
    columns = ColumnStore(tmp_path / "cache").of(read(study.folder))
    assert columns.metrics() == []
    assert Quantity("dice", "WT", "baseline") not in columns
    with pytest.raises(KeyError):
        columns.values(Quantity("dice", "WT", "baseline"))


@pytest.mark.parametrize(
    "text", ["dice:WT:distmap", "dice:WT:distmap:baseline", "vol_WT", "dice_average::baseline"]
)
def test_a_quantity_is_written_as_it_is_read(text):
    assert read_quantity(text).text == text


@pytest.mark.parametrize("text", ["", ":WT", "a:b:c:d:e"])
def test_rubbish_is_no_quantity(text):
    with pytest.raises(ValueError, match="^" + text):
        read_quantity(text)


def test_a_difference_names_both_methods_and_is_defined_with_its_sign():
    titles = {"distmap": "DistMap", "baseline": "Baseline"}
    quantity = Quantity("hd95_pooled_mm", "WT", "distmap", "baseline")
    assert quantity.axis(titles) == "HD95 pooled, WT, DistMap − Baseline, mm"
    assert "DistMap − Baseline: 0 where they agree" in quantity.says(titles)


def test_a_share_is_never_stretched_around_zero_but_a_difference_of_shares_is():
    assert Quantity("dice", "WT", "distmap").linear_within is None
    assert Quantity("dice", "WT", "distmap", "baseline").linear_within == 0.001
    assert Quantity("fragment_count", "ET", "distmap").linear_within == 1
