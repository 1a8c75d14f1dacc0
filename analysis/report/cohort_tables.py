"""Tables of any study: summaries, comparisons of all methods, features by class, subjects."""

from itertools import combinations

import pandas as pd

from analysis.report.inputs import LackingError, ReportInputs
from analysis.statistics.comparison import ComparisonOptions, compare_methods
from analysis.statistics.groups import compare_groups
from analysis.statistics.summary import summarize
from analysis.subjects import subject_split

_RESAMPLES = 1000
_CLASS_PAIRS = (("B", "D"), ("C5", "C6"), ("C3", "C4"))


def summary_table(inputs: ReportInputs) -> pd.DataFrame:
    """Every method, region and metric: mean with its interval by subject, spread, values in and out."""
    if inputs.metrics.empty:
        raise LackingError("the results hold no metrics.")
    return summarize(inputs.metrics, clusters=inputs.subjects(), resamples=_RESAMPLES)


def comparison_table(inputs: ReportInputs) -> pd.DataFrame:
    """Every pair of methods on every metric and region, two-sided, adjusted over the whole grid."""
    pairs = [(later, earlier) for earlier, later in combinations(inputs.methods, 2)]
    table = compare_methods(
        inputs.metrics, pairs, options=ComparisonOptions(resamples=_RESAMPLES), clusters=inputs.subjects()
    )
    if table.empty:
        raise LackingError("fewer than two methods share a metric.")
    return table


def class_table(inputs: ReportInputs) -> pd.DataFrame:
    """Features between case classes: who wins, where the consensus falls; adjusted over the grid."""
    inputs.three_methods()
    features = inputs.features.set_index("patient").dropna(axis=1, how="all")
    if features.empty:
        raise LackingError("the results hold no features.")
    patients = inputs.patients.set_index("patient").reindex(features.index)
    parts = [
        compare_groups(features, patients["winner"].to_numpy(dtype=object), _CLASS_PAIRS[:1]),
        compare_groups(features, patients["order"].to_numpy(dtype=object), _CLASS_PAIRS[1:]),
    ]
    return pd.concat(parts, ignore_index=True)


def subject_table(inputs: ReportInputs) -> pd.DataFrame:
    """Scans, subjects, and how many subjects with several scans are split across folds."""
    split = subject_split(inputs.patients)
    return pd.DataFrame(
        [
            ("scans", split.patients),
            ("subjects", split.subjects),
            ("subjects with more than one scan", split.repeated),
            ("of these split across folds", split.split),
            ("scans without a fold", split.without_fold),
        ],
        columns=["what", "count"],
    )
