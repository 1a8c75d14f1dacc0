"""Mean of a scalar map inside each component: was the network sure of this fragment?"""

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.components import Components


def component_means(
    components: Components, labels: Labels, label: int, values: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Average values over each component of one label.

    Args:
        components: of `labels`, from `label_components`.
        labels: (x, y, z) uint8.
        label: whose components are asked for.
        values: (x, y, z).

    Returns:
        (n,) by component number, the largest first; NaN where a component holds a value that is NaN.
    """
    inside = labels == label
    numbers = components.numbers[inside]
    count = components.table.count(label)
    totals = np.bincount(numbers, weights=values[inside], minlength=count + 1)[1:]
    means: npt.NDArray[np.float64] = totals / components.table.sizes(label)
    return means
