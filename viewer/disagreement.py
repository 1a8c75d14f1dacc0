"""The scatter of disagreement: who won each patient, and what the consensus made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis import cases
from viewer import number_format, symlog
from viewer.number_format import MINUS
from viewer.palette import CLASS_STYLES, FONT, THEMES, Theme
from viewer.view_state import ViewState

Figure = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Roles:
    """The titles of the three methods that the scatter compares."""

    baseline: str
    distmap: str
    consensus: str

    def class_titles(self) -> Mapping[str, str]:
        """Name every class in the words of the study."""
        return {
            "B": f"{self.baseline} ahead",
            "D": f"{self.distmap} ahead",
            "C3": f"{self.baseline} < {self.consensus} < {self.distmap}",
            "C4": f"{self.distmap} < {self.consensus} < {self.baseline}",
            "C5": f"{self.consensus} below both",
            "C6": f"{self.consensus} above both",
            "tie": "Within the threshold",
        }


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One line of the legend: a class, how it is drawn, and how many patients it holds."""

    key: str
    title: str
    symbol: str
    count: int


def classify(scores: pd.DataFrame, eps: float) -> pd.DataFrame:
    """Class every patient and place it in the plane.

    Args:
        scores: columns patient, baseline, distmap, consensus (Dice averages, NaN where unknown).
        eps: materiality threshold in Dice.

    Returns:
        A copy with x, y, winner and order; the classes are None where a score is unknown.
    """
    parents = scores["baseline"], scores["distmap"]
    x, y = cases.scatter(*parents, scores["consensus"])
    return scores.assign(
        x=x,
        y=y,
        winner=cases.winner(*parents, eps=eps),
        order=cases.order(*parents, scores["consensus"], eps=eps),
    )


def legend(points: pd.DataFrame, partition: str, roles: Roles) -> tuple[list[ClassCount], int]:
    """Count the members of every class of a partition.

    Returns:
        The classes, ties last, and how many patients have no class because a score is missing.
    """
    titles, classes = roles.class_titles(), points[partition]
    keys = [key for key in CLASS_STYLES[partition] if key != "tie"] + ["tie"]
    counts = [
        ClassCount(key, titles[key], CLASS_STYLES[partition][key].symbol, int((classes == key).sum()))
        for key in keys
    ]
    return counts, int(classes.isna().sum())


def figure(
    points: pd.DataFrame, roles: Roles, view: ViewState, current: str | None, pins: Mapping[str, str]
) -> Figure:
    """Draw the scatter.

    Args:
        points: what `classify` gives.
        roles: titles of the methods.
        view: colour, scale and theme are read from it.
        current: the open patient, ringed.
        pins: patient id to tag; their tags are written beside the points.
    """
    theme = THEMES[view.theme]
    drawn = points[np.isfinite(points["x"]) & np.isfinite(points["y"])]
    x, y = _positions(drawn["x"], view.scale), _positions(drawn["y"], view.scale)
    placed = drawn.assign(at_x=x, at_y=y)
    traces = [_class_trace(placed, key, roles, view) for key in CLASS_STYLES[view.colour]]
    traces.append(_pin_trace(placed, pins, theme))
    traces.append(_ring_trace(placed[placed["patient"] == current], theme))
    return {"data": traces, "layout": _layout(placed, roles, view, theme)}


def _positions(values: pd.Series, scale: str) -> np.ndarray:
    return symlog.symlog(values) if scale == "symlog" else values.to_numpy(dtype=float)


def _class_trace(placed: pd.DataFrame, key: str, roles: Roles, view: ViewState) -> Figure:
    members = placed[placed[view.colour] == key]
    style = CLASS_STYLES[view.colour][key]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": roles.class_titles()[key],
        "x": members["at_x"].tolist(),
        "y": members["at_y"].tolist(),
        "customdata": members["patient"].tolist(),
        "text": [_hover(row, roles) for row in members.to_dict("records")],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "color": style.colour(view.theme),
            "symbol": style.symbol,
            "size": 6 if key == "tie" else 8,
            "opacity": 0.55 if key == "tie" else 0.85,
            "line": {"width": 0.75, "color": THEMES[view.theme].panel},
        },
    }


