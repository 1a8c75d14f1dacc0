"""The cohort in a real browser: a click on one of many points, and a CSV that is the results."""

import csv
import re
from collections.abc import Iterator

import pytest
from conftest import serving
from driving import click_point, go, wait_for_scatter
from playwright.sync_api import expect

from analysis.cohort.results import read_table
from analysis.cohort.study import read_study
from benchmarks.synthetic_tables import write_synthetic_tables

PATIENTS = 1196


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """A study of synthetic tables alone, as many patients as were published."""
    folder = tmp_path_factory.mktemp("tables") / "study"
    write_synthetic_tables(folder, PATIENTS)
    return read_study(folder)


@pytest.fixture(scope="module")
def tables_address(tables) -> Iterator[str]:
    """Where the synthetic tables are served."""
    with serving(tables.folder) as url:
        yield url


def farthest(tables) -> str:
    """Name the patient whose point lies farthest right: no other point covers it."""
    points = read_table(tables, "patients")
    return str(points.loc[points["x"].idxmax(), "patient"])


def test_a_click_on_one_of_1196_points_opens_its_case(page, tables_address, tables):
    go(page, tables_address, "?scale=linear")
    wait_for_scatter(page)
    click_point(page, farthest(tables))
    expect(page).to_have_url(re.compile(f"patient={farthest(tables)}"))
    expect(page.locator("#table .ag-row-selected").first).to_contain_text(farthest(tables))


def test_the_csv_of_all_rows_equals_the_results(page, tables_address, tables):
    go(page, tables_address, "?")
    expect(page.locator("#row-count")).to_have_text(f"{PATIENTS} patients")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    wanted = read_table(tables, "patients")
    assert [row["Patient"] for row in found] == wanted["patient"].tolist()
    assert [float(row["Dice average, Baseline"]) for row in found] == wanted["dice_average_baseline"].tolist()
