import contextlib
import errno
import hashlib
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh
from studies import LPS, box_labels, write_volumes

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import write_label_map
from tests.khronos import require_clean
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


def test_a_file_says_all_that_is_known_of_a_surface(study, tmp_path):
    target = tmp_path / "out.glb"
    assert run(["export", str(study), ONE, "--method", "reference", "-o", str(target)]) == 0
    node = {node["name"]: node.get("extras", {}) for node in glb_json(target)["nodes"]}["ED"]
    assert node["component_ids"] == [1]
    assert node["component_voxels"] == [node["voxels"]]
    assert node["recipe"].startswith("volume-true ")
    assert node["fidelity"]["volume_ratio"] == pytest.approx(1, abs=1e-5)
    source = study / "ground_truth" / f"{ONE}.nii.gz"
    assert node["source_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()


def test_a_cohort_is_exported_whole_and_what_is_missing_is_told_as_json(study, tmp_path, capsys):
    assert run(["export", str(study), "-o", str(tmp_path / "out"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert len(told["written"]) == 5
    assert all(Path(path).is_file() for path in told["written"])
    assert told["problems"] == [f"DistMap has no volume of {OTHER}."]


def test_all_methods_stand_side_by_side_in_one_file(study, tmp_path):
    target = tmp_path / "all.glb"
    assert run(["export", str(study), ONE, "--together", "-o", str(target)]) == 0
    document = glb_json(target)
    names = [node["name"] for node in document["nodes"]][1:]
    assert names[:3] == ["Ground truth / NCR", "Ground truth / ED", "Ground truth / ET"]
    assert len(names) == 9
    said = document["scenes"][0]["extras"]
    assert (said["patient"], len(said["panels"])) == (ONE, 3)
    scene = trimesh.load_scene(target)
    lows = [scene.geometry[scene.graph[name][1]].bounds for name in ("Ground truth / ED", "Baseline / ED")]
    shifts = [scene.graph[name][0][0, 3] for name in ("Ground truth / ED", "Baseline / ED")]
    assert lows[0][1, 0] + shifts[0] < lows[1][0, 0] + shifts[1]


def test_every_component_can_be_an_object_of_its_own(study, tmp_path):
    labels = box_labels()
    labels[7, 8, 9] = labels[7, 0, 0] = 2
    write_label_map(study / "ground_truth" / f"{ONE}.nii.gz", LabelMap(labels, LPS))
    target = tmp_path / "out.glb"
    assert run(["export", str(study), ONE, "--method", "reference", "--components", "-o", str(target)]) == 0
    nodes = {node["name"]: node.get("extras", {}) for node in glb_json(target)["nodes"]}
    assert {"ED 1", "ED 2", "ED 3", "ET 1", "NCR 1"} <= set(nodes)
    assert nodes["ED 2"]["component_voxels"] == [1]
    assert nodes["ED 3"]["fidelity"]["volume_ratio"] == pytest.approx(1, abs=1e-4)
    volume = trimesh.load_scene(target).geometry["ED 2"].volume
    assert volume == pytest.approx(6, rel=1e-4)  # one voxel of 1 x 2 x 3 mm, before the root turns it


def test_khronos_finds_nothing_in_what_is_exported(study, tmp_path):
    files = []
    for mode in ("voxel", "volume-true"):
        for options in (["--together"], ["--method", "baseline", "--components"]):
            files.append(tmp_path / f"{mode}{options[-1]}.glb")
            assert run(["export", str(study), ONE, *options, "--mode", mode, "-o", str(files[-1])]) == 0
    reports = require_clean(files)
    assert [report["info"]["drawCallCount"] for report in reports] == [9, 3, 9, 3]


@pytest.mark.parametrize("mode", ["voxel", "volume-true"])
@pytest.mark.parametrize("options", [["--together"], ["--method", "distmap", "--components"]])
def test_trimesh_reads_an_export_with_its_names_extras_and_volumes(study, tmp_path, mode, options):
    target = tmp_path / "out.glb"
    assert run(["export", str(study), ONE, *options, "--mode", mode, "-o", str(target)]) == 0
    written = {node["name"]: node["extras"] for node in glb_json(target)["nodes"][1:]}
    scene = trimesh.load_scene(target)
    assert set(scene.graph.nodes_geometry) == set(written)
    for name, extras in written.items():
        transform, geometry = scene.graph[name]
        parent = scene.graph.transforms.parents[name]
        assert scene.graph.transforms.edge_data[parent, name]["metadata"] == extras
        placed = scene.geometry[geometry].copy().apply_transform(transform)
        told_mm3 = extras["voxels"] * 6 * extras["fidelity"]["volume_ratio"]  # voxels of 1 x 2 x 3 mm
        assert placed.volume * 1e9 == pytest.approx(told_mm3, rel=1e-3)
        assert extras["fidelity"]["volume_ratio"] == pytest.approx(1, abs=1e-3)


def test_fewer_triangles_are_said_and_keep_every_piece(study, tmp_path):
    labels = np.zeros((24, 24, 24), np.uint8)
    labels[2:22, 2:22, 2:22] = 2
    write_label_map(study / "ground_truth" / f"{ONE}.nii.gz", LabelMap(labels, LPS))
    counts = []
    for share in ("1", "0.25"):
        target = tmp_path / f"{share}.glb"
        asked = ["--method", "reference", "--triangles", share, "-o", str(target)]
        assert run(["export", str(study), ONE, *asked]) == 0
        counts.append(len(trimesh.load_scene(target).geometry["ED"].faces))
    assert counts[1] <= 0.25 * counts[0] + 2
    document = glb_json(target)
    assert document["scenes"][0]["extras"]["triangles_kept"] == 0.25
    found = next(node for node in document["nodes"] if node["name"] == "ED")["extras"]["fidelity"]
    assert found["volume_ratio"] == pytest.approx(1, abs=1e-3)
    assert (found["kept_component_count"], found["self_intersection_count"]) == (1, 0)


def test_an_stl_has_what_it_says_beside_it(study, tmp_path):
    target = tmp_path / "out.stl"
    assert run(["export", str(study), ONE, "--method", "baseline", "-o", str(target)]) == 0
    told = json.loads((tmp_path / "out.stl.json").read_text())
    assert told["extras"]["patient"] == ONE
    assert [one["name"] for one in told["surfaces"]] == ["NCR", "ED", "ET"]
    assert told["surfaces"][1]["extras"]["fidelity"]["kept_component_count"] == 1


def test_a_label_map_without_a_label_is_written_and_said(study, tmp_path, capsys):
    path = study / "predictions/baseline" / f"{ONE}.nii.gz"
    write_label_map(path, LabelMap(np.zeros_like(box_labels()), LPS))
    target = tmp_path / "out.glb"
    assert run(["export", str(study), ONE, "--method", "baseline", "-o", str(target)]) == 1
    assert f"{target}: baseline has no voxel of what was asked." in capsys.readouterr().err
    assert "meshes" not in glb_json(target)


def test_a_broken_label_map_stops_only_itself(study, tmp_path, capsys):
    (study / "ground_truth" / f"{ONE}.nii.gz").write_bytes(b"not a volume")
    assert run(["export", str(study), ONE, "-o", str(tmp_path / "out")]) == 1
    assert f"{ONE}_reference_volume-true.glb" in capsys.readouterr().err
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_full_disk_leaves_no_half_file_and_is_said(study, tmp_path, capsys, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert run(["export", str(study), ONE, "-o", str(tmp_path / "out")]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_a_kill_leaves_no_half_file(study, tmp_path):
    out = tmp_path / "out"
    for delay_s in (0.5, 1.5, 2.5, 3.5):
        command = [sys.executable, "-c", "from viewer.command_line import main; main()", "export", str(study)]
        process = subprocess.Popen([*command, "-o", str(out)], stdout=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(delay_s)
        process.kill()
        process.wait()
        for path in out.glob("*.glb") if out.is_dir() else []:
            assert len(path.read_bytes()) == struct.unpack_from("<I", path.read_bytes(), 8)[0]


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
