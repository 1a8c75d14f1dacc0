"""Surface distances the slow way: every border voxel against every other."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage


def border(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The mask minus its erosion by the 6-cross, outside of the array being background."""
    return mask & ~ndimage.binary_erosion(mask, ndimage.generate_binary_structure(3, 1))


def directed_mm(
    one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_], spacing_mm: tuple[float, float, float]
) -> npt.NDArray[np.float64]:
    """Distance of each border voxel of one mask to the nearest of the other."""
    places, targets = (np.argwhere(border(mask)) * np.array(spacing_mm) for mask in (one, other))
    return np.linalg.norm(places[:, None] - targets[None], axis=-1).min(axis=1)
