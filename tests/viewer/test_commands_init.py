"""`init` and `add` turn what a user types into a study, or say in one sentence why not."""

from pathlib import Path

import pytest

from analysis.cohort.layouts import LABEL_PATTERNS
from analysis.cohort.results import read_results
from analysis.cohort.study import read_study
from tests.cohort_on_disk import CohortOnDisk
from viewer.command_line import run


def _refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err.removeprefix("glioscope: ").rstrip("\n")


def test_methods_called_baseline_and_distmap_get_their_roles_and_a_consensus(
    cohort: CohortOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "Studie für Ärzte"
    assert run(cohort.study_arguments(folder)) == 0
    out, err = capsys.readouterr()
    assert out == f"{folder / 'study.toml'}\n"
    assert err == (
        "3 patients; scheme brats2023; methods: baseline, distmap, consensus; no MRI. "
        f"Next: glioscope check '{folder}', glioscope prepare '{folder}'\n"
    )
    study = read_study(folder)
    assert [(method.name, method.title, method.role) for method in study.methods] == [
        ("baseline", "Baseline", "baseline"),
        ("distmap", "DistMap", "distmap"),
        ("consensus", "CC-Consensus", "consensus"),
    ]
    assert study.methods[2].is_computed
    assert [patient.id for patient in study.patients()] == sorted(cohort.patients)


def test_roles_go_to_whom_the_user_says(cohort: CohortOnDisk, tmp_path: Path) -> None:
    methods = [
        f"--method={name}={cohort.predictions(path)}" for name, path in (("a", "baseline"), ("b", "distmap"))
    ]
    arguments = ["init", str(tmp_path / "s"), f"--reference={cohort.reference}", *methods]
    assert run([*arguments, "--role=baseline=b", "--role=distmap=a"]) == 0
    study = read_study(tmp_path / "s")
    assert {method.name: method.role for method in study.methods} == {
        "a": "distmap",
        "b": "baseline",
        "consensus": "consensus",
    }


def test_without_both_roles_there_is_no_consensus(cohort: CohortOnDisk, tmp_path: Path) -> None:
    run(
        [
            "init",
            str(tmp_path),
            f"--reference={cohort.reference}",
            f"--method=baseline={cohort.predictions('baseline')}",
        ]
    )
    assert [method.name for method in read_study(tmp_path).methods] == ["baseline"]


def test_a_study_around_its_data_keeps_relative_folders_and_can_move(
    cohort: CohortOnDisk, tmp_path: Path
) -> None:
    run(cohort.study_arguments(cohort.folder))
    moved = tmp_path / "moved"
    cohort.folder.rename(moved)
    study = read_study(moved)
    assert study.reference.folder == "ground_truth"
    assert [len(patient.predictions) for patient in study.patients()] == [2, 2, 2]


def test_mri_beside_the_reference_is_found(cohort: CohortOnDisk, tmp_path: Path) -> None:
    patient = cohort.patients[0]
    (cohort.reference / patient / f"{patient}-t1c.nii.gz").touch()
    run(cohort.study_arguments(tmp_path / "s"))
    assert set(read_study(tmp_path / "s").patient(patient).images) == {"t1c"}


def test_mri_of_other_patients_is_refused(
    cohort: CohortOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = tmp_path / "mri"
    images.mkdir()
    (images / "somebody_0000.nii.gz").touch()
    arguments = ["init", str(tmp_path / "s"), f"--reference={cohort.reference}", f"--images={images}"]
    assert _refusal(arguments, capsys) == (
        f"the MRI in {images} is of no patient of the study: files called {{patient}}_{{contrast}}.nii.gz, "
        f"and none for {cohort.patients[0]}"
    )


def test_a_time_point_at_the_end_of_a_name_is_no_contrast(
    cohort: CohortOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flat = cohort.predictions("baseline")  # BraTS-GLI-00001-000.nii.gz, and no MRI
    arguments = ["init", str(tmp_path / "s"), f"--reference={flat}"]
    assert _refusal([*arguments, f"--images={flat}"], capsys).startswith(f"no MRI in {flat}: looked for")
    assert run(arguments) == 0
    assert read_study(tmp_path / "s").images is None


def test_the_refusals_of_init(
    cohort: CohortOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, empty = str(tmp_path / "s"), tmp_path / "empty"
    empty.mkdir()
    reference = f"--reference={cohort.reference}"
    method = f"--method=baseline={cohort.predictions('baseline')}"
    looked = ", ".join(LABEL_PATTERNS)
    roles, schemes = "baseline, distmap, consensus", "brats2023, brats2021, brats2024-post"
    published = f"--published={empty}"
    for arguments, sentence in [
        ([], "init needs either --reference with the ground truth, or --published with tables"),
        (
            [f"--reference={empty}"],
            f"no label map in {empty}: looked for {looked}; other names: 'DIR/{{patient}}/NAME.nii.gz'",
        ),
        ([f"--reference={empty}/typo"], f"there is no folder {empty}/typo"),
        ([reference, f"--images={empty}/typo"], f"there is no folder {empty}/typo"),
        ([reference, "--method=baseline"], "--method 'baseline': write NAME=DIR"),
        (
            [reference, f"--method=a/b={cohort.predictions('baseline')}"],
            "method name 'a/b' must be ASCII letters, digits and inner . - _",
        ),
        ([reference, method, "--role=x=baseline"], f"--role x=baseline: no role 'x'; there is {roles}"),
        ([reference, method, "--role=distmap=x"], "--role distmap=x: no method 'x'; there is baseline"),
        (
            [reference, "--scheme=brats"],
            f"--scheme 'brats' must be one of {schemes}; others are written in study.toml",
        ),
        (
            [reference, f"--images={empty}/{{patient}}.nii.gz"],
            "pattern '{patient}.nii.gz' must have {contrast}",
        ),
        ([published], f"{empty}: no rankings.json here, in data/ or in analysis/; it holds the Dice values"),
        ([published, method], "--published takes everything from the tables; leave the other options out"),
    ]:
        assert _refusal(["init", study, *arguments], capsys) == sentence
        assert not Path(study).exists()


def test_a_study_is_never_made_twice(
    cohort: CohortOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(cohort.study_arguments(tmp_path / "s"))
    before = (tmp_path / "s/study.toml").read_bytes()
    capsys.readouterr()
    sentence = _refusal(cohort.study_arguments(tmp_path / "s"), capsys)
    assert sentence == f"{tmp_path / 's'} is a study already; `glioscope add` adds a method to it"
    assert (tmp_path / "s/study.toml").read_bytes() == before


def test_a_method_of_other_patients_is_refused(
    cohort: CohortOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    cohort.prediction_of("baseline", cohort.patients[0]).rename(other / "Case7.nii.gz")
    arguments = ["init", str(tmp_path / "s"), f"--reference={cohort.reference}", f"--method=m={other}"]
    assert _refusal(arguments, capsys) == (
        "method m has no patient of the reference: it has Case7, the reference BraTS-GLI-00001-000"
    )


def test_add_puts_a_method_beside_the_others(
    cohort: CohortOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "s"
    run(
        [
            "init",
            str(study),
            f"--reference={cohort.reference}",
            f"--method=baseline={cohort.predictions('baseline')}",
        ]
    )
    assert run(["add", str(study), f"--method=distmap={cohort.predictions('distmap')}"]) == 0
    assert [method.name for method in read_study(study).methods] == ["baseline", "distmap", "consensus"]
    capsys.readouterr()
    again = ["add", str(study), f"--method=distmap={cohort.predictions('distmap')}"]
    assert _refusal(again, capsys) == f"{study} has a method 'distmap' already"


def test_the_published_tables_become_a_study_without_volumes(
    test_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "s"), f"--published={test_data / 'published'}"]) == 0
    assert capsys.readouterr().err.startswith("1196 patients from published tables, without volumes")
    study = read_study(tmp_path / "s")
    patients = read_results(study).patients
    assert len(study.patients()) == len(patients) == 1196
    assert patients["winner"].value_counts().to_dict() == {"B": 602, "D": 593, "tie": 1}
    assert patients["order"].value_counts().to_dict() == {
        "C5": 463,
        "C3": 390,
        "C4": 169,
        "C6": 157,
        "tie": 17,
    }
    assert not study.has_volumes
    assert _refusal(["prepare", str(study.folder)], capsys) == (
        f"{study.folder} holds published tables without volumes: there is nothing to prepare"
    )


def test_the_wrong_scheme_is_refused_before_anything_is_written(
    test_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = _refusal(["init", str(tmp_path / "s"), f"--reference={test_data / 'real'}"], capsys)
    assert sentence.startswith("patient BraTS2021_01479: reference ")
    assert sentence.endswith("it fits scheme brats2021 (init --scheme, or scheme in study.toml)")
    assert not (tmp_path / "s").exists()
