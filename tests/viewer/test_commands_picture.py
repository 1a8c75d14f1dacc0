import io
import tomllib
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from studies import LPS, box_labels, write_volumes

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import write_label_map
from analysis.cohort.study import Pin, write_study
from viewer import command_line
from viewer.case_pictures import Shot
from viewer.command_line import GROUP, run
from viewer.report_cases import FIGURES, case_drawings

ONE, OTHER = "P-00001-000", "P-00002-000"
PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]


@pytest.fixture(autouse=True)
def without_a_display(monkeypatch):
    """No display, and the commands that the project declares, however old the installed ones are."""
    monkeypatch.delenv("DISPLAY", raising=False)
    declared = PROJECT["entry-points"][GROUP]
    entries = {name: EntryPoint(name, value, GROUP) for name, value in declared.items()}
    monkeypatch.setattr(command_line, "_entry_points", lambda: entries)


@pytest.fixture
def study(tmp_path):
    return write_volumes(tmp_path / "study")


def test_all_methods_are_drawn_two_a_row_on_black(study, tmp_path, capsys):
    target = tmp_path / "out.png"
    assert run(["picture", str(study.folder), ONE, "--size", "120", "-o", str(target)]) == 0
    assert capsys.readouterr().out.split() == [str(target)]
    with Image.open(target) as opened:
        image = np.asarray(opened)
    assert image.shape == (244, 244, 3)
    for rows, columns in ((slice(20, 120), slice(120)), (slice(20, 120), slice(124, 244))):
        assert (image[rows, columns].max(axis=-1) > 60).mean() > 0.1
    assert not image[:, 120:124].any()  # the gap between them
    assert not image[124:, 124:].any()  # a study of three sources leaves the fourth place black


def test_a_method_without_a_labelled_voxel_is_called_that(study, tmp_path):
    path = study.folder / "predictions/baseline" / f"{ONE}.nii.gz"
    write_label_map(path, LabelMap(np.zeros_like(box_labels()), LPS))
    written_right_of_a_title = []
    for method in ("baseline", "distmap"):
        target = tmp_path / f"{method}.png"
        asked = ["--method", "reference", "--method", method, "--size", "240"]
        assert run(["picture", str(study.folder), ONE, *asked, "-o", str(target)]) == 0
        with Image.open(target) as image:
            is_ink = (np.asarray(image) == (232, 237, 242)).all(axis=-1)
        written_right_of_a_title.append(bool(is_ink[:, 244 + 100 :].any()))
    assert written_right_of_a_title == [True, False]


def test_one_method_alone_fills_its_picture(study, tmp_path):
    target = tmp_path / "out.png"
    asked = ["--method", "baseline", "--mode", "voxel", "--preset", "top", "--size", "96"]
    assert run(["picture", str(study.folder), ONE, *asked, "-o", str(target)]) == 0
    with Image.open(target) as image:
        assert image.size == (96, 96)


def test_a_turntable_is_an_animated_png(study, tmp_path):
    target = tmp_path / "out.png"
    asked = ["--method", "reference", "--turntable", "3", "--size", "48"]
    assert run(["picture", str(study.folder), ONE, *asked, "-o", str(target)]) == 0
    with Image.open(target) as image:
        assert image.n_frames == 3


def test_who_can_not_be_drawn_is_named_and_the_rest_is_drawn(study, tmp_path, capsys):
    out = tmp_path / "out"
    asked = [ONE, OTHER, "--method", "distmap", "--size", "32", "-o", str(out)]
    assert run(["picture", str(study.folder), *asked]) == 1
    assert f"No method has a volume of {OTHER}." in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == [f"{ONE}.png"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody", "-o", "out.png"], "No patient 'nobody' in this study."),
        ([ONE, "--method", "nothing", "-o", "out.png"], "No method 'nothing' in this study."),
        ([ONE, "-o", "out.jpg"], "must end in .png"),
        ([ONE, OTHER, "-o", "out.png"], "must name a folder"),
        ([ONE, "--turntable", "4", "-o", "out.png"], "name it with --method"),
    ],
)
def test_what_can_not_be_drawn_is_said(study, tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    assert run(["picture", str(study.folder), *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


def test_a_pinned_case_is_drawn_for_the_report_and_a_missing_one_says_why(study):
    pins = (Pin("C1", ONE, "Baseline ahead"), Pin("C2", OTHER, "DistMap ahead"))
    write_study(replace(study, pins=pins))
    first, second = case_drawings(study, Shot(size_px=(40, 40)))
    assert (first.name, second.name) == ("figure_2", "figure_3")
    assert first.title == f"Figure 2: C1, Baseline ahead: {ONE}"
    assert "Ground truth, Baseline, DistMap" in first.alternative
    with Image.open(io.BytesIO(first.files["png"])) as image:
        assert image.size == (84, 84)
    (study.folder / "ground_truth" / f"{ONE}.nii.gz").write_bytes(b"not a volume")
    broken = case_drawings(study, Shot(size_px=(40, 40)))[0]
    assert not broken.files
    assert ONE in broken.lacking


def test_the_paper_s_figures_are_2_to_7_and_need_pins(study):
    assert sorted(FIGURES.values()) == [2, 3, 4, 5, 6, 7]
    assert case_drawings(study) == []  # nobody is pinned where nothing is computed
