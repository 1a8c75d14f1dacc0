import gzip
import io
import json
import struct

import numpy as np
import pytest
from flask import Flask
from packed_reading import read_packed
from PIL import Image
from studies import LPS, SHAPE, box_labels

from viewer.canonical import to_ras, x_fastest_bytes
from viewer.routes import add_routes
from viewer.what_if import WhatIfs

PATIENT, OTHER = "P-00001-000", "P-00002-000"
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def client(volumes):
    server = Flask("test")
    add_routes(server, volumes, WhatIfs())
    return server.test_client()


def chunk_json(glb: bytes) -> dict:
    assert glb[:4] == b"glTF"
    (length,) = struct.unpack_from("<I", glb, 12)
    return json.loads(glb[20 : 20 + length])


def test_a_mesh_has_one_node_a_label_with_its_voxels(client):
    answer = client.get(f"/mesh/{PATIENT}/reference/voxel.packed")
    assert answer.mimetype == "application/octet-stream"
    nodes = {node["name"]: node for node in read_packed(answer.data).document["nodes"]}
    labels = box_labels()
    for value, name in ((1, "NCR"), (2, "ED"), (3, "ET")):
        assert nodes[name]["extras"]["voxels"] == int((labels == value).sum())
        assert nodes[name]["extras"]["label"] == value


def test_a_mesh_carries_its_fidelity_and_a_badge(client):
    document = read_packed(client.get(f"/mesh/{PATIENT}/reference/volume-true.packed").data).document
    nodes = {node["name"]: node for node in document["nodes"]}
    found = nodes["ED"]["extras"]["fidelity"]
    # what is drawn is rounded to 64ths of a voxel, and the file says what that costs
    assert found["volume_ratio"] == pytest.approx(1, abs=5e-5)
    assert found["volume_ratio"] != pytest.approx(1, abs=1e-7)
    assert (found["kept_component_count"], found["component_count"]) == (1, 1)
    assert found["euler_number"] == found["mask_euler_number"]
    assert document["scenes"][0]["extras"]["badge"]["text"].startswith("volume 100.0 % · 3 of 3 pieces")


def test_labels_come_in_ras_with_x_fastest(client):
    assert client.get(f"/labels/{PATIENT}/reference.u8").data == x_fastest_bytes(to_ras(box_labels(), LPS)[0])


def test_an_image_comes_as_grey_values_between_its_percentiles(client):
    values = np.frombuffer(client.get(f"/image/{PATIENT}/t1c.u8").data, np.uint8)
    assert len(values) == np.prod(SHAPE)
    assert values.max() == 255
    assert (values == 0).sum() == 1  # the ramp's only 0 is background


def test_a_thumbnail_is_a_small_png_of_a_source_with_a_clear_background(client):
    answer = client.get(f"/thumbnail/{PATIENT}.png?source=baseline")
    assert answer.mimetype == "image/png"
    image = Image.open(io.BytesIO(answer.data))
    assert (image.size, image.mode) == ((192, 144), "RGBA")
    assert image.getpixel((0, 0))[3] == 0
    assert image.getpixel((96, 72))[3] > 200
    assert client.get(f"/thumbnail/{PATIENT}.png?source=nothing").status_code == 404
    assert client.get(f"/thumbnail/{OTHER}.png?source=distmap").text == f"DistMap has no volume of {OTHER}.\n"


def test_a_case_describes_itself(client):
    case = client.get(f"/case/{PATIENT}.json").get_json()
    assert case["grid"]["shape"] == list(SHAPE)
    assert case["grid"]["affine"] == to_ras(box_labels(), LPS)[1].tolist()
    assert [source["name"] for source in case["sources"]] == ["reference", "baseline", "distmap"]
    assert case["contrasts"][0]["name"] == "t1c"
    assert "not for clinical decisions" in case["notice"]


def test_a_method_without_a_volume_is_null_in_the_case(client):
    sources = client.get(f"/case/{OTHER}.json").get_json()["sources"]
    assert [source["labels_url"] is None for source in sources] == [False, False, True]


def test_an_export_is_a_file_with_a_name(client):
    answer = client.get(f"/export/{PATIENT}/baseline.glb")
    assert (
        answer.headers["Content-Disposition"] == f'attachment; filename="{PATIENT}_baseline_volume-true.glb"'
    )
    extras = chunk_json(answer.data)["scenes"][0]["extras"]
    assert (extras["patient"], extras["method"]) == (PATIENT, "baseline")
    assert len(extras["source_sha256"]) == 64


def test_known_content_is_not_sent_again(client):
    first = client.get(f"/mesh/{PATIENT}/reference/voxel.packed")
    second = client.get(
        f"/mesh/{PATIENT}/reference/voxel.packed", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (second.status_code, second.data) == (304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]


def test_a_changed_file_is_sent_under_a_new_tag(client, volumes):
    first = client.get(f"/labels/{PATIENT}/reference.u8")
    path = volumes.folder / "ground_truth"
    (path / f"{PATIENT}.nii.gz").write_bytes(
        (volumes.folder / "predictions/baseline" / f"{PATIENT}.nii.gz").read_bytes()
    )
    second = client.get(f"/labels/{PATIENT}/reference.u8", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert second.data != first.data


def test_bytes_are_compressed_for_those_who_can_read_it(client):
    plain, packed = (
        client.get(f"/labels/{PATIENT}/reference.u8"),
        client.get(f"/labels/{PATIENT}/reference.u8", headers=GZIP),
    )
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/mesh/nobody/reference/voxel.packed", "No patient 'nobody' in this study."),
        (f"/mesh/{PATIENT}/nothing/voxel.packed", "No method 'nothing' in this study."),
        (f"/mesh/{OTHER}/distmap/voxel.packed", f"DistMap has no volume of {OTHER}."),
        (f"/image/{PATIENT}/t9.u8", f"No t9 image of {PATIENT}."),
        (f"/export/{PATIENT}/baseline.exe", "No format 'exe'; there are "),
        ("/case/nobody.json", "No patient 'nobody' in this study."),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(client, address, sentence):
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.text.startswith(sentence)
    assert answer.text.count("\n") == 1


def test_an_unknown_mode_names_the_known_ones(client):
    answer = client.get(f"/mesh/{PATIENT}/reference/cubist.packed")
    assert answer.status_code == 404
    assert "voxel" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/mesh/../../etc/passwd/voxel.packed",
        "/labels/..%2f..%2fstudy/reference.u8",
        "/labels/%2e%2e/study.toml.u8",
        "/mesh/P-00001-000/..%2f..%2fground_truth/voxel.packed",
        "/image/P-00001-000/..%2fP-00001-000-t1c.u8",
    ],
)
def test_no_path_leads_out_of_the_study(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert b"root:" not in answer.data


def test_a_volume_that_disappears_says_so(client, volumes):
    client.get(f"/labels/{PATIENT}/reference.u8")
    (volumes.folder / "ground_truth" / f"{PATIENT}.nii.gz").unlink()
    answer = client.get(f"/labels/{PATIENT}/reference.u8")
    assert answer.status_code == 404
    assert answer.text == f"Ground truth has no volume of {PATIENT}.\n"


def test_a_broken_volume_is_refused_not_served(client, volumes):
    (volumes.folder / "ground_truth" / f"{PATIENT}.nii.gz").write_bytes(b"not a volume")
    answer = client.get(f"/mesh/{PATIENT}/reference/voxel.packed")
    assert answer.status_code == 422
    assert answer.text.startswith("The file can't be read:")
