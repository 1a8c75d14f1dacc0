"""The compiled loops against plain Python, in rows of every length."""

from itertools import groupby

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from image_strategies import Labels, label_maps

from analysis.components import find_components
from analysis.kernels.changes import marked
from analysis.kernels.configurations import configuration_histograms
from analysis.kernels.runs import find_runs
from analysis.masks import stack_bits

IDENTITY = np.eye(4)


def plain_runs(rows: np.ndarray, meaning: np.ndarray) -> list[tuple[int, int, int, int]]:
    """(row, start, stop, label) of every run."""
    found = []
    for number, row in enumerate(rows):
        x = 0
        for label, voxels in groupby(int(meaning[voxel]) for voxel in row):
            length = len(list(voxels))
            if label:
                found.append((number, x, x + length, label))
            x += length
    return found


@given(st.lists(st.booleans(), max_size=70))
def test_marked_places_are_those_of_the_ones(marks: list[bool]) -> None:
    padded = np.zeros((len(marks) + 7) // 8 * 8, np.uint8)
    padded[: len(marks)] = marks
    assert marked(padded).tolist() == np.flatnonzero(marks).tolist()


@given(
    rows=st.integers(0, 20).flatmap(
        lambda width: st.lists(st.lists(st.integers(0, 3), min_size=width, max_size=width), max_size=6)
    ),
    meaning=st.tuples(*[st.integers(0, 2)] * 4),
)
@example(rows=[[1, 2], [2, 2], [0, 0], [0, 1]], meaning=(0, 1, 1, 1))
@example(rows=[[0, 0], [0, 1], [1, 0]], meaning=(1, 0, 0, 0))
def test_runs_are_the_stretches_of_equal_meaning_in_a_row(
    rows: list[list[int]], meaning: tuple[int, ...]
) -> None:
    width = len(rows[0]) if rows else 3
    volume = np.array(rows, np.uint8).reshape(1, len(rows), width)
    table = np.zeros(256, np.uint8)
    table[:4] = meaning
    found = find_runs(volume, table)
    numbers = np.repeat(np.arange(len(rows)), np.diff(found.first_runs))
    runs = zip(numbers, found.starts, found.stops, found.labels, strict=True)
    assert [tuple(int(entry) for entry in run) for run in runs] == plain_runs(volume[0], table)


@given(label_maps(), st.integers(1, 5))
def test_the_components_of_one_label_are_those_of_its_mask(labels: list[Labels], label: int) -> None:
    alone = find_components(labels[0], affine=IDENTITY).of_label(label)
    mask = find_components((labels[0] == label).astype(np.uint8), affine=IDENTITY)
    assert alone.components.tolist() == mask.components.tolist()
    for field in ("first_runs", "starts", "stops", "labels"):
        assert getattr(alone.runs, field).tolist() == getattr(mask.runs, field).tolist()
    for column in ("labels", "numbers", "voxel_counts", "centroids", "box_starts", "box_stops"):
        one, other = getattr(alone.table, column), getattr(mask.table, column)
        assert one.tolist() == other.tolist()
        assert one.dtype == other.dtype


@given(st.integers(0, 2**32 - 1), st.tuples(*[st.integers(1, 11)] * 3), st.integers(1, 8))
def test_every_corner_is_counted_under_its_configuration(
    seed: int, shape: tuple[int, int, int], masks: int
) -> None:
    rng = np.random.default_rng(seed)
    volume = rng.integers(0, 256, shape).astype(np.uint8) * (rng.random(shape) < 0.5).astype(np.uint8)
    framed = stack_bits(("any",), volume).framed_zyx
    codes = np.zeros((masks, *(side - 1 for side in framed.shape)), np.int64)
    for corner in range(8):
        z, y, x = corner >> 2, corner >> 1 & 1, corner & 1
        nz, ny, nx = codes.shape[1:]
        voxels = framed[z : z + nz, y : y + ny, x : x + nx]
        for mask in range(masks):
            codes[mask] |= (voxels >> mask & 1).astype(np.int64) << corner
    found = configuration_histograms(framed, masks)
    for mask in range(masks):
        assert found[mask, 1:255].tolist() == np.bincount(codes[mask].ravel(), minlength=256)[1:255].tolist()
