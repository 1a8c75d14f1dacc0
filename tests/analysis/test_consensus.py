"""CC-Consensus: the paper's rule bit for bit, and each of its generalizations."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_strategies import MEMORY_ORDERS, Labels, Mask, Turn, label_maps, turned, turns
from real_scans import PAIRS, read
from scipy import ndimage

from analysis.consensus import ConsensusRule, consensus
from analysis.crop import foreground_box, union


def pseudo_code(distmap: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Section 3.3 of Cassez 2026, line by line."""
    filtered = distmap.copy()
    for label in (1, 2, 3):
        distmap_mask = distmap == label
        baseline_mask = baseline == label
        numbered, count = ndimage.label(distmap_mask, structure=np.ones((3, 3, 3)))
        for number in range(1, count + 1):
            component = numbered == number
            if not (component & baseline_mask).any():
                filtered[component] = 0
    return filtered


def line(text: str) -> np.ndarray:
    """A label map of one row, a digit a voxel."""
    return np.array([int(digit) for digit in text], np.uint8).reshape(-1, 1, 1)


def written(labels: np.ndarray) -> str:
    return "".join(str(label) for label in labels.ravel())


@given(label_maps(count=2))
def test_the_consensus_is_the_papers_pseudo_code(labels: list[Labels]) -> None:
    assert np.array_equal(consensus(*labels), pseudo_code(*labels))


@given(label_maps(count=2), st.sampled_from(MEMORY_ORDERS), st.sampled_from(MEMORY_ORDERS))
def test_the_memory_order_of_either_side_changes_no_bit(
    labels: list[Labels], order: Callable[[Labels], Labels], other_order: Callable[[Labels], Labels]
) -> None:
    distmap, baseline = labels
    assert np.array_equal(consensus(order(distmap), other_order(baseline)), pseudo_code(distmap, baseline))


@given(label_maps(count=2), turns())
def test_swapped_and_flipped_axes_change_no_bit(labels: list[Labels], turn: Turn) -> None:
    distmap, baseline = labels
    found = consensus(turned(distmap, turn), turned(baseline, turn))
    assert np.array_equal(found, turned(pseudo_code(distmap, baseline), turn))


@given(label_maps(count=2))
def test_the_consensus_only_removes(labels: list[Labels]) -> None:
    distmap, baseline = labels
    filtered = consensus(distmap, baseline)
    assert np.array_equal(filtered[filtered > 0], distmap[filtered > 0])


@given(label_maps(count=2))
def test_the_consensus_of_a_consensus_is_itself(labels: list[Labels]) -> None:
    distmap, baseline = labels
    once = consensus(distmap, baseline)
    assert np.array_equal(consensus(once, baseline), once)


@given(label_maps())
def test_a_method_confirms_itself(labels: list[Labels]) -> None:
    assert np.array_equal(consensus(labels[0], labels[0]), labels[0])


@given(label_maps())
def test_an_empty_baseline_vetoes_everything(labels: list[Labels]) -> None:
    assert not consensus(labels[0], np.zeros_like(labels[0])).any()


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (ConsensusRule(), "1110022001110"),
        (ConsensusRule(minimum_overlap_voxels=2), "1110000000000"),
        (ConsensusRule(minimum_overlap_fraction=0.5), "1110022000000"),
        (ConsensusRule(minimum_overlap_voxels=0), "1110022301110"),
        (ConsensusRule(never_remove_above_voxels=2, minimum_overlap_voxels=9), "1110000001110"),
        (ConsensusRule(never_remove_above_voxels=3, minimum_overlap_voxels=9), "0000000000000"),
        (ConsensusRule(labels=(1, 2)), "1110022301110"),
        (ConsensusRule(labels=(1,), minimum_overlap_voxels=2), "1110022300000"),
    ],
)
def test_each_option_keeps_what_it_says(rule: ConsensusRule, kept: str) -> None:
    distmap = line("1110022301110")
    baseline = line("1100020000100")
    assert written(consensus(distmap, baseline, rule)) == kept


def test_connectivity_decides_what_stands_and_falls_together() -> None:
    distmap = np.zeros((2, 2, 2), np.uint8)
    distmap[0, 0, 0] = distmap[1, 1, 1] = 1
    baseline = np.zeros_like(distmap)
    baseline[0, 0, 0] = 1
    assert np.count_nonzero(consensus(distmap, baseline)) == 2
    assert np.count_nonzero(consensus(distmap, baseline, ConsensusRule(connectivity=18))) == 1


def test_the_result_lies_in_memory_as_the_filtered_map_does() -> None:
    labels = np.ones((3, 4, 5), np.uint8)
    assert consensus(np.asfortranarray(labels), labels).flags.f_contiguous
    assert consensus(labels, np.asfortranarray(labels)).flags.c_contiguous


def test_different_grids_are_refused() -> None:
    with pytest.raises(ValueError, match=r"filtered \(2, 2, 2\), confirming \(2, 2, 3\)"):
        consensus(np.zeros((2, 2, 2), np.uint8), np.zeros((2, 2, 3), np.uint8))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"connectivity": 8}, "connectivity is 6, 18 or 26, found 8"),
        ({"minimum_overlap_voxels": -1}, "not negative"),
        ({"minimum_overlap_fraction": 1.5}, "lies in 0 to 1, found 1.5"),
    ],
)
def test_a_senseless_rule_is_refused(options: dict[str, float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        ConsensusRule(**options)


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS)
def test_real_pairs_agree_with_the_pseudo_code_both_ways(test_data: Path, pair: tuple[Mask, Mask]) -> None:
    one, other = (read(test_data, name).labels for name in pair)
    box = union([foreground_box(one), foreground_box(other)]).slices
    for distmap, baseline in ((one, other), (other, one)):
        filtered = consensus(distmap, baseline)
        assert np.array_equal(filtered[box], pseudo_code(distmap[box], baseline[box]))
        assert np.count_nonzero(filtered) == np.count_nonzero(filtered[box])
