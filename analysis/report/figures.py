"""Figures 1, 8 and A1 of the paper, drawn from a study's results."""

import io
from collections.abc import Mapping
from contextlib import AbstractContextManager

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.cases import CASE_TITLES, order, scatter
from analysis.feature_names import AGREEMENT_FEATURES
from analysis.report.inputs import ReportInputs

LINEAR_WITHIN = 0.001
_CLASS_COLOURS = {"C3": "#7a8793", "C4": "#3d6fb4", "C5": "#c8385a", "C6": "#1f9d6b", "tie": "#e0a12e"}
_CLASS_MARKERS = {"C3": "v", "C4": "^", "C5": "o", "C6": "D", "tie": "s"}
_OF_REFERENCE, _OF_AGREEMENT = "#3d6fb4", "#c8385a"
_TOP = 8


def fragment_figure(inputs: ReportInputs, table: pd.DataFrame) -> Figure:
    """Figure 1: mean fragments by label and method; one panel a label, in the label's colour.

    Args:
        inputs: the study.
        table: table 5.2.
    """
    colours = {label.name: label.colour for label in inputs.scheme.labels}
    roles = ("baseline", "distmap", "consensus")
    names = [inputs.title(method) for method in inputs.three_methods()]
    figure, panels = _panels(len(table), 3.0)
    for axes, row in zip(panels, table.to_dict("records"), strict=True):
        heights = [float(row[role]) for role in roles]
        bars = axes.bar(names, heights, color=colours.get(str(row["label"]), "#7a8793"), width=0.65)
        axes.bar_label(bars, fmt="%.3g", padding=2)
        axes.margins(y=0.12)
        axes.set_title(f"{row['label']} (n = {row['patients']})")
        axes.tick_params(axis="x", rotation=20)
    panels[0].set_ylabel("fragments per patient")
    return figure


def case_figure(inputs: ReportInputs) -> Figure:
    """Figure 8: the plane of disagreement, symlog on both axes, one marker and colour a class."""
    baseline, distmap, consensus = inputs.averages()
    x, y = scatter(baseline, distmap, consensus)
    classes = order(baseline, distmap, consensus)
    figure, panels = _panels(1, 7.0)
    axes = panels[0]
    for name in ("tie", "C3", "C4", "C5", "C6"):
        chosen = classes == name
        label = f"{name}: {CASE_TITLES.get(name, 'none of C3 to C6')} ({int(chosen.sum())})"
        axes.scatter(
            x[chosen],
            y[chosen],
            s=14,
            alpha=0.75,
            linewidths=0,
            c=_CLASS_COLOURS[name],
            marker=_CLASS_MARKERS[name],
            label=label,
        )
    for set_scale in (axes.set_xscale, axes.set_yscale):
        set_scale("symlog", linthresh=LINEAR_WITHIN)
    axes.axhline(0, color="#9aa5ad", linewidth=0.8)
    axes.axvline(0, color="#9aa5ad", linewidth=0.8)
    axes.set_xlabel("Dice average: DistMap - Baseline")
    axes.set_ylabel("Dice average: CC-Consensus - better of the two")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2, frameon=False, fontsize=8)
    return figure


def importance_figure(table: pd.DataFrame) -> Figure:
    """Figure A1: the eight features that matter most to a forest, region by region.

    Args:
        table: region, feature, impurity; most important first within a region.
    """
    regions = list(dict.fromkeys(table["region"]))
    figure, panels = _panels(len(regions), 4.2)
    for axes, region in zip(panels, regions, strict=True):
        top = table[table["region"] == region].head(_TOP).iloc[::-1]
        colours = [_OF_AGREEMENT if name in AGREEMENT_FEATURES else _OF_REFERENCE for name in top["feature"]]
        axes.barh(top["feature"], top["impurity"], color=colours)
        axes.set_title(region)
        axes.set_xlabel("impurity importance")
    kinds = [
        Patch(color=_OF_REFERENCE, label="shape"),
        Patch(color=_OF_AGREEMENT, label="agreement of the two methods"),
    ]
    figure.legend(handles=kinds, loc="outside lower center", ncols=2, frameon=False)
    return figure


def drawn(figure: Figure) -> Mapping[str, bytes]:
    """Draw a figure as PNG and SVG; equal figures give equal bytes."""
    files = {}
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        buffer = io.BytesIO()
        with _style():
            figure.savefig(buffer, format=kind, dpi=150, metadata=metadata)
        files[kind] = buffer.getvalue()
    return files


def _style() -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "axes.spines.top": False,
            "axes.spines.right": False,
            "font.size": 10,
            "svg.fonttype": "none",
            "svg.hashsalt": "glioscope",
        }
    )


def _panels(count: int, width: float) -> tuple[Figure, list[Axes]]:
    with _style():
        figure = Figure(figsize=(width * max(count, 1), 4.0 if count > 1 else 6.5), layout="constrained")
        panels = figure.subplots(1, max(count, 1), squeeze=False)
    return figure, list(np.ravel(panels))
