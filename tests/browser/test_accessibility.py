"""The page can be used without seeing it, and seen without straining."""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import open_case, settle, wait_for_scatter
from playwright.sync_api import expect

SIZES = ((1280, 720), (1720, 1240), (1920, 1080), (3840, 2160))
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_violation(page, address, study, theme):
    open_case(page, address, study.pins[0].patient, f"&theme={theme}")
    wait_for_scatter(page)
    for grid in ("#table", "#ledger"):  # a grid that has drawn no cell yet is a row without cells
        expect(page.locator(f"{grid} .ag-cell").first).to_be_visible()
        expect(page.locator(f"{grid} .ag-header-cell").first).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_lies_beside_the_page(page, address, study, theme):
    # with GLIOSCOPE_SCREENSHOTS set to a folder, what was looked at is kept there
    before, folder = page.viewport_size, os.environ.get("GLIOSCOPE_SCREENSHOTS")
    open_case(page, address, study.pins[4].patient, f"&theme={theme}&mode=volume-true&component=distmap:ET:1")
    wait_for_scatter(page)
    overhangs = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        page.evaluate("scrollTo(0, 0)")
        overhangs[width] = page.evaluate(OVERHANG)
        if folder:
            page.screenshot(path=Path(folder) / f"page-{theme}-{width}x{height}.png")
    page.set_viewport_size(before)
    assert all(overhang <= 0 for overhang in overhangs.values()), overhangs


@pytest.mark.slow
def test_who_asked_for_less_motion_gets_none(page, address, study):
    open_case(page, address, study.pins[1].patient)
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(
        """() => {
            window.flights = 0;
            const stage = document.getElementById("stage");
            const count = () => { window.flights += "moving" in stage.dataset ? 1 : 0; };
            new MutationObserver(count).observe(stage, { attributeFilter: ["data-moving"] });
        }"""
    )
    page.locator(".toolbar").get_by_role("button", name="Sagittal").click()
    expect(page.locator('[data-view="reference"] [data-edge="left"]')).to_have_text("A")
    page.keyboard.press("z")
    expect(page).to_have_url(re.compile("camera="))
    assert page.evaluate("window.flights") == 0
    assert page.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length") == 0
    page.emulate_media(reduced_motion="no-preference")
    # with motion, the way back is a flight
    page.locator('[data-view="reference"]').press("Home")
    page.wait_for_function("() => window.flights > 0")
    settle(page)