def _hover(row: Mapping[Any, Any], roles: Roles) -> str:
    lines = [f"<b>{row['patient']}</b>"]
    lines += [
        f"{title} {number_format.dice(row[role])}"
        for role, title in (
            ("baseline", roles.baseline),
            ("distmap", roles.distmap),
            ("consensus", roles.consensus),
        )
    ]
    lines.append(f"x {number_format.dice_difference(row['x'])}   y {number_format.dice_difference(row['y'])}")
    return "<br>".join(lines)


def _pin_trace(placed: pd.DataFrame, pins: Mapping[str, str], theme: Theme) -> Figure:
    pinned = placed[placed["patient"].isin(list(pins))]
    return {
        "type": "scatter",
        "mode": "text",
        "x": pinned["at_x"].tolist(),
        "y": pinned["at_y"].tolist(),
        "text": [pins[patient] for patient in pinned["patient"]],
        "textposition": "top right",
        "textfont": {"size": 11, "color": theme.text},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _ring_trace(current: pd.DataFrame, theme: Theme) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "open case",
        "x": current["at_x"].tolist(),
        "y": current["at_y"].tolist(),
        "hoverinfo": "skip",
        "marker": {"symbol": "circle-open", "size": 17, "color": theme.text, "line": {"width": 2}},
    }


def _layout(placed: pd.DataFrame, roles: Roles, view: ViewState, theme: Theme) -> Figure:
    x_title = f"Dice average, {roles.distmap} {MINUS} {roles.baseline}"
    y_title = f"{roles.consensus} {MINUS} better parent"
    return {
        "margin": {"l": 64, "r": 14, "t": 8, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": theme.muted},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": theme.panel,
            "bordercolor": theme.axis,
            "font": {"color": theme.text, "family": FONT, "size": 12},
            "align": "left",
        },
        "dragmode": "pan",
        "uirevision": view.scale,
        "xaxis": _axis(x_title, placed["at_x"].tolist(), placed["x"].tolist(), view.scale, theme),
        "yaxis": _axis(y_title, placed["at_y"].tolist(), placed["y"].tolist(), view.scale, theme),
        "annotations": _readings(roles, theme),
        "selections": [],  # the box is drawn from the address, not from what the mouse left
        "shapes": _box(view, theme),
        "meta": {"linear_within": symlog.LINEAR_WITHIN if view.scale == "symlog" else None},
    }


def _box(view: ViewState, theme: Theme) -> list[Figure]:
    """Draw the rectangle that the table is limited to."""
    if view.box is None:
        return []
    at = symlog.symlog(view.box).tolist() if view.scale == "symlog" else list(view.box)
    line = {"color": theme.text, "width": 1, "dash": "dot"}
    return [{"type": "rect", "x0": at[0], "x1": at[1], "y0": at[2], "y1": at[3], "line": line}]


def _axis(
    title: str, positions: Sequence[float], values: Sequence[float], scale: str, theme: Theme
) -> Figure:
    axis: Figure = {
        "title": {"text": title, "standoff": 8, "font": {"color": theme.text, "size": 12}},
        "range": symlog.padded_range([*positions, 0.0]),
        "gridcolor": theme.line,
        "zerolinecolor": theme.axis,
        "zerolinewidth": 1.5,
        "tickangle": 0,
        "linecolor": theme.line,
    }
    if scale == "symlog":
        at, text = symlog.ticks(max((abs(v) for v in values), default=1.0))
        axis |= {"tickmode": "array", "tickvals": at, "ticktext": text}
    return axis


def _readings(roles: Roles, theme: Theme) -> list[Figure]:
    """Say beside the title of the x axis what its two ends mean."""
    ends = (
        (0.0, "left", f"← {roles.baseline} better"),
        (1.0, "right", f"{roles.distmap} better →"),
    )
    return [
        {
            "xref": "paper",
            "yref": "paper",
            "x": x,
            "y": 0,
            "yshift": -24,
            "xanchor": side,
            "yanchor": "top",
            "text": text,
            "showarrow": False,
            "font": {"size": 11, "color": theme.muted},
        }
        for x, side, text in ends
    ]
