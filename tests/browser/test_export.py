"""Files taken from the page are sound."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from driving import open_case

VALIDATOR = Path(__file__).parents[2] / "viewer" / "frontend" / "node_modules" / "gltf-validator"
SCRIPT = (
    "const v = require(process.argv[1]), fs = require('fs');"
    "v.validateBytes(new Uint8Array(fs.readFileSync(process.argv[2])))"
    ".then(r => console.log(JSON.stringify(r)))"
)


def test_a_downloaded_glb_has_no_error_and_no_warning(page, address, study, tmp_path):
    node = shutil.which("node")
    if node is None or not VALIDATOR.is_dir():
        pytest.skip("gltf-validator is not installed in viewer/frontend/node_modules, or node is missing")
    patient = next(pin.patient for pin in study.pins if pin.tag == "C1")
    open_case(page, address, patient)
    with page.expect_download() as download:
        page.locator('[data-panel="distmap"] a', has_text="GLB").click()
    assert download.value.suggested_filename == f"{patient}_distmap_voxel.glb"
    path = tmp_path / "distmap.glb"
    download.value.save_as(path)
    done = subprocess.run(
        [node, "-e", SCRIPT, str(VALIDATOR), str(path)], capture_output=True, text=True, check=True
    )
    report = json.loads(done.stdout)
    assert (report["issues"]["numErrors"], report["issues"]["numWarnings"]) == (0, 0), report["issues"][
        "messages"
    ]
    assert report["info"]["totalTriangleCount"] > 100
