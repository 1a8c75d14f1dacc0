"""The page can be used without seeing it, and seen without straining."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import open_case, wait_for_scatter
from playwright.sync_api import expect


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_violation(page, address, study, theme):
    open_case(page, address, study.pins[0].patient, f"&theme={theme}")
    wait_for_scatter(page)
    for grid in ("#table", "#ledger"):  # a grid that has drawn no cell yet is a row without cells
        expect(page.locator(f"{grid} .ag-cell").first).to_be_visible()
        expect(page.locator(f"{grid} .ag-header-cell").first).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1720, 1240), (1920, 1080)])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_lies_beside_the_page(page, address, study, theme, width, height):
    # with GLIOSCOPE_SCREENSHOTS set to a folder, what was looked at is kept there
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": height})
    open_case(page, address, study.pins[4].patient, f"&theme={theme}&mode=volume-true&component=distmap:ET:1")
    wait_for_scatter(page)
    page.evaluate("scrollTo(0, 0)")
    overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    folder = os.environ.get("GLIOSCOPE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"page-{theme}-{width}x{height}.png")
    page.set_viewport_size(before)
    assert overhang <= 0
