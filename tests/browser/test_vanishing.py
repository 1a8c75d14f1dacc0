"""Files that go away or rot while the server runs: said where they are missed, or made again."""

import shutil

import pytest
from conftest import serving
from driving import open_case, pinned, read_panel, wait_for_case
from playwright.sync_api import expect

from analysis.cohort.study import read_study


@pytest.fixture(scope="module")
def own(study, tmp_path_factory):
    """A copy of the study that a test may damage, and where it is served."""
    folder = tmp_path_factory.mktemp("own") / "study"
    shutil.copytree(study.folder, folder)
    with serving(folder) as url:
        yield read_study(folder), url


def test_a_label_map_that_disappears_is_missed_in_its_own_panel_and_found_again(watched, own):
    study, address = own
    patient = pinned(study, "C3")
    file = study.patient(patient).predictions["distmap"]
    page = watched.page.context.new_page()
    open_case(page, address, pinned(study, "C1"))
    away = file.rename(file.with_suffix(".away"))
    page.locator(".pin", has_text=patient).click()
    wait_for_case(page, patient)
    panel = page.locator('[data-panel="distmap"]')
    expect(panel).to_contain_text("DistMap has no volume of this patient.")
    assert read_panel(page, "baseline")["covered"] > 0
    assert read_panel(page, "consensus")["covered"] > 0
    away.rename(file)
    page.reload()
    wait_for_case(page, patient)
    expect(panel).not_to_contain_text("no volume")
    assert read_panel(page, "distmap")["covered"] > 0
    page.close()


@pytest.mark.slow
def test_rotten_entries_of_the_cache_are_made_again(watched, own, elsewhere):
    study, address = own
    patient = pinned(study, "C5")
    page = watched.page.context.new_page()
    open_case(page, address, patient)
    before = {key: read_panel(page, key)["fingerprint"] for key in ("reference", "distmap", "consensus")}
    page.close()
    entries = list((study.folder / "cache" / "served").rglob("*.gz"))
    assert len(entries) > 3
    for place, path in enumerate(entries):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if place % 2 else b"\0" * len(whole))
    open_case(elsewhere, address, patient)
    assert {key: read_panel(elsewhere, key)["fingerprint"] for key in before} == before


@pytest.mark.slow
def test_results_that_disappear_are_said_and_come_back(watched, own):
    study, address = own
    page = watched.page.context.new_page()
    patient = pinned(study, "C4")
    open_case(page, address, patient)
    results = study.folder / "results"
    away = results.rename(study.folder / "results-away")
    page.reload()
    expect(page.locator("body")).to_contain_text("prepare")
    away.rename(results)
    page.reload()
    wait_for_case(page, patient)
    page.close()
