"""Probabilities and responses over the slices: the route's bytes, the stage's list, the ledger's means."""

import numpy as np
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from studies import LPS, SHAPE, box_labels, write_volumes

from analysis.cohort.nifti import write_image
from analysis.cohort.probabilities import write_probabilities
from viewer import ledger, toolbar
from viewer.canonical import to_ras
from viewer.open_study import OpenStudy
from viewer.overlays import certainty, choices_of, coded, maps_of, overlays
from viewer.routes import add_routes
from viewer.view_state import ViewState, read_query
from viewer.what_if import WhatIfs

PATIENT, OTHER = "P-00001-000", "P-00002-000"


@pytest.fixture
def study(tmp_path):
    """Baseline has probabilities, DistMap probabilities and a response, of the first patient alone."""
    folder = write_volumes(tmp_path / "study").folder
    codes = np.zeros((3, *SHAPE), np.uint8)
    codes[2][box_labels() == 3] = 204  # 0.8
    for method in ("baseline", "distmap"):
        path = folder / "predictions" / method / f"{PATIENT}.npz"
        write_probabilities(path, codes, [[1], [2], [3]], start=(0, 0, 0), shape=SHAPE)
    ramp = np.linspace(-1, 1, int(np.prod(SHAPE)), dtype=np.float32).reshape(SHAPE)
    write_image(path.parent / "responses" / PATIENT / f"{PATIENT}-sdtED.nii.gz", ramp, LPS)
    return OpenStudy(folder)


@pytest.fixture
def client(study):
    server = Flask("test")
    add_routes(server, study, WhatIfs())
    return server.test_client()


def served(client, address):
    """An answer as an array (x, y, z) in RAS."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return np.frombuffer(answer.data, np.uint8).reshape(SHAPE, order="F")


def test_a_map_is_served_in_ras_and_lies_on_its_label(client):
    codes = served(client, f"/map/{PATIENT}/distmap/p-ET.u8")
    labels = to_ras(box_labels(), LPS)[0]
    assert set(codes[labels == 3]) == {1 + round(0.8 * 254)}
    assert set(codes[labels != 3]) == {1}
    ramp = served(client, f"/map/{PATIENT}/distmap/sdt-ED.u8")
    assert ramp[-1, -1, 0] == 1  # LPS: the file's first voxel is the last of R and A
    assert ramp[0, 0, -1] == 255


def test_a_map_that_is_not_there_and_one_that_does_not_fit_are_a_sentence(client, study):
    assert client.get(f"/map/{PATIENT}/baseline/sdt-ED.u8").status_code == 404
    assert client.get(f"/map/{PATIENT}/reference/p-ET.u8").status_code == 404
    assert client.get(f"/map/{OTHER}/baseline/p-ET.u8").status_code == 404
    assert client.get(f"/map/{PATIENT}/baseline/..%2f..%2fstudy.u8").status_code == 404
    path = study.folder / "predictions" / "baseline" / f"{PATIENT}.npz"
    write_probabilities(
        path, np.zeros((3, 1, 1, 1), np.uint8), [[1], [2], [3]], start=(0, 0, 0), shape=(1, 1, 1)
    )
    answer = client.get(f"/map/{PATIENT}/baseline/p-ET.u8")
    assert answer.status_code == 422
    assert "the label map has (8, 9, 10)" in answer.text


@given(st.floats(-3, 3), st.floats(-2, 0), st.floats(0.5, 2))
def test_a_code_read_by_the_page_is_the_value_to_a_254th_of_the_range(value, low, high):
    """The page reads a code as low + (code - 1) / 254 * (high - low)."""
    (code,) = coded(np.array([value]), low, high)
    read = low + (int(code) - 1) / 254 * (high - low)
    assert abs(read - np.clip(value, low, high)) <= (high - low) / 508 + 1e-6


def test_what_is_no_number_is_nowhere():
    assert coded(np.array([np.nan, 0.0]), 0, 1).tolist() == [0, 1]


def test_the_stage_is_told_of_a_map_only_where_a_method_has_it(study):
    reading = study.read()
    (one,) = overlays(reading, PATIENT, "sdt-ED", 0.3)
    assert one["urls"] == {"distmap": f"/map/{PATIENT}/distmap/sdt-ED.u8"}
    assert (one["low"], one["high"], one["opacity"]) == (-1, 1, 0.3)
    assert overlays(reading, PATIENT, None, 0.6) == []
    assert overlays(reading, OTHER, "p-ET", 0.6) == []


def test_a_probability_hides_nothing_where_it_is_zero(study):
    (one,) = overlays(study.read(), PATIENT, "p-ET", 0.6)
    assert one["opacities"][0] == 0
    assert len(one["urls"]) == 2


def test_buttons_offer_what_there_is_and_the_opacity_of_what_is_chosen(study):
    words = choices_of(maps_of(study.read(), PATIENT))
    assert list(words) == ["", "p-NCR", "p-ED", "p-ET", "sdt-ED"]
    assert words["sdt-ED"][0] == "sdt ED"
    assert toolbar.overlay_choices(ViewState(), choices_of(maps_of(study.read(), OTHER))) == []
    assert len(toolbar.overlay_choices(ViewState(), words)) == 1
    assert len(toolbar.overlay_choices(ViewState(overlay="p-ET"), words)) == 2
    assert toolbar.overlay_choices(ViewState(overlay="p-ET", plane="none"), words) == []


def test_a_link_holds_the_overlay_and_how_opaque_it_is():
    view = ViewState(overlay="p-ET", strength=0.3)
    assert view.query() == "?overlay=p-ET&strength=0.3"
    assert read_query(view.query()) == (view, ())


def test_each_component_has_the_mean_probability_and_response_of_its_label(study):
    found = certainty(study.read(), PATIENT, study.cache)
    assert found["distmap:ET:1"]["mean_p"] == pytest.approx(0.8, abs=1e-3)
    assert "mean_response" not in found["distmap:ET:1"]
    assert found["distmap:ED:1"]["mean_p"] == 0
    assert -1 < found["distmap:ED:1"]["mean_response"] < 1
    assert "mean_response" not in found["baseline:ED:1"]
    assert certainty(study.read(), OTHER, study.cache) == {}
    rows = ledger.with_certainty([{"id": "distmap:ET:1", "mean_p": None}, {"id": "x:ET:9"}], found)
    assert rows == [{"id": "distmap:ET:1", "mean_p": found["distmap:ET:1"]["mean_p"]}, {"id": "x:ET:9"}]
