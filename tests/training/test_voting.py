import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.cohort.labels import SCHEMES, LabelScheme
from analysis.cohort.probabilities import Probabilities
from analysis.cohort.usage import UsageError
from training.voting import ALPHAS, dice_over_alphas, fit_alphas, fuse, nested_regions

Bytes = npt.NDArray[np.int32]
CODES = hnp.arrays(np.int32, (3, 3, 3), elements=st.integers(0, 255))
MASKS = hnp.arrays(np.bool_, (3, 3, 3))


def brute_force(baseline: Bytes, distmap: Bytes, reference: npt.NDArray[np.bool_], k: int) -> float:
    predicted = k * baseline.astype(int) + (100 - k) * distmap > 12750
    total = predicted.sum() + reference.sum()
    return float(2 * (predicted & reference).sum() / total) if total else 1.0


@given(CODES, CODES, MASKS)
def test_one_pass_equals_trying_each_alpha(
    baseline: Bytes, distmap: Bytes, reference: npt.NDArray[np.bool_]
) -> None:
    found = dice_over_alphas(baseline, distmap, reference)
    assert found.tolist() == [brute_force(baseline, distmap, reference, k) for k in range(ALPHAS)]


@given(CODES, CODES, MASKS)
def test_the_ends_are_the_two_models(
    baseline: Bytes, distmap: Bytes, reference: npt.NDArray[np.bool_]
) -> None:
    found = dice_over_alphas(baseline, distmap, reference)
    for k, alone in ((0, distmap), (100, baseline)):
        assert found[k] == brute_force(alone, alone, reference, 50)


def test_alphas_of_a_fold_do_not_see_the_folds_own_patients() -> None:
    """Fold 0's patients want alpha 0, all others 1: fold 0 must get 1, and fold 1 whatever serves both."""
    rising = np.linspace(0, 1, ALPHAS)
    dice = np.stack([rising[::-1], rising[::-1], rising, rising])[:, None]
    alphas = fit_alphas(dice, [0, 0, 1, 1])
    assert alphas[0].tolist() == [1]
    assert alphas[1].tolist() == [0]
    changed = dice.copy()
    changed[:2] = 0.123
    assert fit_alphas(changed, [0, 0, 1, 1])[0].tolist() == [1]


def test_of_equally_good_alphas_the_most_even_is_taken() -> None:
    assert fit_alphas(np.ones((2, 1, ALPHAS)), [0, 1])[0].tolist() == [0.5]


def of_labels(codes: npt.NDArray[np.uint8]) -> Probabilities:
    return Probabilities(codes, tuple(frozenset({value}) for value in (1, 2, 3)))


def test_regions_are_painted_from_large_to_small() -> None:
    assert nested_regions(SCHEMES["brats2023"]) == [("WT", 2), ("TC", 1), ("ET", 3)]
    certain = np.zeros((3, 1, 1, 4), np.uint8)
    for voxel, label in enumerate((1, 2, 3)):
        certain[label - 1, 0, 0, voxel] = 255
    both = of_labels(certain)
    fused = fuse(both, both, SCHEMES["brats2023"], {"WT": 0.5, "TC": 0.2, "ET": 1.0})
    assert fused.ravel().tolist() == [1, 2, 3, 0]


def test_alpha_one_is_baseline_and_zero_distmap() -> None:
    scheme = SCHEMES["brats2023"]
    one, other = np.zeros((2, 3, 1, 1, 2), np.uint8)
    one[1, 0, 0, 0] = other[1, 0, 0, 1] = 200
    for alpha, expected in ((1.0, [2, 0]), (0.0, [0, 2])):
        alphas = dict.fromkeys(scheme.dice_average, alpha)
        assert fuse(of_labels(one), of_labels(other), scheme, alphas).ravel().tolist() == expected


def test_regions_that_are_not_nested_label_by_label_are_refused() -> None:
    glioma = SCHEMES["brats2023"]
    apart = LabelScheme("apart", glioma.labels, {"A": (1, 2), "B": (3,)}, ("A", "B"))
    with pytest.raises(UsageError, match="scheme apart has A, B"):
        nested_regions(apart)
