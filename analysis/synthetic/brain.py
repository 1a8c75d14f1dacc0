"""A synthetic brain: its outline and what each voxel is made of."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine
from analysis.synthetic.anatomy import Head, depths_at, hull_depth, tissue_at
from analysis.synthetic.compiling import compiled
from analysis.synthetic.grid import Window
from analysis.synthetic.noise import Noise, labyrinth, noise_at, smooth_noise

Shares = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


class Mass(NamedTuple):
    """A growth that pushes its surroundings away.

    Attributes:
        x: middle in mm right, front and up of the middle of the brain.
        y: see x.
        z: see x.
        radius_mm: distance at which tissue moves most.
        push_mm: how far it moves there.
    """

    x: float
    y: float
    z: float
    radius_mm: float
    push_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class Brain:
    """What a head's voxels are made of; white matter is the rest of the brain.

    Attributes:
        mask: (z, y, x) bool, the skull-stripped brain.
        fluid: (z, y, x) float32, share of cerebrospinal fluid.
        grey: (z, y, x) float32, share of grey matter.
    """

    mask: Mask
    fluid: Shares
    grey: Shares


class _Subject(NamedTuple):
    """An individual head, how it is bent, and what grows in it."""

    head: Head
    bend: Noise
    mass: Mass


def make_brain(rng: np.random.Generator, window: Window, mass: Mass) -> Brain:
    """Grow a brain around a mass.

    Args:
        rng: the subject's own generator; the same numbers give the same brain on any grid.
        window: the box of voxels.
        mass: pushes the tissue; in mm of the window's head coordinates.
    """
    head = _random_head(rng)
    bend = smooth_noise(rng, 18.0)
    pose = _random_pose(rng)
    place = pose @ window.to_head
    middle = pose @ (mass.x, mass.y, mass.z, 1.0)
    posed = Mass(float(middle[0]), float(middle[1]), float(middle[2]), mass.radius_mm, mass.push_mm)
    volumes = Brain(
        np.zeros(window.shape_zyx, np.bool_),
        np.zeros(window.shape_zyx, np.float32),
        np.zeros(window.shape_zyx, np.float32),
    )
    _fill(volumes.mask, volumes.fluid, volumes.grey, place, _Subject(head, bend, posed))
    return volumes


def _random_head(rng: np.random.Generator) -> Head:
    age = rng.uniform(0, 1)
    return Head(
        ventricle=0.7 + 0.8 * age,
        sulcus_mm=0.6 + 0.45 * age,
        ribbon_mm=rng.uniform(2.3, 2.8),
        folds=labyrinth(rng, 19.5, 0.25),
        depths=smooth_noise(rng, 9.0),
        wobble=smooth_noise(rng, 12.0),
    )


def _random_pose(rng: np.random.Generator) -> Affine:
    """Turn by a few degrees and stretch by a few percent."""
    pose = np.eye(4)
    tilt, turn, nod = np.radians(rng.normal(0, (2.0, 2.0, 3.0)))
    for (row, column), angle in zip(((0, 2), (0, 1), (1, 2)), (tilt, turn, nod), strict=True):
        rotation = np.eye(4)
        rotation[row, row] = rotation[column, column] = np.cos(angle)
        rotation[row, column], rotation[column, row] = -np.sin(angle), np.sin(angle)
        pose = rotation @ pose
    pose[:3] /= np.clip(rng.normal((1.0, 1.0, 1.0), 0.025), 0.95, 1.05)[:, None]
    return pose


@compiled
def _fill(mask: Mask, fluid: Shares, grey: Shares, place: Affine, subject: _Subject) -> None:
    nz, ny, nx = mask.shape
    for k in range(nz):
        for j in range(ny):
            for i in range(nx):
                x = place[0, 0] * i + place[0, 1] * j + place[0, 2] * k + place[0, 3]
                y = place[1, 0] * i + place[1, 1] * j + place[1, 2] * k + place[1, 3]
                z = place[2, 0] * i + place[2, 1] * j + place[2, 2] * k + place[2, 3]
                mask[k, j, i], fluid[k, j, i], grey[k, j, i] = _voxel(subject, x, y, z)


@compiled
def _voxel(subject: _Subject, x: float, y: float, z: float) -> tuple[bool, float, float]:
    # Most voxels are far outside; this rounded box around every brain tells them cheaply.
    if (x / 77) ** 4 + (y / 92) ** 4 + (z / 80) ** 4 > 1:
        return False, 0.0, 0.0
    x, y, z = _bent(subject.bend, x, y, z)
    depths = depths_at(x, y, z)
    depth = hull_depth(depths)
    if depth < -0.2:
        return False, 0.0, 0.0
    # Anatomy is read where the tissue came from; the outline, above, where it is.
    px, py, pz = _pulled(subject.mass, depth, x, y, z)
    if abs(px - x) + abs(py - y) + abs(pz - z) > 0.01:
        depths = depths_at(px, py, pz)
    fluid, grey = tissue_at(subject.head, depths, px, py, pz)
    return True, fluid, grey


@compiled
def _bent(bend: Noise, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Move a point a little, so that no brain is an ellipsoid and the two sides differ."""
    shift_x = 1.8 * noise_at(bend, x, y, z)
    shift_y = 2.2 * noise_at(bend, x + 71, y, z)
    shift_z = 2.2 * noise_at(bend, x, y + 71, z)
    return x + shift_x, y + shift_y, z + shift_z


@compiled
def _pulled(mass: Mass, depth: float, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Find where the tissue at a point was before the mass pushed it; the outline stays."""
    dx, dy, dz = x - mass.x, y - mass.y, z - mass.z
    distance = np.sqrt(dx * dx + dy * dy + dz * dz) + 1e-6
    reach = distance / mass.radius_mm
    moved = mass.push_mm * reach * np.exp(1 - reach) * min(1.0, max(0.0, depth / 14))
    back = moved / distance
    return x - dx * back, y - dy * back, z - dz * back
