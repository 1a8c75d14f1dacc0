"""A trial on a case: its label map, scores, ledger and bytes."""

from dataclasses import replace

import numpy as np
import pytest
from packed_reading import read_packed
from prepared import AFFINE, PATIENTS, maps

from analysis.cohort.nifti import read_label_map
from analysis.cohort.results import read_table
from analysis.components import label_components
from analysis.metrics import compare
from analysis.volumes import CroppedMap
from analysis.what_if import average
from viewer import comparison, trial_bytes
from viewer.app import create_app
from viewer.open_study import NotInStudyError, OpenStudy
from viewer.rule_card import outcome_counts, stored_counts
from viewer.trial_panels import with_trial_comparison, with_trial_labels, with_trial_panel
from viewer.view_state import ViewState
from viewer.what_if import WhatIfs, with_trial

ONE = PATIENTS[0]
SOURCES = ("reference", "consensus")
PUT_BACK = ViewState(patient=ONE, flip=(("distmap", "ET", 1),))


@pytest.fixture(scope="module")
def reading(boxes):
    return OpenStudy(boxes.folder).read()


@pytest.fixture(scope="module")
def whatifs():
    return WhatIfs()


def test_the_scores_before_are_those_of_the_results(boxes, reading, whatifs):
    found = whatifs.of(reading, ONE, PUT_BACK)
    stored = read_table(boxes, "metrics", patient=ONE)
    stored = stored[stored["method"] == "consensus"].set_index(["region", "metric"])["value"]
    for key, value in found.before.items():
        np.testing.assert_equal(value.value, stored[key], err_msg=str(key))


def test_the_scores_after_equal_a_full_recompute_on_the_edited_volume(boxes, reading, whatifs):
    found = whatifs.of(reading, ONE, PUT_BACK)
    truth = maps(0)["ground_truth"]
    edited = truth.copy()  # DistMap without its invention, which the rule removes, and with ET 1 put back
    whole = [CroppedMap(labels, AFFINE, boxes.scheme) for labels in (truth, edited)]
    for region, value in compare(*whole):
        if (region, value.metric) in found.after:
            np.testing.assert_equal(found.after[region, value.metric].value, value.value, err_msg=region)
    assert np.array_equal(found.volumes.on_grid(found.labels).labels, edited)
    assert average(found.after, boxes.scheme.dice_average) == 1.0


def test_the_ledger_of_a_trial_has_the_changed_verdicts_and_the_changed_consensus(reading, whatifs):
    stored = reading.ledger(ONE)
    changed = with_trial(stored, whatifs.of(reading, ONE, PUT_BACK), reading.study)
    row = changed[(changed["method"] == "distmap") & (changed["label"] == 3) & (changed["component"] == 1)]
    assert row["outcome"].tolist() == ["kept-true"]
    in_consensus = [len(table[(table["method"] == "consensus")]) for table in (stored, changed)]
    assert in_consensus == [1, 2]
    assert list(changed.columns) == list(stored.columns)
    assert changed["method"].unique().tolist() == stored["method"].unique().tolist()


def test_without_a_trial_the_ledger_is_as_it_is_stored(reading, whatifs):
    stored = reading.ledger(ONE)
    assert whatifs.of(reading, ONE, ViewState(patient=ONE)) is None
    assert with_trial(stored, None, reading.study) is stored


def test_turning_the_costliest_verdict_gains_what_the_ledger_says(reading, whatifs):
    one, other = (
        whatifs.of(reading, ONE, ViewState(flip=flip)) for flip in ((("distmap", "ET", 2),), PUT_BACK.flip)
    )
    back = one.changes["distmap:ET:1"]
    both = whatifs.of(reading, ONE, ViewState(flip=(("distmap", "ET", 1), ("distmap", "ET", 2))))
    regions = reading.study.scheme.dice_average
    assert average(both.after, regions) - average(one.after, regions) == pytest.approx(back)
    assert average(other.after, regions) > average(both.after, regions)


def test_a_component_that_the_case_lacks_is_named_and_changes_nothing(reading, whatifs):
    found = whatifs.of(reading, ONE, ViewState(flip=(("distmap", "ET", 99),)))
    assert found.lacking == (("ET", 99),)
    assert found.after == found.before


def test_outcomes_are_counted_alike_in_the_stored_ledger_and_in_a_trial(reading, whatifs):
    names = reading.study.scheme.names
    counted = outcome_counts(whatifs.of(reading, ONE, ViewState(flip=(("distmap", "ET", 99),))))
    assert counted == stored_counts(reading.ledger(ONE), "distmap", names)
    assert counted["ET"] == {"removed-true": 1, "removed-false": 1}


def test_a_rule_that_asks_for_nothing_keeps_everything(reading, whatifs):
    found = whatifs.of(reading, ONE, ViewState(overlap=0))
    assert found.verdicts.kept.all()
    assert np.array_equal(found.volumes.on_grid(found.labels).labels, maps(0)["distmap"])


