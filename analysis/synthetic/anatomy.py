"""The anatomy of a head, as a compiled function of a point: which tissue is there.

Coordinates are mm to the right, to the front and up from the middle of the brain. Everything is made of
ellipsoids and tubes for one side, mirrored; sulci are the walls of a random labyrinth, read at the nearest
surface point, so that they stand upright on the cortex.
"""

import math
from typing import NamedTuple

from analysis.synthetic.compiling import compiled
from analysis.synthetic.noise import Noise, noise_at
from analysis.synthetic.shapes import (
    Capsule,
    Solid,
    capsule_depth,
    outward,
    smooth_max,
    solid_depth,
    squarish_depth,
    step,
)

CEREBRUM = Solid(0, -1, 12, 66, 80, 55)
CEREBRUM_BASE = Solid(0, -1, 12, 66, 80, 40)
TEMPORAL_LOBE = Solid(42, 6, -22, 22, 43, 21)
CEREBELLUM = Solid(21, -48, -42, 31, 27, 22)
VERMIS = Solid(0, -47, -38, 15, 21, 20)
PONS = Solid(0, -15, -41, 16, 13, 17)
_MIDBRAIN = Capsule(0, -14, -2, 17, 0, -15, -36, 14)
_MEDULLA = Capsule(0, -20, -50, 11, 0, -29, -84, 9)
# Inside this the hemispheres are one: corpus callosum, septum, thalami.
_BRIDGE = Solid(0, -5, 1, 40, 45, 27)
_FRONTAL_HORN = Capsule(8, 31, 8, 3.0, 8, 10, 17, 4.5)
_BODY = Capsule(8, 10, 17, 4.5, 13, -24, 19, 4.5)
_ATRIUM = Capsule(13, -24, 19, 4.5, 24, -38, 8, 6.0)
_OCCIPITAL_HORN = Capsule(24, -38, 8, 5.5, 20, -58, 4, 1.5)
_TEMPORAL_HORN = Capsule(24, -38, 8, 4.5, 32, -4, -20, 1.5)
_THIRD_VENTRICLE = Solid(0, -6, 1, 1.8, 13, 11)
_FOURTH_VENTRICLE = Solid(0, -28, -42, 6, 4, 9)
_CAUDATE = Solid(14.5, 16, 13, 5.5, 16, 9)
_PUTAMEN = Solid(27, 3, 2, 5.0, 16, 10)
_PALLIDUM = Solid(20.5, 0, 1, 4.0, 8, 6.5)
_THALAMUS = Solid(10, -13, 6, 9, 14.5, 9.5)
_DEEPEST_MM = 34.0
_HIPPOCAMPUS = Capsule(27, -30, -6, 4.5, 27, 0, -23, 6.0)


class Head(NamedTuple):
    """What differs between heads.

    Attributes:
        ventricle: size of the ventricles, 1 in a young adult.
        sulcus_mm: half the width of a sulcus.
        ribbon_mm: thickness of the cortex.
        folds: signed distance to the nearest sulcus in mm, read on the surface.
        depths: how deep sulci reach, variance 1.
        wobble: bends every boundary a little.
    """

    ventricle: float
    sulcus_mm: float
    ribbon_mm: float
    folds: Noise
    depths: Noise
    wobble: Noise


class Depths(NamedTuple):
    """How deep a point lies below the outlines of the brain's parts, in mm; negative outside."""

    cerebrum: float
    temporal: float
    cerebellum: float
    stem: float


@compiled
def depths_at(x: float, y: float, z: float) -> Depths:
    """Measure a point against every part of the brain."""
    side = abs(x)
    narrow = 1 - 0.10 * y / 80 - 0.04 * (y / 80) ** 2
    outline = CEREBRUM if z > CEREBRUM.z else CEREBRUM_BASE
    cerebrum = squarish_depth(outline, side / narrow, y, z)
    # The temporal lobes rise towards the back.
    temporal = solid_depth(TEMPORAL_LOBE, side, y, z + 0.18 * y)
    cerebellum = max(solid_depth(CEREBELLUM, side, y, z), solid_depth(VERMIS, side, y, z))
    tubes = max(capsule_depth(_MIDBRAIN, side, y, z), capsule_depth(_MEDULLA, side, y, z))
    return Depths(cerebrum, temporal, cerebellum, max(tubes, solid_depth(PONS, side, y, z)))


