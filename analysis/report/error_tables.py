"""The error analysis of every method as tables of the report."""

from collections.abc import Callable

import pandas as pd

from analysis import error_analysis
from analysis.report.inputs import LackingError, ReportInputs
from analysis.report.paper_tables import single_labels

_EXTREMES = 20


def class_metric_table(inputs: ReportInputs) -> pd.DataFrame:
    """Dice, IoU, precision and recall of each class over the cases that have it."""
    _need(inputs, "iou", "precision", "recall")
    return _by_method(inputs, error_analysis.class_metrics)


def dependency_table(inputs: ReportInputs) -> pd.DataFrame:
    """Volume of one class against Dice of another; the diagonal is the dependence on one's own size."""
    return _by_method(inputs, error_analysis.volume_dependencies)


def false_positive_table(inputs: ReportInputs) -> pd.DataFrame:
    """Mean false-positive volume of each class as a share of its mean size."""
    _need(inputs, "precision", "volume_ml")
    return _by_method(inputs, error_analysis.false_positive_shares)


def worst_case_table(inputs: ReportInputs) -> pd.DataFrame:
    """The 20 cases of each method with the lowest mean Dice; a hyphen where the reference lacks a class."""
    return _by_method(inputs, lambda *given: error_analysis.extreme_cases(*given, count=_EXTREMES)[0])


def best_case_table(inputs: ReportInputs) -> pd.DataFrame:
    """The 20 cases of each method with the highest mean Dice."""
    return _by_method(inputs, lambda *given: error_analysis.extreme_cases(*given, count=_EXTREMES)[1])


def _need(inputs: ReportInputs, *metrics: str) -> None:
    known = set(inputs.metrics.loc[inputs.metrics["method"].isin(list(inputs.methods)), "metric"])
    missing = [metric for metric in metrics if metric not in known]
    if missing:
        raise LackingError(f"it needs {', '.join(missing)} of the predictions, which only volumes give.")


def _by_method(inputs: ReportInputs, analyse: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    volumes = inputs.reference_volumes_ml()
    classes = [name for name in single_labels(inputs) if _has_dice(inputs, name)]
    if not classes:
        raise LackingError("the results hold no Dice of a single label.")
    parts = []
    for method in inputs.methods:
        part = analyse(inputs.metrics, volumes, method, classes)
        part.insert(0, "method", method)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _has_dice(inputs: ReportInputs, region: str) -> bool:
    return bool(((inputs.metrics["metric"] == "dice") & (inputs.metrics["region"] == region)).any())