def test_the_consensus_panel_takes_the_changed_label_map_and_says_so(reading):
    described = [{"key": "distmap", "meshUrl": "a"}, {"key": "consensus", "meshUrl": "b", "exportUrl": "c"}]
    shown = with_trial_panel(described, reading, PUT_BACK)
    assert shown[0] == described[0]
    assert shown[1]["meshUrl"] == f"/what-if/{ONE}/{PUT_BACK.mode}.packed?flip=distmap:ET:1"
    assert (shown[1]["subtitle"], shown[1]["exportUrl"]) == ("What if: not the study's consensus", None)
    slices = with_trial_labels({"labelUrls": {"consensus": "x", "distmap": "y"}}, reading, PUT_BACK)
    assert slices["labelUrls"] == {"consensus": f"/what-if/{ONE}/labels.u8?flip=distmap:ET:1", "distmap": "y"}
    assert with_trial_panel(described, reading, ViewState(patient=ONE)) is described


def test_the_changed_label_map_is_served_and_the_studys_own_is_left_alone(boxes, tmp_path):
    client = create_app(boxes.folder, state=tmp_path).server.test_client()
    own = client.get(f"/labels/{ONE}/consensus.u8").data
    changed = client.get(f"/what-if/{ONE}/labels.u8?flip=distmap:ET:1")
    assert (np.frombuffer(changed.data, np.uint8) == 3).sum() == 343
    assert (np.frombuffer(own, np.uint8) == 3).sum() == 0
    surfaces = read_packed(client.get(f"/what-if/{ONE}/{PUT_BACK.mode}.packed?flip=distmap:ET:1").data)
    voxels = {
        node["name"]: node["extras"]["voxels"] for node in surfaces.document["nodes"] if "extras" in node
    }
    assert voxels["ET"] == 343
    before = sorted(tmp_path.rglob("*.gz"))
    client.get(f"/what-if/{ONE}/labels.u8?flip=distmap:ET:2")
    assert sorted(tmp_path.rglob("*.gz")) == before


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (f"/what-if/{ONE}/labels.u8", "Nothing is tried: this is the study's own consensus."),
        ("/what-if/nobody/labels.u8?overlap=3", "No patient 'nobody' in this study."),
        (f"/what-if/{ONE}/cubist.packed?overlap=3", "No surface mode 'cubist'"),
    ],
)
def test_a_trial_that_is_none_is_refused_in_one_sentence(boxes, tmp_path, path, sentence):
    answer = create_app(boxes.folder, state=tmp_path).server.test_client().get(path)
    assert answer.status_code == 404
    assert answer.text.startswith(sentence)


def test_a_volume_on_another_grid_can_not_be_tried(boxes, tmp_path):
    import shutil

    from analysis.cohort.label_map import LabelMap
    from analysis.cohort.nifti import write_label_map

    folder = tmp_path / "study"
    shutil.copytree(boxes.folder, folder, ignore=shutil.ignore_patterns("cache"))
    write_label_map(folder / f"predictions/distmap/{ONE}.nii.gz", LabelMap(maps(0)["distmap"][:-1], AFFINE))
    with pytest.raises(ValueError, match=rf"patient {ONE}: distmap grid \(39, 24, 16\), reference"):
        WhatIfs().of(OpenStudy(folder).read(), ONE, PUT_BACK)


def test_a_method_without_the_patient_can_not_be_judged(boxes, tmp_path):
    import shutil

    folder = tmp_path / "study"
    shutil.copytree(boxes.folder, folder, ignore=shutil.ignore_patterns("cache"))
    (folder / f"predictions/baseline/{ONE}.nii.gz").unlink()
    with pytest.raises(NotInStudyError, match=f"baseline has no volume of {ONE}"):
        WhatIfs().of(OpenStudy(folder).read(), ONE, PUT_BACK)


def test_labels_of_the_boxes_are_numbered_as_the_tests_say():
    found = label_components(maps(0)["distmap"], affine=AFFINE)
    sizes = found.table.voxel_counts[found.table.labels == 3].tolist()
    assert sizes == [343, 4]


@pytest.mark.parametrize("show", ["errors", "distance"])
def test_a_trial_is_compared_and_not_the_studys_consensus_in_its_place(boxes, reading, whatifs, show):
    view = replace(PUT_BACK, show=show)
    described = with_trial_comparison(comparison.described(reading, ONE, view), reading, view)
    asked = f"flip=distmap:ET:1&show={show}&region=WT"
    assert described["urls"]["consensus"] == f"/what-if/{ONE}/comparison.packed?{asked}"
    assert described["urls"]["distmap"] == f"/{show}/{ONE}/distmap/WT.packed"
    found = whatifs.of(reading, ONE, view)
    reference, own = (read_label_map(reading.label_file(ONE, name), boxes.scheme) for name in SOURCES)
    members = boxes.scheme.regions["WT"]
    made = trial_bytes.trial_comparison(whatifs, reading, view).make()
    assert made == comparison.SURFACES_OF[show](reference, found.volumes.on_grid(found.labels), members)
    assert made != comparison.SURFACES_OF[show](reference, own, members)
