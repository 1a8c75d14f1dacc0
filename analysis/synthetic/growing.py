"""Compiled: grow a fragment voxel by voxel and set it down only where it changes nothing else.

A fragment of a label may stand where, in each map that gets it, no voxel of it touches its own label (so it
is one component more), and the labels it replaces stay as connected as they were (so no other count changes).
In the maps that do not get it, none of its voxels may have its label: what is an orphan stays one.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.synthetic.compiling import compiled

Maps = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]
_MARGIN = 2


class Canvas(NamedTuple):
    """What fragments are set down on; `maps` and `taken` change in place.

    Attributes:
        maps: (3, z, y, x) uint8 label maps.
        taken: (z, y, x) uint8, bit m set where nothing of map m may be replaced any more.
        brain: (z, y, x) bool; nothing lies outside.
    """

    maps: Maps
    taken: Maps
    brain: npt.NDArray[np.bool_]


@compiled
def place_fragments(canvas: Canvas, candidates: Indices, lengths: Indices, label: int, seed: int) -> Indices:
    """Place fragments at the first candidates that allow it.

    Args:
        canvas: where; changed in place.
        candidates: (n,) flat voxel indices to try, in this order; each is tried once.
        lengths: (f, 3) voxels of each fragment in each map, 0 where that map does not get it.
        label: of the fragments.
        seed: of their shapes.

    Returns:
        (f, 3) what could not be placed: rows of `lengths`, 0 where a fragment found its place.
    """
    left = lengths.copy()
    fragment = 0
    for candidate in candidates:
        if fragment == len(lengths):
            break
        path = _grow(candidate, lengths[fragment].max(), canvas.brain, seed)
        if _fits(canvas, path, lengths[fragment], label):
            _set_down(canvas, path, lengths[fragment], label)
            left[fragment] = 0
            fragment += 1
    return left


@compiled
def _random(seed: int, candidate: int, step: int) -> np.uint64:
    """Mix three numbers into 64 random bits (splitmix64's finalizer)."""
    bits = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(candidate) * np.uint64(
        0xBF58476D1CE4E5B9
    )
    bits += np.uint64(step) * np.uint64(0x94D049BB133111EB)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@compiled
def _grow(candidate: int, length: int, brain: npt.NDArray[np.bool_], seed: int) -> Indices:
    """(m, 3) voxels z, y, x: each touches an earlier one, so that any first part is connected too."""
    nz, ny, nx = brain.shape
    path = np.empty((length, 3), np.int64)
    path[0] = candidate // (ny * nx), candidate // nx % ny, candidate % nx
    grown = 1
    for trial in range(12 * length):
        if grown == length:
            break
        bits = _random(seed, candidate, trial)
        origin = int(bits % np.uint64(grown))
        offset = int((bits >> np.uint64(32)) % np.uint64(27))
        z, y, x = (
            path[origin, 0] + offset // 9 - 1,
            path[origin, 1] + offset // 3 % 3 - 1,
            path[origin, 2] + offset % 3 - 1,
        )
        if (
            0 <= z < nz
            and 0 <= y < ny
            and 0 <= x < nx
            and brain[z, y, x]
            and not _contains(path[:grown], z, y, x)
        ):
            path[grown] = z, y, x
            grown += 1
    return path[:grown]


@compiled
def _contains(path: Indices, z: int, y: int, x: int) -> bool:
    found = False
    for n in range(len(path)):
        found |= path[n, 0] == z and path[n, 1] == y and path[n, 2] == x
    return found


@compiled
def _fits(canvas: Canvas, path: Indices, lengths: Indices, label: int) -> bool:
    for number in range(3):
        part = path[: lengths[number]]
        if len(part) == 0 and _crosses(canvas.maps[number], path, label):
            return False
        if _crosses_bit(canvas.taken, part, np.uint8(1 << number)):
            return False
        if len(part) and not _is_room(canvas.maps[number], part, label):
            return False
    return True


@compiled
def _crosses(labels: Maps, path: Indices, label: int) -> bool:
    found = False
    for n in range(len(path)):
        found |= labels[path[n, 0], path[n, 1], path[n, 2]] == label
    return found


@compiled
def _crosses_bit(taken: Maps, path: Indices, bit: np.uint8) -> bool:
    found = False
    for n in range(len(path)):
        found |= (taken[path[n, 0], path[n, 1], path[n, 2]] & bit) != 0
    return found


@compiled
def _is_room(labels: Maps, path: Indices, label: int) -> bool:
    """Ask whether the path touches none of its label and splits none of the labels it replaces."""
    nz, ny, nx = labels.shape
    for n in range(len(path)):
        z, y, x = path[n]
        if not (0 < z < nz - 1 and 0 < y < ny - 1 and 0 < x < nx - 1):
            return False
        if (labels[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2] == label).any():
            return False
    for replaced in range(1, 4):
        if _crosses(labels, path, replaced) and not _stays_connected(labels, path, replaced):
            return False
    return True


@compiled
def _stays_connected(labels: Maps, path: Indices, replaced: int) -> bool:
    """Ask whether a label's voxels around the path still hang together without those on it.

    Looks two voxels around the path, so it may refuse what a longer way round would allow.
    """
    box = _neighbourhood(labels, path, replaced)
    rest = 0
    for n in range(len(path)):
        rest = _flood_from_neighbour(box, path, n)
        if rest:
            break
    return rest > 0 and not _neighbour_left(box, path)


@compiled
def _corner(path: Indices) -> tuple[int, int, int]:
    z, y, x = path[0]
    for n in range(len(path)):
        z, y, x = min(z, path[n, 0]), min(y, path[n, 1]), min(x, path[n, 2])
    return z - _MARGIN, y - _MARGIN, x - _MARGIN


@compiled
def _neighbourhood(labels: Maps, path: Indices, replaced: int) -> Maps:
    """Cut out the box around the path: 1 where the label stays, 2 where the path takes it, else 0."""
    z0, y0, x0 = _corner(path)
    z1, y1, x1 = path[0]
    for n in range(len(path)):
        z1, y1, x1 = max(z1, path[n, 0]), max(y1, path[n, 1]), max(x1, path[n, 2])
    box = np.zeros((z1 - z0 + 1 + _MARGIN, y1 - y0 + 1 + _MARGIN, x1 - x0 + 1 + _MARGIN), np.uint8)
    for k in range(box.shape[0]):
        for j in range(box.shape[1]):
            for i in range(box.shape[2]):
                z, y, x = z0 + k, y0 + j, x0 + i
                if 0 <= z < labels.shape[0] and 0 <= y < labels.shape[1] and 0 <= x < labels.shape[2]:
                    box[k, j, i] = labels[z, y, x] == replaced
    for n in range(len(path)):
        k, j, i = path[n, 0] - z0, path[n, 1] - y0, path[n, 2] - x0
        box[k, j, i] = 2 if box[k, j, i] else 0
    return box


@compiled
def _flood_from_neighbour(box: Maps, path: Indices, n: int) -> int:
    """Empty the part of the box that hangs on one path voxel; returns its size."""
    z0, y0, x0 = _corner(path)
    z, y, x = path[n, 0] - z0, path[n, 1] - y0, path[n, 2] - x0
    if box[z, y, x] != 2:
        return 0
    stack = np.empty((box.size, 3), np.int64)
    for neighbour in range(27):
        k, j, i = z + neighbour // 9 - 1, y + neighbour // 3 % 3 - 1, x + neighbour % 3 - 1
        if box[k, j, i] == 1:
            box[k, j, i] = 3
            stack[0] = k, j, i
            return _flood(box, stack)
    return 0


@compiled
def _flood(box: Maps, stack: Indices) -> int:
    """Mark with 3 what hangs together with the first voxel of the stack; returns how many voxels."""
    waiting, reached = 1, 0
    while waiting:
        waiting -= 1
        z, y, x = stack[waiting]
        reached += 1
        for neighbour in range(27):
            k, j, i = z + neighbour // 9 - 1, y + neighbour // 3 % 3 - 1, x + neighbour % 3 - 1
            inside = 0 <= k < box.shape[0] and 0 <= j < box.shape[1] and 0 <= i < box.shape[2]
            if inside and box[k, j, i] == 1:
                box[k, j, i] = 3
                stack[waiting] = k, j, i
                waiting += 1
    return reached


@compiled
def _neighbour_left(box: Maps, path: Indices) -> bool:
    """Find a voxel of the label beside a replaced one that the flood did not reach."""
    z0, y0, x0 = _corner(path)
    for n in range(len(path)):
        z, y, x = path[n, 0] - z0, path[n, 1] - y0, path[n, 2] - x0
        if box[z, y, x] == 2 and (box[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2] == 1).any():
            return True
    return False


@compiled
def _set_down(canvas: Canvas, path: Indices, lengths: Indices, label: int) -> None:
    for number in range(3):
        for n in range(min(lengths[number], len(path))):
            z, y, x = path[n]
            canvas.maps[number, z, y, x] = label
            canvas.taken[z, y, x] |= np.uint8(1 << number)
