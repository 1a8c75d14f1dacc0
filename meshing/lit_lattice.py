"""Voxel surfaces as light should see them: each face a square of its own, lit as part of the body.

Faces of voxels that look at the eye all have one normal, so that a tumour of voxels is a flat patch of
colour. Light here sees mostly the normal of the body that the voxels stand for; the squares stay exact.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from meshing.mesh import Mesh, parts_of
from meshing.triangles import mapped

Points = npt.NDArray[np.float64]
Corners = npt.NDArray[np.int64]

#: Staircases of about this size are lit as slopes.
SOFT_MM = 1.6
#: Share of the square's own normal in what light sees: edges of voxels can still be told.
_OWN = 0.3


class Lit(NamedTuple):
    """Squares with normals.

    Attributes:
        points: (4 n, 3) RAS mm; square i has the corners 4 i to 4 i + 3.
        normals: (4 n, 3) of length 1, outward.
    """

    points: Points
    normals: Points


def lit(mesh: Mesh, soft_mm: float = SOFT_MM) -> Lit:
    """Cut the rectangles of a voxel surface into squares and say how each corner is lit.

    Args:
        mesh: a lattice as `meshing.voxels` makes it, two triangles a rectangle.
        soft_mm: width (standard deviation) over which normals are averaged.

    Raises:
        ValueError: if the mesh is no voxel lattice.
    """
    if not mesh.is_lattice:
        raise ValueError("only a voxel surface has squares")
    squares = _squares(mesh)
    corners = squares.reshape(-1, 3)
    own = np.repeat(np.cross(squares[:, 1] - squares[:, 0], squares[:, 3] - squares[:, 0]), 4, axis=0)
    spacing = np.linalg.norm(mesh.to_world[:3, :3], axis=0)
    # normals turn with the inverse transpose; it also weighs each square with its area
    turn = np.linalg.inv(mesh.to_world[:3, :3]).T * np.linalg.det(mesh.to_world[:3, :3])
    own_mm = _unit(own @ turn.T)
    soft = _averaged(corners, own @ turn.T, soft_mm / spacing)
    mixed: Points = _unit(_OWN * own_mm + (1 - _OWN) * soft)
    is_lost = ~np.asarray(mixed.any(axis=1), np.bool_)
    mixed[is_lost] = own_mm[is_lost]
    return Lit(mapped(corners, *parts_of(mesh.to_world)), mixed)


def _squares(mesh: Mesh) -> Corners:
    """(n, 4, 3) unit squares of the rectangles, in their triangles' sense."""
    first, second = mesh.faces[::2], mesh.faces[1::2]
    # a rectangle a, b, c, d is a, b, c and a, c, d; wound the other way a, c, b and a, d, c
    is_turned = first[:, 1] == second[:, 2]
    one = np.where(is_turned, first[:, 2], first[:, 1])
    other = np.where(is_turned, second[:, 1], second[:, 2])
    low, right, up = (mesh.vertices[index].astype(np.int64) for index in (first[:, 0], one, other))
    columns, rows = (np.abs(side - low).max(axis=1) for side in (right, up))
    counts = columns * rows
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    across, along = (
        np.repeat((side - low) // np.abs(side - low).max(axis=1)[:, None], counts, axis=0)
        for side in (right, up)
    )
    column, row = place % np.repeat(columns, counts), place // np.repeat(columns, counts)
    start = np.repeat(low, counts, axis=0) + column[:, None] * across + row[:, None] * along
    flip = np.repeat(is_turned, counts)[:, None]
    second_corner, last = np.where(flip, along, across), np.where(flip, across, along)
    return np.stack([start, start + second_corner, start + across + along, start + last], axis=1)


def _averaged(corners: Corners, normals: Points, widths: Points) -> Points:
    """Average normals around each corner, (n, 3) of length 1."""
    margin = np.ceil(3 * widths).astype(np.int64) + 1
    places = corners - corners.min(axis=0) + margin
    shape = tuple(places.max(axis=0) + margin + 1)
    flat = np.ravel_multi_index(tuple(places.T), shape)
    found = np.empty(normals.shape)
    for axis in range(3):
        field = np.bincount(flat, normals[:, axis], int(np.prod(shape))).reshape(shape)
        found[:, axis] = ndimage.gaussian_filter(field, widths, mode="constant").ravel()[flat]
    return _unit(found)


def _unit(vectors: Points) -> Points:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Points = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return found
