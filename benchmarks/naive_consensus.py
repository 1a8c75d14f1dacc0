"""CC-Consensus as section 3.3 of Cassez 2026 prints it."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Labels = npt.NDArray[np.uint8]

CONNECTIVITY_26 = np.ones((3, 3, 3))


def consensus(distmap: Labels, baseline: Labels) -> Labels:
    """Remove DistMap components without a voxel of their label in Baseline."""
    filtered = distmap.copy()
    for label in (1, 2, 3):
        distmap_mask = distmap == label
        baseline_mask = baseline == label
        numbered, count = ndimage.label(distmap_mask, structure=CONNECTIVITY_26)
        for number in range(1, count + 1):
            component = numbered == number
            if not (component & baseline_mask).any():
                filtered[component] = 0
    return filtered
