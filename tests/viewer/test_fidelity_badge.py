import numpy as np
import pytest

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from meshing.recipes import DEFAULT, RECIPES
from viewer.commands.export import Mode
from viewer.fidelity_badge import badge
from viewer.surfaces import measured_surfaces
from viewer.view_state import ViewState

LABELS = SCHEMES["brats2023"].labels


def box_and_specks() -> LabelMap:
    """An ED box of 5 x 6 x 7 voxels and two specks one empty voxel apart, far from it."""
    labels = np.zeros((20, 20, 20), np.uint8)
    labels[2:7, 2:8, 2:9] = 2
    labels[15, 15, 15] = labels[17, 15, 15] = 2
    return LabelMap(labels, np.eye(4))


def of(mode: str, label_map: LabelMap | None = None):
    return badge(measured_surfaces(label_map or box_and_specks(), LABELS, mode), mode)


def test_a_volume_true_surface_says_volume_pieces_distance_and_recipe():
    made = of("volume-true")
    volume, pieces, distance, recipe = made.text.split(" · ")
    assert (volume, pieces) == ("volume 100.0 %", "3 of 3 pieces")
    assert recipe == f"volume-true {RECIPES['volume-true'].version}"
    assert 0 < float(distance.removeprefix("≤ ").removesuffix(" mm")) <= 0.6
    assert not made.is_warning


def test_its_sentences_say_the_topology_and_the_crossings():
    head, ed = of("volume-true").says
    assert RECIPES["volume-true"].says in head
    assert ed.startswith("ED: volume 100.00 % of the voxels', 3 of 3 pieces, 0 cavities")
    assert "Euler number 6, as the mask's, closed and oriented, no triangles cross" in ed


def test_voxels_lie_on_their_own_surface():
    made = of("voxel")
    assert made.text.startswith("volume 100.0 % · 3 of 3 pieces · ≤ 0 mm")
    assert not made.is_warning
    assert "closed" not in made.says[1]


@pytest.mark.parametrize("mode", ["paper", "paper-literal"])
def test_the_papers_surfaces_carry_a_warning_for_their_volume(mode):
    made = of(mode)
    percent = float(made.text.split(" ")[1])
    assert percent > 130
    assert made.is_warning


def test_pieces_that_merged_are_told():
    made = of("paper-literal")
    assert "2 of 3 pieces" in made.text
    assert "2 of 3 pieces (2 in all)" in made.says[1]


def test_a_bound_is_never_rounded_down():
    made = measured_surfaces(box_and_specks(), LABELS, "volume-true")
    largest = max(one.fidelity.largest_distance_mm for one in made if one.voxel_count)
    said = float(badge(made, "volume-true").text.split("≤ ")[1].split(" ")[0])
    assert largest <= said < largest + 0.1


@pytest.mark.parametrize("shape", [(4, 4, 4), (1, 1, 1)])
def test_a_label_map_without_a_voxel_says_so(shape):
    made = of("volume-true", LabelMap(np.zeros(shape, np.uint8), np.eye(4)))
    assert made.text.startswith("no voxel")
    assert not made.is_warning


def test_the_default_is_volume_true_on_the_page_and_in_the_command():
    assert (DEFAULT, ViewState().mode) == ("volume-true", "volume-true")
    assert [mode.value for mode in Mode] == list(RECIPES)
