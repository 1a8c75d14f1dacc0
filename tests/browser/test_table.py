"""The table of patients: order, filters, columns, what is saved, and a CSV of exactly what is shown."""

import csv
import re

import pytest
from driving import go, open_case, open_sheet_of_table, pinned, stage, wait_for_case
from playwright.sync_api import expect

SHOWN = """() => {
    const api = dash_ag_grid.getApi("table");
    const rows = [];
    api.forEachNodeAfterFilterAndSort(({ data }) => rows.push(data));
    return { rows, columns: api.getAllDisplayedColumns().map((column) => column.getColId()) };
}"""


def shown(page):
    """Rows of the table in their order, and the ids of its columns."""
    return page.evaluate(SHOWN)


def head(page, column):
    return page.locator(f'#table .ag-header-cell[col-id="{column}"] .ag-header-cell-label')


@pytest.mark.slow
def test_the_csv_has_the_order_the_filters_and_the_columns_of_the_table(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    head(page, "dice_average_distmap").click()
    expect(page).to_have_url(re.compile("sort=dice_average_distmap:asc"))
    head(page, "dice_average_distmap").click()
    expect(page).to_have_url(re.compile("sort=dice_average_distmap:desc"))
    sheet = open_sheet_of_table(page, "Columns")
    usual = len(shown(page)["columns"])
    sheet.get_by_role("group", name="Columns: Metrics").get_by_role("button", name="HD95 pooled, mm").click()
    sheet.get_by_role("group", name="Columns: Regions").get_by_role("button", name="TC", exact=True).click()
    expect(page).to_have_url(
        re.compile("columns=hd95_pooled_mm.*regions=TC|regions=TC.*columns=hd95_pooled_mm")
    )
    page.wait_for_function(f"() => ({SHOWN})().columns.length === {usual} + 3")  # one a method
    expect(sheet.get_by_label("What the columns mean")).to_contain_text("HD95 pooled, mm")
    page.keyboard.press("Escape")
    go(page, address, f"{page.evaluate('location.search')}&find=SYN-0000")
    expect(page.locator("#row-count")).to_have_text(re.compile(r"^\d+ of 12 patients$"))
    now = shown(page)
    scores = [row["dice_average_distmap"] for row in now["rows"]]
    assert scores == sorted(scores, reverse=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["Patient"] for row in found] == [row["patient"] for row in now["rows"]]
    assert len(found[0]) == len(now["columns"])
    column = next(name for name in now["columns"] if name == "hd95_pooled_mm:TC:distmap")
    title = next(name for name in found[0] if name.startswith("HD95 pooled") and "DistMap" in name)
    values = [float(row[title]) if row[title] else None for row in found]
    assert values == [row[column] for row in now["rows"]]


@pytest.mark.slow
def test_a_filter_is_kept_by_name_and_comes_back(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    page.get_by_label("Filter the table").fill("SYN-00007")
    expect(page.locator("#row-count")).to_have_text("2 of 12 patients")
    sheet = open_sheet_of_table(page, "Saved")
    expect(sheet).to_contain_text("Nothing is kept yet")
    sheet.get_by_label("Name of the filter").fill("the seventh")
    sheet.get_by_role("button", name="Save", exact=True).click()
    page.keyboard.press("Escape")
    page.reload()
    wait_for_case(page, pinned(study, "C1"))
    page.get_by_label("Filter the table").fill("")
    expect(page.locator("#row-count")).to_have_text("12 patients")
    sheet = open_sheet_of_table(page, "Saved")
    sheet.get_by_role("button", name="Use the filter the seventh").click()
    expect(page.locator("#row-count")).to_have_text("2 of 12 patients")
    expect(page).to_have_url(re.compile("find=SYN-00007"))
    sheet.get_by_role("button", name="Delete the filter the seventh").click()
    expect(sheet).to_contain_text("Nothing is kept yet")
    page.keyboard.press("Escape")
    page.get_by_label("Filter the table").fill("")
    expect(page.locator("#row-count")).to_have_text("12 patients")


@pytest.mark.slow
def test_scans_of_one_subject_lead_to_each_other(page, address, study):
    open_case(page, address, "SYN-00007-000")
    siblings = {row["patient"]: row["siblings"] for row in shown(page)["rows"]}
    assert "SYN-00007-001" in siblings["SYN-00007-000"]
    page.locator("#case").get_by_role("link", name="SYN-00007-001").click()
    wait_for_case(page, "SYN-00007-001")
    expect(stage(page)).to_have_attribute("data-case", "SYN-00007-001")
