"""A server with an access token, seen from a browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import serving
from driving import wait_for_case
from playwright.sync_api import expect

from viewer.access import Access

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105 - of this test alone


@pytest.fixture(scope="module")
def guarded(study):
    with serving(study.folder, Access(TOKEN)) as url:
        yield url


@pytest.fixture
def stranger(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def test_a_visitor_enters_by_the_keyboard_and_lands_on_the_case_asked_for(stranger, guarded, study):
    patient = study.pins[2].patient
    stranger.goto(f"{guarded}/?patient={patient}")
    expect(stranger.get_by_label("Access token")).to_be_focused()
    stranger.keyboard.type("wrong")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("alert")).to_have_text("That is not the token of this server.")
    found = Axe().run(stranger)
    assert found.violations_count == 0, found.generate_report()
    stranger.keyboard.type(TOKEN)
    stranger.keyboard.press("Enter")
    wait_for_case(stranger, patient)
    expect(stranger).to_have_url(re.compile(rf"/\?patient={patient}$"))
    assert stranger.evaluate("document.cookie") == ""


def test_a_link_with_the_token_opens_the_page_and_leaves_no_token_in_the_address(stranger, guarded, study):
    patient = study.pins[1].patient
    stranger.goto(f"{guarded}/?patient={patient}&token={TOKEN}")
    assert "token" not in stranger.url
    wait_for_case(stranger, patient)
    assert TOKEN not in stranger.content()
    stranger.go_back()
    assert TOKEN not in stranger.url
