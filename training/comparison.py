"""Trained alike but for one thing: scores of held-out patients, compared configuration by configuration."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.statistics.comparison import compare_methods

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SCORES = ("dice", "fragments", "spurious", "missed")
BY = ["recipe", "weight", "label"]


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Average over patients and seeds, one row a recipe, weight and label.

    Args:
        table: one row a recipe, weight, seed, patient and label, the columns of `training.evaluation.Score`.

    Returns:
        The means, how many patients and seeds went in, and `fragments_between_seeds`: the range of the seeds'
        own means (NaN with one seed), the least that a difference between recipes must exceed to mean much.
    """
    groups = table.groupby(BY, sort=False, dropna=False)
    means = groups[[*SCORES, "reference_fragments"]].mean()
    counts = groups.agg(patients=("patient", "nunique"), seeds=("seed", "nunique"))
    by_seed = table.groupby([*BY, "seed"], sort=False, dropna=False)["fragments"].mean()
    spread = by_seed.groupby(level=list(range(len(BY))), sort=False, dropna=False).agg(np.ptp)
    spread = spread.where(counts["seeds"] > 1)
    return means.assign(fragments_between_seeds=spread).join(counts).reset_index()


def compare(table: pd.DataFrame, subjects: Mapping[str, str]) -> pd.DataFrame:
    """Compare each configuration with the first one, patient by patient, seeds averaged.

    Args:
        table: as for `summarise`.
        subjects: patient to subject; a subject's scans change sign together in the test.

    Returns:
        `compare_methods` of dice, fragments, spurious and missed components for each label, the later
        configuration first, so that a positive difference is more than the first configuration has. Empty
        if there is only one configuration.
    """
    named = table.assign(method=_titles(table))
    means = named.groupby(["method", "patient", "label"], sort=False)[list(SCORES)].mean().reset_index()
    long = means.melt(["method", "patient", "label"], var_name="metric").rename(columns={"label": "region"})
    # The names by which `compare_methods` knows that less is better.
    long["metric"] = long["metric"].replace(
        {"fragments": "fragment_count", "spurious": "component_count_spurious", "missed": "lesion_fn"}
    )
    first, *others = named["method"].unique()
    return compare_methods(long, [(other, first) for other in others], clusters=subjects)


def title(recipe: str, weight: float) -> str:
    """Name a configuration for people: the recipe, and the weight of its distance loss if it has one."""
    return recipe if np.isnan(weight) else f"{recipe} {weight:g}"


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw Dice and fragments of each label: over the weight of a sweep, else a column a configuration.

    Small dots are seeds, where there are several; dashes in the fragments are the reference's own.
    """
    from matplotlib.figure import Figure

    summary = summarise(table)
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    swept = summary.groupby("recipe", sort=False)["weight"].nunique().max() > 1
    for axes, column in zip(figure.subplots(1, 2), ("dice", "fragments"), strict=True):
        (_over_weights if swept else _side_by_side)(axes, table, summary, column)
        axes.set_ylabel(f"mean {column} of a held-out patient")
        axes.legend()
    figure.savefig(path, dpi=120)


def _over_weights(axes: "Axes", _table: pd.DataFrame, summary: pd.DataFrame, column: str) -> None:
    for (recipe, label), rows in summary.groupby(["recipe", "label"], sort=False):
        if rows["weight"].isna().all():
            axes.axhline(rows[column].iloc[0], linestyle=":", color="grey", label=f"{recipe} {label}")
        else:
            axes.plot(rows["weight"], rows[column], marker="o", label=f"{recipe} {label}")
    axes.set_xlabel("weight of the distance loss")


def _side_by_side(axes: "Axes", table: pd.DataFrame, summary: pd.DataFrame, column: str) -> None:
    names = list(dict.fromkeys(_titles(summary)))
    labels = list(summary["label"].unique())
    for index, label in enumerate(labels):
        rows, seeds = (one[one["label"] == label] for one in (summary, table))
        places = np.arange(len(names)) + 0.22 * (index - (len(labels) - 1) / 2)
        (line,) = axes.plot(places, rows[column], "o", label=label)
        if len(set(seeds["seed"])) > 1:
            each = seeds.assign(name=_titles(seeds)).groupby(["name", "seed"])[column].mean()
            for place, name in zip(places, names, strict=True):
                values = each[name]
                axes.plot([place] * len(values), values, ".", color=line.get_color(), alpha=0.5)
        if column == "fragments":
            axes.axhline(
                rows["reference_fragments"].iloc[0], linestyle="--", color=line.get_color(), alpha=0.5
            )
    axes.set_xticks(range(len(names)), names)


def _titles(table: pd.DataFrame) -> Sequence[str]:
    return [title(*pair) for pair in zip(table["recipe"], table["weight"], strict=True)]
