import os

import pandas as pd
import pytest
from studies import write_tables, write_volumes

from analysis.cohort.results import read_table
from viewer import open_study
from viewer.open_study import NotInStudyError, OpenStudy, read

ONE, OTHER = "P-00001-000", "P-00002-000"


@pytest.fixture
def study(tmp_path):
    return write_volumes(tmp_path / "study")


def test_an_unprepared_study_says_so_and_how(study):
    cohort = read(study.folder).cohort
    assert cohort.problem.startswith("This study has not been prepared: there are 2 patients and no results.")
    assert cohort.ids == [ONE, OTHER]


def test_results_are_joined_to_their_patients(study):
    write_tables(study, [(OTHER, 0.1, 0.2, 0.3)])
    cohort = read(study.folder).cohort
    assert cohort.row(OTHER)["dice_average_distmap"] == 0.2
    assert cohort.row(OTHER)["fold"] == 1
    assert pd.isna(cohort.row(ONE)["dice_average_distmap"])


def test_failed_patients_are_named(study):
    failures = pd.DataFrame(
        [{"patient": OTHER, "method": "distmap", "stage": "read", "error": "broken file"}]
    )
    write_tables(study, [(ONE, 0.1, 0.2, 0.3)], failures)
    cohort = read(study.folder).cohort
    assert cohort.problem == f"1 of 2 patients failed and have no or incomplete results: {OTHER}."
    assert cohort.row(OTHER)["failure"] == "failed at read: broken file"
    assert cohort.row(ONE)["failure"] is None


def test_new_results_are_seen_without_a_restart(study):
    opened = OpenStudy(study.folder)
    assert opened.read().cohort.problem is not None
    write_tables(study, [(ONE, 0.1, 0.2, 0.3), (OTHER, 0.1, 0.2, 0.3)])
    assert opened.read().cohort.problem is None


def test_an_unchanged_study_is_read_once(study):
    opened = OpenStudy(study.folder)
    assert opened.read() is opened.read()


def test_derived_files_go_where_they_are_told(study, tmp_path):
    opened = OpenStudy(study.folder, tmp_path / "state")
    assert opened.cache.folder.is_relative_to(tmp_path / "state")


def test_only_ids_of_the_study_are_found(study):
    reading = read(study.folder)
    for patient in ("nobody", "..", "", os.sep, f"{ONE}/.."):
        with pytest.raises(NotInStudyError):
            reading.label_file(patient, "reference")
    with pytest.raises(NotInStudyError, match="No method"):
        reading.label_file(ONE, "..")


def test_a_cases_rows_are_read_once_and_nobody_can_change_them_for_others(boxes, monkeypatch):
    reading, asked = read(boxes.folder), []
    monkeypatch.setattr(
        open_study, "read_table", lambda *given, **more: asked.append(given) or read_table(*given, **more)
    )
    rows = reading.ledger(ONE)
    rows["voxel_count"] = 0
    assert reading.ledger(ONE)["voxel_count"].min() > 0
    assert len(asked) == 1
    assert set(reading.ledger(OTHER)["patient"]) == {OTHER}
