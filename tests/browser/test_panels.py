"""The panels show what the label maps say."""

import re

import numpy as np
from driving import drag, open_case, pinned, read_panel, stage, wait_for_case
from playwright.sync_api import expect

from analysis.cohort.nifti import read_label_map

SOURCES = ("reference", "baseline", "distmap", "consensus")


def label_maps(study, patient):
    files = study.patient(patient)
    paths = {"reference": files.reference, **files.predictions}
    return {source: read_label_map(paths[source], study.scheme).labels for source in SOURCES}


def difference(one, other):
    """Share of pixels whose colour class has changed; panels may differ in width by a pixel."""
    return np.abs(np.subtract(one["histogram"], other["histogram"])).sum() / max(one["covered"], 1)


def settled(page, key):
    """Fingerprint of a panel once two readings agree: a flight of the camera is over."""
    before, now = None, read_panel(page, key)["fingerprint"]
    while before != now:
        page.evaluate("() => new Promise(requestAnimationFrame)")
        before, now = now, read_panel(page, key)["fingerprint"]
    return now


def test_each_panel_shows_a_label_exactly_where_its_label_map_has_one(page, address, study):
    # in C1 DistMap imagines a core; the consensus deletes it
    patient = pinned(study, "C1")
    maps = label_maps(study, patient)
    for label in study.scheme.labels:
        others = ",".join([one.name for one in study.scheme.labels if one != label] + ["brain"])
        open_case(page, address, patient, f"&off={others}")
        for name in (label.name, *others.split(",")):
            button = page.locator(".toolbar .layer", has_text=re.compile(f"^{name}$", re.IGNORECASE))
            expect(button).to_have_attribute("aria-pressed", str(name == label.name).lower())
        for source in SOURCES:
            assert (read_panel(page, source)["covered"] > 0) == bool((maps[source] == label.value).any())
    assert (maps["distmap"] == 3).any()
    assert not (maps["consensus"] == 3).any()


def test_panels_differ_where_label_maps_do_and_only_there(page, address, study):
    patient = pinned(study, "C5")
    maps = label_maps(study, patient)
    open_case(page, address, patient)
    prints = {source: read_panel(page, source)["fingerprint"] for source in SOURCES}
    for one in SOURCES:
        for other in SOURCES:
            assert (prints[one] == prints[other]) == np.array_equal(maps[one], maps[other])


def test_a_drag_turns_every_panel_alike(page, five_methods, study):
    # two of the five methods are copies of others: their panels must stay equal through every turn
    patient = pinned(study, "C2")
    open_case(page, five_methods, patient)
    before = {key: read_panel(page, key) for key in (*SOURCES, "copy-of-baseline", "copy-of-distmap")}
    drag(page, "reference", 90, 35)
    after = {key: read_panel(page, key) for key in before}
    assert all(before[key]["fingerprint"] != after[key]["fingerprint"] for key in before)
    for turn in (before, after):
        assert difference(turn["baseline"], turn["copy-of-baseline"]) < 0.02
        assert difference(turn["distmap"], turn["copy-of-distmap"]) < 0.02
    assert difference(after["baseline"], after["distmap"]) > 0.05


def test_five_methods_give_six_panels_without_code(page, five_methods, study):
    open_case(page, five_methods, pinned(study, "C2"))
    headings = page.locator("#stage h3").all_inner_texts()
    assert headings == [
        "Ground truth",
        "Baseline",
        "DistMap",
        "CC-Consensus",
        "Baseline again",
        "DistMap again",
    ]


def test_without_mri_the_label_slices_still_show_their_labels(page, five_methods, study):
    open_case(page, five_methods, pinned(study, "C2"))
    canvas = page.locator('[data-panel="reference"] canvas').last
    coloured = """canvas => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) count += Math.abs(data[i] - data[i + 1]) > 40;
        return count;
    }"""
    for _ in range(600):
        if canvas.evaluate(coloured) > 100:
            break
        page.evaluate("() => new Promise(requestAnimationFrame)")
    assert canvas.evaluate(coloured) > 100


