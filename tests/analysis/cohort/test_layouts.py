"""Files are found by the names that BraTS, nnU-Net and people give them, and by nothing else."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cohort.layouts import (
    PatternError,
    check_pattern,
    detect_image_pattern,
    detect_label_pattern,
    find_files,
    is_method_name,
    is_patient_id,
    split_pattern,
)
from analysis.cohort.places import PlaceError


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    ("files", "pattern", "patients"),
    [
        (["A-1/A-1-seg.nii.gz", "A-1/A-1-t1n.nii.gz"], "{patient}/{patient}-seg.nii.gz", ["A-1"]),
        (["B_1/B_1_seg.nii.gz", "B_1/B_1_t1ce.nii.gz"], "{patient}/{patient}_seg.nii.gz", ["B_1"]),
        (["labelsTr/x.nii.gz", "imagesTr/x_0000.nii.gz", "dataset.json"], "labelsTr/{patient}.nii.gz", ["x"]),
        (["y.nii.gz", "x.nii", "x.npz", "plans.json"], "{patient}.nii.gz", ["x", "y"]),
        (["x-seg.nii.gz", "y-seg.nii.gz"], "{patient}-seg.nii.gz", ["x", "y"]),
        (["x_seg.nii.gz"], "{patient}_seg.nii.gz", ["x"]),
        (["x/x.nii.gz"], "{patient}/{patient}.nii.gz", ["x"]),
        (["readme.txt", ".hidden.nii.gz"], "", []),
    ],
)
def test_a_folder_is_recognized_by_its_files(
    tmp_path: Path, files: list[str], pattern: str, patients: list[str]
) -> None:
    _touch(tmp_path, *files)
    assert detect_label_pattern(tmp_path) == pattern
    assert [found.patient for found in find_files(tmp_path, pattern or "{patient}.nii.gz")] == patients


def test_nnunet_cross_validation_tells_the_fold(tmp_path: Path) -> None:
    _touch(
        tmp_path, "fold_0/validation/x.nii.gz", "fold_3/validation/y.nii.gz", "fold_3/validation/summary.json"
    )
    pattern = detect_label_pattern(tmp_path)
    assert [(found.patient, found.fold) for found in find_files(tmp_path, pattern)] == [("x", 0), ("y", 3)]


def test_contrasts_of_every_brats_year_get_the_names_of_2023(tmp_path: Path) -> None:
    _touch(tmp_path / "old", *(f"P/P_{name}.nii.gz" for name in ("t1", "t1ce", "t2", "flair", "seg")))
    _touch(tmp_path / "new", *(f"P/P-{name}.nii.gz" for name in ("t1n", "t1c", "t2w", "t2f", "seg")))
    for folder in (tmp_path / "old", tmp_path / "new"):
        found = find_files(folder, detect_image_pattern(folder))
        assert sorted(one.contrast for one in found) == ["t1c", "t1n", "t2f", "t2w"]


def test_nnunet_channels_keep_their_numbers(tmp_path: Path) -> None:
    _touch(tmp_path, "imagesTr/BraTS_1_0000.nii.gz", "imagesTr/BraTS_1_0001.nii.gz")
    found = find_files(tmp_path, detect_image_pattern(tmp_path))
    assert [(one.patient, one.contrast) for one in found] == [("BraTS_1", "0000"), ("BraTS_1", "0001")]


def test_a_star_stands_for_whatever_differs(tmp_path: Path) -> None:
    _touch(tmp_path, "A/A-pred-UNet.nii.gz", "B/B-pred-Swin.nii.gz", "B/A-pred-UNet.nii.gz", "B/B-seg.nii.gz")
    found = find_files(tmp_path, "{patient}/{patient}-pred-*.nii.gz")
    assert [str(one.path.relative_to(tmp_path)) for one in found] == [
        "A/A-pred-UNet.nii.gz",
        "B/B-pred-Swin.nii.gz",
    ]


def test_a_folder_with_only_one_fixed_name_finds_the_patients_that_have_it(tmp_path: Path) -> None:
    _touch(tmp_path, "A/fusion.nii.gz", "B/other.nii.gz", "C.nii.gz")
    assert [one.patient for one in find_files(tmp_path, "{patient}/fusion.nii.gz")] == ["A"]


def test_unicode_and_blanks_in_names_are_names(tmp_path: Path) -> None:
    folder = tmp_path / "Daten für Ärzte"
    _touch(folder, "Jürgen 1/Jürgen 1-seg.nii.gz", "患者/患者-seg.nii.gz")
    found = find_files(folder, detect_label_pattern(folder))
    assert [one.patient for one in found] == ["Jürgen 1", "患者"]


def test_a_missing_folder_has_no_files(tmp_path: Path) -> None:
    assert find_files(tmp_path / "nowhere", "{patient}.nii.gz") == []
    assert detect_label_pattern(tmp_path / "nowhere") == ""


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("/{patient}.nii.gz", "must stay below its folder"),
        ("../{patient}.nii.gz", "must stay below its folder"),
        ("{patient}/../x.nii.gz", "must stay below its folder"),
        ("seg.nii.gz", r"must say where \{patient\} is"),
        ("{patient}/{id}.nii.gz", r"has unknown \{id\}; known are \{patient\}, \{contrast\}, \{fold\}"),
        ("{patient}/{contrast}.nii.gz", r"must not have \{contrast\}"),
    ],
)
def test_a_pattern_that_can_not_work_is_refused(pattern: str, sentence: str) -> None:
    with pytest.raises(PatternError, match=sentence):
        check_pattern(pattern)


@pytest.mark.parametrize(
    "name", ["", "..", ".", "a/b", "a\\b", "/a", "-a", ".a", "a.", " a", "a ", "a\n", "a\0", "a" * 129]
)
def test_what_could_leave_a_folder_is_no_patient_id(name: str) -> None:
    assert not is_patient_id(name)
    assert not is_method_name(name)


@given(st.text(max_size=20))
def test_a_patient_id_is_always_one_plain_file_name(name: str) -> None:
    if is_patient_id(name):
        assert Path("folder", f"{name}.nii.gz").parent == Path("folder")
        assert name.strip() == name
        assert not name.startswith(".")


@given(st.text(max_size=20))
def test_a_method_name_is_always_plain_ascii(name: str) -> None:
    if is_method_name(name):
        assert name.isascii()
        assert not set(name) & set(" /\\?#%&=+:'\"")


@pytest.mark.parametrize(
    ("text", "folder", "pattern"),
    [
        ("data", "data", ""),
        ("data/{patient}/seg.nii.gz", "data", "{patient}/seg.nii.gz"),
        ("/data/x-*/{patient}.nii.gz", "/data", "x-*/{patient}.nii.gz"),
        ("{patient}.nii.gz", ".", "{patient}.nii.gz"),
        ("/{patient}.nii.gz", "/", "{patient}.nii.gz"),
    ],
)
def test_what_a_user_types_splits_at_the_first_placeholder(text: str, folder: str, pattern: str) -> None:
    assert split_pattern(text) == (folder, pattern)


def test_the_real_pairs_are_found(test_data: Path) -> None:
    folder = test_data / "real" / "pairs"
    found = find_files(folder, detect_label_pattern(folder))
    assert [one.patient for one in found] == [
        "BraTS-GLI-00147-000",
        "BraTS-GLI-00300-000",
        "BraTS-GLI-01110-000",
    ]
    assert [
        one.path.name.split("-")[-1] for one in find_files(folder, "{patient}/{patient}-pred-*.nii.gz")
    ] == [
        "UNet.nii.gz",
        "SegResNet.nii.gz",
        "SwinUNETR.nii.gz",
    ]


def test_the_real_brats2021_scan_has_its_four_contrasts(test_data: Path) -> None:
    found = find_files(test_data / "real", detect_image_pattern(test_data / "real"))
    assert {(one.patient, one.contrast) for one in found} == {
        ("BraTS2021_01479", contrast) for contrast in ("t1n", "t1c", "t2w", "t2f")
    }


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PlaceError, match=f"^{tmp_path} can't be read: Permission denied$"):
        detect_label_pattern(tmp_path)


def test_a_contrast_is_known_in_capitals_too(tmp_path: Path) -> None:
    _touch(tmp_path, "x_T1CE.nii.gz", "x_FLAIR.nii.gz", "x_ADC.nii.gz")
    found = find_files(tmp_path, "{patient}_{contrast}.nii.gz")
    assert [one.contrast for one in found] == ["ADC", "t1c", "t2f"]
