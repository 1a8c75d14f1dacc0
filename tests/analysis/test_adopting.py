import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.adopting import adoptions
from analysis.components import label_components
from analysis.overlap import dice, joint_histogram, region_overlaps

REGIONS = {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,), "NCR": (1,), "ED": (2,)}
AFFINE = np.diag([-1.0, -1.0, 1.0, 1.0])


def recomputed(reference, prediction):
    overlaps = region_overlaps(joint_histogram(reference, prediction), REGIONS)
    return [1.0 if one.reference + one.prediction == 0 else dice(one) for one in overlaps.values()]


@given(st.integers(0, 10**6))
def test_every_adoption_equals_a_full_recompute(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 7, 3))
    density = rng.uniform(0.05, 0.6)
    reference, adopting, giving = (
        np.where(rng.random(shape) < density, rng.integers(1, 4, shape), 0).astype(np.uint8) for _ in range(3)
    )
    found = adoptions(reference, adopting, giving, AFFINE, REGIONS)
    components = label_components(giving, affine=AFFINE)
    assert len(found) == len(components.table.labels)
    for row, (label, number) in enumerate(
        zip(components.table.labels, components.table.numbers, strict=True)
    ):
        other = adopting.copy()
        other[(giving == label) & (components.numbers == number)] = label
        assert found[row].tolist() == recomputed(reference, other)


def test_adopting_the_missing_half_of_the_truth_makes_it_whole():
    reference = np.array([[[3, 3, 0, 3]]], np.uint8)
    adopting = np.array([[[3, 3, 0, 0]]], np.uint8)
    giving = np.array([[[0, 0, 0, 3]]], np.uint8)
    assert adoptions(reference, adopting, giving, AFFINE, {"ET": (3,)}).tolist() == [[1.0]]


def test_a_method_without_components_gives_nothing():
    labels = np.array([[[3, 0]]], np.uint8)
    assert adoptions(labels, labels, np.zeros_like(labels), AFFINE, REGIONS).shape == (0, 5)
