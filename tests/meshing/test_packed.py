import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from glb_reading import drawn
from mask_shapes import numbered, random_blob, spaced
from unpacking import unpacked

from meshing.facets import facet_mesh
from meshing.glb import Surface, browser_glb
from meshing.mesh import Mesh, empty_mesh
from meshing.packed import MAGIC, packed_glb
from meshing.paper import paper, paper_literal
from meshing.smooth import volume_true
from meshing.voxels import voxel_mesh
from tests.khronos import require_clean


def mirrored_and_sheared() -> list[np.ndarray]:
    sheared = spaced(-0.5, 0.5, 3)
    sheared[0, 1] = 0.3
    return [spaced(1, 1, 1), spaced(-1, 1, 1), sheared]


def contents() -> list[list[Surface]]:
    """Scenes of every kind of surface: smooth, paper, voxels, facets with values, nothing."""
    rng = np.random.default_rng(0)
    scenes: list[list[Surface]] = [[], [Surface("ET", empty_mesh(np.eye(4)), "#ff9d4d")]]
    for affine in mirrored_and_sheared():
        mask = rng.random((7, 8, 9)) < 0.2
        numbers = numbered(mask)
        hollow = np.ones((6, 6, 6), bool)
        hollow[2:4, 2:4, 2:4] = False
        facets = facet_mesh(mask, affine)
        values = {"_DISTANCE_MM": rng.normal(size=len(facets.vertices)).astype(np.float32)}
        scenes.append(
            [
                Surface("NCR", volume_true(mask, affine, numbers), "#e0457b", {"voxels": 3}),
                Surface("ED", volume_true(hollow, affine, None), "#3fb68b"),
                Surface("ET", empty_mesh(affine), "#ff9d4d"),
                Surface("voxels", voxel_mesh(mask, affine, numbers), "#ff9d4d"),
                Surface("paper", paper(mask, affine, numbers), "#ff9d4d"),
                Surface("literal", paper_literal(mask, affine, numbers), "#ff9d4d"),
                Surface("distance", facets, "#ff9d4d", vertex_values=values),
            ]
        )
    return scenes


def test_the_browser_unpacks_the_very_file_that_was_packed(tmp_path: Path) -> None:
    scenes = contents()
    packed = [packed_glb(scene, {"badge": {"text": "exact"}}) for scene in scenes]
    assert all(data.startswith(MAGIC) for data in packed)
    for scene, data in zip(scenes, unpacked(packed, tmp_path), strict=True):
        assert data == browser_glb(scene, {"badge": {"text": "exact"}})


def test_khronos_finds_no_error_and_no_warning_in_what_the_browser_unpacks(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.glb" for number in range(len(contents()))]
    packed = [packed_glb(scene, {"badge": {"text": "exact"}}) for scene in contents()]
    for path, data in zip(paths, unpacked(packed, tmp_path), strict=True):
        path.write_bytes(data)
    require_clean(paths)


@pytest.mark.parametrize(("make", "tolerance"), [(voxel_mesh, 1e-9), (volume_true, 1e-3)])
def test_what_the_browser_unpacks_encloses_its_voxels_component_by_component(
    make: Callable[..., Mesh], tolerance: float, tmp_path: Path
) -> None:
    mask = np.random.default_rng(7).random((9, 9, 9)) < 0.15
    numbers = numbered(mask)
    sizes = np.bincount(numbers.ravel())
    scenes = [[Surface("one", make(mask, affine, numbers), "#000000")] for affine in mirrored_and_sheared()]
    files = unpacked([packed_glb(scene) for scene in scenes], tmp_path)
    for affine, data in zip(mirrored_and_sheared(), files, strict=True):
        (seen,) = drawn(data)
        owners = seen.attributes["_COMPONENT"][seen.faces[:, 0]].astype(int)
        for number in range(1, len(sizes)):
            own = replace(seen, faces=seen.faces[owners == number])
            expected_mm3 = sizes[number] * abs(np.linalg.det(affine[:3, :3]))
            assert own.volume * 1e9 == pytest.approx(expected_mm3, rel=tolerance)


def test_component_numbers_of_every_width_come_back(tmp_path: Path) -> None:
    mask = np.zeros((4, 4, 4), bool)
    mask[0, 0, 0] = mask[3, 3, 3] = True
    scenes = []
    for number in (7, 300, 70_000):
        numbers = np.where(mask, number, 0).astype(np.uint32)
        numbers[0, 0, 0] = 1
        scenes.append([Surface("one", volume_true(mask, spaced(1, 1, 1), numbers), "#000000")])
    for scene, data in zip(scenes, unpacked([packed_glb(scene) for scene in scenes], tmp_path), strict=True):
        assert data == browser_glb(scene)
        assert set(drawn(data)[0].attributes["_COMPONENT"].tolist()) == set(scene[0].mesh.components.tolist())


def test_a_piece_with_several_numbers_is_packed_another_way_and_comes_back(tmp_path: Path) -> None:
    mesh = volume_true(np.ones((3, 3, 3), bool), spaced(1, 1, 1))
    numbers = np.arange(len(mesh.vertices), dtype=np.uint32) % 3
    scene = [Surface("odd", Mesh(mesh.vertices, mesh.faces, numbers, mesh.to_world), "#000000")]
    assert b'"kind":"walk"' not in packed_glb(scene)
    assert unpacked([packed_glb(scene)], tmp_path) == [browser_glb(scene)]


def test_what_is_not_packed_is_left_as_it_is(tmp_path: Path) -> None:
    data = browser_glb([Surface("one", voxel_mesh(np.ones((1, 1, 1), bool), spaced(1, 1, 1)), "#000000")])
    assert unpacked([data, b"no", b""], tmp_path) == [data, b"no", b""]


def test_a_smooth_surface_takes_a_quarter_of_the_bytes() -> None:
    mask = random_blob(3000, np.random.default_rng(5))
    scene = [Surface("ED", volume_true(mask, spaced(1, 1, 1), numbered(mask)), "#3fb68b")]
    plain, packed = (len(gzip.compress(data, 5)) for data in (browser_glb(scene), packed_glb(scene)))
    assert packed < plain / 4
