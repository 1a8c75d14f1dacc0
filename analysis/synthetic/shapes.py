"""Distances to simple solids, what the anatomy is put together from: in mm, depth positive inside."""

import math
from typing import NamedTuple

from analysis.synthetic.compiling import compiled


class Solid(NamedTuple):
    """An ellipsoid: its middle and its radii along x, y and z, in mm."""

    x: float
    y: float
    z: float
    rx: float
    ry: float
    rz: float


class Capsule(NamedTuple):
    """A tube with round ends and a changing radius, in mm."""

    x0: float
    y0: float
    z0: float
    r0: float
    x1: float
    y1: float
    z1: float
    r1: float


@compiled
def solid_depth(solid: Solid, x: float, y: float, z: float) -> float:
    """Depth of a point below an ellipsoid's surface, to first order."""
    u, v, w = (x - solid.x) / solid.rx, (y - solid.y) / solid.ry, (z - solid.z) / solid.rz
    level = math.sqrt(u * u + v * v + w * w) + 1e-9
    slope = math.sqrt((u / solid.rx) ** 2 + (v / solid.ry) ** 2 + (w / solid.rz) ** 2) + 1e-9
    return level * (1 - level) / slope


@compiled
def squarish_depth(solid: Solid, x: float, y: float, z: float) -> float:
    """Depth below a solid between an ellipsoid (three quarters) and a rounded box of the same radii."""
    u, v, w = (
        ((x - solid.x) / solid.rx) ** 2,
        ((y - solid.y) / solid.ry) ** 2,
        ((z - solid.z) / solid.rz) ** 2,
    )
    level = 0.75 * math.sqrt(u + v + w) + 0.25 * math.sqrt(math.sqrt(u * u + v * v + w * w)) + 1e-9
    slope = math.sqrt(u / solid.rx**2 + v / solid.ry**2 + w / solid.rz**2) + 1e-9
    return level * (1 - level) / slope


@compiled
def smooth_max(one: float, other: float, width: float) -> float:
    """Join two depths; where they differ by less than `width` the seam is filled."""
    overlap = max(width - abs(one - other), 0.0) / width
    return max(one, other) + overlap * overlap * width / 4


@compiled
def outward(solid: Solid, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Unit normal of the ellipsoid's level set through a point."""
    u = (x - solid.x) / (solid.rx * solid.rx)
    v = (y - solid.y) / (solid.ry * solid.ry)
    w = (z - solid.z) / (solid.rz * solid.rz)
    length = math.sqrt(u * u + v * v + w * w) + 1e-9
    return u / length, v / length, w / length


@compiled
def capsule_depth(tube: Capsule, x: float, y: float, z: float) -> float:
    """Depth of a point below a tube's surface."""
    ax, ay, az = tube.x1 - tube.x0, tube.y1 - tube.y0, tube.z1 - tube.z0
    px, py, pz = x - tube.x0, y - tube.y0, z - tube.z0
    along = (px * ax + py * ay + pz * az) / (ax * ax + ay * ay + az * az)
    along = min(1.0, max(0.0, along))
    dx, dy, dz = px - along * ax, py - along * ay, pz - along * az
    return tube.r0 + along * (tube.r1 - tube.r0) - math.sqrt(dx * dx + dy * dy + dz * dz)


@compiled
def step(value: float, low: float, high: float) -> float:
    """Rise smoothly from 0 at `low` to 1 at `high`; falls where `low` is the larger."""
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)
