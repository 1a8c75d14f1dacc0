"""Probabilities over the slices: chosen by a button, drawn, explained by a legend, read at the crosshair."""

import shutil

import numpy as np
import pytest
from conftest import serving
from driving import go, open_case, pinned
from playwright.sync_api import expect
from scipy import ndimage

from analysis.cohort.nifti import read_label_map, write_image
from analysis.cohort.probabilities import read_probabilities, write_probabilities
from analysis.cohort.study import read_study

VOXELS = "&mode=voxel"
SLICE_SUM = """key => {
    const canvas = document.querySelector(`[data-panel="${key}"] .cs-slice canvas`);
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.reduce((sum, value) => sum + value, 0);
}"""


@pytest.fixture(scope="module")
def mapped(study, tmp_path_factory):
    """One patient with probabilities of both methods and distances of DistMap, made up from label maps."""
    folder = tmp_path_factory.mktemp("mapped") / "study"
    shutil.copytree(study.folder, folder)
    found = read_study(folder)
    patient = found.patient(pinned(study, "C2"))
    for method in ("baseline", "distmap"):
        path = patient.predictions[method]
        label_map = read_label_map(path, found.scheme)
        blurred = [
            ndimage.gaussian_filter((label_map.labels == value).astype(np.float32), 1.2)
            for value in (1, 2, 3)
        ]
        codes = np.rint(np.stack(blurred) * 255).astype(np.uint8)
        write_probabilities(
            path.with_name(f"{patient.id}.npz"),
            codes,
            [[1], [2], [3]],
            start=(0, 0, 0),
            shape=label_map.shape,
        )
    responses = path.parent / "responses" / patient.id
    write_image(responses / f"{patient.id}-sdtED.nii.gz", 2 * blurred[1] - 1, label_map.affine)
    with serving(folder) as address:
        yield address, found, patient


def test_a_button_lays_probabilities_over_the_slices_and_the_crosshair_reads_them(page, mapped):
    address, study, patient = mapped
    open_case(page, address, patient.id, VOXELS)
    expect(page.locator(".cs-readout")).to_be_visible()
    before = page.evaluate(SLICE_SUM, "distmap")
    page.get_by_text("p ED", exact=True).click()
    expect(page.locator(".cs-ramp")).to_have_attribute("aria-label", "p ED, in colours from 0 to 1")
    assert "overlay=p-ED" in page.url
    shown = page.locator(".cs-readout dl > div", has_text="DistMap p ED").locator("dd")
    expect(shown).to_be_visible()
    page.wait_for_function(f"before => ({SLICE_SUM})('distmap') !== before", arg=before)
    text = page.locator(".cs-readout dl > div", has_text="voxel").first.locator("dd").inner_text()
    x, y, z = (int(part) for part in text.replace("−", "-").split())
    path = patient.predictions["distmap"]
    shape = read_label_map(path, study.scheme).shape
    codes = read_probabilities(path.with_name(f"{patient.id}.npz"), study.scheme, shape).codes_cxyz
    assert float(shown.inner_text()) == pytest.approx(codes[1, x, y, z] / 255, abs=0.005)


def test_a_response_is_shown_where_its_method_has_one_and_goes_with_the_link(page, mapped):
    address, _, patient = mapped
    open_case(page, address, patient.id, VOXELS + "&overlay=sdt-ED&strength=0.9")
    expect(page.locator(".cs-ramp")).to_have_attribute("aria-label", "sdt ED, in colours from −1 to 1")
    expect(page.locator(".cs-readout dl > div", has_text="DistMap sdt ED")).to_be_visible()
    expect(page.locator(".cs-readout dl > div", has_text="Baseline sdt ED")).to_have_count(0)
    go(page, address, f"?patient={patient.id}{VOXELS}")
    expect(page.locator(".cs-ramp")).to_have_count(0)
