"""Notes and flags on the page, and the pinned cases as guided stories."""

import re
import sqlite3
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import go, open_case, pinned, wait_for_case
from playwright.sync_api import expect

from viewer.guided import reason
from viewer.notes_files import as_json, read_notes
from viewer.notes_store import Draft, NoteStore
from viewer.open_study import OpenStudy


def test_a_note_on_a_component_is_written_flagged_listed_and_found_in_the_table(page, address, study):
    patient = pinned(study, "C3")
    open_case(page, address, patient, "&component=distmap:ED:1")
    page.keyboard.press("g")
    expect(page.locator("#note-about")).to_have_attribute("aria-pressed", "true")
    page.locator("#note-author").fill("Anna")
    page.locator('[data-flag="review"]').click()
    page.locator("#note-text").fill("the rim <b>is</b> missed")
    page.locator("#note-save").click()
    note = page.locator("#notes-list .note").first
    expect(note).to_contain_text("the rim <b>is</b> missed")
    expect(note).to_contain_text("ED 1 of DistMap")
    expect(page.locator("#notes-count")).to_have_text("1")
    expect(page.locator("#note-text")).to_have_value("")
    store = NoteStore(study.folder / "notes.sqlite")
    (entry,) = store.current(patient)
    assert (entry.author, entry.flag, entry.component) == ("Anna", "review", "distmap:ED:1")
    assert page.evaluate("patient => dashAgGridFunctions.flagsOf({ data: { patient } })", patient) == "review"


@pytest.mark.parametrize("tab", ["what-if", "rule", "notes"])
def test_axe_finds_no_violation_in_any_tab(page, address, study, tab):
    patient = pinned(study, "C5")
    theme = "light" if tab == "rule" else "dark"
    open_case(page, address, patient, f"&tab={tab}&flip=distmap:NCR:1&overlap=3&story=C5&theme={theme}")
    expect(page.locator(f'[data-pane="{tab}"]')).to_be_visible()
    expect(page.locator("#story")).to_be_visible()
    expect(page.locator("#what-if .changes, #rule-found .changes, #notes-list > *").first).to_be_attached()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_note_that_somebody_else_changed_is_not_overwritten(page, watched, address, study):
    patient = pinned(study, "C4")
    store = NoteStore(study.folder / "notes.sqlite")
    entry = store.add(Draft(patient, "first", "Ben"))
    open_case(page, address, patient, "&tab=notes")
    page.locator("#note-author").fill("Anna")
    page.locator('[data-note-do="edit"]').click()
    store.edit(entry.note, 1, Draft("", "second", "Ben"))
    page.locator("#note-text").fill("mine")
    page.locator("#note-save").click()
    expect(page.locator("#note-says")).to_contain_text("Ben changed this note")
    assert len(watched.complaints) == 1  # the browser logs the refusal
    assert "409" in watched.complaints.pop()
    expect(page.locator("#note-text")).to_have_value("mine")
    expect(page.locator("#notes-list")).to_contain_text("second")
    with sqlite3.connect(store.path) as database:
        assert database.execute("SELECT count(*) FROM entry WHERE note = ?", (entry.note,)).fetchone() == (2,)
    database.close()


def write_note(page, author, words):
    page.locator("#note-author").fill(author)
    page.locator("#note-text").fill(words)
    page.locator("#note-save").click()


@pytest.mark.slow
def test_two_who_write_at_once_lose_nothing_and_flags_filter_the_table(
    page, elsewhere, address, study, tmp_path
):
    patient = pinned(study, "C6")
    for one in (page, elsewhere):
        one.goto("about:blank")  # else the note that the test before was writing stands there still
        open_case(one, address, patient, "&tab=notes")
    page.locator('[data-flag="interesting"]').click()
    write_note(page, "Anna", "mine")
    write_note(elsewhere, "Ben", "and mine")
    expect(elsewhere.locator("#note-text")).to_have_value("")
    expect(page.locator("#note-text")).to_have_value("")
    elsewhere.reload()
    for words in ("Anna", "mine", "Ben", "and mine"):
        expect(elsewhere.locator("#notes-list")).to_contain_text(words)

    model = '{"flagged":{"filterType":"text","type":"contains","filter":"interesting"}}'
    go(page, address, f"?patient={patient}&tab=notes&filter={quote(model)}")
    expect(page.locator("#row-count")).to_have_text("1 of 12 patients")
    go(page, address, f"?patient={patient}&tab=notes")
    expect(page.locator("#row-count")).to_have_text("12 patients")

    for kind in ("JSON", "CSV"):
        with page.expect_download() as download:
            page.locator(".note-files").get_by_role("link", name=kind).click()
        taken = read_notes(download.value.path().read_text(encoding="utf-8"))
        assert {"mine", "and mine"} <= {entry.text for entry in taken}
    other = NoteStore(tmp_path / "other.sqlite")
    other.add(Draft(patient, "from another desk", "Cleo"))
    (tmp_path / "other.json").write_text(as_json(study.name, other.history()), encoding="utf-8")
    page.locator("#notes-file input").set_input_files(tmp_path / "other.json")
    expect(page.locator("#note-says")).to_contain_text("1 new version")
    expect(page.locator("#notes-list")).to_contain_text("from another desk")


def test_opening_a_pin_tells_its_story_and_selects_the_component_that_explains_it(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    opened = OpenStudy(study.folder)
    pin = next(one for one in opened.read().cohort.pins if one.tag == "C5")
    found = reason(opened.read(), pin, opened.cache)
    page.keyboard.press("5")
    wait_for_case(page, pin.patient)
    name = ":".join(str(part) for part in found.component)
    expect(page).to_have_url(re.compile(f"component={name}"))
    expect(page.locator("#ledger .ag-row-selected")).to_have_attribute("row-id", name)
    banner = page.locator("#story")
    expect(banner).to_contain_text("holds in these results")
    expect(banner).to_contain_text(f"{found.label} {found.number} of DistMap")
    expect(banner).to_contain_text("5 of 6")


@pytest.mark.slow
def test_the_stories_lead_to_each_other_and_end(page, address, study):
    open_case(page, address, pinned(study, "C1"))
    page.keyboard.press("1")
    for tag in ("C2", "C3", "C4", "C5", "C6", "C1"):
        expect(page.locator("#story")).to_be_visible()
        page.keyboard.press("]")
        wait_for_case(page, pinned(study, tag))
        expect(page.locator("#story .tag")).to_have_text(tag)
        expect(page.locator("#story .claim")).to_have_text("holds in these results")
    page.keyboard.press("[")
    wait_for_case(page, pinned(study, "C6"))
    page.locator(".story-end").click()
    expect(page.locator("#story")).to_be_hidden()


@pytest.mark.slow
def test_a_rule_is_tried_on_the_cohort_and_its_numbers_stand_beside_the_studys(page, address, study):
    open_case(page, address, pinned(study, "C5"), "&tab=rule&overlap=0")
    page.locator('[data-cohort-trial="start"]').click()
    expect(page.locator("#cohort-trial")).to_contain_text("Mean Dice average")
    expect(page.locator("#cohort-trial")).to_contain_text("n = 12")
    with page.expect_download() as download:
        page.locator("#cohort-trial a").click()
    assert len(download.value.path().read_text().splitlines()) == 13
