"""Components: what hangs together, how it is numbered, where it lies."""

from itertools import product
from pathlib import Path

import cc3d
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_strategies import (
    MEMORY_ORDERS,
    Labels,
    Spacing,
    Turn,
    grid,
    label_maps,
    turned,
    turned_affine,
    turns,
)
from real_scans import PAIRS, read
from scipy import ndimage

from analysis.components import Connectivity, find_components, label_components

IDENTITY = np.eye(4)
STRUCTURES = {6: 1, 18: 2, 26: 3}


def volume(
    *voxels: tuple[int, int, int], shape: tuple[int, int, int] = (5, 5, 5), label: int = 1
) -> np.ndarray:
    labels = np.zeros(shape, np.uint8)
    for voxel in voxels:
        labels[voxel] = label
    return labels


@pytest.mark.parametrize(
    ("second", "counts"),
    [((1, 1, 2), (1, 1, 1)), ((1, 2, 2), (2, 1, 1)), ((2, 2, 2), (2, 2, 1)), ((1, 1, 3), (2, 2, 2))],
)
def test_faces_edges_and_corners_connect_as_the_connectivity_says(
    second: tuple[int, int, int], counts: tuple[int, ...]
) -> None:
    labels = volume((1, 1, 1), second)
    found = [label_components(labels, affine=IDENTITY, connectivity=c).table.count(1) for c in (6, 18, 26)]
    assert tuple(found) == counts


@pytest.mark.parametrize("connectivity", [6, 18, 26])
def test_each_of_the_26_neighbours_connects_up_to_the_steps_that_are_allowed(
    connectivity: Connectivity,
) -> None:
    for step in product((-1, 0, 1), repeat=3):
        labels = volume((2, 2, 2), tuple(2 + one for one in step))
        is_neighbour = np.abs(step).sum() <= STRUCTURES[connectivity]
        found = label_components(labels, affine=IDENTITY, connectivity=connectivity).table.count(1)
        assert found == (1 if is_neighbour else 2), step


def test_touching_voxels_of_different_labels_are_two_components() -> None:
    labels = volume((1, 1, 1)) + volume((1, 1, 2), label=3)
    table = label_components(labels, affine=IDENTITY).table
    assert table.labels.tolist() == [1, 3]
    assert table.numbers.tolist() == [1, 1]


def test_components_are_numbered_by_falling_size() -> None:
    labels = volume((0, 0, 0), (2, 2, 2), (2, 2, 3), (4, 4, 0), (4, 3, 0), (4, 2, 0))
    components = label_components(labels, affine=IDENTITY)
    assert components.table.sizes(1).tolist() == [3, 2, 1]
    assert components.numbers[4, 3, 0] == 1
    assert components.numbers[2, 2, 3] == 2
    assert components.numbers[0, 0, 0] == 3


@pytest.mark.parametrize(("direction", "first"), [(1.0, (0, 2, 2)), (-1.0, (4, 2, 2))])
def test_equal_sizes_are_ordered_by_the_voxel_index_in_ras_order(
    direction: float, first: tuple[int, int, int]
) -> None:
    labels = volume((0, 2, 2), (4, 2, 2))
    numbers = label_components(labels, affine=np.diag([direction, 1, 1, 1])).numbers
    assert numbers[first] == 1


def test_x_runs_fastest_in_the_voxel_index() -> None:
    labels = volume((4, 0, 0), (0, 4, 0))
    assert label_components(labels, affine=IDENTITY).numbers[4, 0, 0] == 1


