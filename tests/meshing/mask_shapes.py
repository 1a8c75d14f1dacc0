"""Masks that the meshing tests share: every small pattern, random blobs, real label maps, affines."""

from collections.abc import Iterator
from pathlib import Path

import cc3d
import nibabel as nib
import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

Mask = npt.NDArray[np.bool_]
Affine = npt.NDArray[np.float64]

CUBE = np.ones((3, 3, 3), bool)

masks = hnp.arrays(np.bool_, st.tuples(*[st.integers(1, 7)] * 3))


def _affine(
    order: list[int], scales: tuple[float, ...], shear: tuple[float, ...], shift: tuple[int, ...]
) -> Affine:
    upper = np.eye(3)
    upper[0, 1], upper[0, 2], upper[1, 2] = shear
    affine = np.eye(4)
    affine[:3, :3] = (upper @ np.diag(scales))[order]
    affine[:3, 3] = shift
    return affine


# permutations of axes, flips, unequal spacing and shear: everything an affine can say, well conditioned
affines = st.builds(
    _affine,
    st.permutations([0, 1, 2]),
    st.tuples(*[st.sampled_from([-3.0, -1.0, -0.5, 0.5, 1.0, 3.0])] * 3),
    st.tuples(*[st.sampled_from([0.0, 0.0, 0.25])] * 3),
    st.tuples(*[st.integers(-100, 100)] * 3),
)


def spaced(x: float, y: float, z: float) -> Affine:
    """An affine with these (possibly negative) steps and no shift."""
    return np.diag([x, y, z, 1.0])


def numbered(mask: Mask, connectivity: int = 26) -> npt.NDArray[np.uint32]:
    """Component numbers of a mask, 1..n in no promised order."""
    return cc3d.connected_components(mask.astype(np.uint8), connectivity=connectivity).astype(np.uint32)


def component_count(mask: Mask, connectivity: int = 26) -> int:
    return int(numbered(mask, connectivity).max(initial=0))


def cavity_count(mask: Mask) -> int:
    """6-connected components of what filling adds."""
    padded = np.pad(mask, 1)
    return component_count(ndimage.binary_fill_holes(padded) & ~padded, 6)


def exposed_area_mm2(mask: Mask, affine: Affine) -> float:
    """Area of the faces between inside and outside, by counting them along each axis."""
    padded = np.pad(mask, 1).view(np.int8)
    area = 0.0
    for axis in range(3):
        one, other = np.delete(affine[:3, :3], axis, axis=1).T
        faces = np.abs(np.diff(padded, axis=axis)).sum(dtype=np.int64)
        area += float(faces * np.linalg.norm(np.cross(one, other)))
    return area


def patterns_of_two() -> Iterator[Mask]:
    """All 255 non-empty patterns of 2 x 2 x 2 voxels."""
    for bits in range(1, 256):
        yield np.array([(bits >> k) & 1 for k in range(8)], bool).reshape(2, 2, 2)


def random_blob(voxel_count: int, rng: np.random.Generator) -> Mask:
    """A 26-connected component grown voxel by voxel, in its own box."""
    cells = [(0, 0, 0)]
    taken = set(cells)
    while len(cells) < voxel_count:
        at = np.array(cells[rng.integers(len(cells))]) + rng.integers(-1, 2, 3)
        cell = (int(at[0]), int(at[1]), int(at[2]))
        if cell not in taken:
            taken.add(cell)
            cells.append(cell)
    places = np.array(cells)
    places -= places.min(axis=0)
    mask = np.zeros(places.max(axis=0) + 1, bool)
    mask[tuple(places.T)] = True
    return mask


def label_files(folder: Path) -> list[Path]:
    """Every real label map of the test data."""
    names = ("*-seg.nii.gz", "*-pred-*.nii.gz", "*_seg.nii.gz", "pred_*.nii.gz", "fusion_simple.nii.gz")
    found = sorted(path for name in names for path in (folder / "real").rglob(name))
    assert len(found) == 13, f"expected 13 real label maps, found {len(found)}"
    return found


def read_labels(path: Path) -> tuple[npt.NDArray[np.uint8], Affine]:
    """Labels as nibabel gives them (Fortran order) and the affine."""
    image = nib.load(path)
    return np.asanyarray(image.dataobj).astype(np.uint8, order="K"), image.affine.astype(np.float64)
