"""The recipes by name: one mask in, one mesh out, whichever is asked for."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from meshing.mesh import Affine, Mesh, Numbers
from meshing.paper import paper, paper_literal
from meshing.smooth import volume_true
from meshing.voxels import Mask, voxel_mesh


class Recipe(NamedTuple):
    """A way to make a surface of a mask.

    Attributes:
        name: of the mode, as in addresses and commands.
        version: goes up when the same mask would give other triangles.
        says: one sentence for people, what it keeps and what not.
        mesh: makes it: mask, affine, component numbers (or None).
        is_exact: whether it is the voxels' own surface, whose edges have T-junctions.
    """

    name: str
    version: int
    says: str
    mesh: Callable[[Mask, Affine, Numbers | None], Mesh]
    is_exact: bool = False


DEFAULT = "volume-true"

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        recipe.name: recipe
        for recipe in (
            Recipe("voxel", 1, "Every voxel exactly; edges have T-junctions.", voxel_mesh, is_exact=True),
            Recipe("volume-true", 3, "Smooth; each component keeps its volume and topology.", volume_true),
            Recipe("paper", 1, "The paper's smoothing per component; volumes grow, voids close.", paper),
            Recipe(
                "paper-literal", 1, "The paper's smoothing as printed; close components merge.", paper_literal
            ),
        )
    }
)
