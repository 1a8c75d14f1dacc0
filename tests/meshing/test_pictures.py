import io
import sys

import numpy as np
import pytest
from mask_shapes import numbered, spaced
from PIL import Image

from meshing import windowless
from meshing.glb import Surface
from meshing.pictures import PAPER_VIEW, VIEWS, animation_bytes, montage, picture, png_bytes, turntable
from meshing.recipes import RECIPES
from meshing.scene import bounds_mm, main_bounds_mm
from meshing.smooth import volume_true
from meshing.voxels import voxel_mesh


def marked(view: str) -> tuple[float, float]:
    """Where the picture shows a red voxel in front (anterior), above a long green bar: right, down, in
    halves."""
    bar, spot = np.zeros((11, 11, 11), bool), np.zeros((11, 11, 11), bool)
    bar[4:7, 1:10, 1:4] = True
    spot[4:7, 8:10, 7:10] = True
    surfaces = [
        Surface("bar", voxel_mesh(bar, spaced(1, 1, 1)), "#00ff00"),
        Surface("spot", voxel_mesh(spot, spaced(1, 1, 1)), "#ff0000"),
    ]
    image = picture(surfaces, VIEWS[view], size_px=(80, 80)).astype(int)
    rows, columns = np.nonzero(image[..., 0] > image[..., 1] + 60)
    assert len(rows) > 20
    return columns.mean() / 80 - 0.5, rows.mean() / 80 - 0.5


def test_from_the_left_the_front_is_on_the_left_and_the_head_above() -> None:
    right, down = marked("left")
    assert right < -0.1
    assert down < -0.1


def test_from_the_right_the_front_is_on_the_right() -> None:
    right, down = marked("right")
    assert right > 0.1
    assert down < -0.1


def test_the_background_is_the_views_and_empty_surfaces_leave_it_alone() -> None:
    nothing = Surface("none", voxel_mesh(np.zeros((2, 2, 2), bool), spaced(1, 1, 1)), "#ffffff")
    image = picture([nothing], size_px=(30, 20))
    assert image.shape == (20, 30, 3)
    assert (image == 0).all()
    assert PAPER_VIEW.background == "#000000"


def test_a_common_box_gives_a_common_scale() -> None:
    small, large = (
        Surface("ball", volume_true(np.ones((n, n, n), bool), spaced(1, 1, 1)), "#ffffff") for n in (4, 8)
    )
    box = np.array([[-1.0, -1, -1], [8, 8, 8]])
    widths = []
    for surface in (small, large):
        image = picture([surface], size_px=(90, 90), box_mm=box)
        widths.append(np.ptp(np.nonzero(image.max(axis=(0, 2)) > 20)[0]))
    assert widths[1] / widths[0] == pytest.approx(2, abs=0.25)


def with_fragment(place: tuple[int, int, int], *, is_numbered: bool) -> Surface:
    """A block without its upper front corner, right of 120 mm of nothing, and one voxel somewhere."""
    mask = np.zeros((129, 9, 9), bool)
    mask[120:] = True
    mask[120:, 5:, 5:] = False
    mask[place] = True
    numbers = numbered(mask) if is_numbered else None
    return Surface("body", volume_true(mask, spaced(1, 1, 1), numbers), "#ffffff")


def lit(image: np.ndarray) -> np.ndarray:
    return image.max(axis=-1) > 20


@pytest.mark.parametrize("is_numbered", [True, False])
def test_a_far_fragment_neither_sets_the_scale_nor_moves_the_picture(is_numbered: bool) -> None:  # noqa: FBT001
    alone, beside = (with_fragment(place, is_numbered=is_numbered) for place in ((125, 4, 4), (2, 0, 0)))
    assert main_bounds_mm([beside]) == pytest.approx(main_bounds_mm([alone]), abs=0.01)
    assert np.ptp(bounds_mm([beside])[:, 0]) > 120
    one, other = (lit(picture([surface], VIEWS["top"], size_px=(90, 90))) for surface in (alone, beside))
    assert one.mean() > 0.8
    assert (one == other).mean() > 0.97


