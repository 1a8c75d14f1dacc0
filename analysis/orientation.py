"""How array axes lie in the patient: which one runs right, anterior, superior, and which way."""

from functools import lru_cache
from itertools import permutations

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine


def ras_axes(affine: Affine) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Match array axes to right, anterior and superior.

    Of the six matchings the one with the largest summed direction cosines is taken, also for oblique axes.

    Returns:
        The array axis closest to each of R, A, S; and +1 or -1 where that axis runs with or against it.
    """
    return _ras_axes(tuple(float(entry) for entry in affine[:3, :3].ravel()))


@lru_cache(maxsize=64)
def _ras_axes(entries: tuple[float, ...]) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    columns = np.array(entries).reshape(3, 3)
    directions = columns / np.linalg.norm(columns, axis=0)
    best = max(
        permutations(range(3)),
        key=lambda axes: sum(abs(directions[world, axis]) for world, axis in enumerate(axes)),
    )
    right, anterior, superior = (1 if directions[world, axis] >= 0 else -1 for world, axis in enumerate(best))
    return (best[0], best[1], best[2]), (right, anterior, superior)


def ras_strides(affine: Affine, shape: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Step of the RAS voxel index, x fastest, for one step along each array axis.

    Comparing voxels by their dot product with it puts them in the order they have after turning the axes to
    RAS+, whatever the file's orientation. The constant offset is left out.

    Returns:
        (3,) int64 for the array axes x, y, z.
    """
    axes, signs = ras_axes(affine)
    strides = np.zeros(3, np.int64)
    step = 1
    for axis, sign in zip(axes, signs, strict=True):
        strides[axis] = sign * step
        step *= shape[axis]
    return strides
