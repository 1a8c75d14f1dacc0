"""Surfaces as binary glTF 2.0: a small one for the browser, a plain one that opens anywhere.

Both have one root node that turns RAS mm into glTF's metres with +Y up, and below it one named node
a surface, with the surface's extras. Colours are linear in the file, as glTF asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from meshing.colours import hex_to_linear
from meshing.gltf import Document, Json
from meshing.mesh import Affine, Faces, Mesh, is_mirrored, world_vertices
from meshing.snapping import STEPS, snapped
from meshing.triangles import bounds, vertex_normals
from meshing.walk import Walk, walk

ROOT_NAME = "RAS mm to glTF"
NOTICE = "Research use only, not for clinical decisions."

_QUARTER_TURN = 0.5**0.5
_UINT16_STEPS = 2**16 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A mesh with a name and a look.

    Attributes:
        name: of its node, such as "NCR".
        mesh: in its own coordinates; an empty one becomes a node without a mesh.
        colour: sRGB "#rrggbb", as the page shows it.
        extras: what the node says about itself; anything JSON can hold.
        opacity: 1 solid; below it the surface is blended.
        vertex_values: further numbers of each vertex for the browser, (n,) float32 each, by attribute name;
            glTF wants such names to begin with an underscore.
    """

    name: str
    mesh: Mesh
    colour: str
    extras: Mapping[str, object] = field(default_factory=dict)
    opacity: float = 1.0
    vertex_values: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)


def browser_glb(surfaces: Sequence[Surface], extras: Mapping[str, object] | None = None) -> bytes:
    """Write surfaces for the browser: integers where the page needs no more (KHR_mesh_quantization).

    One primitive a surface, with the component number of each vertex as `_COMPONENT`. A voxel lattice
    keeps its integer corners (and no normals: it is shaded flat); other vertices become 64ths of a voxel in
    16 bits, as `meshing.snapping` rounds them, with 8-bit normals, in the order of a walk. The node's matrix
    is the mesh's `to_world`; where that shears, which one matrix of a glTF node may not, a second node below
    it shares the work.

    Args:
        surfaces: each becomes one named node with its extras.
        extras: what the scene as a whole says about itself.
    """
    return browser_document(surfaces, extras)[0].to_glb()


def browser_document(
    surfaces: Sequence[Surface], extras: Mapping[str, object] | None = None
) -> tuple[Document, list[Walk | None]]:
    """Make the document of `browser_glb`, and say how the triangles of each of its meshes are walked."""
    document = _document(surfaces)
    document.json["scenes"][0]["extras"] = dict(extras or {})
    document.json["extensionsUsed"] = document.json["extensionsRequired"] = ["KHR_mesh_quantization"]
    walks = []
    for surface in surfaces:
        if surface.mesh.is_empty:
            _add_node(document, _described(surface))
            continue
        mesh, found = _ready(surface.mesh)
        walks.append(found)
        attributes = {"POSITION": document.add_attribute(mesh.vertices, has_bounds=True)}
        if not surface.mesh.is_lattice:
            normals = _normals(mesh.vertices, mesh.faces)
            attributes["NORMAL"] = document.add_attribute(normals, is_normalized=True)
        attributes |= {name: document.add_attribute(values) for name, values in surface.vertex_values.items()}
        outer, inner = _without_shear(mesh.to_world)
        node = _described(surface) | {"matrix": _matrix(outer)}
        number = _add_mesh(document, surface, mesh, attributes)
        if inner is None:
            _add_node(document, node | {"mesh": number})
        else:
            _add_node(document, node, {"mesh": number, "matrix": _matrix(inner)})
    return document, walks


def export_glb(surfaces: Sequence[Surface], extras: Mapping[str, object] | None = None) -> bytes:
    """Write surfaces as plain glTF: float32 positions in RAS mm under the root node, PBR materials.

    Args:
        surfaces: each becomes one named node with its extras.
        extras: what the scene as a whole says about itself.
    """
    document = _document(surfaces)
    document.json["scenes"][0]["extras"] = dict(extras or {})
    for surface in surfaces:
        node = _described(surface)
        if not surface.mesh.is_empty:
            points = world_vertices(surface.mesh)
            attributes = {"POSITION": document.add_attribute(points.astype(np.float32), has_bounds=True)}
            if not surface.mesh.is_lattice:
                normals = vertex_normals(points, surface.mesh.faces).astype(np.float32)
                attributes["NORMAL"] = document.add_attribute(normals)
            node["mesh"] = _add_mesh(document, surface, surface.mesh, attributes)
        _add_node(document, node)
    return document.to_glb()


def _document(surfaces: Sequence[Surface]) -> Document:
    """Make a document with the root node and one material a surface."""
    root: Json = {"name": ROOT_NAME, "rotation": [-_QUARTER_TURN, 0, 0, _QUARTER_TURN], "scale": [0.001] * 3}
    json: Json = {
        "asset": {"version": "2.0", "generator": "glioscope", "extras": {"notice": NOTICE}},
        "scene": 0,
        "scenes": [{"name": "glioscope", "nodes": [0]}],
        "nodes": [root],
    }
    visible = [surface for surface in surfaces if not surface.mesh.is_empty]
    if visible:
        json["materials"] = [_material(surface) for surface in visible]
        json["meshes"] = []
    return Document(json)


