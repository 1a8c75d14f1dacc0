"""Scores and components of the open case lead to places in it."""

import re

from driving import open_case, read_panel, stage
from playwright.sync_api import expect

from analysis.cohort.results import read_table


def pinned(study, tag):
    return next(pin.patient for pin in study.pins if pin.tag == tag)


def selected(page):
    return page.locator("#ledger .ag-row-selected")


def test_scores_are_those_of_the_results(page, address, study):
    patient = pinned(study, "C5")
    open_case(page, address, patient)
    metrics = read_table(study, "metrics", patient=patient)
    dice = metrics[(metrics["metric"] == "dice") & (metrics["region"] == "WT")].set_index("method")["value"]
    rows = page.locator(".scores tbody tr")
    for number, method in enumerate(("baseline", "distmap", "consensus")):
        expect(rows.nth(number).locator("td").first).to_have_text(f"{dice[method]:.3f}")


def test_every_component_of_the_case_is_listed(page, address, study):
    patient = pinned(study, "C1")
    open_case(page, address, patient)
    expect(page.locator("#ledger-line")).to_have_text(
        re.compile(f"^{len(read_table(study, 'components', patient=patient))} components;")
    )


def test_a_row_selects_its_component_in_every_panel(page, address, study):
    patient = pinned(study, "C5")
    page.goto("about:blank")  # else the table may stand scrolled as the test before left it
    open_case(page, address, patient)
    before = read_panel(page, "distmap")["fingerprint"]
    page.locator("#ledger").scroll_into_view_if_needed()
    page.locator('#ledger .ag-row[row-id="distmap:ET:1"] .ag-cell').first.click()
    expect(page).to_have_url(re.compile("component=distmap:ET:1"))
    expect(selected(page)).to_have_attribute("row-id", "distmap:ET:1")
    expect(page.locator('[data-panel="consensus"] .cs-remark[data-absent="true"]')).to_be_visible()
    assert read_panel(page, "distmap")["fingerprint"] != before


def test_a_link_to_a_component_selects_it(page, address, study):
    patient = pinned(study, "C5")
    page.goto("about:blank")
    open_case(page, address, patient, "&component=distmap:ET:1")
    expect(selected(page)).to_have_attribute("row-id", "distmap:ET:1")
    expect(page.locator('[data-panel="consensus"] .cs-remark[data-absent="true"]')).to_be_visible()


def test_a_component_that_is_gone_is_no_selection(page, address, study):
    open_case(page, address, pinned(study, "C5"), "&component=distmap:ET:999999")
    expect(stage(page)).to_have_attribute("data-state", "ready")
    expect(selected(page)).to_have_count(0)
