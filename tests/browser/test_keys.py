"""What the mouse does, the keyboard does too."""

import re

from driving import open_case, pinned, wait_for_case
from playwright.sync_api import expect

from viewer.page import KEYS


def test_letters_step_through_components_patients_and_pins(page, address, study):
    open_case(page, address, pinned(study, "C5"))
    expect(page.locator("#ledger .ag-row").first).to_be_attached()
    page.evaluate("document.activeElement.blur()")
    first = page.locator('#ledger .ag-row[row-index="0"]').get_attribute("row-id")
    second = page.locator('#ledger .ag-row[row-index="1"]').get_attribute("row-id")
    for key, component in (("j", first), ("j", second), ("k", first)):
        page.keyboard.press(key)
        expect(page.locator("#ledger .ag-row-selected")).to_have_attribute("row-id", component)
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("component="))
    page.keyboard.press("2")
    wait_for_case(page, pinned(study, "C2"))
    page.keyboard.press("n")
    wait_for_case(page, "SYN-00004-000")
    page.keyboard.press("p")
    wait_for_case(page, pinned(study, "C2"))


def test_letters_typed_into_a_field_stay_letters(page, address, study):
    open_case(page, address, pinned(study, "C5"))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    search = page.get_by_label("Open a patient by id")
    expect(search).to_be_focused()
    page.keyboard.type("jn2")
    expect(search).to_have_value("jn2")
    expect(page.locator("#stage")).to_have_attribute("data-case", pinned(study, "C5"))
    search.fill("")


def test_the_list_names_every_key_and_turns_the_letters_off(page, address, study):
    open_case(page, address, pinned(study, "C5"))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys of this page")
    expect(dialog).to_be_visible()
    assert dialog.locator("tr").count() == len(KEYS)
    dialog.get_by_role("button", name="Turn single-letter keys off").click()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("2")
    expect(page.locator("#stage")).to_have_attribute("data-case", pinned(study, "C5"))
    page.get_by_role("button", name="Keys", exact=True).click()
    dialog.get_by_role("button", name="Turn single-letter keys on").click()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("2")
    wait_for_case(page, pinned(study, "C2"))


def test_a_case_can_be_found_and_exported_without_a_mouse(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type(pinned(study, "C4"))
    page.keyboard.press("Enter")
    wait_for_case(page, pinned(study, "C4"))
    link = page.locator('[data-panel="consensus"] a', has_text="GLB")
    for _ in range(200):
        if link.evaluate("link => link === document.activeElement"):
            break
        page.keyboard.press("Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == f"{pinned(study, 'C4')}_consensus_volume-true.glb"