def _material(surface: Surface) -> Json:
    colour = [*hex_to_linear(surface.colour), surface.opacity]
    material: Json = {
        "name": surface.name,
        "pbrMetallicRoughness": {"baseColorFactor": colour, "metallicFactor": 0, "roughnessFactor": 0.8},
    }
    return material if surface.opacity >= 1 else material | {"alphaMode": "BLEND"}


def _described(surface: Surface) -> Json:
    return {"name": surface.name, "extras": dict(surface.extras)}


def _add_node(document: Document, node: Json, child: Json | None = None) -> None:
    """Hang a node, and possibly one child of its own, below the root."""
    nodes = document.json["nodes"]
    nodes[0].setdefault("children", []).append(len(nodes))
    nodes.append(node)
    if child is not None:
        node["children"] = [len(nodes)]
        nodes.append(child)


def _add_mesh(document: Document, surface: Surface, mesh: Mesh, attributes: dict[str, int]) -> int:
    """Add one mesh of one primitive and say its number, which is also its material's."""
    if mesh.components is not None:
        attributes["_COMPONENT"] = document.add_attribute(_component_numbers(mesh.components))
    indices = document.add_indices(mesh.faces, len(mesh.vertices))
    meshes = document.json["meshes"]
    meshes.append(
        {
            "name": surface.name,
            "primitives": [{"attributes": attributes, "indices": indices, "material": len(meshes)}],
        }
    )
    return len(meshes) - 1


def _component_numbers(numbers: npt.NDArray[np.uint32]) -> npt.NDArray[np.generic]:
    """Choose the smallest type that holds the numbers; glTF allows no 32-bit integers in attributes."""
    largest = int(numbers.max())
    if largest < 2**8:
        return numbers.astype(np.uint8)
    return numbers.astype(np.uint16 if largest < 2**16 else np.float32)


def _ready(mesh: Mesh) -> tuple[Mesh, Walk | None]:
    """Turn a mesh into what is written: integers, wound for the node's matrix, in the order of a walk.

    The order is the walk's where there is one; a lattice has T-junctions and none.
    """
    positions, to_world = _quantized(mesh)
    faces = _wound_for(mesh.faces, to_world)
    found = None if mesh.is_lattice else walk(faces, len(positions))
    if found is None:
        return Mesh(positions, faces, mesh.components, to_world), None
    numbers = None if mesh.components is None else mesh.components[found.vertices]
    return Mesh(positions[found.vertices], found.faces.astype(np.uint32), numbers, to_world), found


def _quantized(mesh: Mesh) -> tuple[npt.NDArray[np.generic], Affine]:
    """Return unsigned integer positions and the affine that takes them to the world.

    Off the lattice of voxels these are 64ths of a unit from the box's corner, or coarser by a power of two
    where that is more than 1023 units wide.
    """
    if mesh.is_lattice:
        return mesh.vertices, mesh.to_world
    fine = np.rint(snapped(mesh).vertices.astype(np.float64) * STEPS)
    low, high = bounds(fine)
    # a power of two: vertices that are on the lattice stay exactly where they are
    coarser = 2.0 ** max(0, np.ceil(np.log2(max(1.0, float((high - low).max())) / _UINT16_STEPS)))
    placed = np.diag([coarser / STEPS] * 3 + [1.0])
    placed[:3, 3] = low / STEPS
    return np.rint((fine - low) / coarser).astype(np.uint16), mesh.to_world @ placed


def _wound_for(faces: Faces, to_world: Affine) -> Faces:
    """Wind triangles for a node's matrix: a mirroring one turns what is the front (glTF 2.0, 3.7.4)."""
    return np.ascontiguousarray(faces[:, ::-1]) if is_mirrored(to_world) else faces


def _normals(positions: npt.NDArray[np.generic], faces: Faces) -> npt.NDArray[np.int8]:
    """Return normals on the mesh's own axes, in 127ths."""
    return np.rint(vertex_normals(positions.astype(np.float64), faces) * 127).astype(np.int8)


def _without_shear(to_world: Affine) -> tuple[Affine, Affine | None]:
    """Split an affine into node matrices that each are translation, rotation and scale.

    Returns:
        The affine itself and None where its axes are at right angles; else two affines whose product it is
        (singular value decomposition: a rotation and scales, times a rotation).
    """
    linear = to_world[:3, :3]
    scales = np.linalg.norm(linear, axis=0)
    angles = (linear / scales).T @ (linear / scales) - np.eye(3)
    if np.abs(angles).max() < 1e-6:
        return to_world, None
    left, values, right = np.linalg.svd(linear)
    outer, inner = to_world.copy(), np.eye(4)
    sign = np.sign(np.linalg.det(right))
    outer[:3, :3], inner[:3, :3] = left * values * sign, right * sign
    return outer, inner


def _matrix(affine: Affine) -> list[float]:
    """Write an affine as glTF does: 16 numbers, column by column."""
    return [float(value) for value in affine.T.ravel()]
