import errno
import io
import json
import os
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh
from mask_shapes import numbered, random_blob, spaced

from meshing.files import FORMATS, surface_bytes, write_surfaces
from meshing.glb import NOTICE, Surface
from meshing.mesh import signed_volume_mm3
from meshing.scene import bounds_mm, side_by_side
from meshing.smooth import volume_true
from meshing.voxels import voxel_mesh

AFFINE = spaced(-0.5, 0.5, 3)


@pytest.fixture
def surfaces() -> list[Surface]:
    one, other = (random_blob(count, np.random.default_rng(count)) for count in (80, 30))
    return [
        Surface("NCR", voxel_mesh(one, AFFINE, numbered(one)), "#e0457b", {"patient": "P1", "voxels": 80}),
        Surface("ET", volume_true(other, AFFINE, numbered(other)), "#ff9d4d", {"voxels": 30}, opacity=0.5),
        Surface("RC", voxel_mesh(np.zeros((2, 2, 2), bool), AFFINE), "#5b8def", {"note": "no voxel"}),
    ]


def total(surfaces: list[Surface]) -> float:
    return sum(signed_volume_mm3(surface.mesh) for surface in surfaces)


def test_stl_holds_every_triangle_in_mm(surfaces: list[Surface]) -> None:
    read = trimesh.load_mesh(io.BytesIO(surface_bytes(surfaces, "stl")), file_type="stl")
    assert read.volume == pytest.approx(total(surfaces), rel=1e-4)
    assert len(read.faces) == sum(len(surface.mesh.faces) for surface in surfaces)


def test_obj_gives_names_volumes_and_the_pages_colours_back(surfaces: list[Surface], tmp_path: Path) -> None:
    write_surfaces(tmp_path / "tumour.obj", surfaces, {"patient": "P1"})
    text = (tmp_path / "tumour.obj").read_text()
    assert "mtllib tumour.mtl" in text
    assert NOTICE in text
    assert '# extras {"patient": "P1"}' in text
    assert [line[2:] for line in text.splitlines() if line.startswith("o ")] == ["NCR", "ET", "RC"]
    scene = trimesh.load_scene(tmp_path / "tumour.obj", split_objects=True, group_material=False)
    volumes = {round(mesh.volume, 2) for mesh in scene.geometry.values()}
    assert volumes == {round(signed_volume_mm3(surface.mesh), 2) for surface in surfaces[:2]}
    colours = {"#" + bytes(mesh.visual.material.diffuse[:3]).hex() for mesh in scene.geometry.values()}
    assert colours == {"#e0457b", "#ff9d4d"}


def test_obj_without_materials_carries_its_colours_in_the_vertices(surfaces: list[Surface]) -> None:
    read = trimesh.load_mesh(io.BytesIO(surface_bytes(surfaces[:1], "obj")), file_type="obj")
    assert {"#" + bytes(colour[:3]).hex() for colour in read.visual.vertex_colors} == {"#e0457b"}


def test_ply_gives_volume_colours_surfaces_and_components_back(surfaces: list[Surface]) -> None:
    data = surface_bytes(surfaces, "ply", {"patient": "P1"})
    read = trimesh.load_mesh(io.BytesIO(data), file_type="ply", process=False)
    assert read.volume == pytest.approx(total(surfaces), rel=1e-4)
    assert {"#" + bytes(colour[:3]).hex() for colour in read.visual.vertex_colors} == {"#e0457b", "#ff9d4d"}
    header = data[: data.index(b"end_header")].decode("ascii")
    said = [
        json.loads(line.split(" ", 3)[3])
        for line in header.splitlines()
        if line.startswith("comment surface")
    ]
    assert [one["name"] for one in said] == ["NCR", "ET", "RC"]
    assert said[2]["extras"] == {"note": "no voxel"}
    vertices = read.metadata["_ply_raw"]["vertex"]["data"]
    first = len(surfaces[0].mesh.vertices)
    assert (vertices["component"][:first] == surfaces[0].mesh.components).all()
    assert vertices["surface"][first:].min() == vertices["surface"][first:].max() == 1


def test_every_format_of_no_triangle_is_still_a_file(surfaces: list[Surface]) -> None:
    for form in FORMATS:
        assert len(surface_bytes(surfaces[2:], form)) > 80
        assert len(surface_bytes([], form)) > 80
    assert struct.unpack("<I", surface_bytes([], "stl")[80:84]) == (0,)


def test_an_unknown_ending_is_refused_with_the_known_ones(surfaces: list[Surface], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"tumour\.fbx: surfaces are written as glb, stl, obj, ply, not fbx"):
        write_surfaces(tmp_path / "tumour.fbx", surfaces)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    surfaces: list[Surface], tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"tumour.{form}"
    write_surfaces(path, surfaces)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_surfaces(path, surfaces[:1])
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_real_write_limit_leaves_no_half_file(surfaces: list[Surface], tmp_path: Path) -> None:
    import resource
    import signal

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        with pytest.raises(OSError, match="File too large"):
            write_surfaces(tmp_path / "tumour.glb", surfaces)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


def test_panels_stand_side_by_side_without_touching(surfaces: list[Surface]) -> None:
    row = side_by_side({"Ground truth": surfaces, "Baseline": surfaces}, gap_mm=10)
    assert [surface.name for surface in row[:2]] == ["Ground truth / NCR", "Ground truth / ET"]
    assert row[3].extras["panel"] == "Baseline"
    left, right = bounds_mm(row[:3]), bounds_mm(row[3:])
    assert left is not None
    assert right is not None
    assert right[0, 0] - left[1, 0] == pytest.approx(10)
    assert np.array_equal(left[:, 1:], right[:, 1:])
    assert total(row) == pytest.approx(2 * total(surfaces))


def test_panels_without_a_triangle_stay_where_they_are(surfaces: list[Surface]) -> None:
    assert bounds_mm(surfaces[2:]) is None
    assert len(side_by_side({"one": surfaces[2:], "two": []})) == 1
