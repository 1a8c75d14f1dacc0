"""Errors and distances on the page are those of analysis, in numbers, in 3D and on slices."""

import re

import numpy as np
import pytest
from driving import open_case, pinned, read_panel, stage, wait_for_case
from playwright.sync_api import expect

from analysis.cohort.nifti import read_label_map
from analysis.corner_distances import corner_distances
from analysis.error_classes import ErrorClass, error_counts
from analysis.overlap import joint_histogram

KINDS = {
    "agreed": ErrorClass.AGREED,
    "false-positive": ErrorClass.FALSE_POSITIVE,
    "false-negative": ErrorClass.FALSE_NEGATIVE,
    "wrong-class": ErrorClass.WRONG_CLASS,
}


def label_map(study, patient, source):
    files = study.patient(patient)
    path = files.reference if source == "reference" else files.predictions[source]
    return read_label_map(path, study.scheme)


@pytest.mark.parametrize(("tag", "region"), [("C1", "WT"), ("C5", "TC"), ("C5", "ET")])
def test_the_legend_counts_what_the_joint_histogram_counts(page, address, study, tag, region):
    patient = pinned(study, tag)
    open_case(page, address, patient, f"&show=errors&region={region}")
    reference = label_map(study, patient, "reference")
    for source in ("baseline", "distmap", "consensus"):
        prediction = label_map(study, patient, source)
        counts = error_counts(
            joint_histogram(reference.labels, prediction.labels), study.scheme.regions[region]
        )
        legend = page.locator(f'[data-panel="{source}"] [data-legend="errors"]')
        expect(legend).to_have_attribute("aria-label", re.compile(f"Errors in {region} "))
        kinds = list(KINDS)[: 4 if len(study.scheme.regions[region]) > 1 else 3]
        expect(legend.locator("tr[data-kind]")).to_have_count(len(kinds))
        for kind in kinds:
            row = legend.locator(f'tr[data-kind="{kind}"]')
            expect(row).to_have_attribute("data-voxels", str(counts[KINDS[kind]]))
        agreed = page.locator(f'[data-panel="{source}"] tr[data-kind="agreed"] td').first
        ml = counts[ErrorClass.AGREED] * reference.voxel_volume_mm3 / 1000
        assert float(agreed.inner_text().split()[0]) == pytest.approx(ml, abs=0.06)
    assert page.locator('[data-panel="reference"] [data-legend]').count() == 0


def yellow_on_slice(page, key):
    """Pixels of a panel's slice in the colour of a wrong class; its outlines are opaque."""
    return page.locator(f'[data-panel="{key}"] .cs-slice canvas').evaluate(
        """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let i = 0; i < data.length; i += 4)
                count += data[i] > 190 && data[i + 1] > 180 && data[i + 2] < 110;
            return count;
        }"""
    )


def test_errors_are_drawn_in_their_colours_and_labels_come_back(page, address, study):
    # in C1 DistMap imagines a core: a wrong class within the whole tumour, yellow
    patient = pinned(study, "C1")
    open_case(page, address, patient, "&off=brain")
    labels = read_panel(page, "distmap")
    open_case(page, address, patient, "&off=brain&show=errors")
    expect(stage(page)).to_have_attribute("data-show", "errors")
    wait_for_case(page, patient)
    errors = read_panel(page, "distmap")
    yellow = [16 * red + 4 * green + blue for red in (2, 3) for green in (2, 3) for blue in (0, 1)]
    assert sum(errors["histogram"][at] for at in yellow) > 50
    assert sum(labels["histogram"][at] for at in yellow if at >= 56) == 0 or errors != labels
    on_slices = {key: yellow_on_slice(page, key) for key in ("reference", "distmap")}
    assert on_slices["distmap"] > on_slices["reference"] + 20  # the crosshair is yellow, too
    open_case(page, address, patient, "&off=brain&show=distance")
    expect(stage(page)).to_have_attribute("data-show", "distance")
    wait_for_case(page, patient)
    assert read_panel(page, "distmap")["fingerprint"] not in (errors["fingerprint"], labels["fingerprint"])
    open_case(page, address, patient, "&off=brain")
    expect(stage(page)).to_have_attribute("data-show", "labels")
    wait_for_case(page, patient)
    assert read_panel(page, "distmap")["fingerprint"] == labels["fingerprint"]


def test_the_readout_names_the_kind_of_error_under_the_crosshair(page, address, study):
    # the crosshair begins amid the tumour, where in C1 DistMap has its imagined core
    open_case(page, address, pinned(study, "C1"), "&show=errors")
    facts = page.locator(".cs-readout dl > div")
    expect(facts.filter(has_text="DistMap").first).to_contain_text("wrong class")
    expect(facts.filter(has_text="Baseline").first).to_contain_text("agreed")


def test_the_distance_legend_says_how_far_the_surfaces_are_apart(page, address, study):
    patient = pinned(study, "C1")
    open_case(page, address, patient, "&show=distance&region=WT")
    reference = label_map(study, patient, "reference")
    for source in ("baseline", "distmap"):
        prediction = label_map(study, patient, source)
        masks = [np.isin(one.labels, study.scheme.regions["WT"]) for one in (reference, prediction)]
        found = corner_distances(*masks, prediction.spacing_mm).distances_mm
        legend = page.locator(f'[data-panel="{source}"] [data-legend="distance"]')
        expect(legend).to_be_visible()
        said = [float(legend.get_attribute(f"data-{end}")) for end in ("low", "high")]
        assert said == pytest.approx([found.min(), found.max()], rel=1e-6)


def test_a_region_that_a_method_lacks_has_no_distance_and_the_panel_says_so(page, address, study):
    # in C1 neither the reference nor the consensus has enhancing tumour
    patient = pinned(study, "C1")
    open_case(page, address, patient, "&show=distance&region=ET")
    assert not (label_map(study, patient, "consensus").labels == 3).any()
    expect(page.locator('[data-panel="consensus"] [data-legend="distance"]')).to_contain_text("No distance")


def test_the_key_goes_through_labels_errors_and_distance(page, address, study):
    open_case(page, address, pinned(study, "C2"))
    page.evaluate("document.activeElement.blur()")
    for shown in ("errors", "distance", "labels"):
        page.keyboard.press("e")
        expect(stage(page)).to_have_attribute("data-show", shown)
    expect(page).not_to_have_url(re.compile("show="))


def test_a_click_on_an_error_puts_the_crosshair_there_and_selects_nothing(page, address, study):
    open_case(page, address, pinned(study, "C1"), "&show=errors&off=brain")
    before = page.locator(".cs-readout dl").inner_text()
    box = page.locator('[data-view="distmap"]').bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.42)
    expect(page.locator(".cs-readout dl")).not_to_have_text(before)
    expect(page.locator(".cs-remark")).to_have_count(0)
