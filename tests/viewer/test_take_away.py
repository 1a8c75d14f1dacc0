import json
import struct

import pytest
from studies import LPS, box_labels

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import write_label_map

PATIENT, OTHER = "P-00001-000", "P-00002-000"


def document(glb: bytes) -> dict:
    assert glb[:4] == b"glTF"
    (length,) = struct.unpack_from("<I", glb, 12)
    return json.loads(glb[20 : 20 + length])


def nodes_with_labels(glb: bytes) -> dict[str, dict]:
    return {
        node["name"]: node["extras"] for node in document(glb)["nodes"] if "label" in node.get("extras", {})
    }


def test_all_sources_stand_in_one_file_under_their_names(exports):
    answer = exports.get(f"/export/{PATIENT}/side-by-side/surfaces.glb?mode=voxel")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{PATIENT}_side-by-side_voxel.glb"'
    nodes = nodes_with_labels(answer.data)
    assert {name.split(" / ")[0] for name in nodes} == {"Ground truth", "Baseline", "DistMap"}
    assert nodes["DistMap / ET"]["voxels"] == int((box_labels() == 3).sum())
    assert nodes["Baseline / ED"]["method"] == "baseline"


def test_a_source_that_lacks_the_patient_leaves_no_gap(exports):
    answer = exports.get(f"/export/{OTHER}/side-by-side/surfaces.glb?mode=voxel")
    titles = {name.split(" / ")[0] for name in nodes_with_labels(answer.data)}
    assert titles == {"Ground truth", "Baseline"}


def test_a_source_moved_aside_says_by_how_much(exports):
    nodes = nodes_with_labels(exports.get(f"/export/{PATIENT}/side-by-side/surfaces.glb?mode=voxel").data)
    shifts = {name.split(" / ")[0]: node["shift_mm"] for name, node in nodes.items()}
    assert shifts["Ground truth"] == [0.0, 0.0, 0.0]
    width_mm = 5.0  # of the box of ED
    assert [shifts[title][0] > width_mm for title in ("Baseline", "DistMap")] == [True, True]
    assert shifts["DistMap"][0] == pytest.approx(2 * shifts["Baseline"][0])


@pytest.mark.parametrize("form", ["glb", "stl", "obj", "ply"])
def test_a_component_alone_is_a_file_of_every_format(exports, form):
    answer = exports.get(f"/export/{PATIENT}/baseline/NCR/1.{form}?mode=voxel")
    assert answer.status_code == 200
    name = f"{PATIENT}_baseline_NCR-1_voxel.{form}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_component_is_that_of_the_ledger_and_nothing_else(exports, volumes):
    label_map = box_labels()
    label_map[7, 8, 9] = 3  # a second, smaller component of ET
    write_label_map(volumes.folder / "predictions/distmap" / f"{PATIENT}.nii.gz", LabelMap(label_map, LPS))
    sizes = {
        number: nodes_with_labels(exports.get(f"/export/{PATIENT}/distmap/ET/{number}.glb?mode=voxel").data)
        for number in (1, 2)
    }
    assert sizes[1]["ET"]["voxels"] == int((box_labels() == 3).sum())
    assert sizes[2]["ET"]["voxels"] == 1
    assert sizes[2]["ET"]["component"] == 2


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/export/nobody/side-by-side/surfaces.glb", "No patient 'nobody' in this study."),
        (f"/export/{PATIENT}/side-by-side/surfaces.exe", "No format 'exe'; there are "),
        (f"/export/{PATIENT}/side-by-side/surfaces.glb?mode=cubist", "No surface mode 'cubist'"),
        (f"/export/{PATIENT}/nothing/ET/1.glb", "No method 'nothing' in this study."),
        (f"/export/{PATIENT}/baseline/XX/1.glb", "No label 'XX' in this study; there are "),
        (f"/export/{PATIENT}/baseline/ET/99.glb", f"baseline has no component 99 of ET in {PATIENT}."),
        (f"/export/{PATIENT}/baseline/ET/0.glb", f"baseline has no component 0 of ET in {PATIENT}."),
        (f"/export/{OTHER}/distmap/ET/1.glb", f"DistMap has no volume of {OTHER}."),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(exports, address, sentence):
    answer = exports.get(address)
    assert answer.status_code == 404
    assert answer.text.startswith(sentence)
    assert answer.text.count("\n") == 1


@pytest.mark.parametrize(
    "address",
    [
        "/export/..%2f..%2fetc/side-by-side/surfaces.glb",
        f"/export/{PATIENT}/..%2f..%2fground_truth/ET/1.glb",
        f"/export/{PATIENT}/baseline/..%2fET/1.glb",
        f"/export/{PATIENT}/side-by-side/..%2fsurfaces.glb",
    ],
)
def test_no_path_leads_out_of_the_study(exports, address):
    assert exports.get(address).status_code == 404
