"""Fingers do what a mouse does: one turns, two zoom and move."""

import re

import pytest
from driving import wait_for_case
from playwright.sync_api import expect


@pytest.fixture
def touched(chromium, address, study):
    """A narrow page under fingers, and what moves them."""
    patient = next(pin.patient for pin in study.pins if pin.tag == "C2")
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{address}/?patient={patient}")
    wait_for_case(page, patient)
    session = context.new_cdp_session(page)

    def fingers(kind, *points):
        spots = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    yield page, fingers
    context.close()


def middle(page, key):
    view = page.locator(f'[data-view="{key}"]')
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def camera(page):
    return [float(part) for part in re.search(r"camera=([^&]+)", page.url).group(1).split(",")]


def test_one_finger_turns_and_two_zoom_and_move(touched):
    page, fingers = touched
    x, y = middle(page, "reference")
    fingers("touchStart", (x, y))
    fingers("touchMove", (x + 40, y))
    fingers("touchMove", (x + 80, y))
    fingers("touchEnd")
    expect(page).to_have_url(re.compile("camera="))
    turned = camera(page)
    assert turned[0] > -52 + 20
    assert turned[2:] == [1]

    before = page.url
    fingers("touchStart", (x - 20, y), (x + 20, y))
    for step in range(1, 5):
        fingers("touchMove", (x - 20 - 10 * step, y), (x + 20 + 10 * step, y))
    fingers("touchEnd")
    expect(page).not_to_have_url(before)
    zoomed = camera(page)
    assert 2 < zoomed[2] < 4  # the fingers are three times as far apart
    assert zoomed[:2] == turned[:2]

    before = page.url
    fingers("touchStart", (x - 20, y), (x + 20, y))
    for step in range(1, 5):
        fingers("touchMove", (x - 20, y + 12 * step), (x + 20, y + 12 * step))
    fingers("touchEnd")
    expect(page).not_to_have_url(before)
    moved = camera(page)
    assert abs(moved[2] / zoomed[2] - 1) < 0.02
    assert moved[5] - zoomed[5] > 3  # what was above the middle is now in it


def test_nothing_lies_beside_a_narrow_page(touched):
    page, _ = touched
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
