"""Smooth surfaces that keep the volume, the pieces and the holes of a mask.

One recipe for every size, a component at a time: its boundary as a closed surface (`boundary`), vertices
relaxed within half a voxel of the voxels' own corners, all of them moved along their normals until the
volume is that of the voxels. Relaxing and moving change no topology, so pieces, cavities and handles are
exactly the mask's.

Where triangles still cross each other, the vertices around are taken halfway back to the voxels' corners, and
again until none do: at home nothing crosses.
"""

import hashlib

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.boundary import Boundary, boundary
from meshing.intersections import crossing_pairs
from meshing.memory import Memory
from meshing.mesh import Affine, Faces, Mesh, Numbers
from meshing.pieces import Mask, Points, Shape, meshed
from meshing.relaxation import offset_to_volume, relaxed
from meshing.shells import Shell, shells
from meshing.triangles import mapped, sixfold_volumes

Flags = npt.NDArray[np.bool_]

#: How far along each axis, in voxels, a vertex may be relaxed from the corner it stands for. Half a voxel
#: would be enough to turn any staircase into a slope; a little less keeps the two sides of a thin sheet
#: apart.
REACH_VOXELS = 0.45
#: Relaxation of the lattice itself: rounds, and the pass band (waves shorter than about 26 edges are
#: smoothed).
ROUNDS = 60
PASS_BAND = 0.0138
#: A component has its voxels divided into this many along each axis, up to this many voxels. Small shapes
#: have few corners to be round with; no staircase on them is long, so that fewer rounds do.
DIVISIONS = ((12, 3), (512, 2))
DIVIDED_ROUNDS = 8
DIVIDED_PASS_BAND = 0.05
#: Slices thicker than voxels are wide leave longer stairs: rounds grow with the ratio, up to this.
MOST_STRETCH = 4.0

_ATTEMPTS = 8
_SMALL_VOXELS = 512
#: Shapes that were smoothed. Small ones repeat: of 130 fragments of a scan about 60 are different. Large ones
#: are few, but a filter that deletes fragments leaves them as they are.
_SMALL_SHAPES: Memory[Shape] = Memory(4096)
_LARGE_SHAPES: Memory[Shape] = Memory(8)
_NOWHERE = np.zeros(3)
#: A triangle is tested again when one of its vertices is farther from where it was tested last: less than a
#: float32 coordinate shows.
_STILL_VOXELS = 1e-6
#: Of a voxel: float32 holds these exactly up to 256 voxels from the first.
_STORED_STEPS = 2.0**16


def volume_true(mask: Mask, affine: Affine, components: Numbers | None = None) -> Mesh:
    """Smooth a mask's surface without changing its volume or topology.

    Args:
        mask: (x, y, z) bool.
        affine: (4, 4), voxel index to RAS+ mm; any spacing, any orientation.
        components: (x, y, z) integers, the number of every voxel's component; each is smoothed alone and has
            exactly its voxels' volume. None smooths the mask as one.

    Returns:
        Vertices in voxel indices; the empty mesh for an empty mask.
    """
    frame = _frame(affine)
    return meshed(mask, affine, components, lambda piece: _smoothed(piece, frame))


def _frame(affine: Affine) -> Points:
    """Return the axes' lengths and angles in mm as an upper triangular matrix, without where they point."""
    linear = affine[:3, :3]
    frame: Points = np.ascontiguousarray(np.linalg.cholesky(linear.T @ linear).T, np.float64)
    return frame


def _smoothed(mask: Mask, frame: Points) -> Shape:
    kept = _LARGE_SHAPES if np.count_nonzero(mask) > _SMALL_VOXELS else _SMALL_SHAPES
    key = (mask.shape, hashlib.sha256(np.packbits(mask).tobytes()).digest(), frame.tobytes())
    return kept.take(key, lambda: _lasting(*_smooth(mask, frame)))


def forget() -> None:
    """Forget the shapes that were smoothed; for measurements, which would else measure memory."""
    _SMALL_SHAPES.forget()
    _LARGE_SHAPES.forget()


def _lasting(points: Points, faces: Faces) -> Shape:
    points.flags.writeable = faces.flags.writeable = False
    return points, faces


