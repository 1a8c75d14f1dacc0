"""What the meshing benchmarks mesh: a tumour-like label map, its brain, fragments; made, always the same."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

SHAPE = (240, 240, 155)

Labels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def brain(seed: int = 0) -> Mask:
    """Make an ellipsoid with folds, the size of an adult's brain, Fortran-ordered as nibabel reads."""
    fold = _noise(seed, 6.0)
    places = (np.indices(SHAPE).T - [120, 120, 78]).T / np.array([62, 82, 62])[:, None, None, None]
    return np.asfortranarray((places**2).sum(axis=0) + 0.12 * fold < 1)


def tumour(seed: int = 0) -> Labels:
    """Make nested labels 1 inside 3 inside 2, as rough as real ones are, and 130 fragments outside."""
    places = (np.indices(SHAPE).T - [95, 130, 85]).T / np.array([36, 34, 30])[:, None, None, None]
    radius = (places**2).sum(axis=0) + 0.35 * _noise(seed, 3.5)
    labels = np.zeros(SHAPE, np.uint8)
    labels[radius < 1] = 2
    labels[radius < 0.42] = 3
    labels[radius < 0.22] = 1
    for blob in fragments(130, seed):
        _set_outside(labels, blob, np.random.default_rng(seed + int(blob.sum())))
    return np.asfortranarray(labels)


def fragments(count: int, seed: int = 0) -> list[Mask]:
    """Grow 26-connected fragments voxel by voxel, half of them of one voxel."""
    rng = np.random.default_rng(seed)
    sizes = np.where(rng.random(count) < 0.5, 1, np.minimum(60, rng.geometric(0.08, count)))
    return [_grown(int(size), rng) for size in sizes]


def _grown(size: int, rng: np.random.Generator) -> Mask:
    cells = [(0, 0, 0)]
    while len(cells) < size:
        x, y, z = np.array(cells[rng.integers(len(cells))]) + rng.integers(-1, 2, 3)
        if (int(x), int(y), int(z)) not in cells:
            cells.append((int(x), int(y), int(z)))
    places = np.array(cells) - np.min(cells, axis=0)
    mask = np.zeros(places.max(axis=0) + 1, np.bool_)
    mask[tuple(places.T)] = True
    return mask


def _set_outside(labels: Labels, blob: Mask, rng: np.random.Generator) -> None:
    for _ in range(100):
        corner = rng.integers([60, 90, 50], [140, 180, 120])
        box = tuple(slice(a - 1, a + n + 1) for a, n in zip(corner, blob.shape, strict=True))
        if not labels[box].any():
            inner = tuple(slice(side.start + 1, side.stop - 1) for side in box)
            labels[inner][blob] = rng.integers(1, 4)
            return


def _noise(seed: int, width: float) -> npt.NDArray[np.float64]:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(SHAPE), width)
    return np.asarray(noise / noise.std(), np.float64)
