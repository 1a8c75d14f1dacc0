"""Surfaces as files for other programs: GLB, STL, OBJ with its materials, PLY.

GLB is in metres with +Y up, as glTF wants it; the others are in RAS mm. Every file carries the names,
colours and extras its format can hold: GLB all, OBJ and PLY in comments, STL none, which is why a JSON of
them is written beside it.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from meshing.atomic import write_all_atomically
from meshing.colours import hex_to_srgb
from meshing.glb import NOTICE, Surface, export_glb
from meshing.mesh import world_vertices
from meshing.ply import ply_bytes

#: Endings of file names and what they stand for.
FORMATS = ("glb", "stl", "obj", "ply")

_STL_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write_surfaces(
    path: Path, surfaces: Sequence[Surface], extras: Mapping[str, object] | None = None
) -> None:
    """Write surfaces in the format of the file's name; under its final name it is whole or not there.

    Beside an OBJ its materials are written, under the same name with the ending .mtl; beside an STL what
    it says, with .json added.

    Args:
        path: ends in .glb, .stl, .obj or .ply.
        surfaces: empty ones become names without triangles.
        extras: of the scene as a whole.

    Raises:
        ValueError: if the ending is another.
        OSError: if the folder can't be written or the disk is full; then nothing is left behind.
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise ValueError(
            f"{path.name}: surfaces are written as {', '.join(FORMATS)}, not {form or 'without ending'}"
        )
    files = {path: surface_bytes(surfaces, form, extras, materials=path.with_suffix(".mtl").name)}
    if form == "obj":
        files = {path.with_suffix(".mtl"): mtl_bytes(surfaces), **files}
    elif form == "stl":
        files = {path.with_name(f"{path.name}.json"): said_bytes(surfaces, extras), **files}
    write_all_atomically(files)


def surface_bytes(
    surfaces: Sequence[Surface],
    form: str,
    extras: Mapping[str, object] | None = None,
    *,
    materials: str | None = None,
) -> bytes:
    """Return the bytes of one file.

    Args:
        surfaces: in drawing order.
        form: one of `FORMATS`.
        extras: of the scene as a whole.
        materials: name of the OBJ's material file; without it its vertices carry colours instead.

    Raises:
        KeyError: if there is no such format.
    """
    writers = {
        "glb": lambda: export_glb(surfaces, extras),
        "stl": lambda: stl_bytes(surfaces),
        "obj": lambda: obj_bytes(surfaces, extras, materials),
        "ply": lambda: ply_bytes(surfaces, extras),
    }
    return writers[form]()


def stl_bytes(surfaces: Sequence[Surface]) -> bytes:
    """Write all surfaces as one binary STL: triangles in RAS mm, no names, no colours."""
    parts = [_stl_triangles(surface) for surface in surfaces if not surface.mesh.is_empty]
    triangles = np.concatenate(parts) if parts else np.zeros(0, _STL_TRIANGLE)
    header = f"glioscope, RAS mm. {NOTICE}".encode().ljust(80)[:80]
    return header + np.uint32(len(triangles)).tobytes() + triangles.tobytes()


def said_bytes(surfaces: Sequence[Surface], extras: Mapping[str, object] | None = None) -> bytes:
    """Write what surfaces say about themselves as JSON: names, colours, numbers of triangles, extras."""
    told = {
        "notice": NOTICE,
        "units": "RAS mm",
        "extras": dict(extras or {}),
        "surfaces": [
            {
                "name": surface.name,
                "colour": surface.colour,
                "triangles": len(surface.mesh.faces),
                "extras": dict(surface.extras),
            }
            for surface in surfaces
        ],
    }
    return (json.dumps(told, indent=1, allow_nan=False) + "\n").encode()


def obj_bytes(
    surfaces: Sequence[Surface], extras: Mapping[str, object] | None = None, materials: str | None = None
) -> bytes:
    """Write surfaces as OBJ: one named object each, in RAS mm; extras are comments.

    Args:
        surfaces: in drawing order.
        extras: of the scene as a whole.
        materials: name of the material file; without it its vertices carry sRGB colours, as many readers
            know.
    """
    lines = ["# glioscope, RAS mm", f"# {NOTICE}", f"# extras {json.dumps(dict(extras or {}))}"]
    if materials is not None:
        lines.append(f"mtllib {materials}")
    count = 1
    for number, surface in enumerate(surfaces):
        lines += [f"o {surface.name}", f"# extras {json.dumps(dict(surface.extras))}"]
        points = world_vertices(surface.mesh)
        colour = "" if materials is not None else " " + _fractions(surface.colour)
        lines.append(_filled(f"v %.5f %.5f %.5f{colour}", points))
        if materials is not None:
            lines.append(f"usemtl surface_{number}")
        lines.append(_filled("f %d %d %d", surface.mesh.faces.astype(np.int64) + count))
        count += len(points)
    return ("\n".join(line for line in lines if line) + "\n").encode()


def mtl_bytes(surfaces: Sequence[Surface]) -> bytes:
    """Write the materials of an OBJ: the page's sRGB colours as fractions, which readers take as such."""
    lines = [f"# {NOTICE}"]
    for number, surface in enumerate(surfaces):
        lines += [
            f"newmtl surface_{number}",
            f"Kd {_fractions(surface.colour)}",
            f"d {surface.opacity:g}",
            "illum 1",
        ]
    return ("\n".join(lines) + "\n").encode()


def _stl_triangles(surface: Surface) -> np.ndarray:
    corners = world_vertices(surface.mesh)[surface.mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    triangles = np.zeros(len(corners), _STL_TRIANGLE)
    triangles["normal"] = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    triangles["corners"] = corners
    return triangles


def _fractions(colour: str) -> str:
    return " ".join(f"{byte / 255:.6f}" for byte in hex_to_srgb(colour))


def _filled(template: str, rows: np.ndarray) -> str:
    """Fill one line a row, all in one go."""
    return "\n".join([template] * len(rows)) % tuple(rows.ravel().tolist())
