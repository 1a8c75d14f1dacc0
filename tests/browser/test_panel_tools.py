"""Panels in any order and number, cameras, surfaces, opacity and the cut: by hand, key and link."""

import re

import pytest
from driving import (
    blur,
    drag,
    open_case,
    open_sheet,
    pinned,
    read_panel,
    stage,
    wait_for_case,
    wait_until_read,
)
from playwright.sync_api import expect


def keys_in_order(page):
    """Keys of the panels on the stage, from left to right."""
    return page.evaluate("[...document.querySelectorAll('#stage [data-panel]')].map(p => p.dataset.panel)")


def expect_order(page, *keys):
    expect(page.locator("#stage [data-panel]")).to_have_count(len(keys))
    for place, key in enumerate(keys):
        expect(page.locator("#stage [data-panel]").nth(place)).to_have_attribute("data-panel", key)


def move_slider(page, name, value):
    """Set a slider by its name."""
    page.get_by_role("slider", name=name).fill(str(value))


@pytest.mark.slow
def test_a_panel_moves_by_its_button_by_key_and_in_the_link(page, address, study):
    patient = pinned(study, "C2")
    open_case(page, address, patient)
    before = read_panel(page, "distmap")["fingerprint"]
    page.locator('[data-panel="distmap"]').hover()
    page.get_by_role("button", name="Move DistMap to the left").click()
    expect_order(page, "reference", "distmap", "baseline", "consensus")
    expect(page).to_have_url(re.compile("panels=reference,distmap,baseline,consensus"))
    page.reload()
    wait_for_case(page, patient)
    expect_order(page, "reference", "distmap", "baseline", "consensus")
    page.locator('[data-view="distmap"]').focus()
    page.keyboard.press(">")
    expect_order(page, "reference", "baseline", "distmap", "consensus")
    expect(page).not_to_have_url(re.compile("panels="))
    wait_for_case(page, patient)
    assert read_panel(page, "distmap")["fingerprint"] == before


