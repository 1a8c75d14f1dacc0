"""What the page serves of a method against the reference equals what analysis says of it."""

import numpy as np
import pytest
from flask import Flask
from packed_reading import read_packed
from studies import LPS, box_labels, write_volumes

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import read_image, read_label_map, write_label_map
from analysis.corner_distances import corner_distances
from analysis.overlap import joint_histogram, region_overlaps
from viewer import comparison
from viewer.case_bytes import residuals, window_ends, windowed
from viewer.comparison import DISTANCE_ATTRIBUTE
from viewer.open_study import OpenStudy
from viewer.routes import add_routes
from viewer.view_state import ViewState
from viewer.what_if import WhatIfs

PATIENT = "P-00001-000"


@pytest.fixture
def study(tmp_path):
    written = write_volumes(tmp_path / "study")
    moved = np.roll(box_labels(), 1, axis=0)  # so that there is every kind of error
    moved[0, 0, 0] = 3
    write_label_map(written.folder / written.methods[0].folder / f"{PATIENT}.nii.gz", LabelMap(moved, LPS))
    return OpenStudy(tmp_path / "study")


@pytest.fixture
def client(study):
    server = Flask("test")
    add_routes(server, study, WhatIfs())
    return server.test_client()


@pytest.fixture
def pair(study):
    """Reference and first method: their names and label maps."""
    reading = study.read()
    method = reading.cohort.methods[0].name
    files = [reading.label_file(PATIENT, source) for source in ("reference", method)]
    return method, *(read_label_map(path, reading.study.scheme) for path in files)


@pytest.mark.parametrize("region", ["WT", "TC", "ET", "NCR", "ED"])
def test_errors_have_one_node_a_kind_with_the_voxels_of_the_joint_histogram(client, study, pair, region):
    method, reference, prediction = pair
    document = read_packed(client.get(f"/errors/{PATIENT}/{method}/{region}.packed").data).document
    voxels = {node["name"]: node["extras"]["voxels"] for node in document["nodes"][1:]}
    regions = study.read().cohort.scheme.regions
    overlap = region_overlaps(joint_histogram(reference.labels, prediction.labels), regions)[region]
    assert min(overlap.prediction_only, overlap.reference_only) > 0
    assert voxels["agreed"] + voxels["wrong-class"] == overlap.both
    assert voxels["false-positive"] == overlap.prediction_only
    assert voxels["false-negative"] == overlap.reference_only


def test_a_distance_stands_at_every_vertex_of_the_surface(client, pair):
    method, reference, prediction = pair
    packed = read_packed(client.get(f"/distance/{PATIENT}/{method}/WT.packed").data)
    attributes = packed.document["meshes"][0]["primitives"][0]["attributes"]
    corners = packed.attribute(attributes["POSITION"], np.uint8, 3)
    distances = packed.attribute(attributes[DISTANCE_ATTRIBUTE], np.float32, 1).ravel()
    found = corner_distances(reference.labels > 0, prediction.labels > 0, prediction.spacing_mm)
    expected = dict(zip(map(tuple, found.corners.tolist()), found.distances_mm, strict=True))
    assert {
        tuple(corner): distance for corner, distance in zip(corners.tolist(), distances, strict=True)
    } == (pytest.approx(expected))
    extras = packed.document["nodes"][1]["extras"]
    assert (extras["lowest_mm"], extras["highest_mm"]) == (
        found.distances_mm.min(),
        found.distances_mm.max(),
    )


@pytest.mark.parametrize("kind", ["errors", "distance"])
def test_what_the_study_lacks_is_named(client, kind):
    assert b"No region 'XY'; there are WT, TC" in client.get(f"/{kind}/{PATIENT}/baseline/XY.packed").data
    assert client.get(f"/{kind}/{PATIENT}/nobody/WT.packed").status_code == 404
    assert client.get(f"/{kind}/P-99999-000/baseline/WT.packed").status_code == 404


def test_a_comparison_is_described_for_every_method_and_not_for_the_reference(study):
    reading = study.read()
    described = comparison.described(reading, PATIENT, ViewState(show="errors", region="TC"))
    assert described["members"] == list(reading.cohort.scheme.regions["TC"])
    assert "reference" not in described["urls"]
    assert comparison.described(reading, PATIENT, ViewState()) is None


def test_a_region_the_study_lacks_gives_way_to_the_first(study):
    scheme = study.read().cohort.scheme
    assert comparison.region_name(scheme, ViewState(region="XY")) == scheme.dice_average[0]


def test_a_grey_value_gives_its_intensity_back_to_within_half_a_step(client, study):
    scale = client.get(f"/image/{PATIENT}/t1c.json").get_json()
    values, _ = read_image(study.read().image_file(PATIENT, "t1c"))
    greys = windowed(values)
    assert (scale["low"], scale["high"]) == window_ends(values)
    between = (greys > 1) & (greys < 255)
    assert between.any()
    said = scale["low"] + (greys[between].astype(float) - 1) * scale["step"]
    assert np.abs(said - values[between]).max() <= scale["step"] / 2 * (1 + 1e-4)
    assert (values[greys == 255] >= scale["high"] - scale["step"] / 2 * (1 + 1e-4)).all()


def test_an_empty_image_has_a_scale_of_no_width():
    assert window_ends(np.zeros((2, 2, 2))) == (0.0, 0.0)
    assert not windowed(np.zeros((2, 2, 2))).any()


def test_residuals_are_what_neighbours_do_not_predict():
    # viewer/frontend/tests/residuals.test.ts restores the same eight voxels; the second is 20 - 3 * 10 / 6
    greys = np.arange(10, 90, 10, dtype=np.uint8).reshape(2, 2, 2, order="F")
    assert residuals(greys).ravel(order="F").tolist() == [10, 15, 25, 17, 45, 27, 32, 12]


def test_a_packed_image_is_the_residuals_of_the_plain_one(client, study):
    plain = np.frombuffer(client.get(f"/image/{PATIENT}/t1c.u8").data, np.uint8).reshape(8, 9, 10, order="F")
    packed = np.frombuffer(client.get(f"/image/{PATIENT}/t1c.r8").data, np.uint8)
    assert packed.tolist() == residuals(plain).ravel(order="F").tolist()
