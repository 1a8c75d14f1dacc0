"""Small label maps and masks for laws, and the ways in which one volume can lie in memory and in space."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Labels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Spacing = tuple[float, float, float]
Turn = tuple[tuple[int, int, int], tuple[int, ...]]

SPACINGS = st.sampled_from([(1.0, 1.0, 1.0), (0.5, 0.5, 3.0), (1.0, 1.3, 1.7), (2.0, 1.0, 1.0)])
SHAPES = hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6)
MEMORY_ORDERS: list[Callable[[Labels], Labels]] = [
    np.ascontiguousarray,
    np.asfortranarray,
    lambda volume: volume[::-1, :, ::-1].copy()[::-1, :, ::-1],
    lambda volume: volume.transpose(1, 2, 0).copy().transpose(2, 0, 1),
]


@st.composite
def label_maps(draw: st.DrawFn, count: int = 1, shape: tuple[int, int, int] | None = None) -> list[Labels]:
    """Some label maps of labels 0 to 3 on one grid, anything from empty to full."""
    size = draw(SHAPES) if shape is None else shape
    volumes = []
    for _ in range(count):
        labels = draw(hnp.arrays(np.uint8, size, elements=st.integers(0, 3)))
        dense = draw(st.sampled_from([0.0, 0.2, 0.5, 1.0]))
        seed = draw(st.integers(0, 99))
        volumes.append(labels * (np.random.default_rng(seed).random(size) < dense).astype(np.uint8))
    return volumes


@st.composite
def mask_pairs(draw: st.DrawFn) -> tuple[Mask, Mask]:
    """Two masks on one grid, neither of them empty."""
    one, other = draw(label_maps(count=2))
    masks = []
    for labels in (one, other):
        mask = labels > 0
        place = tuple(draw(st.integers(0, side - 1)) for side in mask.shape)
        mask[place] = True
        masks.append(mask)
    return masks[0], masks[1]


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    """An order of the axes, and the axes to flip afterwards."""
    axes = draw(st.permutations(range(3)))
    flips = draw(st.lists(st.sampled_from([0, 1, 2]), unique=True))
    return (axes[0], axes[1], axes[2]), tuple(flips)


def turned(volume: npt.NDArray[np.generic], turn: Turn) -> Labels:
    """A volume with its axes swapped and flipped, as another scanner might store it."""
    axes, flips = turn
    return np.ascontiguousarray(np.flip(volume.transpose(axes), flips))


def turned_affine(
    affine: npt.NDArray[np.float64],
    shape: tuple[int, ...],
    turn: Turn,
) -> npt.NDArray[np.float64]:
    """The affine that keeps every voxel of `turned` where it was in the world."""
    axes, flips = turn
    back = np.zeros((4, 4))
    back[3, 3] = 1
    for place, axis in enumerate(axes):
        back[axis, place] = -1 if place in flips else 1
        back[axis, 3] = shape[axis] - 1 if place in flips else 0
    return affine @ back


def grid(spacing_mm: Spacing) -> npt.NDArray[np.float64]:
    """An affine along the world's axes."""
    return np.diag([*spacing_mm, 1.0])


def oblique(spacing_mm: Spacing) -> npt.NDArray[np.float64]:
    """The same grid turned by 30 degrees about z and 20 degrees about x."""
    about_z, about_x = np.radians(30), np.radians(20)
    z = np.array([[np.cos(about_z), -np.sin(about_z), 0], [np.sin(about_z), np.cos(about_z), 0], [0, 0, 1]])
    x = np.array([[1, 0, 0], [0, np.cos(about_x), -np.sin(about_x)], [0, np.sin(about_x), np.cos(about_x)]])
    affine = np.eye(4)
    affine[:3, :3] = z @ x @ np.diag(spacing_mm)
    affine[:3, 3] = (-90.0, 126.0, -72.0)
    return affine
