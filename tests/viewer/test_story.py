from cohorts import NAN, THREE_ROLES, make_cohort

from viewer.story import story

ROWS = [("P1", 0.7, 0.75, 0.3), ("P2", 0.7, NAN, NAN), ("P3", 0.7, 0.8, 0.8)]


def row(name, outcome, voxels):
    label, number = name.split()
    return {
        "id": f"distmap:{label}:{number}",
        "label_name": label,
        "component": int(number),
        "outcome": outcome,
        "voxel_count": voxels,
        "volume_ml": voxels / 1000,
    }


def words(component):
    children = component.children if isinstance(component.children, list) else [component.children]
    return "".join(child if isinstance(child, str) else words(child) for child in children)


def told(patient, rows=(), methods=THREE_ROLES):
    return [words(paragraph) for paragraph in story(make_cohort(ROWS, methods=methods), patient, rows)]


def test_the_class_is_told_with_its_numbers():
    assert told("P1") == [
        "CC-Consensus below both (class C5). Dice average: Baseline 0.700, DistMap 0.750, CC-Consensus 0.300."
    ]


def test_a_tie_is_no_class():
    (sentence,) = told("P3")
    assert sentence.startswith("CC-Consensus equals one of its parents.")
    assert sentence.endswith(" Dice average: Baseline 0.700, DistMap 0.800, CC-Consensus 0.800.")


def test_nothing_is_told_of_what_is_unknown():
    assert told("P2") == []
    assert told("P1", methods=THREE_ROLES[:1]) == []


def test_the_largest_removed_component_is_named_and_linked():
    rows = [
        row("ET 1", "removed-true", 24300),
        row("NCR 4", "removed-true", 700),
        row("ED 2", "kept-true", 99999),
    ]
    paragraph = story(make_cohort(ROWS), "P1", rows)[1]
    assert (
        words(paragraph)
        == "The rule removed 2 true components, 25.0 ml in all; the largest is ET 1 (24.3 ml)."
    )
    link = paragraph.children[1]
    assert getattr(link, "data-go") == "component=distmap:ET:1"


def test_the_verdict_that_cost_most_is_named():
    rows = [
        {**row("ET 1", "removed-true", 900), "if_flipped": 0.31},
        {**row("ED 1", "kept-true", 9000), "if_flipped": -0.2},
        {**row("NCR 2", "removed-false", 9), "if_flipped": -0.0001},
    ]
    assert told("P1", rows)[1] == (
        "The verdict that cost most: ET 1 (0.90 ml) was removed; the opposite gives +0.3100 Dice average."
    )
    assert not any("cost most" in sentence for sentence in told("P1", rows[1:]))


def test_one_component_is_not_many():
    sentence = told("P1", [row("ET 2", "kept-false", 5)])[1]
    assert sentence == "It kept 1 false component, 0.005 ml in all; the largest is ET 2 (0.005 ml)."
