"""Shape of a mask: topology, surface and extent, from its 2x2x2 configurations and its runs.

A configuration is the pattern of a mask in the eight voxels around a corner: bit x + 2 y + 4 z is set where
that voxel is inside (see `kernels.configurations`).
"""

import math
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Spacing
from analysis.components import ComponentRuns, find_components, lump_count
from analysis.kernels.runs import select_runs

Histogram = npt.NDArray[np.int64]

# An eigenvalue smaller than this share of the largest is rounding: the mask is flat.
_FLAT = 1e-12


def euler_number(configurations: Histogram) -> int:
    """Euler number of the 26-connected mask: pieces minus tunnels plus cavities.

    Each corner brings its share of the vertices, edges, faces and solids of the union of closed voxels.

    Args:
        configurations: (256,) corners with each configuration; the first and the last do not matter.
    """
    return int(configurations @ _euler_eighths()) // 8


@lru_cache(maxsize=1)
def _euler_eighths() -> npt.NDArray[np.int64]:
    """(256,) eighths that a corner adds: a vertex, 6 half edges, 12 quarter faces, 8 eighths of solids."""
    eighths = np.zeros(256, np.int64)
    for code in range(1, 256):
        inside = np.array([code >> bit & 1 for bit in range(8)]).reshape(2, 2, 2)
        edges = sum(int(inside.any(axis=others).sum()) for others in ((0, 1), (0, 2), (1, 2)))
        faces = sum(int(inside.any(axis=axis).sum()) for axis in range(3))
        eighths[code] = 8 - 4 * edges + 2 * faces - int(inside.sum())
    return eighths


def face_area_mm2(configurations: Histogram, spacing_mm: Spacing) -> float:
    """Area of the voxel faces between inside and outside.

    Args:
        configurations: as for `euler_number`.
        spacing_mm: along x, y, z.
    """
    x, y, z = spacing_mm
    counts = configurations @ _quarter_faces()
    return float(counts @ np.array([y * z, x * z, x * y])) / 4


@lru_cache(maxsize=1)
def _quarter_faces() -> npt.NDArray[np.int64]:
    """(256, 3) exposed quarter faces around a corner whose normals run along x, y, z."""
    quarters = np.zeros((256, 3), np.int64)
    for code, axis in product(range(256), range(3)):
        for bit in range(8):
            if not bit >> axis & 1:
                quarters[code, axis] += (code >> bit & 1) != (code >> (bit | 1 << axis) & 1)
    return quarters


def sphericity(volume_mm3: float, area_mm2: float) -> float:
    """Surface of the ball of this volume over the mask's own; NaN for an empty mask.

    With exposed voxel faces as the surface (Cassez 2026, section 4.2) a cube reaches 0.806 and a large voxel
    ball 2/3.
    """
    if not area_mm2:
        return math.nan
    return float(math.pi ** (1 / 3) * (6 * volume_mm3) ** (2 / 3) / area_mm2)


def elongation(mask: ComponentRuns, spacing_mm: Spacing) -> float:
    """Longest over shortest principal axis of the voxel centres: sqrt of the ratio of covariance eigenvalues.

    At least 1; infinite for a flat mask; 1 under three voxels.
    """
    if mask.table.voxel_counts.sum() < 3:
        return 1.0
    shortest, _, longest = np.linalg.eigvalsh(mask.covariance_mm2(spacing_mm))
    if shortest <= _FLAT * longest:
        return math.inf
    return math.sqrt(longest / shortest)


def cavity_count(framed_zyx: npt.NDArray[np.uint8], bit: int) -> int:
    """Count the cavities of a mask: 26-connected lumps of what filling its holes adds.

    A hole is background that no 6-connected path joins to the outside. As in Cassez 2026; meshing counts
    6-connected cavities, which are more.

    Args:
        framed_zyx: (z, y, x) masks as bits, with one voxel of background on every side.
        bit: which mask.
    """
    outside_mask = (~np.arange(256) >> bit & 1).astype(np.uint8)
    background = find_components(framed_zyx.T, affine=np.eye(4), connectivity=6, meaning=outside_mask)
    # The first run begins in the corner of the frame.
    is_enclosed = background.components != background.components[0]
    return lump_count(select_runs(background.runs, is_enclosed))


def spread_mm(mask: ComponentRuns, spacing_mm: Spacing) -> float:
    """Root mean square distance of the components' centroids from their common one, weighted by size.

    0 for one component and for none.
    """
    sizes = mask.table.voxel_counts
    if len(sizes) < 2:
        return 0.0
    centroids_mm = mask.table.centroids * np.array(spacing_mm)
    offsets_mm = centroids_mm - np.average(centroids_mm, axis=0, weights=sizes)
    return math.sqrt(float(np.average((offsets_mm**2).sum(axis=1), weights=sizes)))