def test_a_component_comes_as_early_as_its_earliest_voxel():
    # The first array axis runs down, so the component that reaches furthest along it comes first.
    downwards = np.array([[0.0, 1, 0, 0], [0, 0, 1, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
    labels = volume((0, 0, 0), (1, 0, 0), (2, 0, 0), (1, 2, 0), (1, 3, 0), (1, 4, 0))
    assert label_components(labels, affine=downwards).numbers[0, 0, 0] == 1


def test_a_table_says_where_each_component_lies() -> None:
    labels = volume((1, 2, 3), (2, 2, 3), (3, 2, 4), shape=(6, 7, 8))
    table = label_components(labels, affine=IDENTITY).table
    assert table.voxel_counts.tolist() == [3]
    assert table.centroids[0] == pytest.approx([2, 2, 10 / 3])
    assert table.box_starts.tolist() == [[1, 2, 3]]
    assert table.box_stops.tolist() == [[4, 3, 5]]


def test_an_empty_label_map_has_no_components() -> None:
    components = label_components(np.zeros((3, 4, 5), np.uint8), affine=IDENTITY)
    assert components.numbers.shape == (3, 4, 5)
    assert not components.numbers.any()
    assert len(components.table.labels) == 0
    assert components.table.count(1) == 0


def test_a_label_that_fills_the_array_is_one_component() -> None:
    table = label_components(np.full((3, 4, 5), 2, np.uint8), affine=IDENTITY).table
    assert table.voxel_counts.tolist() == [60]


def test_runs_that_touch_two_runs_of_the_next_row_join_them() -> None:
    # One long run below two short ones: the pointer into the row below must not move on after the first.
    labels = np.zeros((7, 2, 1), np.uint8)
    labels[:, 0, 0] = 1
    labels[[0, 1, 3, 4, 6], 1, 0] = 1
    assert label_components(labels, affine=IDENTITY, connectivity=6).table.count(1) == 1


@given(label_maps(), st.sampled_from([6, 18, 26]))
def test_components_are_scipys(labels: list[Labels], connectivity: Connectivity) -> None:
    structure = ndimage.generate_binary_structure(3, STRUCTURES[connectivity])
    numbers = label_components(labels[0], affine=IDENTITY, connectivity=connectivity).numbers
    for label in (1, 2, 3):
        expected, count = ndimage.label(labels[0] == label, structure)
        pairs = {
            *zip(expected[labels[0] == label].tolist(), numbers[labels[0] == label].tolist(), strict=True)
        }
        assert len(pairs) == count == len({number for _, number in pairs})
    assert np.array_equal(numbers > 0, labels[0] > 0)


@given(label_maps(), turns())
def test_numbers_do_not_depend_on_how_the_axes_are_stored(labels: list[Labels], turn: Turn) -> None:
    affine = grid((1.0, 2.0, 3.0))
    numbers = label_components(labels[0], affine=affine).numbers
    other = label_components(turned(labels[0], turn), affine=turned_affine(affine, labels[0].shape, turn))
    assert np.array_equal(other.numbers, turned(numbers, turn))


@given(label_maps())
def test_numbers_do_not_depend_on_the_memory_order(labels: list[Labels]) -> None:
    numbers = [label_components(order(labels[0]), affine=IDENTITY).numbers for order in MEMORY_ORDERS]
    assert all(np.array_equal(numbers[0], other) for other in numbers)


@given(label_maps(count=2))
def test_overlaps_count_the_voxels_of_the_same_label(labels: list[Labels]) -> None:
    one, other = labels
    found = find_components(one, affine=IDENTITY)
    numbers = label_components(one, affine=IDENTITY).numbers
    for row, (label, number) in enumerate(zip(found.table.labels, found.table.numbers, strict=True)):
        component = (one == label) & (numbers == number)
        assert found.overlaps(other)[row] == np.count_nonzero(component & (other == label))


def test_a_fragment_two_voxels_from_the_main_component_is_two_spacings_away() -> None:
    labels = volume((0, 0, 0), (1, 0, 0), (3, 0, 0))
    distances = find_components(labels, affine=IDENTITY).distances_to_main_mm((1.5, 1.0, 1.0))
    assert distances.tolist() == [0.0, 3.0]


@given(label_maps(), st.sampled_from([(1.0, 1.0, 1.0), (0.5, 0.5, 3.0), (3.0, 0.5, 1.0)]))
def test_distances_to_the_main_component_are_those_of_the_nearest_voxels(
    labels: list[Labels], spacing_mm: Spacing
) -> None:
    found = find_components(labels[0], affine=IDENTITY)
    numbers = label_components(labels[0], affine=IDENTITY).numbers
    distances = found.distances_to_main_mm(spacing_mm)
    for row, (label, number) in enumerate(zip(found.table.labels, found.table.numbers, strict=True)):
        own = np.argwhere((labels[0] == label) & (numbers == number)) * spacing_mm
        main = np.argwhere((labels[0] == label) & (numbers == 1)) * spacing_mm
        gaps = np.linalg.norm(own[:, None] - main[None], axis=-1)
        assert distances[row] == pytest.approx(gaps.min())


@given(label_maps())
def test_the_covariance_is_numpys(labels: list[Labels]) -> None:
    spacing_mm = (0.5, 1.0, 3.0)
    mask = labels[0] > 0
    found = find_components(mask.view(np.uint8), affine=IDENTITY)
    if mask.any():
        expected = np.cov(np.argwhere(mask).T * np.array(spacing_mm)[:, None], bias=True)
        assert found.covariance_mm2(spacing_mm) == pytest.approx(expected, abs=1e-9)
    else:
        assert np.isnan(found.covariance_mm2(spacing_mm)).all()


def assert_parted_as_cc3d_parts(labels: Labels, connectivity: Connectivity) -> None:
    """Same voxels together and apart: the pairs (ours, theirs) are one to one."""
    components = label_components(labels, affine=IDENTITY, connectivity=connectivity)
    theirs = cc3d.connected_components(np.ascontiguousarray(labels), connectivity=connectivity)
    ours = components.numbers.astype(np.int64) * 256 + labels  # numbers start anew with each label
    pairs = np.unique(np.stack([ours[labels > 0], theirs[labels > 0]]), axis=1)
    assert pairs.shape[1] == len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == int(theirs.max())


@given(st.data(), st.sampled_from((6, 18, 26)))
def test_random_label_maps_fall_apart_as_cc3d_says(data: st.DataObject, connectivity: Connectivity) -> None:
    (labels,) = data.draw(label_maps())
    assert_parted_as_cc3d_parts(labels, connectivity)


@pytest.mark.parametrize("name", sorted({name for pair in PAIRS for name in pair}))
def test_real_label_maps_fall_apart_as_cc3d_says(test_data: Path, name: str) -> None:
    assert_parted_as_cc3d_parts(read(test_data, name).labels, 26)
