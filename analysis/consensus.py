"""CC-Consensus: components of one method that another method does not confirm are removed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.components import ComponentRuns, ComponentTable, Connectivity, find_components
from analysis.crop import foreground_box


@dataclass(frozen=True, slots=True)
class ConsensusRule:
    """When a component survives. The defaults are the rule of Cassez 2026, section 3.3.

    Attributes:
        connectivity: 6, 18 or 26; what hangs together.
        minimum_overlap_voxels: a component needs that many voxels of its own label in the vetoing method.
        minimum_overlap_fraction: and that share of its voxels, 0 to 1.
        never_remove_above_voxels: components larger than this always stay (the paper's tau; None removes at
            any size).
        labels: only components of these labels may be removed; None means every label.
    """

    connectivity: Connectivity = 26
    minimum_overlap_voxels: int = 1
    minimum_overlap_fraction: float = 0.0
    never_remove_above_voxels: float | None = None
    labels: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.connectivity not in (6, 18, 26):
            raise ValueError(f"connectivity is 6, 18 or 26, found {self.connectivity}")
        if self.minimum_overlap_voxels < 0:
            raise ValueError(f"a minimum overlap is not negative, found {self.minimum_overlap_voxels}")
        if not 0 <= self.minimum_overlap_fraction <= 1:
            raise ValueError(
                f"a minimum overlap fraction lies in 0 to 1, found {self.minimum_overlap_fraction}"
            )

    def keeps(self, table: ComponentTable, overlaps: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Judge each component.

        Args:
            table: the components of the method that is filtered.
            overlaps: (n,) voxels of each that the vetoing method gives the same label.

        Returns:
            (n,) bool, True where the component stays.
        """
        kept = overlaps >= self.minimum_overlap_voxels
        kept &= overlaps >= self.minimum_overlap_fraction * table.voxel_counts
        if self.never_remove_above_voxels is not None:
            kept |= table.voxel_counts > self.never_remove_above_voxels
        if self.labels is not None:
            kept |= ~np.isin(table.labels, self.labels)
        return kept


PAPER_RULE = ConsensusRule()


def consensus(distmap: Labels, baseline: Labels, rule: ConsensusRule = PAPER_RULE) -> Labels:
    """Remove from `distmap` the components that `baseline` does not confirm.

    Per label, a component of `distmap` without a single voxel of that label in `baseline` becomes background.
    Nothing is ever added. Which method vetoes which is up to the caller: the second vetoes the first.

    Args:
        distmap: (x, y, z) uint8, the method that is filtered.
        baseline: (x, y, z) uint8 on the same grid, the method that confirms.
        rule: when a component survives.

    Returns:
        (x, y, z) uint8 in the memory order of `distmap`.

    Raises:
        ValueError: the shapes differ.
    """
    if distmap.shape != baseline.shape:
        raise ValueError(f"consensus needs one grid: filtered {distmap.shape}, confirming {baseline.shape}")
    if distmap.flags.c_contiguous and not distmap.flags.f_contiguous:
        # Turning both round changes no component, and what lies as the kernels read it need not be copied.
        return consensus(distmap.T, baseline.T, rule).T
    # Without an empty volume to start from, the memory order of the input would be lost.
    filtered = np.zeros_like(distmap)
    box = foreground_box(distmap)
    if not box.is_empty:
        found = find_components(distmap[box.slices], affine=np.eye(4), connectivity=rule.connectivity)
        filtered[box.slices] = painted(found, rule.keeps(found.table, found.overlaps(baseline[box.slices])))
    return filtered


def painted(components: ComponentRuns, kept: npt.NDArray[np.bool_]) -> Labels:
    """Draw the components that are kept, each in its label; (x, y, z) uint8, F-ordered."""
    canvas = np.zeros(components.shape, np.uint8, order="F")
    components.paint(np.where(kept, components.table.labels, 0).astype(np.uint32), canvas)
    return canvas
