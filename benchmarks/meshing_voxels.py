"""Voxel surfaces: three labels against PyVista and the textbook's greedy merge; GLB against trimesh.

Run: OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/meshing_voxels.py
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyvista
import trimesh
from meshing_shapes import tumour
from race import race, report

from meshing.boxes import bounding_box
from meshing.colours import hex_to_srgb
from meshing.glb import Surface, browser_glb, export_glb
from meshing.mesh import Mesh, world_vertices
from meshing.smooth import volume_true
from meshing.voxels import label_meshes

ONE_MM = np.eye(4)
COLOURS = {1: "#e0457b", 2: "#3fb68b", 3: "#ff9d4d"}
REGIONS = {value: [value] for value in COLOURS}
MOST_RECTANGLES = 1.03
BROWSER = "browser_glb, with rounding and walking what is smooth"


def faces_of_pyvista(labels: npt.NDArray[np.uint8]) -> list[int]:
    """Threshold the voxels and extract their outer surface, unmerged."""
    counts = []
    for value in REGIONS:
        image = pyvista.ImageData(dimensions=np.array(labels.shape) + 1)
        image.cell_data["label"] = (labels == value).ravel(order="F").astype(np.uint8)
        counts.append(image.threshold(0.5).extract_surface(algorithm=None).triangulate().n_cells)
    return counts


def textbook_rectangles(mask: npt.NDArray[np.bool_]) -> int:
    """Count the rectangles of the textbook's greedy merge, face by face in Python."""
    padded, count = np.pad(mask, 1), 0
    for axis in range(3):
        turned = np.moveaxis(padded, axis, 0)
        for below, above in pairwise(turned):
            count += _rectangles(below & ~above) + _rectangles(above & ~below)
    return count


def _rectangles(plane: npt.NDArray[np.bool_]) -> int:
    count = 0
    for row, column in np.argwhere(plane):
        if plane[row, column]:
            width = 1
            while plane[row, column + width]:
                width += 1
            height = 1
            while plane[row + height, column : column + width].all():
                height += 1
            plane[row : row + height, column : column + width] = False
            count += 1
    return count


def trimesh_glb(meshes: dict[int, Mesh]) -> bytes:
    """Write meshes with face colours through trimesh's scene."""
    scene = trimesh.Scene()
    for value, mesh in meshes.items():
        whole = trimesh.Trimesh(world_vertices(mesh), mesh.faces, process=False)
        whole.visual.face_colors = [*hex_to_srgb(COLOURS[value]), 255]
        scene.add_geometry(whole, node_name=str(value))
    return bytes(scene.export(file_type="glb"))


def main() -> None:
    """Race, and leave with an error where a target is missed."""
    labels = tumour()
    crop = np.ascontiguousarray(labels[bounding_box(labels > 0)])
    four = [tumour(seed) for seed in range(4)]
    voxels = race(
        {
            "PyVista, crop": lambda: faces_of_pyvista(crop),
            "ours, crop": lambda: label_meshes(crop, REGIONS, ONE_MM),
            "ours, four whole volumes": lambda: [label_meshes(one, REGIONS, ONE_MM) for one in four],
        },
        rounds=5,
    )
    report("voxel surfaces of three labels", voxels, {("PyVista, crop", "ours, crop"): 10})
    meshes = label_meshes(crop, REGIONS, ONE_MM)
    ours = sum(len(mesh.faces) // 2 for mesh in meshes.values())
    textbook = sum(textbook_rectangles(crop == value) for value in REGIONS)
    print(
        f"  rectangles {ours}, the textbook's {textbook}: {ours / textbook:.3f} (at most {MOST_RECTANGLES})"
    )
    if ours > MOST_RECTANGLES * textbook:
        raise SystemExit(1)
    for title, content in (
        ("voxel", meshes),
        ("smooth", {v: volume_true(crop == v, ONE_MM) for v in REGIONS}),
    ):
        surfaces = [Surface(str(value), mesh, COLOURS[value]) for value, mesh in content.items()]
        found = race(
            {
                "trimesh": lambda content=content: trimesh_glb(content),
                "export_glb": lambda surfaces=surfaces: export_glb(surfaces),
                BROWSER: lambda surfaces=surfaces: browser_glb(surfaces),
            },
            rounds=5,
        )
        # of a smooth surface trimesh writes what it is given; the browser's file is rounded and ordered first
        like = ("export_glb", BROWSER) if title == "voxel" else ("export_glb",)
        report(f"GLB, {title}", found, {("trimesh", name): 4 for name in like})


if __name__ == "__main__":
    main()
