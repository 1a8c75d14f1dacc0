"""Surfaces of a label map: where analysis, which knows components, meets meshing, which knows triangles."""

from collections.abc import Iterator, Sequence

import numpy as np

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import BRAIN_COLOUR, Label
from analysis.components import Components, label_components
from meshing.glb import Surface
from meshing.voxels import label_meshes

RECIPES = {"voxel": "voxel 1"}  # a recipe's number goes up when the same mask would give other bytes


def label_surfaces(label_map: LabelMap, labels: Sequence[Label], mode: str) -> list[Surface]:
    """Mesh every label of a label map.

    Args:
        label_map: of one patient and one source.
        labels: those to mesh; one without a voxel becomes an empty surface.
        mode: one of `RECIPES`.

    Raises:
        KeyError: if there is no such mode.
    """
    if mode not in RECIPES:
        raise KeyError(mode)
    components = label_components(label_map.labels, affine=label_map.affine)
    meshes = label_meshes(
        label_map.labels, {label.value: [label.value] for label in labels}, label_map.affine, components.numbers
    )
    return [
        Surface(label.name, meshes[label.value], label.colour, _extras(label, components, mode)) for label in labels
    ]


def _extras(label: Label, components: Components, mode: str) -> dict[str, object]:
    sizes = components.table.sizes(label.value)
    return {
        "label": label.value,
        "title": label.title,
        "components": len(sizes),
        "voxels": int(sizes.sum()),
        "recipe": RECIPES[mode],
    }


def brain_mask(image: np.ndarray) -> np.ndarray:
    """Take the brain of a skull-stripped image: whatever is not the background value 0."""
    return image != 0


def visible(surfaces: Sequence[Surface]) -> Iterator[Surface]:
    """Leave out surfaces without a triangle."""
    return (surface for surface in surfaces if not surface.mesh.is_empty)


__all__ = ["BRAIN_COLOUR", "RECIPES", "brain_mask", "label_surfaces", "visible"]
