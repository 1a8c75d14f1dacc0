"""How far a surface is from the mask it stands for: volume, pieces, topology, distance, crossings."""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from meshing.boxes import Slices, bounding_box
from meshing.euler import euler_number
from meshing.intersections import self_intersection_count
from meshing.mesh import Affine, Mesh, Numbers, parts_of, signed_volume_mm3, world_vertices
from meshing.triangles import areas, mapped, piece_numbers, sixfold_volumes

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What a surface keeps of its mask. All of an empty mask is 0, its ratio and distances NaN.

    Attributes:
        volume_ratio: volume enclosed / volume of the voxels.
        component_count: components of the mask as its caller numbers them (1 if nobody did).
        piece_count: closed pieces that enclose volume.
        cavity_count: closed pieces that face a void inside.
        kept_component_count: components that are exactly one piece; where vertices carry no numbers, as
            many as there can be.
        has_all_components: each component is exactly one piece.
        euler_number: vertices - edges + faces of the surface.
        mask_euler_number: what it is for the boundary of the mask, inside 26-, outside 6-connected; equal
            numbers of pieces and cavities and this one together mean the same topology.
        is_closed: every edge belongs to two triangles (a voxel surface has T-junctions and is not).
        is_oriented: they run along it in opposite directions.
        mean_distance_mm: mean over the surface (area-weighted, at triangle centres) to the voxels' surface.
        largest_distance_mm: largest at a vertex or triangle centre.
        self_intersection_count: pairs of triangles that cross, see `meshing.intersections`.
    """

    volume_ratio: float
    component_count: int
    piece_count: int
    cavity_count: int
    kept_component_count: int
    has_all_components: bool
    euler_number: int
    mask_euler_number: int
    is_closed: bool
    is_oriented: bool
    mean_distance_mm: float
    largest_distance_mm: float
    self_intersection_count: int

    def as_extras(self) -> dict[str, float | None]:
        """Return the figures for a file: seven digits of each, NaN as null."""
        return {key: _stored(value) for key, value in asdict(self).items()}


def fidelity(mesh: Mesh, mask: Mask, affine: Affine, components: Numbers | None = None) -> Fidelity:
    """Hold a surface against its mask.

    Args:
        mesh: in any coordinates; its `to_world` says where it lies.
        mask: (x, y, z) bool.
        affine: (4, 4), voxel index to RAS+ mm.
        components: (x, y, z) the caller's component numbers; None takes the mask as one.
    """
    box = bounding_box(mask)
    crop = np.ascontiguousarray(mask[box])
    numbers = None if components is None else np.where(crop, components[box], 0)
    counted = _component_count(crop, numbers)
    expected = 2 * euler_number(crop)
    if mesh.is_empty or not crop.size:
        return Fidelity(np.nan, counted, 0, 0, 0, counted == 0, 0, expected, True, True, np.nan, np.nan, 0)
    outer, inner = _piece_counts(mesh)
    is_closed, is_oriented, edge_count = _edges(mesh)
    mean_mm, largest_mm = _distances_to(mesh, crop, _placed(affine, box))
    return Fidelity(
        volume_ratio=signed_volume_mm3(mesh) / _volume_mm3(crop, affine),
        component_count=counted,
        piece_count=sum(outer.values()),
        cavity_count=inner,
        kept_component_count=_kept(mesh, outer, counted),
        has_all_components=len(outer) == counted and all(count == 1 for count in outer.values()),
        euler_number=len(mesh.vertices) - edge_count + len(mesh.faces),
        mask_euler_number=expected,
        is_closed=is_closed,
        is_oriented=is_oriented,
        mean_distance_mm=mean_mm,
        largest_distance_mm=largest_mm,
        self_intersection_count=_crossings(mesh),
    )


def distances_mm(mesh: Mesh, mask: Mask, affine: Affine) -> tuple[float, float]:
    """Measure how far a surface runs from the voxels' surface.

    From each place to the nearest voxel of the other kind: from inside to outside voxels, from outside to
    inside ones; exact for axes at right angles.

    Returns:
        The area-weighted mean at the triangles' centres, and the largest at any vertex or centre, in mm.
        NaN for the empty mesh or mask.
    """
    if mesh.is_empty or not mask.any():
        return np.nan, np.nan
    box = bounding_box(mask)
    return _distances_to(mesh, np.ascontiguousarray(mask[box]), _placed(affine, box))


def _stored(value: float) -> float | None:
    if not isinstance(value, float):
        return value
    return None if np.isnan(value) else float(f"{value:.7g}")


def _placed(affine: Affine, box: Slices) -> Affine:
    """Return the affine of a crop."""
    moved = affine.copy()
    moved[:3, 3] += affine[:3, :3] @ [side.start for side in box]
    return moved


def _volume_mm3(mask: Mask, affine: Affine) -> float:
    return int(np.count_nonzero(mask)) * abs(float(np.linalg.det(affine[:3, :3])))


def _distances_to(mesh: Mesh, mask: Mask, affine: Affine) -> tuple[float, float]:
    world = world_vertices(mesh)
    own = mapped(world, *parts_of(np.linalg.inv(affine)))
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    # two voxels of outside around: nearly every place asked for then has its neighbours in the array
    inside, shifted = np.pad(mask, 2).view(np.uint8), own + 2
    centres = _distances(inside, shifted[mesh.faces].mean(axis=1), spacing)
    corners = _distances(inside, shifted, spacing)
    mean = float(np.average(centres, weights=areas(world, mesh.faces)))
    return mean, float(max(centres.max(), corners.max()))


def _component_count(mask: Mask, components: Numbers | None) -> int:
    if components is None:
        return int(mask.any())
    return int(np.count_nonzero(np.bincount(components.ravel())[1:]))


def _kept(mesh: Mesh, outer: dict[int, int], component_count: int) -> int:
    if mesh.components is None:
        return min(sum(outer.values()), component_count)
    return sum(count == 1 for count in outer.values())


def _crossings(mesh: Mesh) -> int:
    """Count triangles that cross; those of a voxel lattice only touch.

    For a face to pass through another, two inside voxels would have to lie on both sides of it.
    """
    return 0 if mesh.is_lattice else self_intersection_count(world_vertices(mesh), mesh.faces)


def _piece_counts(mesh: Mesh) -> tuple[dict[int, int], int]:
    """Count the outer pieces of each component number, and the inner ones of all.

    A voxel surface has T-junctions: its pieces are taken to be its components.
    """
    numbers = np.zeros(len(mesh.vertices), np.uint32) if mesh.components is None else mesh.components
    if mesh.is_lattice:
        return dict.fromkeys(np.unique(numbers).tolist(), 1), 0
    piece = piece_numbers(mesh.faces, len(mesh.vertices))
    count = int(piece.max()) + 1
    world = world_vertices(mesh)
    sixfold = sixfold_volumes(world - world.mean(axis=0), mesh.faces)
    volumes = np.bincount(piece[mesh.faces[:, 0]], sixfold, count)
    owners = np.zeros(count, np.uint32)
    owners[piece] = numbers
    outer, counts = np.unique(owners[volumes > 0], return_counts=True)
    return dict(zip(outer.tolist(), counts.tolist(), strict=True)), int((volumes < 0).sum())


def _edges(mesh: Mesh) -> tuple[bool, bool, int]:
    """Say whether the surface is closed and oriented, and how many edges it has."""
    a, b, c = mesh.faces.T.astype(np.int64)
    one, other = np.r_[a, b, c], np.r_[b, c, a]
    # upwards and downwards once each, as on any sound surface: then one sorting of each tells
    up = one < other
    upwards, downwards = (
        np.sort(p[q] * len(mesh.vertices) + r[q]) for p, q, r in ((one, up, other), (other, ~up, one))
    )
    if np.array_equal(upwards, downwards) and (upwards[1:] != upwards[:-1]).all():
        return True, True, len(upwards)
    low, high = np.minimum(one, other), np.maximum(one, other)
    keys, first, counts = np.unique(low * len(mesh.vertices) + high, return_inverse=True, return_counts=True)
    balance = np.bincount(first, np.where(one < other, 1, -1), len(keys))
    return bool((counts == 2).all()), bool((balance == 0).all()), len(keys)


@njit(cache=True, nogil=True)
def _distances(inside: npt.NDArray[np.uint8], points: Points, spacing: Points) -> Points:
    distances = np.empty(len(points))
    nearest = spacing.min()
    nx, ny, nz = inside.shape
    gaps = np.empty((3, 3))
    for p in range(len(points)):
        x, y, z = np.rint(points[p]).astype(np.int64)
        here = _value(inside, x, y, z)
        best, ring = np.inf, 1
        if 0 < x < nx - 1 and 0 < y < ny - 1 and 0 < z < nz - 1:
            best, ring = _nearest_neighbour(inside, points[p], spacing, (x, y, z), gaps), 2
        # voxels of the ring after this one are at least `ring` voxels away
        while ring == 1 or best > ((ring - 1) * nearest) ** 2:
            best = min(best, _nearest_in_ring(inside, points[p], spacing, (x, y, z, ring, here)))
            ring += 1
        distances[p] = best**0.5
    return distances


@njit(cache=True)
def _nearest_neighbour(
    inside: npt.NDArray[np.uint8], point: Points, spacing: Points, place: tuple[int, int, int], gaps: Points
) -> float:
    """Squared distance to the nearest of the 26 voxels around a point's own that is of the other kind."""
    x, y, z = place
    here = inside[x, y, z]
    for axis in range(3):
        off = point[axis] - place[axis]
        gaps[axis, 0] = ((off + 0.5) * spacing[axis]) ** 2
        gaps[axis, 1] = 0.0
        gaps[axis, 2] = ((0.5 - off) * spacing[axis]) ** 2
    best = np.inf
    for dx in range(3):
        for dy in range(3):
            across = gaps[0, dx] + gaps[1, dy]
            for dz in range(3):
                if inside[x + dx - 1, y + dy - 1, z + dz - 1] != here:
                    best = min(best, across + gaps[2, dz])
    return best


