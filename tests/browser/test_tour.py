"""The first visit: six steps that point at what they speak of, once."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import open_case, pinned, wait_for_case
from playwright.sync_api import expect

from viewer.tour import STEPS


@pytest.fixture
def visitor(chromium):
    """A browser that has never been here."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def overlap(one, other):
    """Area that two boxes share, pixels."""
    wide = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    high = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return max(0, wide) * max(0, high)


def test_the_tour_walks_six_parts_of_the_page_and_does_not_come_back(visitor, address, study):
    visitor.goto(f"{address}/?tour=on")
    dialog = visitor.locator("#tour")
    expect(dialog).to_be_visible()
    for number, step in enumerate(STEPS, start=1):
        expect(visitor.locator("#tour-count")).to_have_text(f"{number} of {len(STEPS)}")
        expect(dialog.get_by_role("heading")).to_have_text(step.title)
        lit, target = (visitor.locator(one).first.bounding_box() for one in ("#tour-light", step.target))
        assert overlap(lit, target) > 0.9 * target["width"] * target["height"]
        inside = dialog.bounding_box()
        assert inside["y"] >= 0
        assert inside["y"] + inside["height"] <= 900
        visitor.keyboard.press("Enter")  # the way on has the focus
    expect(dialog).to_be_hidden()
    visitor.wait_for_function("() => localStorage.getItem('glioscope.tour') === 'seen'")
    expect(visitor).not_to_have_url(re.compile("tour"))


@pytest.mark.slow
def test_escape_leaves_the_tour_and_the_footer_offers_it_again(visitor, address, study):
    visitor.goto(f"{address}/?tour=on")
    expect(visitor.locator("#tour")).to_be_visible()
    visitor.keyboard.press("ArrowRight")
    expect(visitor.locator("#tour-count")).to_have_text(f"2 of {len(STEPS)}")
    visitor.keyboard.press("Escape")
    expect(visitor.locator("#tour")).to_be_hidden()
    visitor.locator("#tour-open").click()
    expect(visitor.locator("#tour-count")).to_have_text(f"1 of {len(STEPS)}")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_violation_in_an_open_dialog(page, address, study, theme):
    open_case(page, address, pinned(study, "C2"), f"&theme={theme}")
    for name in ("export", "tour", "keys"):
        page.locator(f"#{name}-open").click()
        expect(page.locator(f"#{name}")).to_be_visible()
        found = Axe().run(page, f"#{name}")
        page.keyboard.press("Escape")
        expect(page.locator(f"#{name}")).to_be_hidden()
        assert found.violations_count == 0, found.generate_report()


def test_a_first_visit_without_a_word_in_the_address_starts_where_the_study_says(visitor, address, study):
    visitor.goto(f"{address}/?tour=off")
    wait_for_case(visitor, pinned(study, "C1"))
    expect(visitor.locator("#tour")).to_be_hidden()
