"""A browser's GLB, packed: the same file to the bit, in a form that gzip makes a quarter or a seventh of.

After the four bytes `glPK` come the GLB's JSON, JSON that says how each of its buffer views is packed, and
the packed views, each JSON after its length in 4 bytes. Numbers of more than one byte are stored plane by
plane, all lowest bytes first. `viewer/frontend/src/engine/packed_glb.ts` undoes it.

* A closed smooth surface is stored as its walk (see `meshing.walk`): letters, leaps, and how far each vertex
  is from where it is expected. Normals follow from triangles and are not stored; component numbers are stored
  once a piece.
* Any other view is stored as the difference of each element to the one before.
"""

import struct
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.glb import Surface, browser_document
from meshing.gltf import Document, Json, padded_json
from meshing.mesh import Numbers
from meshing.walk import Walk

MAGIC = b"glPK"

Array = npt.NDArray[np.generic]
Integers = npt.NDArray[np.int32]


def packed_glb(surfaces: Sequence[Surface], extras: Mapping[str, object] | None = None) -> bytes:
    """Write surfaces as `browser_glb` does, packed.

    Args:
        surfaces: each becomes one named node with its extras.
        extras: what the scene as a whole says about itself.
    """
    document, walks = browser_document(surfaces, extras)
    text = document.text()
    parts: list[Json] = []
    streams: list[bytes] = []
    for mesh, walk in zip(document.json.get("meshes", []), walks, strict=True):
        (primitive,) = mesh["primitives"]
        numbers = None if walk is None else _piece_numbers(document, primitive, walk)
        if walk is None or numbers is None:
            told = [_differences(document, view, streams) for view in _views(primitive)]
            parts += told
        else:
            parts.append(_walked(document, primitive, (walk, numbers), streams))
    how = padded_json({"parts": parts})
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, struct.pack("<I", len(how)), how, *streams])


def _views(primitive: Json) -> list[int]:
    return [*primitive["attributes"].values(), primitive["indices"]]


def _differences(document: Document, view: int, streams: list[bytes]) -> Json:
    """Pack a view as differences between its elements; say what an element is."""
    data, told = document.views[view], document.json["bufferViews"][view]
    accessor = document.json["accessors"][view]
    number = np.dtype(
        {5120: "u1", 5121: "u1", 5122: "<u2", 5123: "<u2"}.get(accessor["componentType"], "<u4")
    )
    # indices go by threes, two triangles share a diagonal: six together
    columns = told["byteStride"] // number.itemsize if "byteStride" in told else _INDEX_COLUMNS
    values = np.frombuffer(data[: told["byteLength"]], number)
    rows = np.pad(values, (0, -len(values) % columns)).reshape(-1, columns)
    before = np.zeros_like(rows)
    before[1:] = rows[:-1]
    streams.append(_planes((rows - before).T))
    return {"kind": "differences", "view": view, "bytes": number.itemsize, "columns": columns}


_INDEX_COLUMNS = 6


def _walked(document: Document, primitive: Json, found: tuple[Walk, Numbers], streams: list[bytes]) -> Json:
    """Pack a primitive as its walk."""
    walk, numbers = found
    attributes = primitive["attributes"]
    stride = document.json["bufferViews"][attributes["POSITION"]]["byteStride"]
    positions = np.frombuffer(document.views[attributes["POSITION"]], "<u2").reshape(-1, stride // 2)[:, :3]
    off = off_expected(positions.astype(np.int64), walk.bases)
    streams += [walk.letters.tobytes(), _planes(walk.leaps.astype("<u4")), _planes(off.T), _planes(numbers)]
    return {
        "kind": "walk",
        "positions": attributes["POSITION"],
        "normals": attributes["NORMAL"],
        "components": attributes.get("_COMPONENT"),
        "indices": primitive["indices"],
        "vertices": len(positions),
        "faces": len(walk.faces),
        "leaps": len(walk.leaps),
        "pieces": len(walk.starts),
    }


def _piece_numbers(document: Document, primitive: Json, walk: Walk) -> Numbers | None:
    """Return the component number of each piece (none without numbers); None where a piece has several."""
    view = primitive["attributes"].get("_COMPONENT")
    if view is None:
        return np.zeros(0, np.uint32)
    kind = {5121: "u1", 5123: "<u2", 5126: "<f4"}[document.json["accessors"][view]["componentType"]]
    numbers = np.frombuffer(document.views[view], kind)[:: 4 // np.dtype(kind).itemsize].astype(np.uint32)
    sizes = np.diff(np.append(walk.starts, len(walk.vertices)))
    each = numbers[walk.starts]
    return each if bool((np.repeat(each, sizes) == numbers).all()) else None


def _planes(values: Array) -> bytes:
    """Store numbers byte by byte: all lowest bytes, then all the next."""
    flat = np.ascontiguousarray(values).reshape(-1)
    return np.ascontiguousarray(flat.view(np.uint8).reshape(len(flat), flat.itemsize).T).tobytes()


@njit(cache=True, nogil=True)
def off_expected(positions: npt.NDArray[np.int64], bases: Integers) -> npt.NDArray[np.uint16]:
    """Say how far each vertex is from where it is expected, modulo 2^16, small numbers of either sign first.

    Across a gate a -> b lies a triangle like the one behind it, with corner o: turned about the gate's
    middle, to a + b - o; or, where the gate is not its longest side, mirrored at the end that is the nearer
    to o, as squares are that have been cut crosswise.

    Args:
        positions: (n, 3) below 2^16, in the order of a walk.
        bases: (n, 3) its bases.
    """
    off = np.empty((len(positions), 3), np.uint16)
    for vertex in range(len(positions)):
        a, b, o = bases[vertex]
        end = -1
        if b >= 0:
            end = _end(positions, a, b, o)
        for axis in range(3):
            expected = np.int64(0)
            if end >= 0:
                expected = 2 * positions[end, axis] - positions[o, axis]
            elif b >= 0:
                expected = positions[a, axis] + positions[b, axis] - positions[o, axis]
            elif a >= 0:
                expected = positions[a, axis]
            signed = (positions[vertex, axis] - expected + 32768) % 65536 - 32768
            off[vertex, axis] = 2 * signed if signed >= 0 else -2 * signed - 1
    return off


@njit(cache=True)
def _end(positions: npt.NDArray[np.int64], a: int, b: int, o: int) -> int:
    """Return the end of a gate that a triangle is mirrored at; -1 where it is turned."""
    gate = from_a = from_b = np.int64(0)
    for axis in range(3):
        gate += (positions[a, axis] - positions[b, axis]) ** 2
        from_a += (positions[a, axis] - positions[o, axis]) ** 2
        from_b += (positions[b, axis] - positions[o, axis]) ** 2
    if 10 * max(from_a, from_b) <= 13 * gate:
        return -1
    return b if from_a > from_b else a
