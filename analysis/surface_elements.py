"""Distances between surface elements, weighted by area: Hausdorff and surface Dice of DeepMind and BraTS.

A surface element sits on the corner between eight voxels that are neither all inside nor all outside the
mask, and has the area that marching cubes gives that configuration. Definition: Nikolov et al. 2018,
"Deep learning to achieve clinically applicable segmentation of head and neck anatomy for radiotherapy",
whose program `surface-distance` these numbers equal.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Spacing
from analysis.kernels import surfaces
from analysis.masks import MaskStack, stack_pair
from analysis.neighbourhood import neighbourhood
from analysis.surface_distances import TOLERANCE_MM, TOLERANCE_SLACK_MM
from analysis.surface_points import SurfacePoints

Corner = tuple[int, int, int]
Normal = tuple[int, int, int]

_TIP: Normal = (1, 1, 1)
# One configuration of each kind: the voxels inside, as x + 2 y + 4 z, and the normals of its triangles in
# eighths of a voxel face. All others follow by turning, mirroring, and swapping inside with outside.
_KINDS: tuple[tuple[tuple[int, ...], tuple[Normal, ...]], ...] = (
    ((0,), (_TIP,)),
    ((0, 1), ((0, 2, 2), (0, 2, 2))),
    ((0, 3), (_TIP, _TIP)),
    ((0, 7), (_TIP, _TIP)),
    ((0, 1, 2), ((0, 0, 4), (2, 2, 2), _TIP)),
    ((0, 1, 6), ((0, 2, 2), (0, 2, 2), _TIP)),
    ((0, 3, 5), (_TIP, _TIP, _TIP)),
    ((0, 1, 2, 3), ((0, 0, 4), (0, 0, 4))),
    ((0, 1, 2, 4), ((2, 2, 2), (2, 2, 2), _TIP, _TIP)),
    ((0, 1, 2, 5), ((2, 0, 2), (3, 3, 3), (2, 2, 0), _TIP)),
    ((0, 1, 2, 7), ((0, 0, 4), (2, 2, 2), _TIP, _TIP)),
    ((0, 1, 6, 7), ((0, 2, 2), (0, 2, 2), (0, 2, 2), (0, 2, 2))),
    ((0, 3, 5, 6), (_TIP, _TIP, _TIP, _TIP)),
)


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """The surface elements of one mask, by rising distance to another's, then rising area.

    Attributes:
        distances_mm: (n,).
        areas_mm2: (n,).
    """

    distances_mm: npt.NDArray[np.float64]
    areas_mm2: npt.NDArray[np.float64]

    def percentile_mm(self, percent: float) -> float:
        """Distance at which the summed area first reaches a percentage of the whole."""
        shares = np.cumsum(self.areas_mm2) / np.sum(self.areas_mm2)
        place = int(np.searchsorted(shares, percent / 100))
        return float(self.distances_mm[min(place, len(self.distances_mm) - 1)])

    def area_within_mm2(self, tolerance_mm: float) -> float:
        """Area no further than a tolerance."""
        return float(np.sum(self.areas_mm2[self.distances_mm <= tolerance_mm + TOLERANCE_SLACK_MM]))


@dataclass(frozen=True, slots=True, eq=False)
class ElementDistances:
    """Both directions between the surfaces of a reference and a prediction, neither of them empty."""

    reference_to_prediction: Elements
    prediction_to_reference: Elements


def hd95_surfel_mm(distances: ElementDistances) -> float:
    """Larger of the two directed 95th percentiles by area (DeepMind, BraTS 2023)."""
    one, other = distances.reference_to_prediction, distances.prediction_to_reference
    return max(one.percentile_mm(95), other.percentile_mm(95))


def nsd_surfel_1mm(distances: ElementDistances) -> float:
    """Share of both surfaces' area within 1 mm of the other (surface Dice, DeepMind)."""
    one, other = distances.reference_to_prediction, distances.prediction_to_reference
    within_mm2 = one.area_within_mm2(TOLERANCE_MM) + other.area_within_mm2(TOLERANCE_MM)
    return within_mm2 / float(np.sum(one.areas_mm2) + np.sum(other.areas_mm2))


ELEMENT_METRICS: Mapping[str, Callable[[ElementDistances], float]] = MappingProxyType(
    {"hd95_surfel_mm": hd95_surfel_mm, "nsd_surfel_1mm": nsd_surfel_1mm}
)


