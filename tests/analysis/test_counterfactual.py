import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.components import label_components
from analysis.consensus import consensus
from analysis.counterfactual import flips
from analysis.overlap import dice, joint_histogram, region_overlaps

REGIONS = {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,), "NCR": (1,), "ED": (2,)}
AFFINE = np.diag([-1.0, -1.0, 1.0, 1.0])
SEEDS = st.integers(0, 10**6)


def random_maps(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 7, 3))
    density = rng.uniform(0.05, 0.6)
    make = lambda: np.where(rng.random(shape) < density, rng.integers(1, 4, shape), 0).astype(np.uint8)  # noqa: E731
    reference, baseline, distmap = make(), make(), make()
    return reference, distmap, consensus(distmap, baseline)


def recomputed(reference, prediction):
    """Dice of every region from scratch; 1 where both are empty."""
    overlaps = region_overlaps(joint_histogram(reference, prediction), REGIONS)
    return [1.0 if one.reference + one.prediction == 0 else dice(one) for one in overlaps.values()]


@given(SEEDS)
def test_every_flip_equals_a_full_recompute(seed):
    reference, distmap, filtered = random_maps(seed)
    found = flips(reference, distmap, filtered, AFFINE, REGIONS)
    numbers = label_components(distmap, affine=AFFINE).numbers
    assert found.dice_now.tolist() == recomputed(reference, filtered)
    for row, (label, number) in enumerate(zip(found.labels, found.numbers, strict=True)):
        component = (distmap == label) & (numbers == number)
        other = filtered.copy()
        other[component] = 0 if found.was_kept[row] else label
        assert found.dice_flipped[row].tolist() == recomputed(reference, other)


@given(SEEDS)
def test_memory_order_changes_nothing(seed):
    maps = random_maps(seed)
    one = flips(*maps, AFFINE, REGIONS)
    other = flips(*(np.asfortranarray(labels) for labels in maps), AFFINE, REGIONS)
    assert np.array_equal(one.dice_flipped, other.dice_flipped)


def test_a_true_component_that_was_removed_cost_what_putting_it_back_gains():
    reference = np.zeros((8, 1, 1), np.uint8)
    reference[:4], reference[6:] = 3, 3
    distmap, filtered = reference.copy(), reference.copy()
    filtered[6:] = 0
    found = flips(reference, distmap, filtered, AFFINE, {"ET": (3,)})
    # now 2 x 4 / (6 + 4) = 0.8; with the second component back 1; without the first one 0
    assert found.dice_now.tolist() == [0.8]
    assert found.was_kept.tolist() == [True, False]
    assert found.dice_flipped.tolist() == [[0.0], [1.0]]
    assert found.average_changes(("ET",)).tolist() == pytest.approx([-0.8, 0.2])


def test_a_label_outside_a_region_does_not_change_it():
    labels = np.array([[[2, 0, 3]]], np.uint8)
    found = flips(labels, labels, labels, AFFINE, {"ET": (3,)})
    assert found.dice_flipped.tolist() == [[1.0], [0.0]]


def test_an_empty_method_has_no_flips():
    empty = np.zeros((2, 2, 2), np.uint8)
    found = flips(empty, empty, empty, AFFINE, REGIONS)
    assert found.dice_flipped.shape == (0, 5)
    assert found.dice_now.tolist() == [1.0] * 5


def test_label_maps_that_no_rule_made_are_refused():
    distmap = np.array([[[3, 3, 0]]], np.uint8)
    for filtered in ([[[3, 0, 0]]], [[[3, 3, 1]]], [[[1, 1, 0]]]):
        with pytest.raises(ValueError, match="whole components"):
            flips(distmap, distmap, np.array(filtered, np.uint8), AFFINE, REGIONS)
