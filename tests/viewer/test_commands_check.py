"""`check` says everything that is wrong, and its exit code says how bad it is."""

import json
from pathlib import Path

import pytest

from tests.cohort_on_disk import CohortOnDisk
from viewer.command_line import run


@pytest.fixture
def study(cohort: CohortOnDisk, tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    assert run(cohort.study_arguments(folder)) == 0
    return folder


def _check(study: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(["check", str(study), "--jobs=1", *options])
    return code, *capsys.readouterr()


def test_whole_files_have_no_findings(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _check(study, capsys) == (0, "", "3 patients checked: 0 with errors (0 errors, 0 warnings)\n")


def test_warnings_alone_are_no_failure(
    cohort: CohortOnDisk, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cohort.prediction_of("distmap", cohort.patients[1]).unlink()
    assert _check(study, capsys) == (
        0,
        "warning: patient BraTS-GLI-00002-000: no prediction of distmap\n",
        "3 patients checked: 0 with errors (0 errors, 1 warning)\n",
    )


def test_one_broken_patient_of_three_gives_code_1_and_all_broken_code_2(
    cohort: CohortOnDisk, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cohort.reference_of(cohort.patients[2]).write_bytes(b"broken")
    code, out, err = _check(study, capsys)
    assert (code, err) == (1, "3 patients checked: 1 with errors (1 error, 0 warnings)\n")
    assert out.startswith("error: patient BraTS-GLI-00002-001: reference not a NIfTI file")
    for patient in cohort.patients:
        cohort.prediction_of("baseline", patient).write_bytes(b"broken")
    code, out, err = _check(study, capsys)
    assert (code, err) == (2, "3 patients checked: 3 with errors (4 errors, 0 warnings)\n")
    assert out.count("\n") == 4


def test_json_names_patient_source_severity_and_sentence(
    cohort: CohortOnDisk, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cohort.prediction_of("distmap", cohort.patients[0]).unlink()
    _, out, _ = _check(study, capsys, "--json")
    assert json.loads(out) == {
        "patients": 3,
        "broken": 0,
        "findings": [
            {
                "patient": "BraTS-GLI-00001-000",
                "source": "distmap",
                "severity": "warning",
                "text": "no prediction of distmap",
                "message": "patient BraTS-GLI-00001-000: no prediction of distmap",
            }
        ],
    }


def test_check_writes_nothing(cohort: CohortOnDisk, study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _check(study, capsys)
    assert [path.name for path in study.iterdir()] == ["study.toml"]


def test_no_study_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _check(tmp_path, capsys)
    assert (code, out) == (2, "")
    assert err == f"glioscope: {tmp_path} is no study: it has no study.toml (`glioscope init` makes one)\n"
