"""Connected components of a label map: which voxels hang together, how large, where."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine, Labels, Spacing
from analysis.crop import Box, foreground_box, fortran_transposed
from analysis.kernels import gaps, joining
from analysis.kernels import runs as kernel
from analysis.orientation import ras_strides

Connectivity = Literal[6, 18, 26]

SAME_LABEL = np.arange(256, dtype=np.uint8)
_REACHES: Mapping[int, tuple[int, int, int, int]] = {6: (-1, 0, -1, 0), 18: (0, 1, 0, 1), 26: (1, 1, 1, 1)}


@dataclass(frozen=True, slots=True, eq=False)
class ComponentTable:
    """One row a component, by ascending label, then falling size, then smallest voxel index in RAS order.

    That index runs through the voxels with x fastest, as they lie after turning the axes to RAS+, so that
    the numbering does not depend on how a file happens to be oriented.

    Attributes:
        labels: (n,) uint8.
        numbers: (n,) uint32, 1 for the largest component of its label, then 2, 3, ...
        voxel_counts: (n,) int64.
        centroids: (n, 3) float64, mean voxel index along x, y, z.
        box_starts: (n, 3) int64, first voxel along x, y, z.
        box_stops: (n, 3) int64, one past the last voxel.
    """

    labels: npt.NDArray[np.uint8]
    numbers: npt.NDArray[np.uint32]
    voxel_counts: npt.NDArray[np.int64]
    centroids: npt.NDArray[np.float64]
    box_starts: npt.NDArray[np.int64]
    box_stops: npt.NDArray[np.int64]

    def count(self, label: int) -> int:
        """Components of one label; 0 where the label is absent."""
        return int(np.count_nonzero(self.labels == label))

    def sizes(self, label: int) -> npt.NDArray[np.int64]:
        """(k,) voxel counts of one label's components, largest first."""
        sizes: npt.NDArray[np.int64] = self.voxel_counts[self.labels == label]
        return sizes

    def mains(self) -> npt.NDArray[np.int32]:
        """(n,) row of the largest component of each component's label."""
        first_rows = np.flatnonzero(self.numbers == 1)
        return first_rows[np.searchsorted(self.labels[first_rows], self.labels)].astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class ComponentRuns:
    """The components of a volume, still as runs along x.

    Attributes:
        runs: of the volume.
        components: (runs,) row in `table` of each run.
        table: what is known of each component; boxes and centroids in voxels of this volume.
    """

    runs: kernel.Runs
    components: kernel.Indices
    table: ComponentTable

    @property
    def shape(self) -> tuple[int, int, int]:
        """(x, y, z) of the volume."""
        z, y, x = self.runs.shape_zyx
        return x, y, z

    def of_label(self, label: int) -> "ComponentRuns":
        """The components of one label alone, with label 1, as if its mask had been searched."""
        rows = np.flatnonzero(self.table.labels == label)
        is_kept = self.runs.labels == label
        runs = kernel.select_runs(self.runs, is_kept)
        table = ComponentTable(
            np.ones(len(rows), np.uint8),
            self.table.numbers[rows],
            self.table.voxel_counts[rows],
            self.table.centroids[rows],
            self.table.box_starts[rows],
            self.table.box_stops[rows],
        )
        # Rows are sorted by label, so those of one label follow each other.
        components = self.components[is_kept] - (rows[0] if len(rows) else 0)
        return ComponentRuns(
            runs._replace(labels=np.ones_like(runs.labels)), components.astype(np.int32), table
        )

    def overlaps(self, other: Labels) -> npt.NDArray[np.int64]:
        """(n,) voxels of each component where `other`, an (x, y, z) volume of this shape, has its label."""
        count = len(self.table.labels)
        overlaps: npt.NDArray[np.int64] = kernel.count_overlaps(
            self.runs, self.components, count, fortran_transposed(other)
        )
        return overlaps

    def distances_to_main_mm(self, spacing_mm: Spacing) -> npt.NDArray[np.float64]:
        """(n,) distance of each component to the largest of its label, between nearest voxel centres, in mm.

        The largest component itself has 0.
        """
        sides_zyx_mm = np.array(spacing_mm[::-1])
        return np.sqrt(gaps.squared_gaps_mm2(self.runs, self.components, self.table.mains(), sides_zyx_mm))

    def covariance_mm2(self, spacing_mm: Spacing) -> npt.NDArray[np.float64]:
        """(3, 3) covariance of all voxel centres along x, y, z, in mm2; NaN without voxels."""
        sums = kernel.moments(self.runs)
        if not sums[0, 0]:
            return np.full((3, 3), np.nan)
        mean = sums[0, 1:] / sums[0, 0]
        covariance = sums[1:, 1:] / sums[0, 0] - np.outer(mean, mean)
        scaled: npt.NDArray[np.float64] = covariance * np.outer(spacing_mm, spacing_mm)
        return scaled

    def paint(self, colours: npt.NDArray[np.uint32], canvas: npt.NDArray[np.uint32] | Labels) -> None:
        """Write one value per component, (n,) uint32, into an (x, y, z) F-ordered volume of this shape."""
        kernel.paint_runs(self.runs, colours[self.components], canvas.T)


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """The components of a label map.

    Attributes:
        numbers: (x, y, z) uint32, component number within its label (see `ComponentTable`), 0 in background.
        table: one row a component.
    """

    numbers: npt.NDArray[np.uint32]
    table: ComponentTable