def test_a_second_lesion_is_in_the_picture_and_a_fragment_need_not_be() -> None:
    mask = np.zeros((60, 12, 12), bool)
    mask[:10, :10, :10] = mask[30:34, :4, :4] = True  # 6 % of the first
    mask[58, 5, 5] = True
    for numbers in (numbered(mask), None):
        box = main_bounds_mm([Surface("ET", volume_true(mask, spaced(1, 1, 1), numbers), "#ff9d4d")])
        assert box[:, 0] == pytest.approx([-0.5, 33.5], abs=0.5)


def test_a_fragment_far_before_the_main_body_is_drawn_and_hides_nothing_else() -> None:
    surface = with_fragment((2, 7, 7), is_numbered=True)
    image = lit(picture([surface], VIEWS["left"], size_px=(90, 90)))
    rows, columns = np.nonzero(image[:30, :30])  # above and before the body, where its corner is missing
    assert 60 < len(rows) < 180
    assert (columns.mean(), rows.mean()) == pytest.approx((17, 17), abs=2)
    assert image[50:80, 50:80].all()


@pytest.mark.parametrize("mode", ["voxel", "volume-true"])
def test_translucent_labels_are_drawn_alike_in_any_order(mode: str) -> None:
    # what is drawn in the order of triangles, not of depth, has dots wherever two walls lie behind each other
    away = np.linalg.norm(np.indices((15, 15, 15)).T - 7, axis=-1)
    core, around = away < 4, (away >= 4) & (away < 7)
    surfaces = [
        Surface(name, RECIPES[mode].mesh(mask, spaced(1, 1, 1), numbered(mask)), colour, opacity=opacity)
        for name, mask, colour, opacity in (("ED", around, "#3fb68b", 0.3), ("ET", core, "#ff9d4d", 0.75))
    ]
    one, other = (picture(order, size_px=(60, 60)) for order in (surfaces, surfaces[::-1]))
    assert np.array_equal(one, other)
    assert one[30, 30, 0] > one[30, 30, 1]  # the core shines through
    assert one[30, 6, 1] > one[30, 6, 0]  # around it is the other


def test_a_turntable_is_filled_by_the_main_body_too() -> None:
    alone, beside = (with_fragment(place, is_numbered=True) for place in ((125, 4, 4), (2, 0, 0)))
    for one, other in zip(
        *(turntable([s], frame_count=2, size_px=(60, 60)) for s in (alone, beside)), strict=True
    ):
        assert (lit(one) == lit(other)).mean() > 0.99


def test_a_turntable_returns_to_where_it_began() -> None:
    block = np.zeros((9, 5, 3), bool)
    block[:, 1:3] = True
    frames = turntable(
        [Surface("b", voxel_mesh(block, spaced(1, 1, 1)), "#ff9d4d")], frame_count=4, size_px=(60, 60)
    )
    assert len(frames) == 4
    broad = [np.ptp(np.nonzero(frame.max(axis=(0, 2)) > 20)[0]) for frame in frames]
    assert broad[0] == pytest.approx(broad[2], abs=2)
    assert broad[1] > 2 * broad[0]
    assert turntable([], frame_count=3, size_px=(10, 10))[2].shape == (10, 10, 3)


def test_pictures_are_png_and_montages_keep_every_pixel() -> None:
    one, other = np.zeros((4, 6, 3), np.uint8), np.full((4, 6, 3), 200, np.uint8)
    whole = montage([[one, other], [other, one]], gap_px=2, background="#102030")
    assert whole.shape == (10, 14, 3)
    assert whole[4, 0].tolist() == [0x10, 0x20, 0x30]
    assert (whole[6:, :6] == 200).all()
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png_bytes(whole)))), whole)
    moving = Image.open(io.BytesIO(animation_bytes([one, other])))
    assert moving.n_frames == 2


def test_a_montage_refuses_unequal_rows_and_sizes() -> None:
    one, other = np.zeros((4, 6, 3), np.uint8), np.zeros((5, 6, 3), np.uint8)
    for rows in ([[one, other]], [[one], [one, one]]):
        with pytest.raises(ValueError, match="one length"):
            montage(rows)


def test_no_frame_is_no_animation() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        animation_bytes([])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a window")
def test_without_anything_to_draw_with_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "VTK_DEFAULT_OPENGL_WINDOW"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(windowless.ctypes.util, "find_library", lambda name: None)
    with pytest.raises(OSError, match="install libegl1"):
        windowless.choose_window()
