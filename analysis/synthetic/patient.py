"""One synthetic patient: a scan with its ground truth and two networks' label maps."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_dilation

from analysis.cohort.label_map import Affine, Labels
from analysis.synthetic.brain import Brain, make_brain
from analysis.synthetic.cases import CASE_SKILL, CASES, Case, Scene
from analysis.synthetic.contrasts import render_contrasts
from analysis.synthetic.counts import Draw, FragmentCounts, draw_patient
from analysis.synthetic.fragments import Maps, Surroundings, scatter_fragments
from analysis.synthetic.grid import Grid, Window
from analysis.synthetic.noise import add_noise, smooth_noise
from analysis.synthetic.predictions import draw_skill, predict
from analysis.synthetic.roster import Visit
from analysis.synthetic.topology import absorb_fragments
from analysis.synthetic.tumour import (
    Lesion,
    Site,
    Volumes,
    ball_radius_mm,
    choose_site,
    grow_lesion,
    true_outline,
)

Image = npt.NDArray[np.int16]
Generators = list[np.random.Generator]
_SATELLITE_SHARE = 0.2
_FAR_MM = np.float32(500)


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticPatient:
    """A patient's volumes, all (x, y, z) on one grid in Fortran order, as nibabel keeps them.

    Attributes:
        visit: who, and when.
        affine: (4, 4) voxel index to RAS+ mm.
        reference: uint8 label map.
        baseline: uint8 label map.
        distmap: uint8 label map.
        images: contrast name (t1n, t1c, t2w, t2f) to int16; empty if none were asked for.
        fragments: counts by label that the maps have, exactly.
    """

    visit: Visit
    affine: Affine
    reference: Labels
    baseline: Labels
    distmap: Labels
    images: Mapping[str, Image]
    fragments: Mapping[int, FragmentCounts]


def make_patient(seed: int, visit: Visit, grid: Grid, *, with_images: bool) -> SyntheticPatient:
    """Make a patient. The same seed, visit and grid give the same voxels, whoever else is made.

    Args:
        seed: of the study.
        visit: who, and when.
        grid: voxels.
        with_images: whether to render the four MRI contrasts as well.
    """
    subject = _generators(4, seed, visit.subject)
    # From 1: a seed sequence takes a missing word for 0.
    own = _generators(5, seed, visit.subject, visit.timepoint + 1)
    case = CASES[visit.case] if visit.case else None
    draw, site = _draw(subject[0], own[0], visit, case)
    window = grid.head
    brain = make_brain(subject[1], window, site.mass)
    lesion = grow_lesion(subject[2], window, brain, site, _volumes(draw, grid))
    maps = _outlines(own[1], window, lesion, case)
    if case:
        case.stage(_scene(own[2], window, brain, lesion, _satellite(draw, site), maps))
    counts = scatter_fragments(own[3], maps, _surroundings(window, brain, lesion), _scaled(draw, grid))
    images = render_contrasts(own[4], window, brain, maps[0]) if with_images else {}
    reference, baseline, distmap = (window.embed(labels) for labels in maps)
    embedded = {name: window.embed(image) for name, image in images.items()}
    return SyntheticPatient(visit, grid.affine, reference, baseline, distmap, embedded, counts)


def _generators(count: int, *words: int) -> Generators:
    """Make independent generators for independent steps: a change of one leaves the others' numbers alone."""
    return [np.random.default_rng(seed) for seed in np.random.SeedSequence(words).spawn(count)]


def _draw(
    subject: np.random.Generator, own: np.random.Generator, visit: Visit, case: Case | None
) -> tuple[Draw, Site]:
    """Draw volumes, counts and place; at a second visit the same tumour has grown and is segmented anew."""
    draw = draw_patient(subject)
    if case:
        draw = case.prepare(draw)
    site = choose_site(subject, ball_radius_mm(draw.wt_voxels), ball_radius_mm(draw.tc_voxels))
    if visit.timepoint == 0:
        return draw, site
    growth = own.uniform(1.15, 1.6)
    whole, core, enhancing = (
        round(growth * voxels) for voxels in (draw.wt_voxels, draw.tc_voxels, draw.et_voxels)
    )
    later = Draw(whole, core, enhancing, draw_patient(own).fragments)
    radii = ball_radius_mm(later.wt_voxels), ball_radius_mm(later.tc_voxels)
    return later, replace(site, whole_mm=radii[0], core_mm=radii[1])


def _volumes(draw: Draw, grid: Grid) -> Volumes:
    voxels = (draw.wt_voxels, draw.tc_voxels, draw.et_voxels)
    return Volumes(*(round(count / grid.spacing_mm**3) for count in voxels))


def _scaled(draw: Draw, grid: Grid) -> dict[int, FragmentCounts]:
    """Fragments live on surfaces: on coarser voxels there are fewer by the square of the spacing."""
    return {
        label: FragmentCounts(*(round(count / grid.spacing_mm**2) for count in astuple(counts)))
        for label, counts in draw.fragments.items()
    }


def _outlines(rng: np.random.Generator, window: Window, lesion: Lesion, case: Case | None) -> Maps:
    """(3, z, y, x) reference, Baseline and DistMap, one component a label."""
    skill = CASE_SKILL if case else draw_skill(rng)
    maps = np.zeros((3, *window.shape_zyx), np.uint8)
    for labels, drawn in zip(maps, (true_outline(lesion), *predict(rng, lesion, skill)), strict=True):
        absorb_fragments(drawn)
        labels[lesion.box] = drawn
    return maps


def _satellite(draw: Draw, site: Site) -> tuple[Draw, Site]:
    """A second, smaller lesion of the same make in the other hemisphere."""
    whole, core, enhancing = (
        round(_SATELLITE_SHARE * voxels) for voxels in (draw.wt_voxels, draw.tc_voxels, draw.et_voxels)
    )
    x, y, z = site.middle
    radii = ball_radius_mm(whole), ball_radius_mm(core)
    there = replace(site, middle=(-x, y, z), whole_mm=radii[0], core_mm=radii[1])
    return Draw(whole, core, enhancing, {}), there


def _scene(
    rng: np.random.Generator,
    window: Window,
    brain: Brain,
    lesion: Lesion,
    second: tuple[Draw, Site],
    maps: Maps,
) -> Scene:
    draw, site = second
    satellite = grow_lesion(rng, window, brain, site, _volumes(draw, window.grid))
    labels = np.zeros(window.shape_zyx, np.uint8)
    labels[satellite.box] = true_outline(satellite)
    # Apart from the first lesion in every map, so that the consensus rule sees it alone.
    labels[binary_dilation(np.any(maps, axis=0), iterations=3)] = 0
    absorb_fragments(labels)
    front = np.zeros(window.shape_zyx, np.float32)
    add_noise(front, window.to_head, smooth_noise(rng, 6.0), 3.0)
    front += (window.to_head[1, 1] * np.arange(window.shape[1], dtype=np.float32))[:, None]
    return Scene(maps, labels, front, _embedded(lesion.core, lesion, window))


def _embedded(field: npt.NDArray[np.float32], lesion: Lesion, window: Window) -> npt.NDArray[np.float32]:
    whole = np.full(window.shape_zyx, _FAR_MM)
    whole[lesion.box] = np.minimum(field, _FAR_MM)
    return whole


def _surroundings(window: Window, brain: Brain, lesion: Lesion) -> Surroundings:
    return Surroundings(
        brain.mask,
        _embedded(lesion.whole, lesion, window),
        _embedded(lesion.core, lesion, window),
        window.grid.spacing_mm**3,
    )
