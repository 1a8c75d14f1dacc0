"""One patient's label maps cut to their common box, and what is derived from each of them once."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine, LabelMap, Labels, spacing_mm
from analysis.cohort.labels import LabelScheme
from analysis.components import ComponentRuns, find_components
from analysis.crop import Box, foreground_box, union
from analysis.kernels.configurations import configuration_histograms
from analysis.lesion_wise import ReferenceLesions, reference_lesions
from analysis.masks import MaskStack, batches, stack_regions
from analysis.surface_elements import ElementPoints
from analysis.surface_points import SurfacePoints, border_points


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
        self.labels = np.array(labels, order="F")
        self.affine = affine
        self.scheme = scheme
        self._region_components: dict[str, ComponentRuns] = {}
        self._lesions: dict[str, ReferenceLesions] = {}

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
            self._region_components[region] = self._find_region_components(self.scheme.regions[region])
        return self._region_components[region]

    def _find_region_components(self, members: tuple[int, ...]) -> ComponentRuns:
        if len(members) == 1:
            return self.components.of_label(members[0])
        meaning = np.zeros(256, np.uint8)
        meaning[list(members)] = 1
        return find_components(self.labels, affine=self.affine, meaning=meaning)

    @cached_property
    def _stacks(self) -> list[MaskStack]:
        return [stack_regions(self.labels, group) for group in batches(self.scheme.regions)]

    @cached_property
    def borders(self) -> list[SurfacePoints]:
        """Border voxels of all regions, up to eight regions an item."""
        return [border_points(stack, spacing_mm(self.affine)) for stack in self._stacks]

    @cached_property
    def elements(self) -> list[ElementPoints]:
        """Surface elements of all regions, up to eight regions an item."""
        return [ElementPoints(stack, spacing_mm(self.affine)) for stack in self._stacks]

    @cached_property
    def _configurations(self) -> list[npt.NDArray[np.int64]]:
        return [configuration_histograms(stack.framed_zyx, len(stack.names)) for stack in self._stacks]

    def configurations(self, region: str) -> npt.NDArray[np.int64]:
        """(256,) corners with each 2x2x2 configuration of a region, see `analysis.shape`."""
        for stack, histograms in zip(self._stacks, self._configurations, strict=True):
            if region in stack.names:
                found: npt.NDArray[np.int64] = histograms[stack.names.index(region)]
                return found
        raise KeyError(region)

    def framed(self, region: str) -> tuple[npt.NDArray[np.uint8], int]:
        """A (z, y, x) volume of mask bits with a frame of background, and which bit is the region."""
        stack = next(stack for stack in self._stacks if region in stack.names)
        return stack.framed_zyx, stack.names.index(region)

    def lesions(self, region: str) -> ReferenceLesions:
        """The lesions of a region, as the lesion-wise protocol separates them."""
        if region not in self._lesions:
            self._lesions[region] = reference_lesions(self.region_components(region))
        return self._lesions[region]

    def component_count(self, region: str) -> int:
        """26-connected components of a region's mask."""
        members = self.scheme.regions[region]
        if len(members) == 1:
            return self.components.table.count(members[0])
        return self.region_components(region).table.count(1)


def common_box(label_maps: list[LabelMap]) -> Box:
    """Smallest box that holds the foreground of every label map."""
    return union(foreground_box(label_map.labels) for label_map in label_maps)
