import json
import struct

import pytest
from studies import box_labels, write_volumes

from viewer.command_line import run

ONE, OTHER = "P-00001-000", "P-00002-000"


@pytest.fixture
def study(tmp_path):
    write_volumes(tmp_path / "study")
    return tmp_path / "study"


def glb_json(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    return json.loads(data[20 : 20 + length])


def test_one_source_becomes_one_file_that_says_what_it_is(study, tmp_path, capsys):
    target = tmp_path / "out.glb"
    assert run(["export", str(study), ONE, "--method", "reference", "-o", str(target)]) == 0
    assert capsys.readouterr().out.split() == [str(target)]
    nodes = {node["name"]: node.get("extras", {}) for node in glb_json(target)["nodes"]}
    assert nodes["ED"]["voxels"] == int((box_labels() == 2).sum())
    assert (nodes["ED"]["patient"], nodes["ED"]["method"]) == (ONE, "reference")


def test_a_label_can_be_taken_alone(study, tmp_path):
    target = tmp_path / "out.glb"
    assert run(["export", str(study), ONE, "--method", "reference", "--label", "3", "-o", str(target)]) == 0
    names = [node["name"] for node in glb_json(target)["nodes"]]
    assert "ET" in names
    assert "ED" not in names


@pytest.mark.parametrize("form", ["stl", "obj", "ply", "glb"])
def test_every_format_is_written(study, tmp_path, form):
    target = tmp_path / f"out.{form}"
    assert run(["export", str(study), ONE, "--method", "baseline", "-o", str(target)]) == 0
    assert target.stat().st_size > 200


def test_several_sources_go_into_a_folder(study, tmp_path):
    assert run(["export", str(study), ONE, "-o", str(tmp_path / "out")]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"{ONE}_{source}_volume-true.glb" for source in ("baseline", "distmap", "reference")]


def test_what_is_missing_is_named_and_the_rest_is_written(study, tmp_path, capsys):
    assert run(["export", str(study), OTHER, "-o", str(tmp_path / "out")]) == 1
    assert f"DistMap has no volume of {OTHER}." in capsys.readouterr().err
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody", "-o", "out"], "No patient 'nobody' in this study."),
        ([ONE, "--method", "nothing", "-o", "out.glb"], "No method 'nothing' in this study."),
        ([ONE, "--method", "reference", "--label", "9", "-o", "out.glb"], "No label 9 in this study"),
        ([ONE, "--method", "reference", "-o", "out.doc"], "must end in .glb, .stl, .obj, .ply"),
        ([ONE, "--method", "reference", "--format", "stl", "-o", "out.glb"], "must end in .stl"),
        ([ONE, "-o", "out.glb"], "must name a folder"),
    ],
)
def test_what_can_not_be_done_is_said_and_nothing_is_written(
    study, tmp_path, monkeypatch, capsys, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    assert run(["export", str(study), *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.glb").exists()
