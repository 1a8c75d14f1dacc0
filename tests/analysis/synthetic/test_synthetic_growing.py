"""Fragments are set down without joining or splitting anything; labels are tidied without losing any."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.synthetic.growing import Canvas, place_fragments
from analysis.synthetic.topology import absorb_fragments, component_count, confirmed_count
from tests.analysis.synthetic import slow_rule

SHAPE = (3, 7, 8, 9)


@st.composite
def sprinkled_maps(draw: st.DrawFn) -> np.ndarray:
    """Three maps full of one label, with others strewn over all alike and over each alone."""
    maps = np.full(SHAPE, draw(st.integers(0, 3)), np.uint8)
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    for shape, share in (
        (SHAPE[1:], draw(st.sampled_from([0.0, 0.03, 0.5]))),
        (SHAPE, draw(st.sampled_from([0.0, 0.01, 0.1]))),
    ):
        changed = np.broadcast_to(rng.random(shape) < share, SHAPE)
        maps[changed] = np.broadcast_to(rng.integers(0, 4, shape, np.uint8), SHAPE)[changed]
    return maps


MAPS = sprinkled_maps()
LENGTHS = hnp.arrays(np.int64, (4, 3), elements=st.integers(0, 5))


def counts_of(maps: np.ndarray) -> np.ndarray:
    """(maps, 3) components by map and label."""
    return np.array([[slow_rule.component_count(labels, label) for label in (1, 2, 3)] for labels in maps])


def canvas_of(maps: np.ndarray) -> Canvas:
    return Canvas(maps, np.zeros(maps.shape[1:], np.uint8), np.ones(maps.shape[1:], np.bool_))


@given(MAPS, LENGTHS, st.integers(1, 3), st.integers(1, 99))
def test_each_fragment_adds_one_component_of_its_label_where_it_belongs_and_changes_no_other_count(
    maps: np.ndarray, lengths: np.ndarray, label: int, seed: int
) -> None:
    lengths = lengths[lengths.any(axis=1)]
    before = counts_of(maps)
    candidates = np.random.default_rng(seed).permutation(maps[0].size)
    left = place_fragments(canvas_of(maps), candidates, lengths, label, seed)
    placed = ~left.any(axis=1)
    expected = before.copy()
    expected[:, label - 1] += (lengths[placed] > 0).sum(axis=0)
    np.testing.assert_array_equal(counts_of(maps), expected)


@given(MAPS, LENGTHS, st.integers(1, 3), st.integers(1, 99))
def test_a_fragment_of_two_maps_is_confirmed_and_one_of_a_single_map_is_an_orphan(
    maps: np.ndarray, lengths: np.ndarray, label: int, seed: int
) -> None:
    lengths = lengths[lengths.any(axis=1)]
    before = confirmed_count(maps[2], maps[1], label)
    candidates = np.random.default_rng(seed).permutation(maps[0].size)
    left = place_fragments(canvas_of(maps), candidates, lengths, label, seed)
    placed = lengths[~left.any(axis=1)]
    both = ((placed[:, 1] > 0) & (placed[:, 2] > 0)).sum()
    assert confirmed_count(maps[2], maps[1], label) == before + both


def test_a_fragment_may_not_cut_a_bridge_one_voxel_thick() -> None:
    labels = np.zeros((3, 5, 5, 9), np.uint8)
    labels[:, 2, 2, 1:8] = 3
    candidates = np.ravel_multi_index((np.full(9, 2), np.full(9, 2), np.arange(9)), (5, 5, 9))
    lengths = np.array([[1, 1, 1]])
    left = place_fragments(canvas_of(labels), candidates[3:6], lengths, 1, 1)
    assert left.any(), "the middle of the bridge is not to be taken"
    left = place_fragments(canvas_of(labels), candidates[1:2], lengths, 1, 1)
    assert not left.any(), "its end is"


def test_an_orphan_never_lies_where_another_map_has_its_label() -> None:
    maps = np.zeros((3, 7, 7, 7), np.uint8)
    maps[1, :, :, :4] = 1
    left = place_fragments(canvas_of(maps), np.arange(343), np.array([[0, 0, 1]] * 3), 1, 1)
    assert not left.any()
    x = np.nonzero(maps[2])[2]
    assert len(x) == 3
    assert (x >= 4).all()


def test_what_is_taken_stays() -> None:
    canvas = canvas_of(np.full((3, 5, 5, 5), 2, np.uint8))
    canvas.taken[:] = 1 << 2
    everywhere = np.arange(125)
    assert place_fragments(canvas, everywhere, np.array([[0, 0, 1]]), 1, 1).any()
    assert not place_fragments(canvas, everywhere, np.array([[1, 1, 0]]), 1, 1).any()


@given(MAPS)
def test_after_absorbing_every_label_that_is_left_has_one_component(maps: np.ndarray) -> None:
    labels = maps[0].copy()
    absorb_fragments(labels)
    for label in (1, 2, 3):
        assert component_count(labels, label) <= 1


def test_a_fragment_takes_the_label_around_it_and_the_largest_stays() -> None:
    labels = np.zeros((9, 9, 9), np.uint8)
    labels[1:8, 1:8, 1:8] = 2
    labels[2:4, 2:4, 2:4] = 1
    labels[6, 6, 6] = 1
    labels[0, 0, 8] = 3
    labels[3:6, 6, 2:5] = 3
    absorb_fragments(labels)
    assert labels[6, 6, 6] == 2, "surrounded by oedema"
    assert (labels[2:4, 2:4, 2:4] == 1).all(), "the largest of its label"
    assert labels[0, 0, 8] == 0, "alone in the background"


@given(MAPS)
def test_component_counts_agree_with_scipy(maps: np.ndarray) -> None:
    for label in (1, 2, 3):
        assert component_count(maps[0], label) == slow_rule.component_count(maps[0], label)