@lru_cache(maxsize=16)
def element_areas_mm2(spacing_mm: Spacing) -> npt.NDArray[np.float64]:
    """(256,) area of each 2x2x2 configuration, bit x + 2 y + 4 z set where that voxel is inside."""
    x, y, z = spacing_mm
    areas_mm2 = np.zeros(256)
    for code, normals in _all_normals().items():
        # In this order of operations the areas equal the published program's to the last bit at 1 mm.
        sides = np.array(normals) / 8 * (y, x, x) * (z, z, y)
        areas_mm2[code] = sum(float(np.linalg.norm(side)) for side in sides)
    return areas_mm2


@lru_cache(maxsize=1)
def _all_normals() -> dict[int, tuple[Normal, ...]]:
    """Normals of every configuration that has a surface."""
    normals: dict[int, tuple[Normal, ...]] = {}
    for inside, triangles in _KINDS:
        for code, turned in _orientations(inside, triangles):
            normals.setdefault(code, turned)
            normals.setdefault(255 - code, turned)
    return normals


def _orientations(
    inside: tuple[int, ...], triangles: tuple[Normal, ...]
) -> Iterator[tuple[int, tuple[Normal, ...]]]:
    """Turn and mirror a configuration in all 48 ways."""
    for axes in permutations(range(3)):
        turned = tuple((normal[axes[0]], normal[axes[1]], normal[axes[2]]) for normal in triangles)
        for flips in product((0, 1), repeat=3):
            places = [[(voxel >> axes[axis] & 1) ^ flips[axis] for axis in range(3)] for voxel in inside]
            yield sum(1 << (x + 2 * y + 4 * z) for x, y, z in places), turned


class ElementPoints(SurfacePoints):
    """The surface elements of a stack of masks.

    Attributes:
        codes: (masks, n) uint8, the 2x2x2 configuration of each mask at each point.
    """

    def __init__(self, masks: MaskStack, spacing_mm: Spacing) -> None:
        around = neighbourhood(spacing_mm)
        points, self.codes = surfaces.surface_elements(
            masks.framed_zyx, around.margins[::-1].copy(), len(masks.names)
        )
        super().__init__(masks.names, points, around)


def stack_element_distances(
    reference: ElementPoints, prediction: ElementPoints
) -> dict[str, ElementDistances]:
    """Measure both directions for every mask that neither stack leaves empty."""
    forth = _directed(reference, prediction)
    back = _directed(prediction, reference)
    return {name: ElementDistances(forth[name], back[name]) for name in forth}


def _directed(points: ElementPoints, targets: ElementPoints) -> dict[str, Elements]:
    classes = points.nearest_classes(targets)
    shared = points.present & targets.present
    return {
        name: _elements(points, targets, mask, classes[mask])
        for mask, name in enumerate(points.names)
        if shared >> mask & 1
    }


def _elements(
    points: ElementPoints, targets: ElementPoints, mask: int, classes: npt.NDArray[np.int32]
) -> Elements:
    """Sort by counting: distances and areas take few values, so each pair of them gets a bin."""
    distances_mm = points.around.distances_mm
    table_mm2 = element_areas_mm2(points.around.spacing_mm)
    areas_mm2, ranks = np.unique(table_mm2, return_inverse=True)
    near = (classes >= 0) & (classes < len(distances_mm))
    bins = np.bincount(classes[near] * len(areas_mm2) + ranks[points.codes[mask][near]])
    filled = np.flatnonzero(bins)
    near_distances_mm = np.repeat(distances_mm[filled // len(areas_mm2)], bins[filled])
    near_areas_mm2 = np.repeat(areas_mm2[filled % len(areas_mm2)], bins[filled])
    far = classes == len(distances_mm)
    if not far.any():
        return Elements(near_distances_mm, near_areas_mm2)
    far_distances_mm = targets.gaps_mm(mask, points.indices[far])
    far_areas_mm2 = table_mm2[points.codes[mask][far]]
    order = np.lexsort((far_areas_mm2, far_distances_mm))
    return Elements(
        np.concatenate([near_distances_mm, far_distances_mm[order]]),
        np.concatenate([near_areas_mm2, far_areas_mm2[order]]),
    )


def element_distances(
    reference: npt.NDArray[np.bool_], prediction: npt.NDArray[np.bool_], spacing_mm: Spacing
) -> ElementDistances | None:
    """Measure the distances between the surface elements of two masks.

    Args:
        reference: (x, y, z) bool.
        prediction: (x, y, z) bool on the same grid.
        spacing_mm: along x, y, z.

    Returns:
        None where a mask is empty.

    Raises:
        ValueError: the shapes differ.
    """
    one, other = (ElementPoints(stack, spacing_mm) for stack in stack_pair(reference, prediction))
    return stack_element_distances(one, other).get("mask")
