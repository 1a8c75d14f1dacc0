from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from mask_shapes import (
    affines,
    cavity_count,
    component_count,
    label_files,
    masks,
    numbered,
    patterns_of_two,
    random_blob,
    read_labels,
    spaced,
)

from meshing import smooth
from meshing.fidelity import Fidelity, fidelity
from meshing.mesh import Mesh, component_volumes_mm3, signed_volume_mm3, world_vertices
from meshing.smooth import volume_true

ONE_MM = spaced(1, 1, 1)
#: float32 vertices of a scan lie within 1e-5 voxels of where they should
STORED = 5e-5


def held(mask: np.ndarray, affine: np.ndarray = ONE_MM) -> Fidelity:
    """Smooth a mask and demand all that the recipe promises."""
    numbers = numbered(mask)
    mesh = volume_true(mask, affine, numbers)
    found = fidelity(mesh, mask, affine, numbers)
    assert found.is_closed
    assert found.is_oriented
    assert found.has_all_components
    assert found.piece_count == component_count(mask)
    assert found.cavity_count == cavity_count(mask)
    assert found.euler_number == found.mask_euler_number
    assert_volumes(mesh, numbers, abs(float(np.linalg.det(affine[:3, :3]))))
    return found


def assert_volumes(mesh: Mesh, numbers: np.ndarray, voxel_mm3: float) -> None:
    sizes = np.bincount(numbers.ravel())
    assert component_volumes_mm3(mesh) == {
        n: pytest.approx(sizes[n] * voxel_mm3, rel=STORED) for n in range(1, len(sizes))
    }


def test_one_voxel_becomes_a_ball_of_its_volume() -> None:
    mesh = volume_true(np.ones((1, 1, 1), bool), ONE_MM)
    assert signed_volume_mm3(mesh) == pytest.approx(1, rel=STORED)
    radii = np.linalg.norm(world_vertices(mesh), axis=1)
    # the corners of a polyhedron lie a little outside the ball of its volume
    assert radii.mean() == pytest.approx((3 / 4 / np.pi) ** (1 / 3), abs=0.035)
    assert radii.std() < 0.03


def test_all_255_patterns_of_two_voxels_cubed_keep_volume_pieces_and_holes_without_crossing() -> None:
    for mask in patterns_of_two():
        assert held(mask).self_intersection_count == 0


def test_random_blobs_keep_volume_pieces_and_cavities() -> None:
    rng = np.random.default_rng(2)
    found = [
        held(random_blob(count, rng))
        for count in (2, 3, 5, 8, 13, 20, 40, 80, 150, 300, 600)
        for _ in range(6)
    ]
    assert sum(one.self_intersection_count for one in found) == 0


@pytest.mark.slow
def test_hundreds_of_random_blobs_keep_volume_pieces_and_cavities() -> None:
    rng = np.random.default_rng(3)
    found = [
        held(random_blob(count, rng))
        for count in (2, 4, 7, 12, 25, 50, 100, 200, 400, 800)
        for _ in range(40)
    ]
    assert sum(one.self_intersection_count for one in found) == 0


@given(masks.filter(np.any), affines)
def test_any_axes_keep_volume_and_topology(mask: np.ndarray, affine: np.ndarray) -> None:
    held(mask, affine)


@pytest.mark.parametrize("affine", [spaced(0.5, 0.5, 3), spaced(-0.5, 0.5, 3), spaced(-1, -1, -1)])
def test_thick_slices_and_mirrored_axes_keep_volume_and_topology(affine: np.ndarray) -> None:
    held(random_blob(700, np.random.default_rng(4)), affine)


def test_a_mirrored_mask_on_mirrored_axes_is_the_same_surface() -> None:
    mask = random_blob(50, np.random.default_rng(5))
    one = fidelity(volume_true(mask, ONE_MM), mask, ONE_MM)
    flipped = np.ascontiguousarray(mask[::-1])
    other = fidelity(volume_true(flipped, spaced(-1, 1, 1)), flipped, spaced(-1, 1, 1))
    assert other.volume_ratio == pytest.approx(one.volume_ratio, rel=STORED)
    assert other.mean_distance_mm == pytest.approx(one.mean_distance_mm, rel=0.02)


