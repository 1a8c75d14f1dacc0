"""What a lattice corner and a voxel face become on a mask's boundary: tables made once, by rule.

A corner is known by the eight voxels around it, its code: bit 4x + 2y + z for the voxel at side (x, y, z).
A face at a corner has a slot: 4 axis + 2u + v, with (u, v) its side along the two other axes.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.int64]
Octants = npt.NDArray[np.int64]

#: The four places around an edge, in circular order.
RING = ((0, 0), (1, 0), (1, 1), (0, 1))

_CUT_VERTICES = 6


class Corners(NamedTuple):
    """What each of the 256 codes becomes.

    Attributes:
        vertices: (256,) how many vertices the corner has.
        cycles: (256,) how many fans meet there, each with a vertex; 0 at a cut corner.
        fans: (256, 12) for each slot, which of them its face uses; at a cut corner, which of the two voxels.
        necks: (256, 3) the first of two midpoints on the edge towards +x, +y, +z, where only diagonal
            voxels around that edge are inside; else -1.
        cut: (256, 2) the two opposite octants where they alone are inside; else -1.
        faces: (256,) exposed faces of which this is the lowest corner.
    """

    vertices: Table
    cycles: Table
    fans: Table
    necks: Table
    cut: Table
    faces: Table


class Ways(NamedTuple):
    """The six ways a face can look: 2 axis, plus 1 if the voxel inside is the upper one. Four corners each.

    Attributes:
        offsets: (6, 4, 3) the corners counter-clockwise seen from outside, from the lowest one.
        slots: (6, 4) the face's slot at the corner.
        edge_axes: (6, 4) axis of the edge to the next corner.
        edge_lows: (6, 4) which of the face's corners is the lower end of that edge.
        edge_sides: (6, 4) on which side of that edge, along the first other axis, the outside voxel lies.
    """

    offsets: Table
    slots: Table
    edge_axes: Table
    edge_lows: Table
    edge_sides: Table


@cache
def corner_table() -> Corners:
    """Make the table of all codes."""
    table = Corners(*(np.full((256, *shape), -1, np.int64) for shape in ((), (), (12,), (3,), (2,), ())))
    for code in range(256):
        octants = np.array([code >> k & 1 for k in range(8)]).reshape(2, 2, 2)
        fans = _fans(octants)
        table.fans[code, list(fans)] = list(fans.values())
        count = len(set(fans.values()))
        table.cycles[code] = count
        low = next((k for k in range(4) if code == 1 << k | 1 << (7 - k)), None)
        if low is not None:
            # the fan with the lower slot on each axis belongs to either voxel: ask one of its faces
            table.cut[code] = [low, 7 - low] if fans[_slot_of(low)] == 0 else [7 - low, low]
            count = _CUT_VERTICES
            table.cycles[code] = 0
        for axis in range(3):
            if _is_contact(_around(octants, axis, 1)):
                table.necks[code, axis] = count
                count += 2
        table.vertices[code] = count
        table.faces[code] = sum(int(octants[1, 1, 1] != octants[_below(axis)]) for axis in range(3))
    return table


@cache
def way_table() -> Ways:
    """Make the table of the six ways of a face."""
    ways = Ways(*(np.zeros((6, 4, *shape), np.int64) for shape in ((3,), (), (), (), ())))
    for axis, is_upper in product(range(3), range(2)):
        way, others = 2 * axis + is_upper, _others(axis)
        # around +axis the ring turns counter-clockwise for x and z, clockwise for y
        ring: tuple[tuple[int, int], ...] = RING if (axis == 1) == bool(is_upper) else RING[::-1]
        ring = ring[ring.index((0, 0)) :] + ring[: ring.index((0, 0))]
        for k, place in enumerate(ring):
            following = ring[(k + 1) % 4]
            along = 0 if place[0] != following[0] else 1
            across, fixed = others[1 - along], place[1 - along]
            ways.offsets[way, k, list(others)] = place
            ways.slots[way, k] = 4 * axis + 2 * (1 - place[0]) + 1 - place[1]
            ways.edge_axes[way, k] = others[along]
            ways.edge_lows[way, k] = k if place[along] < following[along] else (k + 1) % 4
            # the two axes around the edge are the face's own normal and `across`
            ways.edge_sides[way, k] = 1 - is_upper if axis < across else 1 - fixed
    return ways


def _fans(octants: Octants) -> dict[int, int]:
    """Number the cycles of faces around a corner: for each exposed slot, its fan."""
    fan_of = {slot: slot for slot in range(12) if _is_exposed(octants, slot)}
    for axis, side in product(range(3), range(2)):
        slots = _ring_slots(axis, side)
        for one, other in _paired(_around(octants, axis, side)):
            kept, merged = fan_of[slots[one]], fan_of[slots[other]]
            fan_of = {slot: kept if fan == merged else fan for slot, fan in fan_of.items()}
    names = sorted(set(fan_of.values()))
    return {slot: names.index(fan) for slot, fan in fan_of.items()}


def _paired(ring: list[int]) -> list[tuple[int, int]]:
    """Say which faces around a half-edge continue each other; face k lies between places k and k + 1.

    Two exposed faces do; of four, those on either side of an *outside* voxel.
    """
    exposed = [k for k in range(4) if ring[k] != ring[(k + 1) % 4]]
    if _is_contact(ring):
        return [((k - 1) % 4, k) for k in range(4) if not ring[k]]
    return [(exposed[0], exposed[1])] if exposed else []


def _is_contact(ring: list[int]) -> bool:
    """Whether two diagonal voxels around an edge are inside and the two others outside."""
    return ring[0] == ring[2] != ring[1] == ring[3]


def _around(octants: Octants, axis: int, side: int) -> list[int]:
    """List the voxels around the half-edge that leaves the corner along an axis, as `RING` goes."""
    face = np.take(octants, side, axis)
    return [int(face[place]) for place in RING]


def _ring_slots(axis: int, side: int) -> list[int]:
    """Give the slots of the four faces around a half-edge; face k lies between places k and k + 1."""
    others = _others(axis)
    slots = []
    for k in range(4):
        changing = 0 if RING[k][0] != RING[(k + 1) % 4][0] else 1
        octant = np.zeros(3, np.int64)
        octant[axis], octant[others[1 - changing]] = side, RING[k][1 - changing]
        normal = others[changing]
        u, v = octant[list(_others(normal))]
        slots.append(int(4 * normal + 2 * u + v))
    return slots


def _is_exposed(octants: Octants, slot: int) -> bool:
    face = np.moveaxis(octants, slot // 4, 0)[:, slot // 2 % 2, slot % 2]
    return bool(face[0] != face[1])


def _slot_of(octant: int) -> int:
    """Give the slot of an octant's face normal to x."""
    return octant % 4


def _below(axis: int) -> tuple[int, int, int]:
    x, y, z = (0 if k == axis else 1 for k in range(3))
    return x, y, z


def _others(axis: int) -> tuple[int, int]:
    one, other = (k for k in range(3) if k != axis)
    return one, other