def test_a_layer_can_be_hidden_and_shown(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    whole = read_panel(page, "reference")
    button = page.locator(".toolbar").get_by_role("button", name="ED", exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile("off=ED"))
    assert read_panel(page, "reference")["histogram"] != whole["histogram"]
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert read_panel(page, "reference")["fingerprint"] == whole["fingerprint"]


def test_a_smooth_surface_differs_from_the_voxels_but_little(page, address, study):
    patient = pinned(study, "C2")
    open_case(page, address, patient)
    smooth = read_panel(page, "reference")
    page.locator(".toolbar").get_by_role("button", name="Voxel").click()
    expect(page).to_have_url(re.compile("mode=voxel"))
    link = page.locator('[data-panel="reference"] a', has_text="GLB")
    expect(link).to_have_attribute("href", re.compile("mode=voxel"))
    wait_for_case(page, patient)
    voxels = read_panel(page, "reference")
    assert smooth["fingerprint"] != voxels["fingerprint"]
    assert abs(smooth["covered"] - voxels["covered"]) < 0.05 * voxels["covered"]


def test_a_panel_says_how_true_its_surfaces_are(page, address, study):
    patient = pinned(study, "C2")
    open_case(page, address, patient)
    badge = page.locator('[data-panel="distmap"] .cs-badge')
    summary = badge.locator("summary")
    expect(summary).to_have_text(
        re.compile(r"^volume 100\.0 % · (\d+) of \1 pieces · ≤ 1\.\d mm · volume-true \d$")
    )
    expect(badge).to_have_attribute("data-warning", "false")
    summary.focus()
    page.keyboard.press("Enter")
    expect(badge.locator("li").first).to_contain_text("each component keeps its volume")
    expect(badge.locator("li").first).to_be_visible()
    page.keyboard.press("Enter")


def test_surfaces_that_grew_are_warned_of(page, address, study):
    patient = pinned(study, "C2")
    open_case(page, address, patient, "&mode=paper")
    for panel in ("reference", "baseline", "distmap", "consensus"):
        badge = page.locator(f'[data-panel="{panel}"] .cs-badge')
        expect(badge).to_have_attribute("data-warning", "true")
        expect(badge.locator("summary")).to_have_text(re.compile(r"^volume 1[1-9]\d\.\d %|^volume [2-9]\d\d"))


def expect_letters(page, *letters):
    """The letters at the edges of the scene: left, right, top, bottom."""
    for edge, letter in zip(("left", "right", "top", "bottom"), letters, strict=True):
        expect(page.locator(f'[data-view="distmap"] [data-edge="{edge}"]')).to_have_text(letter)


def test_a_camera_preset_turns_the_view_and_letters_say_where_it_looks(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    oblique = read_panel(page, "reference")["fingerprint"]
    choice = page.locator(".toolbar").get_by_role("button", name="Axial")
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")
    assert settled(page, "reference") != oblique
    expect_letters(page, "R", "L", "A", "P")
    page.locator('[data-view="distmap"] [data-end="A"]').click()
    expect_letters(page, "R", "L", "S", "I")


def test_a_panel_fills_the_stage_and_gives_it_back(page, address, study):
    patient = pinned(study, "C2")
    open_case(page, address, patient)
    panel = page.locator('[data-panel="distmap"]')
    panel.get_by_role("button", name="Enlarge DistMap").click()
    expect(page.locator('[data-panel="reference"]')).to_be_hidden()
    expect(panel).to_be_visible()
    expect(page).to_have_url(re.compile("alone=distmap"))
    page.reload()
    wait_for_case(page, patient)
    expect(page.locator('[data-panel="reference"]')).to_be_hidden()
    panel.get_by_role("button", name="Enlarge DistMap").click()
    expect(page.locator('[data-panel="reference"]')).to_be_visible()
    expect(stage(page)).to_have_attribute("data-state", "ready")
