import itertools
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from training.geodesic import CONVERGED, Normaliser, geodesic_distance, sing_transform
from training.signed_distance import inner_boundary

Array = npt.NDArray[Any]
Scene = tuple[torch.Tensor, torch.Tensor]


def scene(seed: int, shape: tuple[int, ...] = (7, 6, 8), seeds: int = 2) -> Scene:
    random = np.random.default_rng(seed)
    image = torch.from_numpy(random.random(shape, dtype=np.float32) * 3)
    places = torch.zeros(shape, dtype=torch.bool)
    places.view(-1)[torch.from_numpy(random.choice(places.numel(), seeds, replace=False))] = True
    return image, places


def shortest_paths(
    image: Array, seeds: Array, balance: float, spacing_mm: tuple[float, float, float]
) -> Array:
    """Dijkstra on the graph of 26 neighbours."""
    shape = image.shape
    number = np.arange(image.size).reshape(shape)
    rows, columns, costs = [], [], []
    for step in itertools.product((-1, 0, 1), repeat=3):
        if step == (0, 0, 0):
            continue
        here = tuple(slice(max(0, -s), n - max(0, s)) for s, n in zip(step, shape, strict=True))
        there = tuple(slice(max(0, s), n - max(0, -s)) for s, n in zip(step, shape, strict=True))
        length = math.sqrt(sum((s * mm) ** 2 for s, mm in zip(step, spacing_mm, strict=True)))
        cost = (1 - balance) * length + balance * np.abs(image[here] - image[there])
        rows.append(number[here].ravel())
        columns.append(number[there].ravel())
        costs.append(cost.ravel())
    graph = coo_array((np.concatenate(costs), (np.concatenate(rows), np.concatenate(columns)))).tocsr()
    return dijkstra(graph, indices=np.flatnonzero(seeds), min_only=True).reshape(shape)


@pytest.mark.parametrize("balance", [0.0, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0, 1.0), (0.7, 1.0, 3.0)])
def test_sweeps_until_convergence_find_the_shortest_paths(
    balance: float, spacing_mm: tuple[float, float, float]
) -> None:
    for seed in range(3):
        image, seeds = scene(seed, (12, 12, 12))
        found = geodesic_distance(image, seeds, balance=balance, spacing_mm=spacing_mm, sweeps=CONVERGED)
        expected = shortest_paths(image.numpy(), seeds.numpy(), balance, spacing_mm)
        assert np.abs(found.numpy() - expected).max() < 1e-4


@given(st.integers(0, 10**6))
@settings(max_examples=10)
def test_at_balance_zero_the_image_does_not_matter(seed: int) -> None:
    image, seeds = scene(seed)
    assert torch.equal(
        geodesic_distance(image, seeds, balance=0.0),
        geodesic_distance(torch.zeros_like(image), seeds, balance=0.0),
    )


def test_in_a_constant_image_the_distance_is_the_share_of_space_times_chamfer_steps() -> None:
    seeds = torch.zeros((9, 9, 9), dtype=torch.bool)
    seeds[0, 0, 0] = True
    found = geodesic_distance(torch.ones(9, 9, 9), seeds, balance=0.25)
    i, j, k = np.sort(np.indices((9, 9, 9)), axis=0)
    chamfer = i * math.sqrt(3) + (j - i) * math.sqrt(2) + (k - j)
    assert np.abs(found.numpy() - 0.75 * chamfer).max() < 1e-4


@given(st.integers(0, 10**6))
@settings(max_examples=10)
def test_another_sweep_never_makes_a_path_longer(seed: int) -> None:
    image, seeds = scene(seed)
    lengths = [geodesic_distance(image, seeds, balance=0.9, sweeps=count) for count in (1, 2, 3, CONVERGED)]
    for shorter, longer in itertools.pairwise(reversed(lengths)):
        assert (shorter <= longer).all()


@given(st.integers(0, 10**6), st.permutations(range(3)))
@settings(max_examples=10)
def test_axes_can_be_swapped_once_it_has_converged(seed: int, axes: list[int]) -> None:
    image, seeds = scene(seed)
    straight = geodesic_distance(image, seeds, sweeps=CONVERGED).permute(axes)
    swapped = geodesic_distance(image.permute(axes), seeds.permute(axes), sweeps=CONVERGED)
    assert torch.allclose(straight, swapped, atol=1e-5)


def test_without_a_seed_everything_is_infinitely_far() -> None:
    assert geodesic_distance(torch.ones(3, 3, 3), torch.zeros(3, 3, 3, dtype=torch.bool)).isinf().all()


def blob(seed: int) -> Scene:
    random = np.random.default_rng(seed)
    axes = np.ogrid[:14, :15, :13]
    mask = (
        sum(((axis - 7) / size) ** 2 for axis, size in zip(axes, random.uniform(2, 5, 3), strict=True)) <= 1
    )
    return torch.from_numpy(random.random((14, 15, 13), dtype=np.float32)), torch.from_numpy(mask)


@given(st.integers(0, 10**6), st.sampled_from(["band", "inside"]), st.sampled_from([0.0, 0.3, 0.5]))
@settings(max_examples=20)
def test_the_transform_keeps_its_margin_on_both_sides(
    seed: int, normaliser: Normaliser, margin: float
) -> None:
    image, mask = blob(seed)
    values = sing_transform(image, mask, margin=margin, normaliser=normaliser)
    assert values[mask].min() >= margin
    assert values[~mask].max() <= -margin
    assert values.abs().max() == 1
    spatial = geodesic_distance(image, torch.from_numpy(inner_boundary(mask.numpy())), balance=0.0)
    beyond = spatial > spatial[mask].max()
    assert (values[beyond] == -1).all()
    assert not beyond[mask].any()
    if margin > 0:
        assert torch.equal(values > 0, mask)


def test_the_released_codes_normaliser_reaches_one_inside() -> None:
    image, mask = blob(5)
    assert sing_transform(image, mask, normaliser="inside")[mask].max() == 1


def test_a_single_voxel_an_empty_and_a_full_mask_are_finite() -> None:
    image = torch.ones(5, 5, 5)
    mask = torch.zeros(5, 5, 5, dtype=torch.bool)
    assert (sing_transform(image, mask) == -1).all()
    assert (sing_transform(image, ~mask) == 1).all()
    mask[2, 2, 2] = True
    assert sing_transform(image, mask)[2, 2, 2] == 0.5
    assert (sing_transform(image, mask)[~mask] == -1).all()


def test_a_balance_outside_zero_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"found 1\.5"):
        geodesic_distance(torch.ones(2, 2, 2), torch.ones(2, 2, 2, dtype=torch.bool), balance=1.5)
