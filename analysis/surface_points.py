"""Points on the surfaces of a stack of masks, and the search for the nearest ones of another stack."""

from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from analysis.cohort.label_map import Spacing
from analysis.kernels import surfaces
from analysis.masks import MaskStack
from analysis.neighbourhood import Neighbourhood, lengths, neighbourhood

# Below so many comparisons, building a tree takes longer than comparing everything.
FEW_PAIRS = 4_000_000


class SurfacePoints:
    """The surface points of a stack of masks, ready to be searched around.

    Attributes:
        names: the masks.
        padded_zyx: bits of the masks whose surface passes through each place.
        indices: (n,) flat indices of the points in `padded_zyx`.
        bits: (n,) masks each point belongs to.
        around: the steps a search walks.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        points: surfaces.Points,
        around: Neighbourhood,
    ) -> None:
        self.names = names
        self.padded_zyx, self.indices, self.bits, self._planes = points
        self.around = around

    @cached_property
    def present(self) -> int:
        """Bits of the masks that have points."""
        return int(np.bitwise_or.reduce(self.bits, initial=0))

    @cached_property
    def search_boxes(self) -> npt.NDArray[np.int64]:
        """(masks, 2, 3) places along z, y, x beyond which no search can reach a point of the mask."""
        boxes = np.zeros((len(self.names), 2, 3), np.int64)
        # Of a mask without points, the last place lies before the first: no place is within.
        boxes[:, 1] = -1
        for axis, bits in enumerate(self._planes):
            reach = self.around.margins[2 - axis]
            for mask in range(len(self.names)):
                planes = np.flatnonzero(bits >> np.uint8(mask) & 1)
                if len(planes):
                    boxes[mask, :, axis] = planes[0] - reach, planes[-1] + reach
        return boxes

    def nearest_classes(self, targets: "SurfacePoints") -> npt.NDArray[np.int32]:
        """(masks, n) class of the distance from each point to the other stack, see `kernels.surfaces`."""
        found: npt.NDArray[np.int32] = surfaces.nearest_classes(
            (self.indices, self.bits),
            targets.padded_zyx,
            targets.search_boxes,
            self.around.flat_steps(self.padded_zyx.shape),
            self.around.classes,
        )
        return found

    def gaps_mm(self, mask: int, indices: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """(n,) distance in mm from any places to the nearest point of a mask that is not empty."""
        places = self._places(self.indices[self.bits >> np.uint8(mask) & 1 == 1])
        wanted = self._places(indices)
        spacing_mm = np.array(self.around.spacing_mm)
        if len(places) * len(wanted) <= FEW_PAIRS:
            nearest: npt.NDArray[np.integer] = surfaces.nearest_places(wanted, places, spacing_mm)
        else:
            tree = cKDTree(places * spacing_mm, balanced_tree=False, compact_nodes=False)
            nearest = np.asarray(tree.query(wanted * spacing_mm)[1])
        return lengths(wanted - places[nearest], self.around.spacing_mm)

    def _places(self, indices: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """(n, 3) steps along x, y, z of flat indices from the padded volume's first voxel."""
        return np.stack(np.unravel_index(indices, self.padded_zyx.shape)[::-1], axis=1)


def border_points(masks: MaskStack, spacing_mm: Spacing) -> SurfacePoints:
    """Find the border voxels of every mask of a stack: those with a face neighbour outside."""
    around = neighbourhood(spacing_mm)
    points = surfaces.border_voxels(masks.framed_zyx, around.margins[::-1].copy())
    return SurfacePoints(masks.names, points, around)
