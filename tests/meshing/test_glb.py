from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from glb_reading import Drawn, drawn, named_nodes, parse
from hypothesis import given
from hypothesis import strategies as st
from mask_shapes import affines, masks, numbered, random_blob, spaced

from meshing.colours import hex_to_linear, hex_to_srgb, linear_to_hex
from meshing.glb import NOTICE, Surface, browser_glb, export_glb
from meshing.mesh import Mesh, component_volumes_mm3, signed_volume_mm3
from meshing.voxels import voxel_mesh
from tests.khronos import require_clean

CUBIC_METRE = 1e9  # mm3
PAGE_COLOURS = ["#e0457b", "#3fb68b", "#ff9d4d", "#5b8def", "#c9ced6"]


def surface_of(mask: np.ndarray, affine: np.ndarray, *, is_smooth: bool) -> Surface:
    mesh = voxel_mesh(mask, affine, numbered(mask))
    if is_smooth:  # not smooth, but float coordinates off the lattice: what the smooth modes write
        mesh = Mesh(
            mesh.vertices * np.float32(1.5) + np.float32(0.3), mesh.faces, mesh.components, mesh.to_world
        )
    return Surface("NCR", mesh, "#e0457b", {"label": 1, "voxels": int(mask.sum()), "components": [1, 2]})


@given(masks.filter(np.any), affines, st.booleans())
def test_a_decoded_surface_has_the_volume_and_front_of_its_source(
    mask: np.ndarray,
    affine: np.ndarray,
    is_smooth: bool,  # noqa: FBT001, Hypothesis calls it
) -> None:
    surface = surface_of(mask, affine, is_smooth=is_smooth)
    volume = signed_volume_mm3(surface.mesh)
    exact = 1e-3 if is_smooth else 1e-9
    for data, tolerance in ((browser_glb([surface]), exact), (export_glb([surface]), 1e-4)):
        (seen,) = drawn(data)
        assert volume > 0
        assert seen.volume * CUBIC_METRE == pytest.approx(volume, rel=tolerance)
        assert volumes_by_number(seen) == pytest.approx(component_volumes_mm3(surface.mesh), rel=2e-3)


def volumes_by_number(seen: Drawn) -> dict[int, float]:
    """Volume in mm3 of each component as its triangles' first vertices number it."""
    numbers = seen.attributes["_COMPONENT"][seen.faces[:, 0]].astype(int)
    return {
        number: replace(seen, faces=seen.faces[numbers == number]).volume * CUBIC_METRE
        for number in np.unique(numbers).tolist()
    }


def test_ras_mm_become_metres_with_superior_up_and_anterior_away() -> None:
    affine = spaced(1, 1, 1)
    affine[:3, 3] = [100, 200, 300]  # one voxel 100 mm right, 200 anterior, 300 superior
    surface = surface_of(np.ones((1, 1, 1), bool), affine, is_smooth=False)
    for data in (browser_glb([surface]), export_glb([surface])):
        assert drawn(data)[0].points.mean(axis=0) == pytest.approx([0.1, 0.3, -0.2], abs=1e-7)


def test_names_and_extras_are_the_nodes() -> None:
    surface = surface_of(np.ones((2, 2, 2), bool), spaced(1, 1, 1), is_smooth=False)
    for data in (browser_glb([surface]), export_glb([surface])):
        assert named_nodes(data)["NCR"] == {"label": 1, "voxels": 8, "components": [1, 2]}
        assert next(iter(named_nodes(data))) == "RAS mm to glTF"
        assert parse(data)[0]["asset"]["extras"]["notice"] == NOTICE


def test_a_lattice_takes_four_bytes_a_corner_and_has_no_normals() -> None:
    document, _ = parse(browser_glb([surface_of(np.ones((2, 2, 2), bool), spaced(1, 1, 1), is_smooth=False)]))
    assert document["accessors"][0]["componentType"] == 5121
    assert document["bufferViews"][0]["byteStride"] == 4
    assert document["extensionsRequired"] == ["KHR_mesh_quantization"]
    assert set(document["meshes"][0]["primitives"][0]["attributes"]) == {"POSITION", "_COMPONENT"}


def test_smooth_normals_point_out_on_mirrored_axes_too() -> None:
    for affine in (spaced(1, 1, 1), spaced(-1, 1, 3)):
        ball = np.linalg.norm(np.indices((9, 9, 9)).T - 4, axis=-1) < 4
        (seen,) = drawn(browser_glb([surface_of(ball, affine, is_smooth=True)]))
        normals, places = seen.attributes["NORMAL"], seen.attributes["POSITION"].astype(float)
        assert np.linalg.norm(normals, axis=1) == pytest.approx(1, abs=0.01)
        outward = places - (places.min(axis=0) + places.max(axis=0)) / 2
        assert (np.einsum("ij,ij->i", normals, outward) > 0).all()


