from pathlib import Path

import pandas as pd
import pytest

from analysis.subjects import subject_of, subject_split


@pytest.mark.parametrize(
    ("patient", "subject"),
    [
        ("BraTS-GLI-00048-001", "BraTS-GLI-00048"),
        ("SYN-00001-000", "SYN-00001"),
        ("TCGA-FG-6692", "TCGA-FG-6692"),
        ("case_7", "case_7"),
        ("BraTS2021_01479", "BraTS2021_01479"),
    ],
)
def test_a_brats_name_without_its_timepoint_is_the_subject(patient: str, subject: str) -> None:
    assert subject_of(patient) == subject


def test_a_subject_in_two_folds_is_split_and_one_without_folds_is_not() -> None:
    scans = [
        "A-00001-000",
        "A-00001-001",
        "A-00002-000",
        "A-00002-001",
        "A-00003-000",
        "A-00004-000",
        "A-00004-001",
    ]
    folds = pd.array([0, 1, 2, 2, 0, None, 3], dtype="Int64")
    split = subject_split(pd.DataFrame({"patient": scans, "fold": folds}))
    assert (split.patients, split.subjects, split.repeated, split.split, split.without_fold) == (
        7,
        4,
        3,
        1,
        1,
    )


def test_a_cohort_of_single_scans_has_nothing_to_split() -> None:
    split = subject_split(
        pd.DataFrame({"patient": ["A-00001-000", "B"], "fold": pd.array([0, 1], dtype="Int64")})
    )
    assert split.sentence == "2 scans of 2 subjects; no subject has more than one scan"


@pytest.mark.parametrize(
    ("folds", "ending"),
    [
        ([0, 1], "and it is split across folds"),
        ([1, 1], "and it is not split across folds"),
        ([None, None], "and no scan has a fold"),
    ],
)
def test_one_subject_scanned_twice_is_said_in_the_singular(folds: list[int | None], ending: str) -> None:
    table = pd.DataFrame({"patient": ["A-00001-000", "A-00001-001"], "fold": pd.array(folds, dtype="Int64")})
    sentence = f"2 scans of 1 subject; 1 subject has more than one scan, {ending}"
    assert subject_split(table).sentence == sentence


def test_eighty_four_published_subjects_are_split_across_folds(test_data: Path) -> None:
    table = pd.read_csv(test_data / "published" / "patient_features.csv").rename(
        columns={"patient_id": "patient"}
    )
    assert subject_split(table).sentence == (
        "1196 scans of 1094 subjects; 102 subjects have more than one scan,"
        " and 84 of these 102 are split across folds"
    )
