from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from meshing import smooth
from meshing.mesh import signed_volume_mm3
from meshing.packed import packed_glb
from viewer.surfaces import brain, measured_surfaces


def head(radius: float) -> np.ndarray:
    """A skull-stripped image of a ball, dark inside at one place."""
    away = np.linalg.norm(np.indices((48, 48, 48)).astype(float) - 23.5, axis=0)
    return np.where((away < radius) & (away > 3), np.float32(100), np.float32(0))


def test_a_brain_says_how_far_it_is_from_its_voxels_with_the_voids_filled() -> None:
    image, affine = head(20), np.diag([-1.0, -1, 1, 1])
    surface = brain(image, affine)
    solid = int((np.linalg.norm(np.indices((48, 48, 48)).astype(float) - 23.5, axis=0) < 20).sum())
    told = surface.extras["fidelity"]
    assert isinstance(told, dict)
    assert surface.extras["voxels"] == solid > np.count_nonzero(image)
    assert told["volume_ratio"] == pytest.approx(signed_volume_mm3(surface.mesh) / solid, rel=1e-6)
    assert told["volume_ratio"] == pytest.approx(1, abs=1e-4)
    assert 0.05 < told["mean_distance_mm"] < told["largest_distance_mm"] < 1
    assert (told["piece_count"], told["cavity_count"], told["is_closed"]) == (1, 0, True)


def test_an_image_of_nothing_has_an_empty_brain_that_says_so() -> None:
    surface = brain(np.zeros((5, 5, 5)), np.eye(4))
    assert surface.mesh.is_empty
    assert surface.extras["voxels"] == 0
    told = surface.extras["fidelity"]
    assert isinstance(told, dict)
    assert told["volume_ratio"] is None


def surfaces_in_bytes(number: int) -> bytes:
    """A tumour of three labels strewn with fragments, as the browser gets it with all that is measured."""
    chance = np.random.default_rng(number)
    away = np.linalg.norm(np.indices((40, 40, 40)) - 19.5, axis=0) + chance.normal(0, 0.7, (40, 40, 40))
    labels = np.select([away < 7, away < 11, away < 16], [1, 3, 2], 0).astype(np.uint8)
    labels[tuple(chance.integers(0, 40, (3, 60)))] = 1
    made = measured_surfaces(
        LabelMap(labels, np.diag([-1.0, -1, 1, 1])),
        SCHEMES["brats2023"].labels,
        "volume-true",
        is_snapped=True,
    )
    return packed_glb([one.surface for one in made])


def test_surfaces_made_side_by_side_are_those_made_alone() -> None:
    """A server makes the panels of a case in threads, and kernels let each other run."""
    alone = [surfaces_in_bytes(number) for number in range(4)]
    smooth.forget()
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(surfaces_in_bytes, [0, 1, 2, 3, 0, 1, 2, 3]))
    assert together == alone * 2
    assert len(set(alone)) == len(alone)