def label_components(labels: Labels, *, affine: Affine, connectivity: Connectivity = 26) -> Components:
    """Number the connected components of every label of a label map.

    An empty label map has none.

    Args:
        labels: (x, y, z) uint8 in any memory order; 0 is background.
        affine: (4, 4) voxel index to RAS+ mm; it decides ties between components of equal size.
        connectivity: 6 (faces), 18 (and edges) or 26 (and corners).
    """
    box = foreground_box(labels)
    found = find_components(labels[box.slices], affine=affine, connectivity=connectivity)
    numbers = np.zeros(labels.shape, np.uint32, order="F")
    if not box.is_empty:
        inside = np.zeros(found.shape, np.uint32, order="F")
        found.paint(found.table.numbers, inside)
        numbers[box.slices] = inside
    return Components(numbers, moved(found.table, box))


def find_components(
    labels: Labels,
    *,
    affine: Affine,
    connectivity: Connectivity = 26,
    meaning: npt.NDArray[np.uint8] = SAME_LABEL,
) -> ComponentRuns:
    """Find connected components and keep them as runs: no volume is written.

    Args:
        labels: (x, y, z) uint8; the smaller the box around the foreground, the faster.
        affine: as for `label_components`; of a crop, only its directions matter.
        connectivity: 6, 18 or 26.
        meaning: (256,) uint8, what each label counts as, so that a region's mask need not be made.
    """
    found = kernel.find_runs(fortran_transposed(labels), meaning)
    components, count = joining.connect_runs(found, np.array(_REACHES[connectivity], np.int32))
    # Of a crop, the index differs from the whole volume's, but it puts voxels in the same order.
    strides = ras_strides(affine, labels.shape)[::-1].copy()
    sums, lowest, highest = kernel.measure_components(found, components, count, strides)
    component_labels = np.zeros(count, np.uint8)
    component_labels[components] = found.labels
    # The last key sorts first: label, then size, then index.
    order = np.lexsort((sums[:, 1], -sums[:, 0], component_labels))
    ranks = np.empty(count, np.int32)
    ranks[order] = np.arange(count, dtype=np.int32)
    table = _table(component_labels[order], sums[order], lowest[order], highest[order])
    return ComponentRuns(found, ranks[components], table)


def lump_count(found: kernel.Runs, connectivity: Connectivity = 26) -> int:
    """Count connected components where nothing else about them is asked."""
    _components, count = joining.connect_runs(found, np.array(_REACHES[connectivity], np.int32))
    return int(count)


def _table(
    labels: npt.NDArray[np.uint8],
    sums: npt.NDArray[np.int64],
    lowest: npt.NDArray[np.int64],
    highest: npt.NDArray[np.int64],
) -> ComponentTable:
    first_of_label = np.searchsorted(labels, labels)
    return ComponentTable(
        labels=labels,
        numbers=(np.arange(len(labels)) - first_of_label + 1).astype(np.uint32),
        voxel_counts=sums[:, 0],
        centroids=sums[:, :1:-1] / sums[:, :1],
        box_starts=lowest[:, ::-1],
        box_stops=highest[:, ::-1],
    )


def moved(table: ComponentTable, box: Box) -> ComponentTable:
    """Give the table of a crop in the voxels of the whole volume."""
    shift = np.array(box.start)
    return ComponentTable(
        table.labels,
        table.numbers,
        table.voxel_counts,
        table.centroids + shift,
        table.box_starts + shift,
        table.box_stops + shift,
    )
