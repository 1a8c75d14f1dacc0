"""Several panels in one scene: the surfaces of each moved to a place of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from meshing.glb import Surface
from meshing.mesh import Affine, Mesh, world_vertices
from meshing.triangles import piece_numbers, sixfold_volumes

Points = npt.NDArray[np.float64]

#: A component of at least this share of the largest one of its surface is a lesion of its own, no fragment.
_LESION_SHARE = 0.05


def bounds_mm(surfaces: Sequence[Surface]) -> Points | None:
    """Return the box around all surfaces, (2, 3) lowest and highest RAS mm; None without a triangle."""
    return _box([world_vertices(surface.mesh) for surface in surfaces if not surface.mesh.is_empty])


def main_bounds_mm(surfaces: Sequence[Surface]) -> Points | None:
    """Return the box around the largest components of each surface, as `bounds_mm`: lesions, no fragments.

    Fragments lie all over the brain: a picture that holds them all shows the tumour small. Where vertices
    have no numbers, what triangles hold together is a component.
    """
    return _box([_main_vertices(surface.mesh) for surface in surfaces if not surface.mesh.is_empty])


def _box(clouds: Sequence[Points]) -> Points | None:
    if not clouds:
        return None
    return np.array([np.min([p.min(axis=0) for p in clouds], 0), np.max([p.max(axis=0) for p in clouds], 0)])


def _main_vertices(mesh: Mesh) -> Points:
    """World vertices of the component that encloses most, and of those not much smaller."""
    points = world_vertices(mesh)
    owners = piece_numbers(mesh.faces, len(points)) if mesh.components is None else mesh.components
    sixfold = sixfold_volumes(points - points[0], mesh.faces)
    volumes = np.bincount(owners[mesh.faces[:, 0]], sixfold)
    body: Points = points[(volumes >= _LESION_SHARE * volumes.max())[owners]]
    return body


def side_by_side(panels: Mapping[str, Sequence[Surface]], gap_mm: float = 20.0) -> list[Surface]:
    """Set panels in a row from left to right as seen from behind, all keeping their size and height.

    Args:
        panels: surfaces by the panel's title; all panels share one coordinate system.
        gap_mm: room between neighbours.

    Returns:
        The surfaces, named "title / name", with the panel's title and shift added to their extras.
    """
    box = bounds_mm([surface for surfaces in panels.values() for surface in surfaces])
    step = gap_mm + (float(box[1, 0] - box[0, 0]) if box is not None else 0.0)
    moved = []
    for place, (title, surfaces) in enumerate(panels.items()):
        # RAS+: x grows to the patient's right, which from behind is the viewer's right
        moved += [_moved(surface, title, place * step) for surface in surfaces]
    return moved


def _moved(surface: Surface, title: str, shift_mm: float) -> Surface:
    to_world: Affine = surface.mesh.to_world.copy()
    to_world[0, 3] += shift_mm
    extras = {**surface.extras, "panel": title, "shift_mm": [shift_mm, 0.0, 0.0]}
    return replace(
        surface,
        name=f"{title} / {surface.name}",
        mesh=replace(surface.mesh, to_world=to_world),
        extras=extras,
    )
