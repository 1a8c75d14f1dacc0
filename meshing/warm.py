"""Compile everything once, so that the first surface a person asks for does not wait for it."""

import numpy as np

from meshing.brain import brain_surface
from meshing.decimation import decimated
from meshing.fidelity import fidelity
from meshing.glb import Surface
from meshing.packed import packed_glb
from meshing.recipes import RECIPES


def warm_up() -> None:
    """Mesh a small mask in every way: half a minute of CPU time the first time, a second ever after."""
    mask = np.ones((9, 9, 9), np.bool_)
    mask[4, 4, 4] = False
    affine, numbers = np.eye(4), mask.astype(np.uint32)
    for recipe in RECIPES.values():
        # the compiled code is kept per memory order: nibabel's arrays are Fortran-ordered
        for order in (mask, np.asfortranarray(mask)):
            mesh = recipe.mesh(order, affine, numbers)
        fidelity(mesh, mask, affine, numbers)
        packed_glb([Surface("warm", mesh, "#000000")])
    decimated(RECIPES["volume-true"].mesh(mask, affine, numbers), 0.5)
    brain_surface(mask, affine)
