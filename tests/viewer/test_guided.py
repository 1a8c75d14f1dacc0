"""Pins as guided stories: claims that are true, and components that explain them, by full recomputes."""

import numpy as np
import pytest
from cohorts import THREE_ROLES, make_cohort
from prepared import PATIENTS, maps

from analysis.cases import dice_average
from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import read_label_map
from analysis.cohort.study import read_study
from analysis.components import label_components
from analysis.overlap import dice, joint_histogram, region_overlaps
from analysis.synthetic.study import Recipe, write_synthetic_study
from viewer.cohort_view import REFERENCE, Pin
from viewer.content_cache import ContentCache
from viewer.guided import guided_view, reason, steps_to
from viewer.open_study import OpenStudy
from viewer.pinned import PinClaim, claims
from viewer.preparation.executors import threads
from viewer.preparation.prepare import prepare_study
from viewer.story_banner import banner, because, claimed
from viewer.view_state import ViewState, read_query


def words(component):
    if component is None or isinstance(component, str):
        return component or ""
    children = getattr(component, "children", None)
    return "".join(words(child) for child in (children if isinstance(children, list) else [children]))


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pins") / "study"
    for _ in write_synthetic_study(folder, Recipe(12, 1, "small", with_images=False), jobs=1):
        pass
    prepare_study(read_study(folder), threads(1))
    return OpenStudy(folder)


def average(reference, labels, scheme):
    overlaps = region_overlaps(joint_histogram(reference, labels), scheme.regions)
    values = [overlaps[region] for region in scheme.dice_average]
    return float(dice_average([[dice(one) if one.reference + one.prediction else 1.0 for one in values]])[0])


def edited(reading, pin, found):
    """The label map after the edit, made by hand."""
    source, edited = (
        read_label_map(reading.label_file(pin.patient, name), reading.study.scheme)
        for name in (found.source, found.edited)
    )
    value = {name: value for value, name in reading.study.scheme.names.items()}[found.label]
    numbers = label_components(source.labels, affine=source.affine).numbers
    inside = (source.labels == value) & (numbers == found.number)
    labels = edited.labels.copy()
    labels[inside] = 0 if found.edit == "deleted" else value
    return labels, inside, value


@pytest.mark.slow
def test_every_pin_holds_and_its_component_explains_it_by_a_full_recompute(synthetic):
    reading = synthetic.read()
    pins = reading.cohort.pins
    assert [pin.tag for pin in pins] == ["C1", "C2", "C3", "C4", "C5", "C6"]
    assert [claim.holds for claim in claims(reading.cohort)] == [True] * 6
    for pin in pins:
        found = reason(reading, pin, synthetic.cache)
        assert found is not None, pin
        reference = read_label_map(reading.label_file(pin.patient, REFERENCE), reading.study.scheme).labels
        labels, inside, value = edited(reading, pin, found)
        assert average(reference, labels, reading.study.scheme) == pytest.approx(found.average, abs=1e-12)
        assert found.voxels == inside.sum()
        assert found.true_voxels == (reference[inside] == value).sum()
        row = reading.cohort.row(pin.patient)
        assert found.average - row[f"dice_average_{found.edited}"] == pytest.approx(found.change, abs=1e-12)


@pytest.mark.slow
def test_the_change_points_where_the_class_says(synthetic):
    reading = synthetic.read()
    for pin in reading.cohort.pins:
        found = reason(reading, pin, synthetic.cache)
        assert (found.change > 0) == (pin.tag in ("C1", "C2", "C3", "C5")), pin


@pytest.mark.slow
def test_a_reason_is_read_from_the_cache_the_second_time(synthetic, tmp_path):
    reading, cache = synthetic.read(), ContentCache(tmp_path)
    pin = reading.cohort.pins[0]
    first = reason(reading, pin, cache)
    assert list(tmp_path.rglob("*.gz"))
    assert reason(reading, pin, cache) == first


@pytest.fixture
def boxes_reading(boxes):
    return OpenStudy(boxes.folder).read()