def test_component_numbers_take_the_smallest_type_that_holds_them() -> None:
    for number, kind in ((255, 5121), (256, 5123), (70000, 5126)):
        mask = np.ones((1, 1, 1), bool)
        mesh = voxel_mesh(mask, spaced(1, 1, 1), np.full((1, 1, 1), number, np.uint32))
        document, _ = parse(browser_glb([Surface("one", mesh, "#000000")]))
        assert document["accessors"][1]["componentType"] == kind
        assert (
            drawn(browser_glb([Surface("one", mesh, "#000000")]))[0].attributes["_COMPONENT"] == number
        ).all()


def test_an_empty_surface_is_a_node_without_a_mesh() -> None:
    nothing = Surface(
        "ET", voxel_mesh(np.zeros((2, 2, 2), bool), spaced(1, 1, 1)), "#ff9d4d", {"note": "no voxel"}
    )
    for data in (browser_glb([nothing]), export_glb([nothing])):
        assert drawn(data) == []
        assert named_nodes(data)["ET"] == {"note": "no voxel"}


def test_a_file_of_no_surface_is_still_a_file() -> None:
    for data in (browser_glb([]), export_glb([])):
        assert drawn(data) == []


def test_translucent_surfaces_are_blended() -> None:
    mesh = voxel_mesh(np.ones((1, 1, 1), bool), spaced(1, 1, 1))
    document, _ = parse(export_glb([Surface("brain", mesh, "#c9ced6", opacity=0.2)]))
    assert document["materials"][0]["alphaMode"] == "BLEND"
    assert document["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"][3] == 0.2


@given(st.integers(0, 255))
def test_every_colour_survives_the_way_to_linear_and_back(byte: int) -> None:
    colour = f"#{byte:02x}{255 - byte:02x}{byte:02x}"
    assert linear_to_hex(hex_to_linear(colour)) == colour


def test_linear_colours_are_those_of_the_srgb_standard() -> None:
    assert hex_to_linear("#ffffff") == (1, 1, 1)
    assert hex_to_linear("#000000") == (0, 0, 0)
    assert hex_to_linear("#808080")[0] == pytest.approx(0.21586, abs=1e-5)
    assert hex_to_srgb("#ff9d4d") == (255, 157, 77)


def test_a_colour_of_another_spelling_is_refused() -> None:
    for colour in ("red", "#fff", "e0457b", "#e0457g"):
        with pytest.raises(ValueError, match="#rrggbb"):
            hex_to_srgb(colour)


def test_the_page_finds_its_colours_in_the_file() -> None:
    mesh = voxel_mesh(np.ones((1, 1, 1), bool), spaced(1, 1, 1))
    data = export_glb([Surface(colour, mesh, colour) for colour in PAGE_COLOURS])
    for seen in drawn(data):
        assert linear_to_hex(tuple(seen.material["pbrMetallicRoughness"]["baseColorFactor"][:3])) == seen.name


def test_trimesh_reads_the_same_names_extras_and_volumes() -> None:
    surface = surface_of(random_blob(60, np.random.default_rng(0)), spaced(0.5, 0.5, 3), is_smooth=False)
    scene = trimesh.load_scene(trimesh.util.wrap_as_stream(export_glb([surface])), file_type="glb")
    transform, geometry = scene.graph["NCR"]
    read = scene.geometry[geometry].copy()
    read.apply_transform(transform)
    assert read.volume * CUBIC_METRE == pytest.approx(signed_volume_mm3(surface.mesh), rel=1e-4)
    parent = scene.graph.transforms.parents["NCR"]
    assert scene.graph.transforms.edge_data[parent, "NCR"]["metadata"] == dict(surface.extras)


def test_khronos_finds_no_error_and_no_warning(tmp_path: Path) -> None:
    blob = random_blob(200, np.random.default_rng(3))
    shear = spaced(1, 2, -1)
    shear[0, 1] = 0.3
    files = []
    for affine in (spaced(1, 1, 1), spaced(-0.5, 0.5, 3), shear):
        flat, round_ = surface_of(blob, affine, is_smooth=False), surface_of(blob, affine, is_smooth=True)
        nothing = Surface("ET", voxel_mesh(np.zeros((2, 2, 2), bool), affine), "#ff9d4d")
        for content in ([flat, round_, nothing], [nothing], []):
            files += [browser_glb(content), export_glb(content, {"patient": "one"})]
    paths = [tmp_path / f"{number}.glb" for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    require_clean(paths)
