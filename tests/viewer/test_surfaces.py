import numpy as np
import pytest

from meshing.mesh import signed_volume_mm3
from viewer.surfaces import brain


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
