"""Surfaces as binary PLY: one list of vertices with colour, surface and component, one of faces."""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from meshing.colours import hex_to_srgb
from meshing.glb import NOTICE, Surface
from meshing.mesh import world_vertices

_VERTEX = np.dtype([("place", "<f4", 3), ("colour", "u1", 4), ("surface", "<i4"), ("component", "<i4")])
_FACE = np.dtype([("corners", "u1"), ("vertices", "<i4", 3)])
_HEADER = """\
ply
format binary_little_endian 1.0
comment glioscope, RAS mm
comment {notice}
{comments}
element vertex {vertices}
property float x
property float y
property float z
property uchar red
property uchar green
property uchar blue
property uchar alpha
property int surface
property int component
element face {faces}
property list uchar int vertex_indices
end_header
"""


def ply_bytes(surfaces: Sequence[Surface], extras: Mapping[str, object] | None = None) -> bytes:
    """Write all surfaces as one binary PLY in RAS mm.

    Vertices carry sRGB colours, the number of their surface (in the order given, from 0) and of their
    component (0 where nobody counted). Names and extras are comments, one JSON object a line.

    Args:
        surfaces: in drawing order.
        extras: of the scene as a whole.
    """
    vertices = [_vertices(surface, number) for number, surface in enumerate(surfaces)]
    offsets = np.cumsum([0, *map(len, vertices)])
    faces = [_faces(surface, int(first)) for surface, first in zip(surfaces, offsets, strict=False)]
    comments = [f"comment extras {json.dumps(dict(extras or {}))}"]
    for number, surface in enumerate(surfaces):
        said = {"name": surface.name, "colour": surface.colour, "extras": dict(surface.extras)}
        comments.append(f"comment surface {number} {json.dumps(said)}")
    header = _HEADER.format(
        notice=NOTICE, comments="\n".join(comments), vertices=offsets[-1], faces=sum(map(len, faces))
    )
    return header.encode("ascii") + b"".join(part.tobytes() for part in [*vertices, *faces])


def _vertices(surface: Surface, number: int) -> np.ndarray:
    mesh = surface.mesh
    rows = np.zeros(len(mesh.vertices), _VERTEX)
    rows["place"] = world_vertices(mesh)
    rows["colour"] = [*hex_to_srgb(surface.colour), round(255 * surface.opacity)]
    rows["surface"] = number
    rows["component"] = 0 if mesh.components is None else mesh.components
    return rows


def _faces(surface: Surface, first: int) -> np.ndarray:
    rows = np.zeros(len(surface.mesh.faces), _FACE)
    rows["corners"] = 3
    rows["vertices"] = surface.mesh.faces.astype(np.int64) + first
    return rows
