"""A case as one file, opened from the disk with every request to anybody blocked."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import open_case, read_panel, wait_for_case
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def file(chromium, address, study, tmp_path_factory):
    patient = next(pin.patient for pin in study.pins if pin.tag == "C5")
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    open_case(page, address, patient, "&component=distmap:ET:1")
    page.keyboard.press("s")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download one HTML file").click()
    path = tmp_path_factory.mktemp("snapshot") / download.value.suggested_filename
    download.value.save_as(path)
    expect(page.locator("#export-said")).to_contain_text(re.compile(r"Saved .*_case\.html, \d\.\d MB"))
    context.close()
    return path, patient


@pytest.fixture
def offline(chromium):
    """A page that may read the one file and nothing else."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    page.asked, page.complaints = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def test_it_opens_from_the_disk_and_asks_nobody(offline, file):
    path, patient = file
    offline.goto(path.as_uri())
    wait_for_case(offline, patient)
    for key in ("reference", "baseline", "distmap", "consensus"):
        assert read_panel(offline, key)["covered"] > 2000
    where = offline.locator('[data-panel="distmap"] .cs-where')
    before = where.inner_text()
    offline.locator('[data-panel="distmap"] .cs-slice').press("PageUp")
    expect(where).not_to_have_text(before)
    expect(offline.locator(".cs-readout")).to_contain_text("t1c")
    offline.get_by_role("button", name="sagittal").last.click()
    expect(where).to_contain_text("sagittal")
    whole = read_panel(offline, "distmap")["fingerprint"]  # the brain covers what is hidden
    offline.get_by_role("button", name="ED", exact=True).click()
    assert read_panel(offline, "distmap")["fingerprint"] != whole
    assert offline.locator("section.tables table").count() == 2
    assert offline.locator("section.tables").last.locator("tbody tr").count() > 5
    assert [url for url in offline.asked if not url.startswith(("file:", "blob:", "data:"))] == []
    assert offline.complaints == []


def test_it_says_what_it_is_and_can_be_read_by_everybody(offline, file):
    path, patient = file
    offline.goto(path.as_uri())
    wait_for_case(offline, patient)
    for theme in ("dark", "light"):
        offline.get_by_role("button", name=theme, exact=True).click()
        found = Axe().run(offline)
        assert found.violations_count == 0, found.generate_report()
    expect(offline.locator("body > header")).to_contain_text("Research use only, not for clinical decisions.")
    expect(offline.locator(".mark")).to_have_text("Synthetic")