@compiled
def hull_depth(depths: Depths) -> float:
    """Depth below the outline of the whole brain; narrow gaps between its parts are inside."""
    upper = smooth_max(depths.cerebrum, depths.temporal, 8.0)
    lower = smooth_max(depths.cerebellum, depths.stem, 8.0)
    return smooth_max(upper, lower, 12.0)


@compiled
def tissue_at(head: Head, depths: Depths, x: float, y: float, z: float) -> tuple[float, float]:
    """Say what a point inside the brain is made of.

    Args:
        head: the individual.
        depths: of this point.
        x: mm to the right of the middle of the brain.
        y: mm to the front.
        z: mm up.

    Returns:
        The shares of cerebrospinal fluid and of grey matter, each 0 to 1; the rest is white matter.
    """
    upper, lower, stem = max(depths.cerebrum, depths.temporal), depths.cerebellum, depths.stem
    # Each part owns what lies deepest in it; the midbrain reaches up into the hemispheres, but not far.
    if (stem > upper and stem > lower) or (stem > 1.5 and z < 4):
        return _stem(x, y, z, stem)
    if lower > upper:
        return _cerebellum(head, x, y, z, lower - max(upper, 0.0))
    fluid, grey = _cortex(head, depths, x, y, z)
    if abs(x) < 42 and -66 < y < 42 and -34 < z < 36:
        return _deep(head, abs(x), y, z, fluid, grey)
    return fluid, grey


@compiled
def _stem(x: float, y: float, z: float, depth: float) -> tuple[float, float]:
    fourth = step(solid_depth(_FOURTH_VENTRICLE, x, y, z), -0.7, 0.7)
    rim = step(depth, 0.8, -1.2)
    return max(fourth, rim), 0.3 * (1 - fourth)


@compiled
def _cerebellum(head: Head, x: float, y: float, z: float, depth: float) -> tuple[float, float]:
    bend = noise_at(head.wobble, 2.5 * x, 2.5 * y, 2.5 * z)
    angle = math.atan2(z + 40, 26 - y) if y < 26 else 0.0
    radius = math.sqrt((z + 40) ** 2 + (y + 22) ** 2)
    leaves = abs(math.sin(angle * 26 + 0.7 * bend + 0.05 * abs(x)))
    gap = step(leaves, 0.42, 0.12) * step(depth, 9.0, 4.0)
    trunk = 1 - 0.35 * abs(math.sin(angle * 7 + 0.5 * bend))
    white = step(depth * trunk, 7.5, 11.5) * step(radius, 34.0, 28.0)
    fluid = max(0.75 * gap, step(depth, 1.2, -1.2))
    fluid = max(fluid, step(solid_depth(_FOURTH_VENTRICLE, x, y, z), -0.7, 0.7))
    return fluid, (1 - fluid) * (1 - white)


@compiled
def _cortex(head: Head, depths: Depths, x: float, y: float, z: float) -> tuple[float, float]:
    outer, fissure, split = _surfaces(depths, x, y, z)
    below = min(outer, fissure, split)
    if below > _DEEPEST_MM:
        return 0.0, 0.0
    wall = _sulcus_distance(head, depths, _surface_point(depths, x, y, z, fissure), fissure, below)
    open_distance = min(wall, fissure - 0.9, split - 0.9)
    fluid = max(step(open_distance, 0.6, -0.6), step(outer, 1.4, -1.2))
    nearest = min(open_distance, outer - 0.4)
    if nearest > 2 * head.ribbon_mm:
        return fluid, 0.0
    ribbon = head.ribbon_mm * (1 + 0.12 * noise_at(head.wobble, 3 * x, 3 * y, 3 * z))
    return fluid, (1 - fluid) * step(nearest, ribbon + 0.7, ribbon - 0.7)


