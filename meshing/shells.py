"""The closed pieces of a surface, one by one."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from meshing.triangles import Faces, piece_numbers


class Shell(NamedTuple):
    """One closed piece.

    Attributes:
        vertices: its vertices' numbers in the whole, rising.
        faces: (m, 3) uint32, counted among its own vertices.
    """

    vertices: npt.NDArray[np.intp]
    faces: Faces


def shells(faces: Faces, vertex_count: int) -> Iterator[Shell]:
    """Yield the pieces that triangles hold together, by their first vertex; every vertex belongs to one."""
    if not vertex_count:
        return
    piece = piece_numbers(faces, vertex_count)
    if not piece.any():
        yield Shell(np.arange(vertex_count), faces)
        return
    owner = piece[faces[:, 0]]
    by_piece, faces_by_piece = np.argsort(piece, kind="stable"), np.argsort(owner, kind="stable")
    ends, face_ends = np.cumsum(np.bincount(piece)), np.cumsum(np.bincount(owner, minlength=piece.max() + 1))
    local = np.empty(vertex_count, np.uint32)
    for number, (end, face_end) in enumerate(zip(ends, face_ends, strict=True)):
        vertices = by_piece[ends[number - 1] if number else 0 : end]
        local[vertices] = np.arange(len(vertices), dtype=np.uint32)
        yield Shell(vertices, local[faces[faces_by_piece[face_ends[number - 1] if number else 0 : face_end]]])
