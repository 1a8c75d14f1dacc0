"""Surfaces of a label map: where analysis, which knows components, meets meshing, which knows triangles."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine, LabelMap
from analysis.cohort.labels import BRAIN_COLOUR, Label
from analysis.components import Components, label_components
from meshing.brain import brain_surface
from meshing.glb import Surface
from meshing.mesh import Mesh
from meshing.recipes import RECIPES
from meshing.voxels import label_meshes

BRAIN_OPACITY = 0.25
_EXACT = "voxel"


def label_surfaces(label_map: LabelMap, labels: Sequence[Label], mode: str) -> list[Surface]:
    """Mesh every label of a label map.

    Args:
        label_map: of one patient and one source.
        labels: those to mesh; one without a voxel becomes an empty surface.
        mode: a name in `meshing.recipes.RECIPES`.

    Raises:
        KeyError: if there is no such mode.
    """
    recipe = RECIPES[mode]
    components = label_components(label_map.labels, affine=label_map.affine)
    meshes = _meshes(label_map, labels, components, mode)
    return [
        Surface(
            label.name,
            mesh,
            label.colour,
            _extras(label, components) | {"recipe": f"{mode} {recipe.version}"},
        )
        for label, mesh in zip(labels, meshes, strict=True)
    ]


def brain(image: npt.NDArray[np.generic], affine: Affine) -> Surface:
    """Mesh the brain of a skull-stripped image: whatever is not the background value 0."""
    return Surface(
        "brain", brain_surface(image != 0, affine), BRAIN_COLOUR, {"title": "Brain"}, BRAIN_OPACITY
    )


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
    return {"label": label.value, "title": label.title, "components": len(sizes), "voxels": int(sizes.sum())}
