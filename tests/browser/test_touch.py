"""Fingers do what a mouse does: one turns, two zoom and move."""

import re

import pytest
from driving import wait_for_case


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


def camera_that(page, condition):
    """Read the address's camera once it meets a condition: it is told as fingers move and as they rest."""
    page.wait_for_function(
        f"""() => {{
            const told = new URLSearchParams(location.search).get("camera");
            if (told === null) return false;
            const [azimuth, elevation, zoom, ...target] = told.split(",").map(Number);
            return {condition};
        }}"""
    )
    return [float(part) for part in re.search(r"camera=([^&]+)", page.url).group(1).split(",")]


def test_one_finger_turns_and_two_zoom_and_move(touched):
    page, fingers = touched
    x, y = middle(page, "reference")
    fingers("touchStart", (x, y))
    fingers("touchMove", (x + 40, y))
    fingers("touchMove", (x + 80, y))
    fingers("touchEnd")
    turned = camera_that(page, "azimuth > -19")
    assert turned[2:] == [1]

    fingers("touchStart", (x - 20, y), (x + 20, y))
    for step in range(1, 5):
        fingers("touchMove", (x - 20 - 10 * step, y), (x + 20 + 10 * step, y))
    fingers("touchEnd")
    zoomed = camera_that(page, "zoom > 2.9")  # the fingers are three times as far apart
    assert zoomed[2] < 3.1
    assert zoomed[:2] == turned[:2]

    fingers("touchStart", (x - 20, y), (x + 20, y))
    for step in range(1, 5):
        fingers("touchMove", (x - 20, y + 12 * step), (x + 20, y + 12 * step))
    fingers("touchEnd")
    moved = camera_that(page, f"target[2] > {zoomed[5]} + 3")  # what was above the middle is now in it
    assert abs(moved[2] / zoomed[2] - 1) < 0.02


def test_nothing_lies_beside_a_narrow_page(touched):
    page, _ = touched
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
