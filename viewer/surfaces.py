"""Surfaces of a label map: where analysis, which knows components, meets meshing, which knows triangles."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine, LabelMap
from analysis.cohort.labels import BRAIN_COLOUR, Label
from analysis.components import Components, label_components
from analysis.crop import foreground_box
from meshing.brain import CELL_MM, brain_surface, filled
from meshing.decimation import decimated
from meshing.fidelity import Fidelity, fidelity
from meshing.glb import Surface
from meshing.mesh import Mesh, component_mesh
from meshing.recipes import RECIPES
from meshing.snapping import snapped
from meshing.voxels import label_meshes

BRAIN_OPACITY = 0.25
_EXACT = "voxel"


class Measured(NamedTuple):
    """A label's surface and how far it is from its mask.

    Attributes:
        surface: whose extras carry the fidelity too.
        voxel_count: of the mask.
        fidelity: of the surface to the mask.
    """

    surface: Surface
    voxel_count: int
    fidelity: Fidelity


def label_surfaces(label_map: LabelMap, labels: Sequence[Label], mode: str) -> list[Surface]:
    """Mesh every label of a label map.

    Args:
        label_map: of one patient and one source.
        labels: those to mesh; one without a voxel becomes an empty surface.
        mode: a name in `meshing.recipes.RECIPES`.

    Raises:
        KeyError: if there is no such mode.
    """
    crop = _cropped(label_map)
    return _made(crop, label_components(crop.labels, affine=crop.affine), labels, mode)


def measured_surfaces(
    label_map: LabelMap,
    labels: Sequence[Label],
    mode: str,
    *,
    share: float = 1.0,
    is_snapped: bool = False,
) -> list[Measured]:
    """Mesh every label of a label map, as `label_surfaces`, and hold each surface against its mask.

    Args:
        label_map: of one patient and one source.
        labels: those to mesh.
        mode: a name in `meshing.recipes.RECIPES`.
        share: of the triangles to keep; what that costs is in the fidelity. The voxels' own surface
            keeps all, as it can't lose any and stay exact.
        is_snapped: whether vertices are rounded as files for the browser have them, so that what is measured
            is what is drawn.
    """
    crop = _cropped(label_map)
    components = label_components(crop.labels, affine=crop.affine)
    made = _made(crop, components, labels, mode)
    if share < 1 and mode != _EXACT:
        made = [replace(surface, mesh=decimated(surface.mesh, share)) for surface in made]
    if is_snapped:
        made = [replace(surface, mesh=snapped(surface.mesh)) for surface in made]
    return [_measured(crop, components, *pair) for pair in zip(labels, made, strict=True)]


def component_surfaces(label_map: LabelMap, labels: Sequence[Label], mode: str) -> list[Surface]:
    """Mesh every label and part the surfaces by component: one of its own each, measured alone.

    A recipe that merges components has none; its surfaces stay whole.
    """
    crop = _cropped(label_map)
    components = label_components(crop.labels, affine=crop.affine)
    return [
        part
        for label, surface in zip(labels, _made(crop, components, labels, mode), strict=True)
        for part in _parted(crop, components, label, surface)
    ]


def brain(image: npt.NDArray[np.generic], affine: Affine) -> Surface:
    """Mesh the brain of a skull-stripped image: whatever is not the background value 0, voids filled.

    Its extras say how many voxels that is, and how far the light surface is from theirs.
    """
    mask = filled(image != 0)
    mesh = brain_surface(mask, affine, is_filled=False)
    extras = {
        "title": "Brain",
        "voxels": int(np.count_nonzero(mask)),
        "recipe": f"isosurface of the mask's share in cells of {CELL_MM:g} mm",
        "fidelity": fidelity(mesh, mask, affine).as_extras(),
    }
    return Surface("brain", mesh, BRAIN_COLOUR, extras, BRAIN_OPACITY)


def _cropped(label_map: LabelMap) -> LabelMap:
    """Leave out what is background all around: a tumour fills a twentieth of its volume."""
    box = foreground_box(label_map.labels)
    affine = label_map.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ box.start
    return LabelMap(label_map.labels[box.slices].copy(order="K"), affine)


def _made(crop: LabelMap, components: Components, labels: Sequence[Label], mode: str) -> list[Surface]:
    recipe = f"{mode} {RECIPES[mode].version}"
    return [
        Surface(label.name, mesh, label.colour, _extras(label, components) | {"recipe": recipe})
        for label, mesh in zip(labels, _meshes(crop, labels, components, mode), strict=True)
    ]


def _parted(crop: LabelMap, components: Components, label: Label, surface: Surface) -> list[Surface]:
    if surface.mesh.components is None:
        return [_measured(crop, components, label, surface).surface]
    table = components.table
    rows = np.flatnonzero(table.labels == label.value)
    return [_component(crop, components, surface, int(row)) for row in rows]


def _component(crop: LabelMap, components: Components, surface: Surface, row: int) -> Surface:
    """Take one component's triangles and hold them against its voxels."""
    table = components.table
    number = int(table.numbers[row])
    mesh = component_mesh(surface.mesh, number)
    box = tuple(slice(a, b) for a, b in zip(table.box_starts[row], table.box_stops[row], strict=True))
    mask = (crop.labels[box] == table.labels[row]) & (components.numbers[box] == number)
    affine = crop.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ table.box_starts[row]
    extras = {
        **surface.extras,
        "component": number,
        "component_ids": [number],
        "component_voxels": [int(table.voxel_counts[row])],
        "voxels": int(table.voxel_counts[row]),
        "components": 1,
        "fidelity": fidelity(mesh, mask, affine).as_extras(),
    }
    return replace(surface, name=f"{surface.name} {number}", mesh=mesh, extras=extras)


def _measured(crop: LabelMap, components: Components, label: Label, surface: Surface) -> Measured:
    mask = crop.labels == label.value
    found = fidelity(surface.mesh, mask, crop.affine, components.numbers)
    told = replace(surface, extras={**surface.extras, "fidelity": found.as_extras()})
    return Measured(told, int(components.table.sizes(label.value).sum()), found)


def _meshes(label_map: LabelMap, labels: Sequence[Label], components: Components, mode: str) -> list[Mesh]:
    affine, numbers = label_map.affine, components.numbers
    if mode == _EXACT:  # all labels in one reading of the volume
        meshes = label_meshes(
            label_map.labels, {label.value: [label.value] for label in labels}, affine, numbers
        )
        return [meshes[label.value] for label in labels]
    return [RECIPES[mode].mesh(label_map.labels == label.value, affine, numbers) for label in labels]


def _extras(label: Label, components: Components) -> dict[str, object]:
    sizes = components.table.sizes(label.value)
    return {
        "label": label.value,
        "title": label.title,
        "components": len(sizes),
        "voxels": int(sizes.sum()),
        # by falling size, as everywhere
        "component_ids": list(range(1, len(sizes) + 1)),
        "component_voxels": sizes.tolist(),
    }
