"""The contents of a report: which tables there are, and why one is missing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from analysis.ceiling.selectors import SelectorOptions
from analysis.report import ceiling_tables, cohort_tables, error_tables, paper_tables
from analysis.report.inputs import LackingError, ReportInputs


@dataclass(frozen=True, slots=True)
class Entry:
    """A table that a report may hold.

    Attributes:
        name: of its files.
        title: for people.
        note: how to read it.
        build: makes it, or raises LackingError.
    """

    name: str
    title: str
    note: str
    build: Callable[[ReportInputs], pd.DataFrame]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What became of an entry.

    Attributes:
        name: of its files.
        title: for people.
        note: how to read it.
        table: None where the study lacks what it needs.
        lacking: then this says what; empty otherwise.
    """

    name: str
    title: str
    note: str
    table: pd.DataFrame | None
    lacking: str


_INTERVALS = "Intervals: 95 %, percentile bootstrap by subject, seed 0."
_P = "Signed-rank tests: zeros dropped, exact up to 50 differing pairs, else normal approximation."

PAPER = (
    Entry(
        "table_5_1", "Table 5.1: Dice of Baseline and DistMap", f"{_P} {_INTERVALS}", paper_tables.dice_table
    ),
    Entry("table_5_2", "Table 5.2: fragments by label", _P, paper_tables.fragment_table),
    Entry(
        "table_5_3_strategies",
        "Table 5.3: strategies and oracles",
        "Mean Dice average; an oracle knows which prediction is best.",
        paper_tables.strategy_table,
    ),
    Entry(
        "table_5_3_cases",
        "Table 5.3: case classes",
        "Differences of the Dice average up to the threshold count as equal.",
        paper_tables.case_table,
    ),
    Entry(
        "table_5_3_strict_wins",
        "Table 5.3: strict wins by region",
        "Patients on which a method alone has the best Dice of a region.",
        paper_tables.strict_win_table,
    ),
    Entry(
        "table_5_3_hd95",
        "Table 5.3: HD95 by definition",
        f"Each name says its definition; the two p-values ask different questions. {_P}",
        paper_tables.distance_table,
    ),
    Entry(
        "table_5_5",
        "Table 5.5: position of the consensus",
        "A reference without the region gives Dice 1 only if the prediction is empty too, else 0.",
        paper_tables.position_table,
    ),
    Entry(
        "appendix_b_fixed_rules",
        "Appendix B: fixed rules",
        "One method a region for the whole cohort.",
        ceiling_tables.fixed_rule_table,
    ),
    Entry(
        "appendix_b_size_sweep",
        "Appendix B: size thresholds",
        "Unconfirmed components larger than the threshold stay.",
        ceiling_tables.sweep_table,
    ),
    Entry(
        "appendix_e",
        "Appendix E: patients shown",
        "Dice averages of the patients that the study pins, else of the clearest patient of each class.",
        paper_tables.patient_table,
    ),
)
COHORT = (
    Entry(
        "summary",
        "All methods, regions and metrics",
        _INTERVALS,
        cohort_tables.summary_table,
    ),
    Entry(
        "comparisons",
        "Methods against each other",
        f"Two-sided, by subject; adjusted over the grid (Holm; Benjamini and Hochberg). {_P} {_INTERVALS}",
        cohort_tables.comparison_table,
    ),
    Entry(
        "features_by_class",
        "Features between case classes",
        "Mann-Whitney tests, adjusted over the grid.",
        cohort_tables.class_table,
    ),
    Entry(
        "subjects",
        "Subjects and folds",
        "A subject in two folds is in training and validation at once.",
        cohort_tables.subject_table,
    ),
    Entry(
        "errors_by_class",
        "Errors by class",
        "Means over the cases whose reference has the class.",
        error_tables.class_metric_table,
    ),
    Entry(
        "volume_dependencies",
        "Volume of one class against Dice of another",
        "Over cases whose reference has the class whose Dice it is.",
        error_tables.dependency_table,
    ),
    Entry(
        "false_positives",
        "False-positive volume",
        "Mean false-positive volume over the cases with a prediction, as a share of the mean size where the "
        "class exists.",
        error_tables.false_positive_table,
    ),
    Entry(
        "worst_cases",
        "The 20 worst cases",
        "A hyphen: the reference lacks the class. The mean takes all classes.",
        error_tables.worst_case_table,
    ),
    Entry("best_cases", "The 20 best cases", "As above.", error_tables.best_case_table),
)


def entries(*, with_selectors: bool = True, options: SelectorOptions | None = None) -> list[Entry]:
    """List the tables of a report in its order.

    Args:
        with_selectors: False leaves out the classifiers and their importances.
        options: of the classifiers.
    """
    policies = Entry(
        "appendix_b_policies",
        "Appendix B: policies",
        "Learned policies are fitted and judged in the study's folds.",
        partial(ceiling_tables.policy_table, with_selectors=with_selectors, options=options),
    )
    importances = Entry(
        "appendix_b_importances",
        "Appendix B: feature importances",
        "Impurity and permutation importances of a random forest fitted on all patients.",
        partial(ceiling_tables.importance_table, options=options) if with_selectors else _left_out,
    )
    return [*PAPER[:-1], policies, importances, PAPER[-1], *COHORT]


def build_parts(inputs: ReportInputs, wanted: Iterable[Entry]) -> list[Part]:
    """Make every table that the study has the means for, and say of the others what is lacking."""
    return [_part(inputs, entry) for entry in wanted]


def _part(inputs: ReportInputs, entry: Entry) -> Part:
    try:
        table = entry.build(inputs)
    except LackingError as problem:
        return Part(entry.name, entry.title, entry.note, None, str(problem))
    return Part(entry.name, entry.title, entry.note, table, "")


def _left_out(_: ReportInputs) -> pd.DataFrame:
    raise LackingError("no classifiers were fitted in this run.")
