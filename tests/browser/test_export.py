"""Files taken from the page are sound."""

from driving import open_case

from tests.khronos import require_clean


def test_a_downloaded_glb_has_no_error_and_no_warning(page, address, study, tmp_path):
    patient = next(pin.patient for pin in study.pins if pin.tag == "C1")
    open_case(page, address, patient)
    with page.expect_download() as download:
        page.locator('[data-panel="distmap"] a', has_text="GLB").click()
    assert download.value.suggested_filename == f"{patient}_distmap_volume-true.glb"
    path = tmp_path / "distmap.glb"
    download.value.save_as(path)
    (report,) = require_clean([path])
    assert report["info"]["totalTriangleCount"] > 100