def _smooth(mask: Mask, frame: Points) -> Shape:
    voxel_count = int(np.count_nonzero(mask))
    division = next((k for most, k in DIVISIONS if voxel_count <= most), 1)
    home = _divided_boundary(mask, division)
    smooth = relaxed(home, REACH_VOXELS, *_relaxation(frame, division))
    parts = list(shells(home.faces, len(home.points)))
    volumes = [volume * float(np.linalg.det(frame)) for volume in _shell_volumes(parts, home, voxel_count)]
    freedom = np.ones(len(home.points))
    tested = np.full_like(home.points, np.inf)
    back = np.linalg.inv(frame).astype(np.float64)
    for _ in range(_ATTEMPTS):
        # lengths and normals are those of the world
        placed = mapped(_between(home.points, smooth, freedom), frame, _NOWHERE)
        placed = _offset(placed, parts, volumes, freedom)
        # tested is what will be stored: vertices a float32 apart could else change sides
        own = np.rint(mapped(placed, back, _NOWHERE) * _STORED_STEPS) / _STORED_STEPS
        placed = mapped(own, frame, _NOWHERE)
        moved = _moved(placed, tested, _STILL_VOXELS * frame[0, 0])
        crossing = crossing_pairs(placed, home.faces, _touched(home.faces, moved))
        if not len(crossing):
            break
        freedom[_around(home, crossing)] *= 0.5
    return own, home.faces


def _offset(placed: Points, parts: list[Shell], volumes: list[float], freedom: Points) -> Points:
    """Give every shell its volume."""
    if len(parts) == 1:
        return offset_to_volume(placed, parts[0].faces, volumes[0], freedom)
    for part, volume in zip(parts, volumes, strict=True):
        own, share = placed[part.vertices], freedom[part.vertices]
        placed[part.vertices] = offset_to_volume(own, part.faces, volume, share)
    return placed


def _divided_boundary(mask: Mask, division: int) -> Boundary:
    if division == 1:
        return boundary(mask)
    built = boundary(mask.repeat(division, 0).repeat(division, 1).repeat(division, 2))
    return built._replace(points=(built.points + 0.5) / division - 0.5)


def _shell_volumes(parts: list[Shell], home: Boundary, voxel_count: int) -> list[float]:
    """Signed volume in voxels of a component's outer shell and of those around its cavities.

    A cavity keeps the volume it has at home, the outer shell makes up for the necks' share: the sum is exact.
    """
    volumes = [float(sixfold_volumes(home.points[part.vertices], part.faces).sum()) / 6 for part in parts]
    outer = volumes.index(max(volumes))
    volumes[outer] += voxel_count - sum(volumes)
    return volumes


def _relaxation(frame: Points, division: int) -> tuple[int, float]:
    """Return rounds and pass band: a wave has more edges the finer the lattice and the flatter the voxels."""
    lengths = np.linalg.norm(frame, axis=0)
    stretch = min(float(lengths.max() / lengths.min()), MOST_STRETCH)
    if division == 1:
        return round(ROUNDS * stretch), PASS_BAND
    return round(DIVIDED_ROUNDS * division**2 * stretch), DIVIDED_PASS_BAND / division**2


def _around(home: Boundary, crossing: npt.NDArray[np.int64]) -> Flags:
    """Mark the vertices of crossing triangles and their neighbours."""
    marked = np.zeros(len(home.points), np.bool_)
    marked[home.faces[crossing]] = True
    sources = np.repeat(np.arange(len(home.points)), np.diff(home.starts))
    marked[home.neighbours[marked[sources]]] = True
    return marked


@njit(cache=True)
def _between(home: Points, smooth: Points, freedom: Points) -> Points:
    """Go a share of each vertex's way from home to where it would be smooth."""
    places = np.empty_like(home)
    for vertex in range(len(home)):
        for axis in range(3):
            way = smooth[vertex, axis] - home[vertex, axis]
            places[vertex, axis] = home[vertex, axis] + freedom[vertex] * way
    return places


@njit(cache=True)
def _moved(placed: Points, tested: Points, still: float) -> Flags:
    """Mark vertices that are no longer where they were tested; note that they are now."""
    moved = np.zeros(len(placed), np.bool_)
    for vertex in range(len(placed)):
        for axis in range(3):
            moved[vertex] |= abs(placed[vertex, axis] - tested[vertex, axis]) > still
        if moved[vertex]:
            tested[vertex] = placed[vertex]
    return moved


@njit(cache=True)
def _touched(faces: Faces, marked: Flags) -> Flags:
    """Mark the triangles that have a marked vertex."""
    touched = np.empty(len(faces), np.bool_)
    for face in range(len(faces)):
        touched[face] = marked[faces[face, 0]] | marked[faces[face, 1]] | marked[faces[face, 2]]
    return touched
