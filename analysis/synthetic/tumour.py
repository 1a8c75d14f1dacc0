"""A glioma: where it sits, how it is shaped, and the ground truth's label map."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Affine, Labels
from analysis.synthetic.brain import Brain, Mass
from analysis.synthetic.counts import ED, ET, NCR
from analysis.synthetic.grid import Window
from analysis.synthetic.noise import Values, add_noise, smooth_noise

BoxSlices = tuple[slice, slice, slice]
_NEVER = np.float32(1e6)
# How far an outline stays from becoming real where a region is absent; only a poor network imagines it.
_ABSENT_BY_MM = 4.0
_WHOLE_DETAIL_MM, _CORE_DETAIL_MM = 0.55, 0.3


class Volumes(NamedTuple):
    """Voxels of the nested regions on the grid at hand."""

    whole: int
    core: int
    enhancing: int


@dataclass(frozen=True, slots=True)
class Site:
    """Where a lesion sits, in mm right, front and up of the middle of the brain.

    Attributes:
        middle: its centre.
        stretch: relative radii of the core along x, y and z; their product is 1.
        whole_mm: radius of a ball with the whole tumour's volume.
        core_mm: the same of the core.
    """

    middle: tuple[float, float, float]
    stretch: tuple[float, float, float]
    whole_mm: float
    core_mm: float

    @property
    def mass(self) -> Mass:
        """How the lesion pushes the brain: the core does, oedema hardly."""
        radius = 1.1 * self.core_mm + 0.3 * self.whole_mm + 4
        return Mass(*self.middle, radius, 0.22 * self.core_mm + 0.05 * self.whole_mm)


@dataclass(frozen=True, slots=True, eq=False)
class Lesion:
    """The fields whose thresholds are the outlines of a lesion, so that a prediction can move each outline.

    Attributes:
        box: the part of the window that the fields cover, z, y and x.
        to_mm: (4, 4) voxel index (x, y, z) in the box to mm.
        whole: (z, y, x) float32, mm beyond the whole tumour's outline, negative inside.
        core: the same for the tumour core.
        rim: mm beyond the enhancing part, counted from the core's outline inwards.
        detail: what an expert draws and a network misses: the finest grain of the outlines, variance 1.
    """

    box: BoxSlices
    to_mm: Affine
    whole: Values
    core: Values
    rim: Values
    detail: Values


def ball_radius_mm(voxels: float, spacing_mm: float = 1.0) -> float:
    """Radius of a ball of so many voxels."""
    return float((3 * voxels / (4 * np.pi)) ** (1 / 3) * spacing_mm)


def choose_site(rng: np.random.Generator, whole_mm: float, core_mm: float) -> Site:
    """Choose a place in one hemisphere's white matter; large tumours lie deeper."""
    side = rng.choice((-1.0, 1.0))
    deep = min(whole_mm, 40.0) / 40
    if rng.random() < 0.25 * (1 - deep):
        middle = (side * rng.uniform(36, 44), rng.uniform(-15, 25), rng.uniform(-26, -12))
    else:
        lateral = rng.uniform(22, 46 - 14 * deep)
        middle = (side * lateral, rng.uniform(-48, 42) * (1 - 0.3 * deep), rng.uniform(6, 44 - 16 * deep))
    stretch = np.exp(rng.normal(0, 0.16, 3))
    x, y, z = (stretch / np.prod(stretch) ** (1 / 3)).tolist()
    return Site(middle, (x, y, z), whole_mm, core_mm)


def grow_lesion(
    rng: np.random.Generator, window: Window, brain: Brain, site: Site, volumes: Volumes
) -> Lesion:
    """Grow a lesion's outlines so that the regions have the volumes asked for.

    Oedema follows white matter, spares the cortex and stops at fluid; the core pushes; the rim is thick here
    and missing there.
    """
    box, to_mm = _around(window, site)
    inside = brain.mask[box]
    here = _Here(rng, to_mm, inside.shape)
    detail = here.noise((1.3, 1.0))
    distance = _distance(here, site)
    core = distance + here.noise((9.0, 0.22 * site.core_mm), (3.2, 1.2)) + 6 * brain.fluid[box]
    whole = 0.55 * distance + 0.45 * core + here.noise((13.0, 0.16 * site.whole_mm), (4.5, 1.6))
    whole += 7 * brain.grey[box] + 26 * brain.fluid[box] + _other_side(here, site)
    whole[~inside] = core[~inside] = _NEVER
    # Each outline is put where, with the finest detail on it, it holds the voxels asked for.
    whole_detail, core_detail = _WHOLE_DETAIL_MM * detail, _CORE_DETAIL_MM * detail
    whole -= _threshold(whole + whole_detail, inside, volumes.whole)
    in_whole = whole + whole_detail < 0
    core -= _threshold(core + core_detail, in_whole, volumes.core)
    rim = here.noise((8.0, 2.2), (2.5, 0.7)) - core
    rim -= _threshold(rim + core_detail, in_whole & (core + core_detail < 0), volumes.enhancing)
    return Lesion(box, to_mm, whole, core, rim, detail)


