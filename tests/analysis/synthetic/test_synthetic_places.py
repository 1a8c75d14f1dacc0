"""Grids, windows, noise and rosters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cohort.label_map import spacing_mm
from analysis.subjects import subject_of
from analysis.synthetic.grid import GRIDS
from analysis.synthetic.noise import add_noise, labyrinth, noise_at, smooth_noise
from analysis.synthetic.roster import FOLDS, visits


def test_the_full_grid_is_that_of_brats() -> None:
    grid = GRIDS["full"]
    assert grid.shape == (240, 240, 155)
    np.testing.assert_array_equal(grid.affine, [[-1, 0, 0, 0], [0, -1, 0, 239], [0, 0, 1, 0], [0, 0, 0, 1]])


def test_the_small_grid_has_voxels_of_two_mm_and_the_same_outer_corner() -> None:
    grid = GRIDS["small"]
    assert grid.shape == (120, 120, 78)
    assert spacing_mm(grid.affine) == (2, 2, 2)
    corner = np.array([-0.5, -0.5, -0.5, 1])
    np.testing.assert_allclose(grid.affine @ corner, GRIDS["full"].affine @ corner)


@pytest.mark.parametrize("name", GRIDS)
def test_a_window_embeds_its_values_at_its_start_and_nothing_elsewhere(name: str) -> None:
    window = GRIDS[name].head
    values = np.arange(1, np.prod(window.shape) + 1, dtype=np.int32).reshape(window.shape_zyx)
    volume = window.embed(values)
    assert volume.flags.f_contiguous
    assert np.count_nonzero(volume) == values.size
    x, y, z = window.start
    assert volume[x + 3, y + 2, z + 1] == values[1, 2, 3]


@pytest.mark.parametrize("name", GRIDS)
def test_the_middle_of_the_brain_is_at_the_same_place_in_the_world_on_every_grid(name: str) -> None:
    window = GRIDS[name].head
    voxel = np.linalg.inv(window.to_head) @ [0, 0, 0, 1]
    whole = voxel + np.array([*window.start, 0])
    np.testing.assert_allclose((window.grid.affine @ whole)[:3], (-118.5, 106.0, 69.5), atol=1e-9)


def test_noise_has_mean_zero_and_variance_one_and_repeats_itself() -> None:
    noise = smooth_noise(np.random.default_rng(1), 6.0)
    assert noise.values.mean() == pytest.approx(0, abs=1e-3)
    assert noise.values.std() == pytest.approx(1, abs=1e-3)
    period = 32 / noise.per_mm
    assert noise_at(noise, 3.0, 4.0, 5.0) == pytest.approx(
        noise_at(noise, 3.0 + period, 4.0 - period, 5.0), abs=1e-4
    )


def test_noise_is_smooth_over_its_correlation_length() -> None:
    noise = smooth_noise(np.random.default_rng(2), 10.0)
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 200, (4000, 3))
    here = np.array([noise_at(noise, *point) for point in points])
    # White noise under a Gaussian of that sigma: correlation exp(-d2 / 4 sigma2), 0.78 at 10 mm, 0.018 at 40.
    for step_mm, expected in ((10.0, np.exp(-0.25)), (40.0, np.exp(-4))):
        there = np.array([noise_at(noise, x + step_mm, y, z) for x, y, z in points])
        assert np.corrcoef(here, there)[0, 1] == pytest.approx(expected, abs=0.08)


def test_a_field_is_the_same_on_a_fine_and_on_a_coarse_grid() -> None:
    noise = smooth_noise(np.random.default_rng(4), 5.0)
    fine, coarse = np.zeros((8, 8, 8), np.float32), np.zeros((4, 4, 4), np.float32)
    add_noise(fine, np.eye(4), noise, 2.0)
    add_noise(coarse, np.diag([2.0, 2, 2, 1]), noise, 2.0)
    np.testing.assert_allclose(fine[::2, ::2, ::2], coarse, atol=1e-5)


def test_a_labyrinth_grows_by_a_mm_a_mm_at_its_walls() -> None:
    walls = labyrinth(np.random.default_rng(5), 24.0, 0.2)
    steps = [np.roll(walls.values, -1, axis) - walls.values for axis in range(3)]
    steepness = np.linalg.norm(steps, axis=0)[np.abs(walls.values) < 0.5] * walls.per_mm
    assert np.median(steepness) == pytest.approx(1, abs=0.15)


@given(st.integers(1, 60), st.integers(1, 60))
def test_the_first_patients_do_not_depend_on_how_many_follow(few: int, more: int) -> None:
    assert list(visits(few)) == list(visits(few + more))[:few]


def test_ids_are_unique_and_scans_of_a_subject_share_its_fold() -> None:
    scans = list(visits(1196))
    assert len({scan.patient for scan in scans}) == 1196
    folds: dict[str, set[int]] = {}
    for scan in scans:
        folds.setdefault(subject_of(scan.patient), set()).add(scan.fold)
    assert all(len(found) == 1 for found in folds.values())
    assert {fold for found in folds.values() for fold in found} == set(range(FOLDS))
    # 102 of the 1196 published scans are second ones.
    assert 1196 - len(folds) == pytest.approx(102, abs=5)


def test_every_study_of_twelve_has_the_six_cases_and_no_second_scan_is_one() -> None:
    cases = {scan.case: scan for scan in visits(12) if scan.case}
    assert list(cases) == ["C1", "C2", "C3", "C4", "C5", "C6"]
    assert sum(scan.case is not None for scan in visits(200)) == 6
    assert all(scan.timepoint == 0 for scan in cases.values())
