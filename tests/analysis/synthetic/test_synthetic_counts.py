"""The sampler of volumes and fragment counts against the published cohort."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.synthetic import counts
from analysis.synthetic.counts import ED, ET, NCR, Draw, draw_patient

DRAWS = 600
# Means and standard deviations over the 1196 scans of `fragments_topological_cv.csv` (Cassez 2026, MIT):
# fragments of Baseline, DistMap and CC-Consensus; `test_the_constants_here_are_the_published_ones` recomputes
# them.
PUBLISHED = {
    NCR: ((79.65, 61.8), (93.25, 73.7), (31.31, 29.0)),
    ED: ((28.86, 36.7), (35.29, 47.6), (16.96, 23.3)),
    ET: ((2.15, 5.51), (2.33, 6.18), (1.57, 3.97)),
}
# Pearson correlation of log(1 + count) between Baseline and DistMap in the same table.
PUBLISHED_CORRELATION = {NCR: 0.93, ED: 0.95, ET: 0.86}
METHODS = ("baseline", "distmap", "consensus")
NAMES = {NCR: "NCR", ED: "ED", ET: "ET"}


@pytest.fixture(scope="module")
def draws() -> list[Draw]:
    return [draw_patient(np.random.default_rng([17, number])) for number in range(DRAWS)]


def table(draws: list[Draw], label: int) -> np.ndarray:
    """(draws, 3) fragments of the two networks and the consensus."""
    return np.array([[getattr(draw.fragments[label], method) for method in METHODS] for draw in draws])


@pytest.mark.parametrize("label", [NCR, ED, ET], ids=NAMES.get)
def test_mean_fragment_counts_are_the_published_ones_within_three_standard_errors(
    draws: list[Draw], label: int
) -> None:
    means = table(draws, label).mean(axis=0)
    for mean, (expected, spread) in zip(means, PUBLISHED[label], strict=True):
        assert abs(mean - expected) < 3 * spread / np.sqrt(DRAWS)


@pytest.mark.parametrize("label", [NCR, ED, ET], ids=NAMES.get)
def test_the_spread_of_fragment_counts_is_the_published_one(draws: list[Draw], label: int) -> None:
    # ET counts are 0 to 123 with a median of 1: a few draws decide their spread.
    tolerance = 0.45 if label == ET else 0.2
    spreads = table(draws, label).std(axis=0)
    for spread, (_, expected) in zip(spreads, PUBLISHED[label], strict=True):
        assert spread == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("label", [NCR, ED, ET], ids=NAMES.get)
def test_a_patient_with_many_fragments_in_one_network_has_many_in_the_other(
    draws: list[Draw], label: int
) -> None:
    logs = np.log1p(table(draws, label)[:, :2])
    assert np.corrcoef(logs.T)[0, 1] == pytest.approx(PUBLISHED_CORRELATION[label], abs=0.08)


def test_the_consensus_never_has_more_fragments_than_a_network(draws: list[Draw]) -> None:
    for label in (NCR, ED, ET):
        found = table(draws, label)
        assert (found[:, 2] <= found[:, :2].min(axis=1)).all()


def test_regions_are_nested_and_tumours_as_large_as_the_published(draws: list[Draw]) -> None:
    volumes = np.array([[draw.wt_voxels, draw.tc_voxels, draw.et_voxels] for draw in draws])
    assert (np.diff(volumes, axis=1) <= 0).all()
    assert volumes.mean(axis=0) == pytest.approx([95_940, 36_204, 21_637], rel=0.12)
    assert volumes.std(axis=0) == pytest.approx([57_300, 30_250, 18_210], rel=0.2)
    # 32 of 1196 scans have no enhancing tumour.
    assert 4 < (volumes[:, 2] == 0).sum() < 35


def test_the_correlations_are_those_of_some_random_variables() -> None:
    matrix = counts._factor() @ counts._factor().T
    np.testing.assert_allclose(np.diag(matrix), 1)
    assert matrix.shape == (12, 12)


def test_the_constants_here_are_the_published_ones(test_data: Path) -> None:
    published = pd.read_csv(test_data / "published" / "fragments_topological_cv.csv")
    for label, rows in PUBLISHED.items():
        columns = [published[f"frags_{letter}_{NAMES[label]}"] for letter in "BDF"]
        for column, (mean, spread) in zip(columns, rows, strict=True):
            assert column.mean() == pytest.approx(mean, abs=0.01)
            assert column.std() == pytest.approx(spread, rel=0.005)
        logs = np.log1p(np.array(columns[:2]))
        assert np.corrcoef(logs)[0, 1] == pytest.approx(PUBLISHED_CORRELATION[label], abs=0.006)
