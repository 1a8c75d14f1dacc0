"""Voxel surfaces: the exposed faces of a mask, merged into rectangles, exact to the last bit.

Signed volume = voxels x voxel volume, area = exposed faces, corners on the voxel lattice. A large rectangle
may meet several small ones along one side (a T-junction), so that edges do not pair up: the surface encloses
its volume without a gap but is not watertight by edges. That is the price of few triangles.
"""

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.boxes import Box, value_boxes
from meshing.mesh import Affine, Faces, Mesh, Numbers, empty_mesh, is_mirrored
from meshing.rectangles import Labels, Rectangles, pack, rectangles

Mask = npt.NDArray[np.bool_]
Region = Collection[int]


def voxel_mesh(mask: Mask, affine: Affine, components: Numbers | None = None) -> Mesh:
    """Mesh the exposed faces of a mask.

    Args:
        mask: (x, y, z) bool, any memory order.
        affine: (4, 4), voxel index to RAS+ mm; voxel (0, 0, 0)'s centre is the last column.
        components: (x, y, z) integers, the component number of every voxel of the mask; voxels that share
            a face carry the same number.

    Returns:
        Vertices on the lattice of voxel corners: corner (i, j, k) is voxel index minus 0.5; uint8 up to 255
        voxels an axis, else uint16. Where two components touch at a corner each has a vertex of its own.
        An empty mask gives the empty mesh.
    """
    (mesh,) = label_meshes(mask.view(np.uint8), {1: [1]}, affine, components).values()
    return mesh


def label_meshes(
    labels: Labels, regions: Mapping[int, Region], affine: Affine, components: Numbers | None = None
) -> dict[int, Mesh]:
    """Mesh several sets of labels of one label map, reading it once for all their bounding boxes.

    Args:
        labels: (x, y, z) uint8, any memory order.
        regions: for each key of the result the label values it unites, such as {1: [1], 2: [1, 3]};
            0 is no label.
        affine: as in `voxel_mesh`.
        components: component number of every voxel *within its region*, as in `voxel_mesh`.

    Raises:
        ValueError: if `labels` has not three axes, `components` has another shape, or a voxel of a
            region has component number 0.
    """
    _check(labels, components)
    is_transposed = not labels.flags.c_contiguous and labels.T.flags.c_contiguous
    # nibabel's arrays are Fortran-ordered: their transposed view is read in memory order.
    rows = labels.T if is_transposed else np.ascontiguousarray(labels)
    numbers = components.T if is_transposed and components is not None else components
    boxes = value_boxes(rows)
    to_world = affine @ _half_voxel_back()
    turn = int(is_mirrored(to_world) != is_transposed)
    meshes = {}
    for key, values in regions.items():
        vertices, faces, owners = _region_mesh(rows, values, boxes, numbers, turn)
        lattice = vertices[:, ::-1] if is_transposed else vertices
        meshes[key] = Mesh(_narrow(lattice, labels.shape), faces, owners, to_world)
        if not len(faces):
            meshes[key] = empty_mesh(to_world, is_numbered=components is not None)
    return meshes


def _check(labels: Labels, components: Numbers | None) -> None:
    if labels.ndim != 3:
        raise ValueError(f"a mask has three axes, found {labels.ndim}")
    if components is not None and components.shape != labels.shape:
        raise ValueError(f"component numbers have shape {components.shape}, the mask {labels.shape}")


def _half_voxel_back() -> Affine:
    shift = np.eye(4)
    shift[:3, 3] = -0.5
    return shift


def _narrow(vertices: npt.NDArray[np.uint16], shape: Iterable[int]) -> npt.NDArray[np.generic]:
    """Keep 8 bits a coordinate where every corner of the grid fits."""
    return np.ascontiguousarray(vertices, np.uint8 if max(shape) <= 255 else np.uint16)