@njit(cache=True)
def _nearest_in_ring(
    inside: npt.NDArray[np.uint8], point: Points, spacing: Points, place: tuple[int, int, int, int, int]
) -> float:
    """Squared distance to the nearest voxel of the other kind that is `ring` voxels from the point's own."""
    x, y, z, ring, here = place
    best = np.inf
    for dx in range(-ring, ring + 1):
        for dy in range(-ring, ring + 1):
            is_side = abs(dx) == ring or abs(dy) == ring
            for dz in range(-ring, ring + 1, 1 if is_side else 2 * ring):
                if _value(inside, x + dx, y + dy, z + dz) != here:
                    gap_x = max(abs(point[0] - x - dx) - 0.5, 0) * spacing[0]
                    gap_y = max(abs(point[1] - y - dy) - 0.5, 0) * spacing[1]
                    gap_z = max(abs(point[2] - z - dz) - 0.5, 0) * spacing[2]
                    best = min(best, gap_x**2 + gap_y**2 + gap_z**2)
    return best


@njit(cache=True)
def _value(inside: npt.NDArray[np.uint8], x: int, y: int, z: int) -> int:
    """Say what a voxel is; beyond the array is outside."""
    nx, ny, nz = inside.shape
    return inside[x, y, z] if 0 <= x < nx and 0 <= y < ny and 0 <= z < nz else 0
