"""Label maps know their spacing from the affine alone, and schemes know their labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cohort.label_map import LabelMap, grid_difference_mm, spacing_mm
from analysis.cohort.labels import SCHEMES, Label, LabelScheme

LABELS = np.zeros((3, 4, 5), np.uint8)
A = Label(1, "A", "Alpha", "#112233")


def test_spacing_and_volume_of_a_flipped_anisotropic_grid() -> None:
    label_map = LabelMap(LABELS, np.diag([-2.0, 0.5, 3.0, 1.0]))
    assert label_map.spacing_mm == (2.0, 0.5, 3.0)
    assert label_map.voxel_volume_mm3 == pytest.approx(3.0)
    assert label_map.shape == (3, 4, 5)


@given(st.floats(0, 2 * np.pi), st.tuples(*[st.floats(0.1, 5)] * 3))
def test_rotating_a_grid_changes_neither_spacing_nor_volume(
    angle: float, spacing: tuple[float, float, float]
) -> None:
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    affine = turn @ np.diag([*spacing, 1.0])
    assert spacing_mm(affine) == pytest.approx(spacing)
    assert LabelMap(LABELS, affine).voxel_volume_mm3 == pytest.approx(np.prod(spacing))


def test_two_grids_are_as_far_apart_as_their_farthest_corner() -> None:
    stretched = np.diag([1.1, 1.0, 1.0, 1.0])
    assert grid_difference_mm((3, 4, 5), np.eye(4), (3, 4, 5), stretched) == pytest.approx(0.2)
    assert grid_difference_mm((3, 4, 5), np.eye(4), (3, 4, 6), np.eye(4)) == float("inf")
    assert LabelMap(LABELS, np.eye(4)).same_grid(LabelMap(LABELS, stretched), tolerance_mm=0.21)
    assert not LabelMap(LABELS, np.eye(4)).same_grid(LabelMap(LABELS, stretched), tolerance_mm=0.19)


@pytest.mark.parametrize(
    ("labels", "affine", "error", "sentence"),
    [
        (LABELS[0], np.eye(4), ValueError, "a label map has three axes, found 2"),
        (LABELS.astype(float), np.eye(4), TypeError, "a label map is uint8, found float64"),
        (LABELS, np.eye(3), ValueError, r"an affine is \(4, 4\), found \(3, 3\)"),
    ],
)
def test_what_is_no_label_map_is_refused(
    labels: np.ndarray, affine: np.ndarray, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        LabelMap(labels, affine)


def test_brats2021_means_3_by_4_and_the_post_treatment_scheme_does_not() -> None:
    assert SCHEMES["brats2021"].read_as == {4: 3}
    assert SCHEMES["brats2024-post"].read_as == {}
    assert SCHEMES["brats2021"].allowed == {0, 1, 2, 3, 4}
    assert SCHEMES["brats2023"].allowed == {0, 1, 2, 3}
    assert SCHEMES["brats2024-post"].regions["TC"] == (1, 3)


@pytest.mark.parametrize(
    ("labels", "regions", "average", "sentence"),
    [
        ((Label(0, "B", "", ""),), {"A": (0,)}, (), "label values must ascend within 1 to 255"),
        ((Label(256, "B", "", ""),), {}, (), "label values must ascend within 1 to 255"),
        ((A, A), {}, (), "label values must ascend within 1 to 255"),
        ((A,), {"R": (2,)}, (), r"region R names labels \[2\], known are \[1\]"),
        ((A,), {"R": ()}, (), r"region R names labels \[\]"),
        ((A,), {"R": (1,)}, ("X",), r"asks for unknown regions \['X'\]"),
    ],
)
def test_a_scheme_that_contradicts_itself_is_refused(
    labels: tuple[Label, ...], regions: dict[str, tuple[int, ...]], average: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        LabelScheme("own", labels, regions, average)
