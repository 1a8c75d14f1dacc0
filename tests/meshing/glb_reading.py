"""A glTF reader of the tests' own, from the specification: structure checked, surfaces in the world."""

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

KINDS = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC3": 3}


@dataclass(frozen=True)
class Drawn:
    """One primitive as a renderer would see it: positions in metres, front faces counter-clockwise."""

    name: str
    points: np.ndarray
    faces: np.ndarray
    attributes: dict[str, np.ndarray]
    material: dict[str, Any]

    @property
    def volume(self) -> float:
        a, b, c = (self.points[self.faces[:, k]] for k in range(3))
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def parse(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Split a GLB into its document and its buffer, checking the container."""
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    assert len(data) % 4 == 0
    size, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    assert size % 4 == 0
    document = json.loads(data[20 : 20 + size])
    rest = data[20 + size :]
    if not rest:
        assert "buffers" not in document
        return document, b""
    size, kind = struct.unpack_from("<I4s", rest)
    assert (kind, size) == (b"BIN\0", len(rest) - 8)
    assert 0 <= size - document["buffers"][0]["byteLength"] < 4
    return document, rest[8:]


def accessor(document: dict[str, Any], buffer: bytes, number: int) -> np.ndarray:
    """Values of an accessor, alignment and bounds checked, normalization applied."""
    entry = document["accessors"][number]
    view = document["bufferViews"][entry["bufferView"]]
    kind, width = np.dtype(KINDS[entry["componentType"]]), WIDTHS[entry["type"]]
    stride = view.get("byteStride", kind.itemsize * width)
    is_attribute = view["target"] == 34962
    assert view["byteOffset"] % 4 == 0
    assert not is_attribute or stride % 4 == 0
    assert (entry["count"] - 1) * stride + kind.itemsize * width <= view["byteLength"]
    assert view["byteOffset"] + view["byteLength"] <= document["buffers"][0]["byteLength"]
    values = np.ndarray(
        (entry["count"], width), kind, buffer, view["byteOffset"], (stride, kind.itemsize)
    ).copy()
    if "min" in entry:
        assert values.min(axis=0).tolist() == entry["min"]
        assert values.max(axis=0).tolist() == entry["max"]
    if entry.get("normalized"):
        values = np.maximum(values / np.iinfo(kind).max, -1)
    return values[:, 0] if width == 1 else values


def drawn(data: bytes) -> list[Drawn]:
    """Everything a renderer draws, in file order."""
    document, buffer = parse(data)
    found: list[Drawn] = []
    for root in document["scenes"][document["scene"]]["nodes"]:
        _walk(document, buffer, root, np.eye(4), found)
    return found


def named_nodes(data: bytes) -> dict[str, dict[str, Any]]:
    """Extras of the nodes by name."""
    document, _ = parse(data)
    return {node["name"]: node.get("extras", {}) for node in document["nodes"] if "name" in node}


def _walk(
    document: dict[str, Any], buffer: bytes, number: int, above: np.ndarray, found: list[Drawn]
) -> None:
    node = document["nodes"][number]
    placed = above @ _local(node)
    if "mesh" in node:
        place = node.get("name", ""), placed
        found += [_drawn(document, buffer, place, p) for p in document["meshes"][node["mesh"]]["primitives"]]
    for child in node.get("children", []):
        _walk(document, buffer, child, placed, found)


def _drawn(
    document: dict[str, Any], buffer: bytes, node: tuple[str, np.ndarray], primitive: dict[str, Any]
) -> Drawn:
    name, placed = node
    attributes = {key: accessor(document, buffer, at) for key, at in primitive["attributes"].items()}
    positions = attributes["POSITION"].astype(np.float64)
    faces = accessor(document, buffer, primitive["indices"]).reshape(-1, 3).astype(np.int64)
    assert faces.max() < len(positions)
    assert all(len(values) == len(positions) for values in attributes.values())
    if np.linalg.det(placed[:3, :3]) < 0:  # glTF 2.0, 3.7.4: then clockwise is the front
        faces = faces[:, ::-1]
    points = positions @ placed[:3, :3].T + placed[:3, 3]
    return Drawn(name, points, faces, attributes, document["materials"][primitive["material"]])


def _local(node: dict[str, Any]) -> np.ndarray:
    if "matrix" in node:
        matrix = np.array(node["matrix"]).reshape(4, 4).T
        _, scales, _ = np.linalg.svd(matrix[:3, :3])
        columns = np.sort(np.linalg.norm(matrix[:3, :3], axis=0))[::-1]
        assert np.allclose(columns, scales, rtol=1e-5), "a node's matrix must be translation, rotation, scale"
        return matrix
    matrix = np.eye(4)
    if "rotation" in node:
        x, y, z, w = node["rotation"]
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        matrix[:3, :3] = np.eye(3) + 2 * w * cross + 2 * cross @ cross
    matrix[:3, :3] = matrix[:3, :3] * np.array(node.get("scale", [1, 1, 1]))
    matrix[:3, 3] = node.get("translation", [0, 0, 0])
    return matrix
