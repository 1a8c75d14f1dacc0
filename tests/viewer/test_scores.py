import pandas as pd
from cohorts import NAN, make_cohort

from analysis.metric_definitions import METRIC_DEFINITIONS
from viewer.scores import scores_table


def metrics(*rows):
    return pd.DataFrame(rows, columns=["method", "region", "metric", "value", "reason"])


def cells(table):
    """Text, class and title of every cell of the body, by row."""
    body = table.children[2]
    return [
        [(td.children, td.className, getattr(td, "title", None)) for td in row.children[1:]]
        for row in body.children
    ]


def test_a_row_a_method_and_a_column_a_region():
    table = scores_table(
        make_cohort([]),
        metrics(("baseline", "WT", "dice", 0.91234, None), ("distmap", "WT", "dice", 0.5, None)),
    )
    assert [[text for text, _, _ in row] for row in cells(table)] == [["0.912"], ["0.500"], ["–"]]


def test_the_best_is_marked_as_it_is_written():
    table = scores_table(
        make_cohort([]),
        metrics(
            ("baseline", "WT", "dice", 0.9121, None),
            ("distmap", "WT", "dice", 0.9122, None),
            ("consensus", "WT", "dice", 0.1, None),
        ),
    )
    assert ["best" in classes for row in cells(table) for _, classes, _ in row] == [True, True, False]


def test_equal_scores_have_no_best():
    table = scores_table(
        make_cohort([]), metrics(("baseline", "WT", "dice", 1.0, None), ("distmap", "WT", "dice", 1.0, None))
    )
    assert not any("best" in classes for row in cells(table) for _, classes, _ in row)


def test_a_small_distance_is_better():
    table = scores_table(
        make_cohort([]),
        metrics(
            ("baseline", "WT", "hd95_pooled_mm", 9.0, None), ("distmap", "WT", "hd95_pooled_mm", 2.0, None)
        ),
    )
    assert ["best" in classes for row in cells(table) for _, classes, _ in row] == [False, True, False]


def test_a_missing_value_says_why():
    table = scores_table(
        make_cohort([]), metrics(("baseline", "ET", "hd95_pooled_mm", NAN, "prediction empty"))
    )
    assert cells(table)[0] == [("–", "first", "prediction empty")]


def test_fragments_are_shown_for_labels_only():
    rows = [("baseline", region, "fragment_count", 3.0, None) for region in ("WT", "NCR", "ED", "ET")]
    table = scores_table(make_cohort([]), metrics(*rows))
    assert [th.children for th in table.children[1].children[1].children] == ["ET", "NCR", "ED"]


def test_a_case_without_scores_says_so():
    assert "has not been prepared" in scores_table(make_cohort([]), None).children


def test_hd95_of_two_definitions_stands_in_two_groups() -> None:
    rows = [
        ("baseline", "WT", "hd95_rankings_mm", 2.0, None),
        ("baseline", "ET", "hd95_pooled_mm", 1.0, None),
    ]
    text = str(scores_table(make_cohort([]), metrics(*rows)))
    assert "HD95 pooled, mm" in text
    assert "HD95 as published, mm" in text


def test_heads_say_what_the_table_of_definitions_says():
    rows = [("baseline", "ET", name, 1.0, None) for name in ("dice", "hd95_pooled_mm", "hd95_rankings_mm")]
    head = scores_table(make_cohort([]), metrics(*rows)).children[1].children[0].children[1:]
    said = [METRIC_DEFINITIONS[name] for _, _, name, _, _ in rows]
    terms = [th.children for th in head]
    assert [(term.children, term.title) for term in terms] == [(one.axis, one.sentence) for one in said]


def test_fewer_fragments_are_not_called_better():
    table = scores_table(
        make_cohort([]),
        metrics(
            ("baseline", "ET", "fragment_count", 9.0, None), ("distmap", "ET", "fragment_count", 2.0, None)
        ),
    )
    assert [text for row in cells(table) for text, _, _ in row] == ["9", "2", "–"]
    assert not any("best" in classes for row in cells(table) for _, classes, _ in row)
    assert "better" not in table.children[1].children[0].children[1].children.title