def test_the_surface_lies_where_the_mask_is() -> None:
    mask = np.zeros((9, 10, 11), bool)
    mask[2:7, 3:8, 4:9] = True
    affine = spaced(1, 2, 0.5)
    affine[:3, 3] = [100, 50, 25]
    points = world_vertices(volume_true(mask, affine))
    assert (points.min(axis=0) + points.max(axis=0)) / 2 == pytest.approx([104, 60, 28], abs=0.01)


@pytest.mark.parametrize(
    ("affine", "most_degrees"), [(ONE_MM, 5), (spaced(1, 1, 2.5), 8), (spaced(0.5, 0.5, 3), 13)]
)
def test_a_ball_of_voxels_is_smooth_without_stairs(affine: np.ndarray, most_degrees: float) -> None:
    # a staircase's faces are 49 degrees off a ball's normals; 20 rounds of windowed sinc leave 28
    spacing, radius = np.diag(affine)[:3], 15.0
    centre = np.array([0.1, 0.2, 0.3])
    half = np.ceil((radius + 2) / spacing).astype(int)
    places = np.moveaxis(np.indices(2 * half + 1), 0, -1) - half
    mask = np.linalg.norm(places * spacing - centre, axis=-1) < radius
    mesh = volume_true(mask, affine)
    corners = (world_vertices(mesh) - (half * spacing + centre))[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    outward = corners.mean(axis=1)
    cosines = np.einsum("ij,ij->i", normals, outward) / lengths / np.linalg.norm(outward, axis=1)
    off = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    assert np.sqrt(np.average(off**2, weights=lengths)) < most_degrees


def test_two_components_one_empty_voxel_apart_stay_two() -> None:
    for gap in ((2, 0, 0), (2, 1, 0), (2, 1, 1), (2, 2, 0), (2, 2, 2)):
        mask = np.zeros((3, 3, 3), bool)
        mask[0, 0, 0] = mask[gap] = True
        found = held(mask)
        assert found.piece_count == 2
        assert found.self_intersection_count == 0


def test_a_diagonal_chain_of_corner_contacts_stays_one_piece() -> None:
    for length in (2, 5, 9):
        chain = np.zeros((length,) * 3, bool)
        chain[(np.arange(length),) * 3] = True
        assert held(chain).piece_count == 1


def test_a_hollow_shell_keeps_its_void() -> None:
    shell = np.ones((7, 7, 7), bool)
    shell[1:-1, 1:-1, 1:-1] = False
    assert held(shell).cavity_count == 1
    thick = np.ones((12, 12, 12), bool)
    thick[5, 5, 5] = False  # a void of one voxel in a large component
    assert held(thick).cavity_count == 1


def test_masks_that_touch_or_fill_the_array_are_closed() -> None:
    assert held(np.ones((5, 4, 3), bool)).piece_count == 1
    border = np.zeros((6, 6, 6), bool)
    border[::5] = border[:, ::5] = border[:, :, ::5] = True
    held(border)


def test_ten_thousand_single_voxels_are_ten_thousand_pieces() -> None:
    mask = np.zeros((43, 43, 43), bool)
    mask[::2, ::2, ::2] = True
    mesh = volume_true(mask, spaced(0.5, 0.5, 3), numbered(mask))
    volumes = component_volumes_mm3(mesh)
    assert len(volumes) == 10648
    assert np.allclose(list(volumes.values()), 0.75, rtol=1e-4)


def test_an_empty_mask_gives_the_empty_mesh() -> None:
    for components in (None, np.zeros((3, 3, 3), np.uint32)):
        assert volume_true(np.zeros((3, 3, 3), bool), ONE_MM, components).is_empty


def test_wrong_component_numbers_are_refused() -> None:
    mask = np.ones((2, 2, 2), bool)
    with pytest.raises(ValueError, match=r"shape \(2, 2\), the mask \(2, 2, 2\)"):
        volume_true(mask, ONE_MM, np.ones((2, 2), np.uint32))
    with pytest.raises(ValueError, match="component number 0"):
        volume_true(mask, ONE_MM, np.zeros((2, 2, 2), np.uint32))


def test_two_runs_give_the_same_bytes() -> None:
    mask = random_blob(900, np.random.default_rng(6))
    one, other = volume_true(mask, ONE_MM), volume_true(mask, ONE_MM)
    assert one.vertices.tobytes() == other.vertices.tobytes()
    assert one.faces.tobytes() == other.faces.tobytes()


def assert_real_file(path: Path) -> int:
    labels, affine = read_labels(path)
    values = [int(v) for v in np.flatnonzero(np.bincount(labels.ravel())) if v]
    for value in values:
        found = held(labels == value, affine)
        assert found.self_intersection_count == 0
        assert found.mean_distance_mm < 0.2
        assert found.largest_distance_mm < 0.6
    return len(values)


def test_every_component_of_a_real_scan_keeps_volume_and_topology(test_data: Path) -> None:
    path = next(path for path in label_files(test_data) if "01110-000-seg" in path.name)
    assert assert_real_file(path) == 3


@pytest.mark.slow
def test_every_component_of_every_real_scan_keeps_volume_and_topology(test_data: Path) -> None:
    assert sum(map(assert_real_file, label_files(test_data))) >= 35


def test_a_component_that_two_masks_share_is_smoothed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter that deletes fragments leaves the rest as it is, whatever its numbers and its box."""
    away = np.linalg.norm(np.indices((24, 24, 24)) - 12.0, axis=0)
    numbers = np.where(away < 8, 2, 0).astype(np.int32)
    with_fragment = numbers.copy()
    with_fragment[0, 0, 0] = 1
    affine, made = np.diag([1.0, 1.0, 2.0, 1.0]), list[int]()
    plain_smooth = smooth._smooth
    monkeypatch.setattr(
        smooth, "_smooth", lambda mask, frame: made.append(int(mask.sum())) or plain_smooth(mask, frame)
    )
    smooth.forget()
    alone = volume_true(numbers > 0, affine, numbers)
    both = volume_true(with_fragment > 0, affine, with_fragment)
    assert made == [int((numbers > 0).sum()), 1]
    mine = both.components == 2
    np.testing.assert_array_equal(both.vertices[mine], alone.vertices)
    assert both.faces.shape[0] > alone.faces.shape[0]
    smooth.forget()
    volume_true(numbers > 0, affine, numbers)
    assert len(made) == 3


def test_what_is_remembered_is_of_that_mask_on_those_voxels_alone() -> None:
    """The same voxels row after row in a box of another shape, or of another spacing, are another surface."""
    bits = np.ones(24, np.bool_)
    bits[[5, 14]] = False  # so few that the mask fills its box in every shape
    asked = [
        (bits.reshape(shape), np.diag([*spacing, 1.0]))
        for shape in ((2, 3, 4), (4, 3, 2), (3, 2, 4))
        for spacing in ((1.0, 1.0, 1.0), (1.0, 1.0, 3.0), (3.0, 1.0, 1.0))
    ]
    smooth.forget()
    remembered = [volume_true(mask, affine) for mask, affine in asked for _ in range(2)]
    for place, (mask, affine) in enumerate(asked):
        smooth.forget()
        alone = volume_true(mask, affine)
        for mesh in remembered[2 * place : 2 * place + 2]:
            np.testing.assert_array_equal(mesh.vertices, alone.vertices)
            np.testing.assert_array_equal(mesh.faces, alone.faces)
            assert signed_volume_mm3(mesh) == pytest.approx(22 * np.linalg.det(affine[:3, :3]), rel=1e-4)
    assert len({mesh.vertices.tobytes() for mesh in remembered}) > 3
