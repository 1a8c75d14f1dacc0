import numpy as np
import pytest

from meshing.projection import Layer, projected

SIZE = (60, 40)


def ball(radius: int) -> np.ndarray:
    side = 2 * radius + 3
    return np.linalg.norm(np.indices((side,) * 3).T - side // 2, axis=-1) <= radius


def drawn(*layers: Layer, spacing: tuple[float, float, float] = (1, 1, 1), scale: float = 2.0) -> np.ndarray:
    return projected(layers, spacing, size_px=SIZE, px_per_mm=scale)


def test_a_ball_covers_its_disc_in_the_middle() -> None:
    image = drawn(Layer(ball(8), "#ff9d4d"))
    assert image.shape == (40, 60, 4)
    opaque = image[..., 3] > 127
    # four pixels a voxel
    assert opaque.sum() == pytest.approx(4 * ball(8).any(axis=0).sum(), rel=0.03)
    rows, columns = np.nonzero(opaque)
    assert (rows.mean(), columns.mean()) == (pytest.approx(19.5, abs=0.3), pytest.approx(29.5, abs=0.3))


def test_its_upper_left_is_lit_and_its_hue_is_the_labels() -> None:
    image = drawn(Layer(ball(8), "#3fb68b")).astype(int)
    assert image[10, 20, :3].sum() > image[29, 39, :3].sum() + 100
    red, green, blue = image[19, 29, :3] / image[19, 29, 1]
    assert (red, blue) == pytest.approx([part / 0xB6 for part in (0x3F, 0x8B)], abs=0.03)
    assert green == 1


def test_nearer_voxels_hide_farther_ones_only_within_a_layer() -> None:
    plate, core = np.zeros((2, 9, 9, 9), bool)
    plate[1], core[5, 3:6, 3:6] = True, True
    image = drawn(Layer(plate, "#00ff00", 0.5), Layer(core, "#ff0000"), scale=4)
    assert image[20, 30, 0] > 2 * image[20, 30, 1]
    assert image[5, 15, 1] > 0
    assert image[5, 15, 3] == pytest.approx(128, abs=1)


def test_thick_slices_are_drawn_in_their_proportions() -> None:
    image = drawn(Layer(np.ones((4, 4, 10), bool), "#ffffff"), spacing=(1, 5, 1))
    rows, columns = np.nonzero(image[..., 3] > 127)
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(2, abs=0.1)


def test_what_is_too_large_is_drawn_smaller_and_what_is_small_is_not_enlarged() -> None:
    large = drawn(Layer(np.ones((2, 200, 20), bool), "#ffffff"))
    assert np.ptp(np.nonzero(large[..., 3].max(axis=0) > 127)) >= 50
    small = drawn(Layer(np.ones((2, 4, 4), bool), "#ffffff"))
    assert np.ptp(np.nonzero(small[..., 3].max(axis=0) > 127)) < 12


def test_nothing_leaves_the_picture_clear() -> None:
    for layers in (
        [],
        [Layer(np.zeros((3, 3, 3), bool), "#ffffff")],
        [Layer(np.zeros((0, 0, 0), bool), "#ffffff")],
    ):
        assert not drawn(*layers).any()