def _region_mesh(
    rows: Labels,
    values: Region,
    boxes: tuple[Box, Box],
    components: Numbers | None,
    turn: int,
) -> tuple[npt.NDArray[np.uint16], Faces, Numbers | None]:
    is_inside = np.zeros(256, np.bool_)
    is_inside[list(values)] = True
    is_inside[0] = False
    first, past = boxes[0][is_inside].min(axis=0), boxes[1][is_inside].max(axis=0)
    if (first >= past).any():
        return np.zeros((0, 3), np.uint16), np.zeros((0, 3), np.uint32), None
    found = rectangles(pack(rows, is_inside, first, past), int(past[2] - first[2]))
    owners = _owners(found, first, components)
    lattice = np.zeros(past - first + 1, np.int32)  # zeros of this size cost nothing until touched
    vertices, faces, vertex_owners = _weld(found, owners, first, lattice, turn)
    return vertices, faces, None if components is None else vertex_owners


def _owners(found: Rectangles, first: Box, components: Numbers | None) -> Numbers:
    """Component number of each rectangle: that of its first voxel (the others share faces with it)."""
    if components is None:
        return np.zeros(len(found), np.uint32)
    axis, side, plane = found[:, 0], found[:, 1], found[:, 2]
    voxel = np.empty((len(found), 3), np.intp)
    for k, others in enumerate(((1, 2), (0, 2), (0, 1))):
        normal = axis == k
        voxel[normal, k] = (plane - side)[normal]
        voxel[normal, others[0]] = found[normal, 3]
        voxel[normal, others[1]] = found[normal, 4]
    owners: Numbers = components[tuple((voxel + first).T)].astype(np.uint32)
    if not owners.all():
        raise ValueError("a voxel of the mask has component number 0")
    return owners


@njit(cache=True)
def _weld(
    found: Rectangles,
    owners: Numbers,
    first: Box,
    lattice: npt.NDArray[np.int32],
    turn: int,
) -> tuple[npt.NDArray[np.uint16], Faces, Numbers]:
    """Two triangles a rectangle, wound the other way on a turn; corners are shared within a component."""
    vertices = np.empty((4 * len(found), 3), np.uint16)
    vertex_owners = np.empty(4 * len(found), np.uint32)
    following = np.zeros(4 * len(found), np.int32)  # the next vertex on the same corner, counted from 1
    faces = np.empty((2 * len(found), 3), np.uint32)
    corners = np.empty(4, np.uint32)
    count = 0
    for r in range(len(found)):
        for k in range(4):
            x, y, z = _corner(found[r], k)
            at = lattice[x, y, z]
            while at and vertex_owners[at - 1] != owners[r]:
                at = following[at - 1]
            if not at:
                vertices[count, 0], vertices[count, 1], vertices[count, 2] = (
                    x + first[0],
                    y + first[1],
                    z + first[2],
                )
                vertex_owners[count] = owners[r]
                following[count] = lattice[x, y, z]
                count += 1
                at = lattice[x, y, z] = count
            corners[k] = at - 1
        # rows x columns is right-handed with the normal for axes 0 and 2, left-handed for axis 1
        second, third = (1, 2) if (found[r, 1] + (found[r, 0] == 1) + turn) % 2 == 1 else (2, 1)
        faces[2 * r, 0] = faces[2 * r + 1, 0] = corners[0]
        faces[2 * r, second], faces[2 * r, third] = corners[1], corners[2]
        faces[2 * r + 1, second], faces[2 * r + 1, third] = corners[2], corners[3]
    return vertices[:count].copy(), faces, vertex_owners[:count].copy()


@njit(cache=True)
def _corner(rectangle: npt.NDArray[np.int32], corner: int) -> tuple[int, int, int]:
    """Lattice place of corner 0 to 3 of a rectangle, counter-clockwise from rows to columns."""
    row = rectangle[3] + (rectangle[5] if corner in (1, 2) else 0)
    column = rectangle[4] + (rectangle[6] if corner >= 2 else 0)
    if rectangle[0] == 0:
        return rectangle[2], row, column
    if rectangle[0] == 1:
        return row, rectangle[2], column
    return row, column, rectangle[2]