@compiled
def _surfaces(depths: Depths, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Distances to the outer surface, the interhemispheric fissure, and the gap to the next lobe."""
    outer = max(depths.cerebrum, depths.temporal)
    inner = 1.6 * max(0.0, solid_depth(_BRIDGE, x, y, z))
    fissure = math.sqrt(x * x + inner * inner)
    inward = max(0.0, 33 - abs(x))
    sylvian = (depths.cerebrum - depths.temporal) / 2
    split = math.sqrt(sylvian * sylvian + inward * inward)
    below = max(depths.cerebellum, depths.stem - 4)
    return outer, fissure, min(split, (outer - below) / 2) if below > -2 else split


@compiled
def _sulcus_distance(
    head: Head, depths: Depths, mouth: tuple[float, float, float], fissure: float, below: float
) -> float:
    """Distance to the nearest sulcus; each reaches as deep as the field of depths says at its mouth."""
    qx, qy, qz = mouth
    medial, temporal = fissure < max(depths.cerebrum, depths.temporal), depths.temporal > depths.cerebrum
    typical = 6.0 if medial else (9.0 if temporal else 15.0)
    # Where two surfaces are equally near, their folds would meet along an edge: none reaches there.
    edge = step(abs(fissure - max(depths.cerebrum, depths.temporal)), 0.0, 7.0)
    reach = typical * edge * (1 + 0.45 * noise_at(head.depths, qx, qy, qz))
    beyond = max(0.0, below - max(reach, 0.0))
    across = noise_at(head.folds, qx, qy, qz)
    wall = math.sqrt(across * across + beyond * beyond)
    return wall - head.sulcus_mm * (0.55 + 0.9 * math.exp(-max(below, 0.0) / 5))


@compiled
def _surface_point(
    depths: Depths, x: float, y: float, z: float, fissure: float
) -> tuple[float, float, float]:
    """Find the surface point above a point; the two sides get different folds."""
    outer = max(depths.cerebrum, depths.temporal)
    if fissure < outer:
        return math.copysign(60 + fissure, x), y + 0.3 * fissure, z + 0.3 * fissure
    if depths.temporal > depths.cerebrum:
        nx, ny, nz = outward(TEMPORAL_LOBE, abs(x), y, z + 0.18 * y)
    else:
        nx, ny, nz = outward(CEREBRUM if z > CEREBRUM.z else CEREBRUM_BASE, abs(x), y, z)
    return x + math.copysign(nx * outer, x), y + ny * outer, z + nz * outer


@compiled
def _deep(head: Head, side: float, y: float, z: float, fluid: float, grey: float) -> tuple[float, float]:
    nuclei = 0.85 * step(max(solid_depth(_CAUDATE, side, y, z), solid_depth(_PUTAMEN, side, y, z)), -0.8, 0.8)
    nuclei = max(nuclei, 0.5 * step(solid_depth(_PALLIDUM, side, y, z), -0.8, 0.8))
    nuclei = max(nuclei, 0.65 * step(solid_depth(_THALAMUS, side, y, z), -0.8, 0.8))
    nuclei = max(nuclei, 0.85 * step(capsule_depth(_HIPPOCAMPUS, side, y, z), -0.8, 0.8))
    water = step(_ventricles(head.ventricle, side, y, z), -0.7, 0.7)
    fluid = max(fluid, water)
    return fluid, (1 - fluid) * max(grey, nuclei)


@compiled
def _ventricles(size: float, side: float, y: float, z: float) -> float:
    grown = 3.2 * (size - 1)
    upper = max(capsule_depth(_FRONTAL_HORN, side, y, z), capsule_depth(_BODY, side, y, z))
    back = max(capsule_depth(_ATRIUM, side, y, z), capsule_depth(_OCCIPITAL_HORN, side, y, z))
    lateral = max(upper, back, capsule_depth(_TEMPORAL_HORN, side, y, z))
    # The septum keeps the two sides apart.
    lateral = min(lateral + grown, side - 1.2)
    return max(lateral, solid_depth(_THIRD_VENTRICLE, side, y, z) + 0.4 * grown)
