"""A synthetic study on disk: complete, readable, repeatable, and called synthetic everywhere."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import write_label_map
from analysis.cohort.study import read_study
from analysis.cohort.usage import UsageError
from analysis.synthetic.study import Recipe, check_folder, describe_study, write_synthetic_study
from viewer.command_line import run

TINY = Recipe(patients=3, seed=5, grid="small", with_images=False)


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder, by its digest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic") / "study"
    assert [one.patient for one in write_synthetic_study(folder, TINY)] == [
        "SYN-00001-000",
        "SYN-00002-000",
        "SYN-00003-000",
    ]
    return folder


def test_the_study_reads_back_with_every_file_in_its_place(tiny: Path) -> None:
    study = read_study(tiny)
    assert study.synthetic
    assert "ynthetic" in study.name
    assert {method.role for method in study.methods} == {"baseline", "distmap", "consensus"}
    patients = study.patients()
    assert [patient.id for patient in patients] == ["SYN-00001-000", "SYN-00002-000", "SYN-00003-000"]
    assert [patient.fold for patient in patients] == [1, 2, 3]


def test_a_study_of_twelve_pins_the_six_cases_under_their_titles(tmp_path: Path) -> None:
    study = describe_study(tmp_path, Recipe(12))
    assert [pin.tag for pin in study.pins] == ["C1", "C2", "C3", "C4", "C5", "C6"]
    assert all(pin.title for pin in study.pins)
    assert len({pin.patient for pin in study.pins}) == 6


def test_headers_say_synthetic_and_keep_the_grid(tiny: Path) -> None:
    image = nib.load(tiny / "ground_truth" / "SYN-00001-000.nii.gz")
    assert image.header["descrip"].item().startswith(b"Synthetic")
    assert image.shape == (120, 120, 78)
    assert image.get_data_dtype() == np.uint8


def test_images_carry_brats_names(tmp_path: Path) -> None:
    list(write_synthetic_study(tmp_path, Recipe(1, grid="small")))
    found = sorted(path.name for path in (tmp_path / "images" / "SYN-00001-000").iterdir())
    assert found == [f"SYN-00001-000-{name}.nii.gz" for name in ("t1c", "t1n", "t2f", "t2w")]


def test_a_second_run_writes_nothing_and_more_patients_leave_the_first_as_they_are(
    tiny: Path, tmp_path: Path
) -> None:
    before = digests(tiny)
    assert all(one.cpu_s == 0 for one in write_synthetic_study(tiny, TINY))
    assert digests(tiny) == before
    list(write_synthetic_study(tmp_path, Recipe(1, seed=5, grid="small", with_images=False)))
    alone = digests(tmp_path)
    assert {name: digest for name, digest in alone.items() if name != "study.toml"}.items() <= before.items()


def test_an_interrupted_run_goes_on_where_it_stopped(tiny: Path) -> None:
    before = digests(tiny)
    (tiny / "predictions" / "distmap" / "SYN-00002-000.nii.gz").unlink()
    made = [one.patient for one in write_synthetic_study(tiny, TINY) if one.cpu_s]
    assert made == ["SYN-00002-000"]
    assert digests(tiny) == before


@pytest.mark.slow
def test_two_processes_write_the_same_bytes_as_one(tiny: Path, tmp_path: Path) -> None:
    list(write_synthetic_study(tmp_path, TINY, jobs=2))
    assert digests(tmp_path) == digests(tiny)


def test_a_folder_with_something_else_in_it_is_refused(tiny: Path, tmp_path: Path) -> None:
    check_folder(tmp_path / "new", TINY)
    check_folder(tiny, TINY)
    with pytest.raises(
        UsageError, match="holds the study 'Synthetic study, seed 5, 2 mm', not 'Synthetic study, seed 6"
    ):
        check_folder(tiny, Recipe(3, seed=6, grid="small"))
    write_label_map(tmp_path / "scan.nii.gz", LabelMap(np.zeros((2, 2, 2), np.uint8), np.eye(4)))
    with pytest.raises(UsageError, match="is not empty and no study"):
        check_folder(tmp_path, TINY)


def test_recipes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one patient, found 0"):
        Recipe(0)
    with pytest.raises(ValueError, match="seed is 0 or more, found -1"):
        Recipe(1, seed=-1)
    with pytest.raises(ValueError, match="grid is one of full, small, found huge"):
        Recipe(1, grid="huge")


def test_the_command_makes_a_study_and_reports_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my study"
    options = ["--patients", "2", "--seed", "3", "--images", "none", "--grid", "small", "--json"]
    assert run(["synthesize", str(folder), *options]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["patients"], outcome["made"]) == (2, 2)
    assert not (folder / "images").exists()
    assert len(read_study(folder).patients()) == 2


def test_the_command_ends_with_two_where_the_folder_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("do not overwrite")
    assert run(["synthesize", str(tmp_path), "--patients", "1"]) == 2
    captured = capsys.readouterr()
    assert "choose another folder" in captured.err
    assert captured.out == ""


@pytest.mark.slow
def test_three_times_the_patients_need_no_more_memory(tmp_path: Path) -> None:
    peaks_mb = [_peak_mb(tmp_path / str(count), count) for count in (6, 18)]
    assert peaks_mb[1] < peaks_mb[0] * 1.1 + 10


def _peak_mb(folder: Path, patients: int) -> float:
    """Make a study in a process of its own, and say what it needed at most."""
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from analysis.synthetic.study import Recipe, write_synthetic_study\n"
        "recipe = Recipe(int(sys.argv[2]), 1, 'small', True)\n"
        "made = sum(1 for _ in write_synthetic_study(Path(sys.argv[1]), recipe))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(patients)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)
