"""Which way the axes of an array run in the patient, and grids that differ in nothing else."""

import nibabel as nib

from analysis.cohort.label_map import Affine, grid_difference_mm

Shape = tuple[int, int, int]


def axis_order(affine: Affine) -> str:
    """Name where the three array axes lead: `RAS`, `LPS`, ..."""
    return "".join(nib.aff2axcodes(affine))


def turned_difference_mm(shape: Shape, affine: Affine, other_shape: Shape, other_affine: Affine) -> float:
    """Say how far apart two grids put the same voxel once the first has the axis order of the second.

    Returns:
        Like `grid_difference_mm`: infinity if the shapes differ even then.
    """
    turn = nib.orientations.ornt_transform(nib.io_orientation(affine), nib.io_orientation(other_affine))
    turned_shape = [0, 0, 0]
    for axis, (target, _) in enumerate(turn):
        turned_shape[int(target)] = shape[axis]
    turned_affine = affine @ nib.orientations.inv_ornt_aff(turn, shape)
    x, y, z = turned_shape
    return grid_difference_mm((x, y, z), turned_affine, other_shape, other_affine)
