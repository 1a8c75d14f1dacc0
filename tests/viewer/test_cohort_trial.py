"""A rule on the whole cohort: the job, its worker, what comes of it."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from prepared import AFFINE, PATIENTS, maps, prepared_study

from analysis.cohort.label_map import LabelMap
from analysis.cohort.results import read_table
from analysis.cohort.study import read_study
from analysis.consensus import PAPER_RULE, ConsensusRule, consensus
from analysis.metrics import Families, compare
from analysis.rule_trial import rule_scores
from analysis.volumes import CroppedMap
from viewer import cohort_trial
from viewer.app import create_app
from viewer.cohort_columns import ColumnStore
from viewer.cohort_trial import DONE, FAILED, RUNNING, STOPPED, Job, Progress, alone, job_of, requested, start
from viewer.cohort_trial_card import card, compared
from viewer.cohort_trial_worker import work
from viewer.open_study import OpenStudy
from viewer.trial import Trial, study_trial

KEEPS_ALL = ConsensusRule(minimum_overlap_voxels=0)
CHEAP = Families(surface_distances=False, surface_elements=False, lesion_wise=False)


@pytest.fixture
def study(tmp_path):
    return prepared_study(tmp_path / "study")


@pytest.fixture
def job(study):
    found = job_of(study, Trial(KEEPS_ALL, "distmap", "baseline", (("ET", 1),)))
    found.folder.mkdir(parents=True)
    return found


def words(component):
    if component is None or isinstance(component, str):
        return component or ""
    children = getattr(component, "children", None)
    return " ".join(words(child) for child in (children if isinstance(children, list) else [children]))


def ended(job, seconds=60.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        progress = job.progress()
        if progress is not None and progress.state != RUNNING:
            return progress
        time.sleep(0.05)
    raise AssertionError(job.progress())


@pytest.mark.parametrize("rule", [PAPER_RULE, KEEPS_ALL, ConsensusRule(connectivity=6, labels=(3,))])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_rules_scores_on_a_patient_are_those_of_its_whole_label_map(boxes, rule, number):
    case = maps(number)
    found = rule_scores(
        *(LabelMap(case[name], AFFINE) for name in ("ground_truth", "distmap", "baseline")),
        boxes.scheme,
        rule,
    )
    whole = [
        CroppedMap(labels, AFFINE, boxes.scheme)
        for labels in (case["ground_truth"], consensus(case["distmap"], case["baseline"], rule))
    ]
    expected = {(region, value.metric): value.value for region, value in compare(*whole, families=CHEAP)}
    assert found.dice == {region: expected[region, "dice"] for region in boxes.scheme.regions}
    for label, count in found.fragments.items():
        assert count == expected[label, "fragment_count"]


def test_the_studys_own_rule_gives_the_results_of_the_study(study, tmp_path):
    job = replace(job_of(study, study_trial(study)), folder=tmp_path / "own")
    job.folder.mkdir()
    assert work(study, job).state == DONE
    stored = read_table(study, "patients").set_index("patient")
    for row in job.rows():
        assert row["dice_average"] == pytest.approx(
            stored.loc[row["patient"], "dice_average_consensus"], abs=1e-12
        )


def test_a_job_does_every_patient_once_and_goes_on_where_it_was_stopped(study, job):
    job.cancel()
    assert work(study, job).words == "Cancelled."
    (job.folder / "cancel").unlink()
    whole = work(study, job)
    assert (whole.state, whole.done, whole.total) == (DONE, 3, 3)
    first = job.rows()
    path = job.folder / "rows.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:1]) + '{"patient": "P-000')
    assert work(study, job).done == 3
    assert job.rows() == first


def test_a_worker_that_nobody_watches_ends(study, job):
    job.watch()
    assert job.is_unwanted == ""
    os.utime(job.folder / "watched", (time.time() - 46, time.time() - 46))
    progress = work(study, job)
    assert (progress.state, progress.words) == (STOPPED, "Nobody was looking any more.")


def test_a_worker_without_a_sign_of_life_counts_as_stopped(job, monkeypatch):
    job.write_progress(Progress(RUNNING, 1, 3))
    assert job.progress().state == RUNNING
    now = time.time()
    monkeypatch.setattr(cohort_trial.time, "time", lambda: now + 61)
    assert job.progress().state == STOPPED
    assert job.progress().words == "The worker gave no sign of life."


def test_a_patient_without_a_volume_is_named_and_the_rest_is_done(study, job):
    (study.folder / f"predictions/baseline/{PATIENTS[1]}.nii.gz").unlink()
    progress = work(study, job)
    assert (progress.state, progress.done) == (DONE, 2)
    assert progress.failures == (f"{PATIENTS[1]}: baseline has no volume.",)


def test_one_worker_runs_at_a_time(study, job, monkeypatch):
    monkeypatch.setattr("viewer.cohort_trial_worker._LOCK_PATIENCE_S", 0.3)
    with alone(job.folder.parent, 1) as is_mine:
        assert is_mine
        thread = threading.Thread(target=work, args=(study, job))
        thread.start()
        thread.join()
    assert job.progress().state == FAILED
    assert "Another rule was being tried" in job.progress().words
    assert work(study, job).state == DONE


def test_equal_rules_are_one_job_and_turned_verdicts_do_not_count(study, job):
    assert job_of(study, Trial(KEEPS_ALL, "distmap", "baseline")) == job
    assert job_of(study, Trial(PAPER_RULE, "distmap", "baseline")).folder != job.folder
    assert job_of(study, Trial(KEEPS_ALL, "baseline", "distmap")).folder != job.folder


def test_a_request_survives_its_file(study, job):
    rule = ConsensusRule(18, 3, 0.25, 50.0, (1, 3))
    asked = Job(job.folder, Trial(rule, "distmap", "baseline"))
    document = cohort_trial._document(asked.trial)
    (job.folder / "request.json").write_text(json.dumps(document))
    assert requested(job.folder) == asked


@pytest.mark.slow
def test_a_started_job_runs_in_its_own_process_and_is_read_by_anybody(study, job):
    start(study, job)
    assert ended(job).state == DONE
    rows = job.rows()
    start(study, job)
    assert job.progress().state == DONE
    assert Job(job.folder, job.trial).rows() == rows
    assert len(rows) == 3


@pytest.mark.slow
def test_a_new_job_ends_the_one_before(study, job):
    start(study, job)
    other = job_of(study, Trial(ConsensusRule(6), "distmap", "baseline"))
    start(study, other)
    assert ended(other).state == DONE
    assert ended(job).state in (STOPPED, DONE)


def test_the_worker_says_what_went_wrong(tmp_path, job):
    (job.folder / "request.json").write_text(json.dumps(cohort_trial._document(job.trial)))
    command = [sys.executable, "-m", "viewer.cohort_trial_worker", str(tmp_path / "nothing"), str(job.folder)]
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode != 0
    assert job.progress().state == FAILED
    assert "is no study" in job.progress().words


def test_the_comparison_has_both_sides_of_the_same_patients(study, job, tmp_path):
    work(study, job)
    columns = ColumnStore(tmp_path / "columns").of(OpenStudy(study.folder).read())
    table = compared(columns, job.rows())
    assert table["patient"].tolist() == list(PATIENTS)
    assert table["study_fragments_ET"].tolist() == [0, 0, 0]
    assert table["fragments_ET"].tolist() == [1, 1, 0]
    own = read_table(study, "patients").set_index("patient")["dice_average_consensus"]
    np.testing.assert_array_equal(table["study_dice_average"], own[list(PATIENTS)])
    text = " ".join(words(part) for part in card(columns, job.progress(), job.rows(), 0.0, "?overlap=0"))
    assert "n = 3, the same patients on both sides." in text
    assert "Mean fragments ET 0.00 0.67 +0.67" in text
    assert f"{table['dice_average'].mean():.4f}" in text


def test_a_patient_that_is_missing_is_counted(study, job, tmp_path):
    work(study, job)
    columns = ColumnStore(tmp_path / "columns").of(OpenStudy(study.folder).read())
    text = " ".join(words(part) for part in card(columns, job.progress(), job.rows()[:2], 0.0, ""))
    assert "n = 2, the same patients on both sides; 1 lack a score or a volume." in text


@pytest.mark.slow
def test_a_trial_is_started_watched_and_taken_away_over_http(study):
    client = create_app(study.folder).server.test_client()
    assert client.get("/cohort-trial/result.csv?overlap=0").status_code == 404
    name = client.post("/cohort-trial/start?overlap=0").get_json()["job"]
    job = Job(read_study(study.folder).cache_folder / "trials" / name, study_trial(study))
    assert ended(job).state == DONE
    lines = client.get("/cohort-trial/result.csv?overlap=0").text.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("patient,study_dice_average,study_dice_WT")
    assert client.post("/cohort-trial/cancel?overlap=0").status_code == 200
    foreign = client.post("/cohort-trial/start?overlap=2", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