def true_outline(lesion: Lesion) -> Labels:
    """Draw the label map an expert would, (z, y, x) uint8 in the lesion's box, with the volumes asked for."""
    fine = lesion.detail
    return outline(
        lesion.whole + _WHOLE_DETAIL_MM * fine,
        lesion.core + _CORE_DETAIL_MM * fine,
        lesion.rim + _CORE_DETAIL_MM * fine,
    )


def outline(whole: Values, core: Values, rim: Values) -> Labels:
    """Turn three fields into labels: oedema, then the core in it, then its enhancing part."""
    labels = np.where(whole < 0, np.uint8(ED), np.uint8(0))
    in_core = (labels > 0) & (core < 0)
    labels[in_core] = NCR
    labels[in_core & (rim < 0)] = ET
    return labels


def _around(window: Window, site: Site) -> tuple[BoxSlices, Affine]:
    half = 1.75 * site.whole_mm + 12
    inverse = np.linalg.inv(window.to_head)
    middle = (inverse @ (*site.middle, 1.0))[:3]
    reach = half / window.grid.spacing_mm
    start = np.clip(np.floor(middle - reach), 0, None).astype(int)
    stop = np.minimum(np.ceil(middle + reach).astype(int) + 1, window.shape)
    to_mm = window.to_head.copy()
    to_mm[:3, 3] = (window.to_head @ (*start, 1.0))[:3]
    x, y, z = (slice(int(first), int(last)) for first, last in zip(start, stop, strict=True))
    return (z, y, x), to_mm


class _Here(NamedTuple):
    """The voxels of a lesion's box, and the generator that its shape comes from."""

    rng: np.random.Generator
    to_mm: Affine
    shape: tuple[int, ...]

    def axes(self) -> tuple[Values, Values, Values]:
        """Mm along x, y and z of each voxel, shaped to broadcast over (z, y, x)."""
        nz, ny, nx = self.shape
        x, y, z = (
            (self.to_mm[axis, axis] * np.arange(length) + self.to_mm[axis, 3]).astype(np.float32)
            for axis, length in enumerate((nx, ny, nz))
        )
        return x[None, None, :], y[None, :, None], z[:, None, None]

    def noise(self, *octaves: tuple[float, float]) -> Values:
        """Sum random fields, each given by its correlation length and its standard deviation in mm."""
        field = np.zeros(self.shape, np.float32)
        for correlation_mm, amplitude in octaves:
            noise = smooth_noise(self.rng, correlation_mm, 64 if correlation_mm < 2 else 32)
            add_noise(field, self.to_mm, noise, amplitude)
        return field


def _distance(here: _Here, site: Site) -> Values:
    x, y, z = (
        ((axis - middle) / stretch) ** 2
        for axis, middle, stretch in zip(here.axes(), site.middle, site.stretch, strict=True)
    )
    distance: Values = np.sqrt(x + y + z, dtype=np.float32)
    return distance


def _other_side(here: _Here, site: Site) -> Values:
    """Penalty in mm beyond the midline: the falx stops a tumour, the corpus callosum not quite."""
    x, _, z = here.axes()
    beyond = np.clip(-np.sign(site.middle[0]) * x, 0, 6)
    callosum = np.exp(-(((z - 22) / 8) ** 2))
    penalty: Values = (beyond * (4 - 2.5 * callosum)).astype(np.float32)
    return penalty


def _threshold(field: Values, where: npt.NDArray[np.bool_], voxels: int) -> np.float32:
    """Value below which `where` holds so many voxels."""
    values = field[where]
    values = values[values < _NEVER / 2]
    if voxels <= 0 or not len(values):
        return np.float32(values.min(initial=0) - _ABSENT_BY_MM)
    last = min(voxels, len(values)) - 1
    return np.float32(np.partition(values, last)[last] + 1e-4)
