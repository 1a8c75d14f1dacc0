"""Packed files read in Python: their document, and the views that are stored as differences."""

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Packed:
    """What a packed file holds.

    Attributes:
        document: the GLB's JSON.
        views: bytes of the buffer views that are stored as differences, by number.
    """

    document: dict[str, Any]
    views: dict[int, bytes]

    def attribute(self, number: int, kind: type[np.generic], columns: int) -> np.ndarray:
        """(n, columns) of an accessor."""
        accessor = self.document["accessors"][number]
        rows = np.frombuffer(self.views[accessor["bufferView"]], np.uint8).reshape(accessor["count"], -1)
        used = np.ascontiguousarray(rows[:, : np.dtype(kind).itemsize * columns])
        return used.view(kind).reshape(accessor["count"], columns)


def read_packed(data: bytes) -> Packed:
    """Read a file that `meshing.packed` wrote; walks are passed over."""
    assert data[:4] == b"glPK"
    text, at = _json(data, 4)
    how, at = _json(data, at)
    views = {}
    for part in how["parts"]:
        if part["kind"] == "walk":
            numbers = 0 if part["components"] is None else part["pieces"]
            at += part["faces"] - part["pieces"] + 4 * part["leaps"] + 6 * part["vertices"] + 4 * numbers
            continue
        size, width, columns = text["bufferViews"][part["view"]]["byteLength"], part["bytes"], part["columns"]
        rows = -(-size // (width * columns))
        planes = np.frombuffer(data, np.uint8, rows * columns * width, at).reshape(width, -1)
        kind = np.dtype(f"<u{width}")
        off = np.ascontiguousarray(planes.T).view(kind).reshape(columns, rows)
        views[part["view"]] = np.cumsum(off, axis=1, dtype=kind).T.tobytes()[:size]
        at += planes.size
    assert at == len(data)
    return Packed(text, views)


def _json(data: bytes, at: int) -> tuple[dict[str, Any], int]:
    (length,) = struct.unpack_from("<I", data, at)
    return json.loads(data[at + 4 : at + 4 + length]), at + 4 + length
