import math
from dataclasses import replace

import pytest

from analysis.consensus import PAPER_RULE
from viewer.trial import Trial, is_trying, problems, study_trial, tried
from viewer.view_state import ViewState


def test_an_address_that_says_nothing_tries_nothing(boxes):
    assert tried(boxes, ViewState()) == study_trial(boxes) == Trial(PAPER_RULE, "distmap", "baseline")
    assert not is_trying(boxes, ViewState())


def test_every_option_of_the_rule_can_be_tried(boxes):
    view = ViewState(
        connectivity=6, overlap=3, share=0.2, cap=50.0, spared=("ED",), filtered="baseline", veto="distmap"
    )
    trial = tried(boxes, view)
    assert (trial.filtered, trial.veto) == ("baseline", "distmap")
    assert trial.rule == replace(
        PAPER_RULE,
        connectivity=6,
        minimum_overlap_voxels=3,
        minimum_overlap_fraction=0.2,
        never_remove_above_voxels=50.0,
        labels=(1, 3),
    )


def test_what_the_address_leaves_out_is_as_in_the_study(boxes):
    study = replace(
        boxes, consensus={"connectivity": 18, "never_remove_above_voxels": 20.0, "labels": [1, 2]}
    )
    assert tried(study, ViewState()).rule.connectivity == 18
    assert tried(study, ViewState(overlap=5)).rule.never_remove_above_voxels == 20.0
    assert tried(study, ViewState(cap=math.inf)).rule.never_remove_above_voxels is None
    assert tried(study, ViewState(spared=("NCR",))).rule.labels == (2,)


def test_the_studys_own_rule_written_out_is_no_trial(boxes):
    assert not is_trying(boxes, ViewState(connectivity=26, overlap=1, share=0.0, cap=math.inf))


def test_a_turned_verdict_of_another_method_is_named_and_left_out(boxes):
    view = ViewState(flip=(("baseline", "ET", 1), ("distmap", "ET", 2)))
    assert tried(boxes, view).flips == (("ET", 2),)
    assert problems(boxes, view) == [
        "1 turned verdict of the link is about another method than distmap, whose components are judged here."
    ]


@pytest.mark.parametrize(
    ("view", "word"), [(ViewState(filtered="unet"), "'unet'"), (ViewState(spared=("XX",)), "'XX'")]
)
def test_a_method_or_label_that_the_study_lacks_is_named(boxes, view, word):
    assert tried(boxes, view) == study_trial(boxes)
    assert any(word in sentence for sentence in problems(boxes, view))


def test_without_roles_nothing_can_be_tried(boxes):
    roleless = replace(boxes, methods=tuple(replace(method, role=None) for method in boxes.methods))
    assert tried(roleless, ViewState(overlap=3)) is None
    assert problems(roleless, ViewState(overlap=3)) == []
