"""Which faces lie around each vertex of a mesh."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Integers = npt.NDArray[np.int64]


class Rings(NamedTuple):
    """Faces around each vertex: `faces[starts[v]:starts[v + 1]]`."""

    starts: Integers
    faces: Integers


@njit(cache=True)
def rings_of(corners: npt.NDArray[np.integer], vertex_count: int) -> Rings:
    """List the faces around each vertex, in rising order.

    Args:
        corners: (m, 3) vertices of each face.
        vertex_count: of the mesh; a vertex of no face has an empty ring.
    """
    starts = np.zeros(vertex_count + 1, np.int64)
    for f in range(len(corners)):
        for vertex in corners[f]:
            starts[vertex + 1] += 1
    starts = np.cumsum(starts)
    following = starts[:-1].copy()
    around = np.empty(3 * len(corners), np.int64)
    for f in range(len(corners)):
        for vertex in corners[f]:
            around[following[vertex]] = f
            following[vertex] += 1
    return Rings(starts, around)
