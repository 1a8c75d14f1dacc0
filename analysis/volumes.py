"""One patient's label maps cut to their common box, and what is derived from each of them once."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine, LabelMap, Labels
from analysis.cohort.labels import LabelScheme
from analysis.components import ComponentRuns, find_components
from analysis.crop import Box, foreground_box, union


class CroppedMap:
    """A label map inside the patient's box.

    Components, regions and surfaces are asked for by several metrics; each is computed when first asked for
    and kept. Treat what comes back as read-only.

    Attributes:
        labels: (x, y, z) uint8, F-ordered.
        affine: (4, 4) of the whole volume.
        scheme: which labels make which region.
    """

    def __init__(self, labels: Labels, affine: Affine, scheme: LabelScheme) -> None:
        self.labels = np.asfortranarray(labels)
        self.affine = affine
        self.scheme = scheme
        self._region_components: dict[str, ComponentRuns] = {}

    @cached_property
    def components(self) -> ComponentRuns:
        """The 26-connected components of every label."""
        return find_components(self.labels, affine=self.affine)

    @cached_property
    def voxel_counts(self) -> npt.NDArray[np.int64]:
        """(256,) voxels of each label; background is not counted."""
        table = self.components.table
        return np.bincount(table.labels, weights=table.voxel_counts, minlength=256).astype(np.int64)

    def region_voxels(self, region: str) -> int:
        """Voxels of a region."""
        return int(self.voxel_counts[list(self.scheme.regions[region])].sum())

    def region_components(self, region: str) -> ComponentRuns:
        """The 26-connected components of a region's mask, all under label 1."""
        if region not in self._region_components:
            members = np.zeros(256, np.uint8)
            members[list(self.scheme.regions[region])] = 1
            self._region_components[region] = find_components(
                self.labels, affine=self.affine, meaning=members
            )
        return self._region_components[region]

    def component_count(self, region: str) -> int:
        """26-connected components of a region's mask."""
        members = self.scheme.regions[region]
        if len(members) == 1:
            return self.components.table.count(members[0])
        return self.region_components(region).table.count(1)


def common_box(label_maps: list[LabelMap]) -> Box:
    """Smallest box that holds the foreground of every label map."""
    return union(foreground_box(label_map.labels) for label_map in label_maps)
