"""The container of a binary glTF 2.0: a JSON document and one buffer of views and accessors."""

import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from meshing.triangles import bounds

Json = dict[str, Any]
Array = npt.NDArray[np.generic]

ARRAY_BUFFER = 34962
ELEMENT_ARRAY_BUFFER = 34963

_COMPONENT_TYPES = {
    np.dtype(np.int8): 5120,
    np.dtype(np.uint8): 5121,
    np.dtype(np.int16): 5122,
    np.dtype(np.uint16): 5123,
    np.dtype(np.uint32): 5125,
    np.dtype(np.float32): 5126,
}
_MAGIC, _VERSION = b"glTF", 2


class Document:
    """A glTF document in the making; `to_glb` gives its bytes.

    Attributes:
        json: the document's own part (scenes, nodes, meshes, materials); views, accessors and the
            buffer are added by the methods. Accessor i reads view i.
        views: their bytes, each padded to 4.
    """

    def __init__(self, json: Json) -> None:
        self.json = json
        self.views: list[bytes] = []
        self._size = 0

    def add_attribute(self, values: Array, *, is_normalized: bool = False, has_bounds: bool = False) -> int:
        """Store one vertex attribute, (n,) or (n, 3), each element padded to 4 bytes; return its accessor.

        Args:
            values: of the type that is written.
            is_normalized: integers mean fractions of their range.
            has_bounds: also write the smallest and largest value (glTF asks for it for positions).
        """
        columns = values.reshape(len(values), -1)
        width = columns.shape[1] * values.itemsize
        stride = width + -width % 4
        rows = np.ascontiguousarray(columns).view(np.uint8)
        if stride > width:
            rows = np.zeros((len(values), stride), np.uint8)
            rows[:, :width] = np.ascontiguousarray(columns).view(np.uint8)
        accessor = self._accessor(values, self._view(rows.tobytes(), ARRAY_BUFFER, stride))
        if is_normalized:
            accessor["normalized"] = True
        if has_bounds:
            accessor["min"], accessor["max"] = bounds(columns).tolist()
        return len(self.json["accessors"]) - 1

    def add_indices(self, faces: npt.NDArray[np.uint32], vertex_count: int) -> int:
        """Store triangles as 16-bit numbers where they fit, else 32-bit; return the accessor."""
        # the largest number of a type would restart the primitive
        kind = np.uint16 if vertex_count < 2**16 else np.uint32
        indices = faces.astype(kind).ravel()
        self._accessor(indices, self._view(indices.tobytes(), ELEMENT_ARRAY_BUFFER, None))
        return len(self.json["accessors"]) - 1

    def to_glb(self) -> bytes:
        """Return the file: header, JSON chunk and, if there is any data, the binary chunk."""
        text = self.text()
        parts = [struct.pack("<I4s", len(text), b"JSON"), text]
        if self.views:
            parts += [struct.pack("<I4s", self._size, b"BIN\0"), *self.views]
        size = 12 + sum(map(len, parts))
        return b"".join([struct.pack("<4sII", _MAGIC, _VERSION, size), *parts])

    def text(self) -> bytes:
        """Return the JSON chunk's content, padded to 4 bytes."""
        if self.views:
            self.json["buffers"] = [{"byteLength": self._size}]
        return padded_json(self.json)

    def _view(self, data: bytes, target: int, stride: int | None) -> int:
        view = {"buffer": 0, "byteOffset": self._size, "byteLength": len(data), "target": target}
        if stride is not None:
            view["byteStride"] = stride
        padded = data + b"\0" * (-len(data) % 4)
        self.views.append(padded)
        self._size += len(padded)
        self.json.setdefault("bufferViews", []).append(view)
        return len(self.json["bufferViews"]) - 1

    def _accessor(self, values: Array, view: int) -> Json:
        accessor: Json = {
            "bufferView": view,
            "componentType": _COMPONENT_TYPES[values.dtype],
            "type": "SCALAR" if values.ndim == 1 else "VEC3",
            "count": len(values),
        }
        self.json.setdefault("accessors", []).append(accessor)
        return accessor


def padded_json(content: Json) -> bytes:
    """Write JSON without spaces, padded with some to 4 bytes."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    return text + b" " * (-len(text) % 4)
