"""Components, the consensus rule and Dice as the paper writes them down, with scipy alone."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Labels = npt.NDArray[np.uint8]
_TOUCHING = np.ones((3, 3, 3))
_DICE_AVERAGE = ((1, 2, 3), (1, 3), (3,))


def component_count(labels: Labels, label: int) -> int:
    """26-connected components of one label."""
    return int(ndimage.label(labels == label, _TOUCHING)[1])


def consensus(distmap: Labels, baseline: Labels) -> Labels:
    """Section 3.3 of Cassez 2026."""
    filtered = distmap.copy()
    for label in (1, 2, 3):
        numbers, count = ndimage.label(distmap == label, _TOUCHING)
        confirmed = np.zeros(count + 1, bool)
        confirmed[np.unique(numbers[baseline == label])] = True
        filtered[(numbers > 0) & ~confirmed[numbers]] = 0
    return filtered


def dice_average(reference: Labels, prediction: Labels) -> float:
    """Mean Dice of WT, TC and ET; 1 where both are empty."""
    values = []
    for region in _DICE_AVERAGE:
        one, other = np.isin(reference, region), np.isin(prediction, region)
        both = one.sum() + other.sum()
        values.append(2 * (one & other).sum() / both if both else 1.0)
    return float(np.mean(values))
