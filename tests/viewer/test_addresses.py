"""What an address of the server can hold: the study's own ids and names, never what it knows of a patient."""

import json
import re

from prepared import PATIENTS, prepared_study

from viewer.app import create_app
from viewer.cohort_state import CohortState
from viewer.open_study import OpenStudy
from viewer.refusals import CALLS
from viewer.view_state import ViewState

LOCAL = {"Host": "127.0.0.1"}
SECRET = "a-sentence-about-the-person"  # noqa: S105 - no password: what must not show up in an address
IDS = {"patient", "source", "method", "region", "contrast", "name", "label", "number", "mode", "form"}
FILES = {"path", "filename", "package_name", "fingerprinted_path"}


def addresses(study):
    """Every address in the answers to a change of case: of bytes, links and exports."""
    client = create_app(study.folder).server.test_client()
    share = ViewState(patient=PATIENTS[0], show="errors").query()
    found = client.get("/_dash-layout", headers=LOCAL).text
    for one in client.get("/_dash-dependencies", headers=LOCAL).get_json():
        if one["clientside_function"] or not all(source["property"] == "data" for source in one["inputs"]):
            continue
        parts = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in outputs(one)]
        body = {
            "output": one["output"],
            "outputs": parts if one["output"].startswith("..") else parts[0],
            "inputs": [{**source, "value": share} for source in one["inputs"]],
            "state": [{**source, "value": None} for source in one["state"]],
            "changedPropIds": [f"{source['id']}.{source['property']}" for source in one["inputs"]],
        }
        answer = client.post(CALLS, data=json.dumps(body), content_type="application/json", headers=LOCAL)
        assert answer.status_code in (200, 204), answer.text
        found += json.dumps(answer.get_json(silent=True), ensure_ascii=False)  # without escaped slashes
    return set(re.findall(r'"((?:/|\?)[^"\s]+)"', found))


def outputs(callback):
    return callback["output"].strip(".").split("...")


def test_addresses_of_a_case_hold_ids_and_names_and_nothing_that_is_known_of_the_patient(tmp_path):
    study = prepared_study(tmp_path / SECRET / "study")
    client = create_app(study.folder).server.test_client()
    note = {"patient": PATIENTS[0], "text": SECRET, "author": SECRET, "flag": "review"}
    assert client.post("/notes/add", json=note, headers=LOCAL).status_code == 200
    found = addresses(study)
    assert len([one for one in found if one.startswith(("/mesh/", "/labels/", "/export/"))]) >= 8
    assert not [one for one in found if SECRET in one]
    reading = OpenStudy(study.folder).read()
    row = reading.cohort.row(PATIENTS[0])
    numbers = {str(value) for value in row.values() if isinstance(value, float) and value not in (0.0, 1.0)}
    assert numbers
    assert not [one for one in found if any(number in one for number in numbers)]


def test_every_route_takes_ids_and_names_and_what_is_written_of_a_patient_travels_in_bodies(boxes):
    rules = [*create_app(boxes.folder).server.url_map.iter_rules()]
    assert {name for rule in rules for name in rule.arguments} <= IDS | FILES
    writing = [rule for rule in rules if rule.rule.startswith("/notes/") and "/export." not in rule.rule]
    assert len(writing) == 4
    assert all("GET" not in rule.methods for rule in writing)
    assert not {"text", "author", "note"} & {*ViewState.__slots__, *CohortState.__slots__}