def test_a_panel_dragged_onto_another_swaps_with_it(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    page.locator('[data-panel="reference"] .cs-names').drag_to(page.locator('[data-panel="consensus"]'))
    expect_order(page, "consensus", "baseline", "distmap", "reference")


def test_panels_can_be_left_out_and_come_back_to_their_place(page, address, study):
    patient = pinned(study, "C2")
    open_case(page, address, patient)
    open_sheet(page, "Panels")
    page.get_by_role("checkbox", name="Baseline").click()
    expect_order(page, "reference", "distmap", "consensus")
    expect(page).to_have_url(re.compile("panels=reference,distmap,consensus"))
    wait_for_case(page, patient)
    page.get_by_role("checkbox", name="Baseline").click()
    expect_order(page, "reference", "baseline", "distmap", "consensus")
    page.keyboard.press("Escape")


def test_the_last_panel_cannot_be_left_out(page, address, study):
    open_case(page, address, pinned(study, "C2"), "&panels=distmap")
    open_sheet(page, "Panels")
    expect(page.get_by_role("checkbox", name="DistMap")).to_be_disabled()
    page.keyboard.press("Escape")


def test_a_link_to_a_method_that_is_gone_shows_the_rest_and_says_so(page, address, study):
    open_case(page, address, pinned(study, "C2"), "&panels=distmap,vanished")
    expect_order(page, "distmap")
    expect(page.locator("#notices")).to_contain_text("vanished")


def test_errors_need_no_panel_of_the_reference(page, address, study):
    open_case(page, address, pinned(study, "C2"), "&panels=distmap&show=errors")
    expect(page.locator('[data-panel="distmap"] [data-legend="errors"]')).to_be_visible()


def open_without_brain(page, address, patient):
    """Open a case without its brain and wait until that is so."""
    open_case(page, address, patient, "&off=brain")
    brain = page.locator(".toolbar .layer", has_text="Brain")
    expect(brain).to_have_attribute("aria-pressed", "false")
    expect(stage(page)).to_have_attribute("data-state", "ready")


@pytest.mark.slow
def test_a_label_can_be_made_solid_and_gets_its_own_look_back(page, address, study):
    patient = pinned(study, "C2")
    open_without_brain(page, address, patient)
    page.reload()  # the camera of the tests before is not in this link
    wait_for_case(page, patient)
    veiled = read_panel(page, "reference")["fingerprint"]
    open_sheet(page, "Opacity")
    move_slider(page, "ED", 100)
    expect(page).to_have_url(re.compile("opacity=ED:100"))
    wait_until_read(page, "seen.fingerprint !== given", veiled)
    solid = read_panel(page, "reference")["fingerprint"]
    page.reload()
    wait_for_case(page, patient)
    wait_until_read(page, "seen.fingerprint === given", solid)
    open_sheet(page, "Opacity")
    page.get_by_role("button", name="As by default").click()
    expect(page).not_to_have_url(re.compile("opacity="))
    wait_until_read(page, "seen.fingerprint === given", veiled)
    page.keyboard.press("Escape")


def test_necrosis_is_seen_inside_enhancing_tumour(page, address, study):
    # solid pink shines through the rim around it: with necrosis hidden, the same pixels are less red and blue
    open_case(page, address, pinned(study, "C5"), "&off=brain,ED")
    with_core = read_panel(page, "reference")
    open_case(page, address, pinned(study, "C5"), "&off=brain,ED,NCR")
    expect(page.locator(".toolbar .layer", has_text="NCR")).to_have_attribute("aria-pressed", "false")
    without = read_panel(page, "reference")

    def pink(reading):
        # red at least half, blue above green: what orange never is
        return sum(
            count
            for at, count in enumerate(reading["histogram"])
            if at // 16 >= 2 and at % 4 >= (at // 4) % 4 and at % 4 >= 1
        )

    assert with_core["covered"] <= without["covered"] * 1.01  # necrosis lies within: it covers nothing more
    assert pink(with_core) > 0.1 * with_core["covered"]
    assert pink(with_core) > 3 * pink(without)


def test_cameras_part_and_join_by_button_and_key(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    page.get_by_role("button", name="Cameras linked").click()
    expect(page.get_by_role("button", name="Cameras apart")).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile("unlinked=1"))
    before = read_panel(page, "reference")["fingerprint"]
    drag(page, "distmap", 80, 20)
    assert read_panel(page, "reference")["fingerprint"] == before
    blur(page)
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Cameras linked")).to_be_visible()
    wait_until_read(page, "seen.fingerprint !== given", before)


@pytest.mark.parametrize(
    ("key", "parameter", "values"),
    [("v", "mode", ["voxel", "paper", None]), ("u", "cut", ["1", None])],
)
def test_a_key_goes_through_the_values_of_a_choice(page, address, study, key, parameter, values):
    open_case(page, address, pinned(study, "C2"))
    blur(page)
    for value in values:
        page.keyboard.press(key)
        if value is None:
            expect(page).not_to_have_url(re.compile(f"{parameter}="))
        else:
            expect(page).to_have_url(re.compile(f"{parameter}={value}"))


def test_a_key_fits_the_tumour_and_home_shows_all_again(page, address, study):
    patient = pinned(study, "C2")
    open_without_brain(page, address, patient)
    page.reload()
    wait_for_case(page, patient)
    whole = read_panel(page, "reference")["covered"]
    blur(page)
    page.keyboard.press("z")
    wait_until_read(page, "seen.covered > 1.5 * given", whole)
    page.locator('[data-view="reference"]').focus()
    page.keyboard.press("Home")
    wait_until_read(page, "Math.abs(seen.covered - given) < 0.01 * given", whole)


def test_a_key_enlarges_the_panel_that_has_the_focus(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    # the page has followed the address: an answer on its way would show all panels again
    expect(page.locator(".toolbar .layer", has_text="Brain")).to_have_attribute("aria-pressed", "true")
    page.locator('[data-view="consensus"]').focus()
    page.keyboard.press("m")
    expect(page.locator('[data-panel="reference"]')).to_be_hidden()
    expect(page.locator('[data-panel="consensus"]')).to_be_visible()
    expect(page).to_have_url(re.compile("alone=consensus"))
    page.keyboard.press("m")
    expect(page.locator('[data-panel="reference"]')).to_be_visible()
    expect(page).not_to_have_url(re.compile("alone="))
