"""Why a component was kept or deleted, and what that did: ledger, isolation, verdicts, another rule."""

import re

import pytest
from driving import open_case, pinned, read_panel, settle, wait_until_read
from playwright.sync_api import expect

from analysis.cohort.results import read_table
from viewer.open_study import OpenStudy
from viewer.view_state import read_query
from viewer.what_if import WhatIfs


def removed_true(study, patient):
    rows = read_table(study, "components", patient=patient)
    rows = rows[rows["outcome"] == "removed-true"].sort_values("voxel_count", ascending=False)
    row = rows.iloc[0]
    return f"distmap:{study.scheme.names[int(row['label'])]}:{row['component']}"


def cells(page, metric):
    return page.locator("#what-if tr").filter(has_text=metric).first


def test_turning_a_verdict_round_changes_scores_ledger_and_panel_and_can_be_taken_back(page, address, study):
    patient = pinned(study, "C5")
    name = removed_true(study, patient)
    open_case(page, address, patient, f"&tab=what-if&component={name}")
    expect(page.locator("#ledger .ag-row-selected")).to_have_attribute("row-id", name)
    before = read_panel(page, "consensus")["fingerprint"]
    page.keyboard.press("f")
    expect(page).to_have_url(re.compile(f"flip={name}"))
    found = WhatIfs().of(OpenStudy(study.folder).read(), patient, read_query(f"?flip={name}")[0])
    was, now = found.before["ET", "dice"].value, found.after["ET", "dice"].value
    expect(cells(page, "Dice")).to_contain_text(f"{was:.3f} → {now:.3f}")
    expect(page.locator('[data-panel="consensus"]')).to_contain_text("What if")
    expect(page.locator(f'#ledger .ag-row[row-id="{name}"] [col-id="outcome_words"]')).to_have_text(
        "kept, true"
    )
    wait_until_read(page, "seen.fingerprint !== given", before, key="consensus")
    page.locator("#what-if-reset").click()
    expect(page).not_to_have_url(re.compile("flip="))
    expect(page.locator('[data-panel="consensus"]')).not_to_contain_text("What if")
    wait_until_read(page, "seen.fingerprint === given", before, key="consensus")


@pytest.mark.slow
def test_a_link_with_turned_verdicts_opens_them(page, address, study):
    patient = pinned(study, "C5")
    name = removed_true(study, patient)
    page.goto("about:blank")
    open_case(page, address, patient, f"&tab=what-if&flip={name}")
    expect(page.locator("#what-if .chip")).to_have_count(1)
    expect(page.locator('[data-panel="consensus"]')).to_contain_text("What if")


def test_turned_verdicts_do_not_follow_to_another_case(page, address, study):
    patient = pinned(study, "C5")
    open_case(page, address, patient, f"&flip={removed_true(study, patient)}")
    page.locator(".pin").first.click()
    expect(page).not_to_have_url(re.compile("flip="))


def test_isolation_hides_everything_but_the_selected_component_and_says_so(page, address, study):
    patient = pinned(study, "C5")
    open_case(page, address, patient, f"&component={removed_true(study, patient)}&off=brain")
    remark = page.locator('[data-panel="distmap"] .cs-remark')
    expect(remark).to_be_visible()
    expect(remark).not_to_contain_text("hidden")
    settle(page)
    shown = read_panel(page, "distmap")
    page.keyboard.press("x")
    expect(remark).to_contain_text("all else hidden")
    expect(page).to_have_url(re.compile("isolated=1"))
    expect(page.locator('[data-reflect="isolated=1"]')).to_have_attribute("aria-pressed", "true")
    wait_until_read(page, "seen.covered < given", shown["covered"], key="distmap")
    page.keyboard.press("x")
    expect(remark).not_to_contain_text("hidden")
    wait_until_read(page, "seen.fingerprint === given", shown["fingerprint"], key="distmap")


def test_the_costliest_verdict_is_one_key_away(page, address, study):
    patient = pinned(study, "C5")
    open_case(page, address, patient)
    expect(page.locator("#costliest")).to_contain_text("Costliest")
    page.keyboard.press("w")
    expect(page.locator("#ledger .ag-row-selected")).to_have_count(1)
    expect(page).to_have_url(re.compile("component=distmap:"))


def test_quick_filters_list_only_what_they_name_and_j_steps_through_that(page, address, study):
    patient = pinned(study, "C5")
    rows = read_table(study, "components", patient=patient)
    open_case(page, address, patient, "&ledger=removed-true,removed-false,NCR")
    wanted = rows[(rows["verdict"] == "removed") & (rows["label"] == 1)]
    expect(page.locator("#ledger-shown")).to_have_text(f"{len(wanted)} of {len(rows)} shown")
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("component=distmap:NCR:"))
    page.locator('[data-reflect="ledger=NCR"]').click()
    removed = rows[rows["verdict"] == "removed"]
    expect(page.locator("#ledger-shown")).to_have_text(f"{len(removed)} of {len(rows)} shown")


def test_a_slider_of_the_rule_changes_the_case_while_it_moves(page, address, study):
    patient = pinned(study, "C5")
    open_case(page, address, patient, "&tab=rule")
    slider = page.locator("#rule-overlap")
    expect(page.locator("#rule-overlap-text")).to_have_text("1 voxel")
    slider.focus()
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#rule-overlap-text")).to_have_text("1000 voxels")
    expect(page).to_have_url(re.compile("overlap=1000"))
    found = WhatIfs().of(OpenStudy(study.folder).read(), patient, read_query("?overlap=1000")[0])
    expect(page.locator("#rule-found")).to_contain_text("not the study's rule")
    now = found.after["WT", "dice"].value
    expect(page.locator("#rule-found tr").filter(has_text="Dice").first).to_contain_text(f"{now:.3f}")
    page.locator("#rule-reset").click()
    expect(page.locator("#rule-overlap-text")).to_have_text("1 voxel")
    expect(page.locator("#rule-found")).to_contain_text("the study's own rule")


@pytest.mark.slow
def test_stale_answers_of_a_slider_never_win(page, address, study):
    patient = pinned(study, "C2")
    open_case(page, address, patient, "&tab=rule")
    slider = page.locator("#rule-overlap")
    slider.focus()
    for step in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(step)
        page.wait_for_timeout(120)
    expect(page).to_have_url(re.compile("overlap=10"))
    found = WhatIfs().of(OpenStudy(study.folder).read(), patient, read_query("?overlap=10")[0])
    counted = int(found.verdicts.kept.sum())
    expect(page.locator("#ledger-line")).to_contain_text("judged by the consensus")
    kept = """() => { let kept = 0;
        dash_ag_grid.getApi("ledger").forEachNode(({ data }) => { kept += data.verdict === "kept"; });
        return kept; }"""
    page.wait_for_function(f"counted => ({kept})() === counted", arg=counted)
    settle(page)
    assert page.evaluate(kept) == counted
    expect(page.locator("#rule-overlap-text")).to_have_text("10 voxels")