@pytest.mark.parametrize(
    ("tag", "component", "edit"),
    [
        ("C2", ("distmap", "ET", 1), "adopted"),  # Baseline misses the lesion
        ("C5", ("distmap", "ET", 1), "returned"),  # the rule removes it
        ("C6", ("distmap", "ET", 2), "returned"),  # and an invention, too
    ],
)
def test_the_component_that_explains_a_class_is_found(boxes_reading, tmp_path, tag, component, edit):
    found = reason(boxes_reading, Pin(tag, PATIENTS[0], "pinned"), ContentCache(tmp_path))
    assert (found.component, found.edit) == (component, edit)
    # 7 x 7 x 14 mm, and 1 x 2 x 4 mm: across the shortest side, of R and A the latter
    assert found.plane == {1: "coronal", 2: "sagittal"}[found.number]


def test_a_case_without_volumes_or_of_no_class_has_no_reason(boxes_reading, tmp_path):
    cache = ContentCache(tmp_path)
    assert reason(boxes_reading, Pin("X", PATIENTS[0], "other"), cache) is None
    assert reason(boxes_reading, Pin("C5", "nobody", "other"), cache) is None


def test_opening_a_pin_selects_its_component_in_a_prepared_view_and_puts_back_what_hides_it(
    boxes_reading, tmp_path
):
    pin = Pin("C5", PATIENTS[0], "pinned")
    view = guided_view(pin, reason(boxes_reading, pin, ContentCache(tmp_path)))
    steps = dict(part.split("=", 1) for part in steps_to(view).split("&"))
    assert (steps["patient"], steps["component"], steps["story"]) == (PATIENTS[0], "distmap:ET:1", "C5")
    assert (steps["off"], steps["flip"], steps["isolated"], steps["overlap"]) == ("brain", "", "", "")
    kept = {name: value for name, value in steps.items() if value}
    assert read_query("&".join(f"{name}={value}" for name, value in kept.items())) == (view, ())


def test_a_pin_without_a_reason_still_opens_its_case():
    assert guided_view(Pin("C1", "P1", "pinned"), None) == ViewState(patient="P1", story="C1")


@pytest.mark.parametrize(
    ("tag", "words_"),
    [
        ("C1", "DistMap 0.500 < Baseline 0.900 (Dice average)."),
        ("C4", "DistMap 0.500 < CC-Consensus 0.890 < Baseline 0.900 (Dice average)."),
    ],
)
def test_a_claim_is_written_from_the_scores(tag, words_):
    cohort = make_cohort([("P1", 0.9, 0.5, 0.89)], pins=[Pin(tag, "P1", "title")])
    assert claimed(cohort, claims(cohort)[0]) == words_


def test_a_case_without_scores_claims_nothing():
    cohort = make_cohort([], pins=())
    assert (
        claimed(cohort, PinClaim(Pin("C1", "P9", "x"), "", None))
        == "The results hold no scores of this case."
    )


def test_the_banner_leads_to_the_neighbours_and_round(boxes_reading, tmp_path):
    rows = [("P1", 0.9, 0.5, 0.89), ("P2", 0.5, 0.9, 0.9)]
    cohort = make_cohort(rows, methods=THREE_ROLES, pins=[Pin("C1", "P1", "one"), Pin("C2", "P2", "two")])
    found = reason(boxes_reading, Pin("C5", PATIENTS[0], "pinned"), ContentCache(tmp_path))
    told = banner(cohort, claims(cohort), ["patient=P1", "patient=P2"], "C2", found)
    assert getattr(told[0], "data-go") == "patient=P1"
    assert getattr(told[2], "data-go") == "patient=P1"
    assert "2 of 2" in words(told[1])
    assert "holds in these results" in words(told[1])
    assert banner(cohort, claims(cohort), ["a", "b"], "C9", None) == []


def test_the_reason_says_size_truth_and_worth(boxes_reading, tmp_path):
    found = reason(boxes_reading, Pin("C5", PATIENTS[0], "pinned"), ContentCache(tmp_path))
    text = "".join(words(part) for part in because(make_cohort([]), "C5", found))
    assert text.startswith("ET 1 of DistMap explains it most (0.69 ml, 343 of its 343 voxels in the truth)")
    assert f"with it put back CC-Consensus would have {found.average:.3f}" in text
    assert because(make_cohort([]), "C5", None) == ["No single component explains it."]


def test_the_boxes_are_on_a_grid_of_known_size():
    label_map = LabelMap(maps(0)["distmap"], np.diag([-1.0, -1.0, 2.0, 1.0]))
    assert label_map.voxel_volume_mm3 == 2
