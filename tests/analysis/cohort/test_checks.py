"""Each fault of a patient's files gives one exact sentence, and all of them come in one run."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from analysis.cohort.checks import check_files, check_patient, read_files
from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import write_image, write_label_map
from analysis.cohort.study import Method, Patient, Reference, Study
from tests.cohort_on_disk import CohortOnDisk, small_tumour, write_cohort

BRATS2023 = SCHEMES["brats2023"]
METHODS = ("baseline", "distmap")
TUMOUR = small_tumour(0)
ERROR, WARNING = (f"{severity}: patient BraTS-GLI-00001-000:" for severity in ("error", "warning"))


@pytest.fixture
def patient(cohort: CohortOnDisk) -> Patient:
    """The first patient of the small cohort, as the study lists it."""
    return _first_patient(cohort)


def _first_patient(cohort: CohortOnDisk) -> Patient:
    methods = tuple(Method(name, folder=str(cohort.predictions(name))) for name in METHODS)
    study = Study(cohort.folder, "s", BRATS2023, Reference(folder=str(cohort.reference)), methods)
    return study.patients()[0]


def _sentences(patient: Patient) -> list[str]:
    return [f"{one.severity}: {one.sentence}" for one in check_patient(patient, METHODS, BRATS2023, 0.01)]


def test_a_whole_patient_has_no_findings(patient: Patient) -> None:
    assert _sentences(patient) == []


def test_a_prediction_with_a_slice_too_few(patient: Patient) -> None:
    path = patient.predictions["baseline"]
    write_label_map(path, replace(TUMOUR, labels=TUMOUR.labels[:, :, :-1]))
    assert _sentences(patient) == [
        f"{ERROR} prediction baseline grid (20, 22, 17), reference (20, 22, 18) ({path})"
    ]


def test_a_prediction_that_lies_elsewhere(patient: Patient) -> None:
    moved = TUMOUR.affine.copy()
    moved[:3, 3] += 3, 0, 4
    path = patient.predictions["distmap"]
    write_label_map(path, replace(TUMOUR, affine=moved))
    assert _sentences(patient) == [
        (
            f"{ERROR} prediction distmap affine puts the voxels up to 5.00 mm from the reference, "
            f"allowed 0.01: first voxel at (13.00, 11.00, -14.00), reference (10.00, 11.00, -18.00) ({path})"
        )
    ]


def test_a_grid_within_the_tolerance_is_the_same(patient: Patient) -> None:
    moved = TUMOUR.affine.copy()
    moved[0, 3] += 0.009
    write_label_map(patient.predictions["distmap"], replace(TUMOUR, affine=moved))
    assert _sentences(patient) == []
    moved[0, 3] += 0.002
    write_label_map(patient.predictions["distmap"], replace(TUMOUR, affine=moved))
    assert len(_sentences(patient)) == 1


def _turned(axes: tuple[int, int, int], flips: tuple[int, int, int]) -> LabelMap:
    """Store the same voxels with other array axes, some running the other way."""
    turned = LabelMap(TUMOUR.labels.transpose(axes), TUMOUR.affine[:, [*axes, 3]])
    for axis in np.flatnonzero(np.array(flips) < 0):
        affine = turned.affine.copy()
        affine[:, 3] += affine[:, axis] * (turned.shape[axis] - 1)
        affine[:, axis] *= -1
        turned = LabelMap(np.flip(turned.labels, axis), affine)
    return turned


@pytest.mark.parametrize(
    ("axes", "flips", "order"),
    [((1, 0, 2), (1, 1, 1), "PLS"), ((0, 1, 2), (-1, 1, 1), "RPS"), ((2, 0, 1), (1, -1, -1), "SRA")],
)
def test_the_same_voxels_in_another_axis_order_are_refused_and_the_order_is_named(
    patient: Patient, axes: tuple[int, int, int], flips: tuple[int, int, int], order: str
) -> None:
    path = patient.predictions["baseline"]
    write_label_map(path, _turned(axes, flips))
    assert _sentences(patient) == [
        (
            f"{ERROR} prediction baseline has the reference's voxels in another order: its axes lead to "
            f"{order}, the reference's to LPS; write it in the reference's order ({path})"
        )
    ]


def test_an_axis_that_runs_the_other_way_is_no_other_order_of_the_same_voxels(patient: Patient) -> None:
    mirrored = replace(TUMOUR, affine=TUMOUR.affine @ np.diag([-1.0, 1, 1, 1]))
    write_label_map(patient.predictions["baseline"], mirrored)
    (sentence,) = _sentences(patient)
    assert "affine puts the voxels up to 38.00 mm from the reference" in sentence


def test_a_prediction_whose_header_is_lost_to_identity(patient: Patient) -> None:
    path = patient.predictions["baseline"]
    nib.Nifti1Image(TUMOUR.labels, np.eye(4)).to_filename(path)
    # the corner that moves most is (19, 21, 0): 19 against 10 - 19, 21 against 11 - 21, 0 against -18
    apart_mm = np.linalg.norm([19 + 9, 21 + 10, 18])
    assert _sentences(patient) == [
        (
            f"{ERROR} prediction baseline has lost its header: it puts the voxels up to "
            f"{apart_mm:.2f} mm from the reference; write it again with the reference's affine ({path})"
        )
    ]


def test_a_cohort_without_orientation_is_a_warning(patient: Patient) -> None:
    paths = (patient.reference, *patient.predictions.values())
    for path in paths:
        write_image(path, TUMOUR.labels, np.eye(4))
    sources = ("reference", "prediction baseline", "prediction distmap")
    assert _sentences(patient) == [
        f"{WARNING} {source} has no orientation in its header: left and right are a guess ({path})"
        for source, path in zip(sources, paths, strict=True)
    ]


def test_label_4_under_brats2023(patient: Patient) -> None:
    path = patient.predictions["baseline"]
    write_label_map(
        path, replace(TUMOUR, labels=np.where(TUMOUR.labels == 3, 4, TUMOUR.labels).astype(np.uint8))
    )
    assert _sentences(patient) == [
        (
            f"{ERROR} prediction baseline holds label 4, scheme brats2023 allows 0, 1, 2, 3; "
            f"it fits scheme brats2021 (init --scheme, or scheme in study.toml) ({path})"
        )
    ]


def test_a_float_file_that_holds_whole_numbers_is_fine(patient: Patient) -> None:
    write_image(patient.predictions["baseline"], TUMOUR.labels.astype(np.float64), TUMOUR.affine)
    assert _sentences(patient) == []


def test_a_float_file_that_does_not(patient: Patient) -> None:
    path = patient.predictions["baseline"]
    write_image(path, TUMOUR.labels * np.float32(0.5), TUMOUR.affine)
    odd = int((TUMOUR.labels % 2).sum())
    example = (TUMOUR.labels[TUMOUR.labels % 2 == 1] * 0.5)[0]
    assert _sentences(patient) == [
        (
            f"{ERROR} prediction baseline labels must be whole numbers from 0 to 255, "
            f"found {example:g} in {odd} voxels ({path})"
        )
    ]


def test_a_missing_file_that_the_study_lists(patient: Patient) -> None:
    path = patient.predictions["distmap"]
    path.unlink()
    assert _sentences(patient) == [f"{ERROR} prediction distmap missing: there is no {path}"]


def test_a_folder_in_the_place_of_a_file(patient: Patient) -> None:
    path = patient.predictions["distmap"]
    path.unlink()
    path.mkdir()
    assert _sentences(patient) == [f"{ERROR} prediction distmap can't be read: Is a directory ({path})"]


def test_a_truncated_file(patient: Patient) -> None:
    path = patient.predictions["baseline"]
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (sentence,) = _sentences(patient)
    assert sentence.startswith(f"{ERROR} prediction baseline truncated: the gzip stream ends early, after ")
    assert sentence.endswith(f" bytes ({path})")


def test_a_file_that_is_no_nifti(patient: Patient) -> None:
    path = patient.predictions["baseline"]
    path.write_bytes(b"<html>not found</html>")
    assert _sentences(patient) == [
        (f"{ERROR} prediction baseline not a NIfTI file: it does not start with a NIfTI header ({path})")
    ]


def test_a_file_without_a_byte_is_called_empty(patient: Patient) -> None:
    path = patient.predictions["baseline"]
    path.write_bytes(b"")
    assert _sentences(patient) == [f"{ERROR} prediction baseline not a NIfTI file: it is empty ({path})"]


def test_empty_label_maps_are_a_warning(patient: Patient) -> None:
    path = patient.predictions["distmap"]
    write_label_map(path, replace(TUMOUR, labels=np.zeros_like(TUMOUR.labels)))
    assert _sentences(patient) == [f"{WARNING} prediction distmap is empty: no voxel has a label ({path})"]


def test_an_absent_method_is_a_warning(patient: Patient) -> None:
    without = replace(patient, predictions={"baseline": patient.predictions["baseline"]})
    assert _sentences(without) == [f"{WARNING} no prediction of distmap"]


def test_two_files_for_one_patient_are_an_error(patient: Patient) -> None:
    twice = replace(patient, problems={"baseline": "prediction baseline has 2 files: a and b"})
    assert _sentences(twice) == [f"{ERROR} prediction baseline has 2 files: a and b"]


def test_an_image_on_another_grid_and_one_that_is_broken(patient: Patient, tmp_path: Path) -> None:
    images = {"t1n": tmp_path / "t1n.nii.gz", "t1c": tmp_path / "t1c.nii.gz", "t2w": tmp_path / "t2w.nii.gz"}
    write_image(images["t1n"], np.zeros((20, 22, 18), np.int16), TUMOUR.affine)
    write_image(images["t1c"], np.zeros((10, 11, 9), np.int16), TUMOUR.affine)
    images["t2w"].write_bytes(images["t1n"].read_bytes()[:-20])
    wrong_grid, broken = _sentences(replace(patient, images=images))
    assert wrong_grid == (f"{ERROR} image t1c grid (10, 11, 9), reference (20, 22, 18) ({images['t1c']})")
    assert broken.startswith(f"{ERROR} image t2w truncated: the gzip stream ends early")


def test_every_fault_is_told_in_one_run(patient: Patient) -> None:
    patient.predictions["baseline"].write_bytes(b"")
    write_label_map(patient.predictions["distmap"], replace(TUMOUR, labels=TUMOUR.labels[1:]))
    write_image(patient.reference, TUMOUR.labels * 0, TUMOUR.affine)
    assert [sentence.split(": ")[2].split(" (")[0] for sentence in _sentences(patient)] == [
        "prediction baseline not a NIfTI file",
        "reference is empty",
        "prediction distmap grid",
    ]


def test_without_a_reference_no_prediction_is_used(patient: Patient) -> None:
    patient.reference.write_bytes(b"")
    checked = check_files(read_files(patient, METHODS), BRATS2023, 0.01)
    assert checked.reference is None
    assert checked.predictions == {}
    assert [finding.source for finding in checked.findings] == ["reference"]


def test_a_refused_prediction_is_left_out_and_the_other_stays(patient: Patient) -> None:
    write_label_map(patient.predictions["distmap"], replace(TUMOUR, labels=TUMOUR.labels[1:]))
    checked = check_files(read_files(patient, METHODS), BRATS2023, 0.01)
    assert set(checked.predictions) == {"baseline"}
    assert np.array_equal(checked.reference.labels, TUMOUR.labels)


def test_a_file_that_another_user_may_not_read() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        cohort = write_cohort(Path(folder) / "cohort")
        path = cohort.prediction_of("baseline", cohort.patients[0])
        path.chmod(0)
        patient = _first_patient(cohort)
        found = _as_nobody(patient) if os.geteuid() == 0 else _sentences(patient)
    assert found == [f"{ERROR} prediction baseline can't be read: Permission denied ({path})"]


def _as_nobody(patient: Patient) -> list[str]:
    """Check a patient in a process that has given up its rights."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        os.write(writing, "\n".join(_sentences(patient)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        lines = pipe.read().splitlines()
    assert os.waitpid(child, 0)[1] == 0
    return lines


def test_the_real_pairs_are_clean(test_data: Path) -> None:
    folder = str(test_data / "real/pairs")
    method = Method("any", folder=folder, pattern="{patient}/{patient}-pred-*.nii.gz")
    study = Study(Path(folder), "s", BRATS2023, Reference(folder=folder), (method,))
    assert len(study.patients()) == 3
    for patient in study.patients():
        assert check_patient(patient, ["any"], BRATS2023, 0.01) == ()
