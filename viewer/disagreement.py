"""The scatter of disagreement: who won each patient, and what the consensus made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import cases
from viewer import number_format, point_plot, symlog
from viewer.number_format import MINUS
from viewer.palette import CLASS_STYLES, THEMES, Theme
from viewer.plot_axes import Axis, Figure
from viewer.point_plot import Cloud, Marks, Overlay
from viewer.selections import box_shape
from viewer.view_state import ViewState


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
    points: pd.DataFrame,
    roles: Roles,
    view: ViewState,
    current: str | None,
    pins: Mapping[str, str],
    over: Overlay | None = None,
) -> Figure:
    """Draw the scatter.

    Args:
        points: what `classify` gives.
        roles: titles of the methods.
        view: colour, scale, box and theme are read from it.
        current: the open patient, ringed.
        pins: patient id to tag; their tags are written beside the points.
        over: what else is drawn: density, window, lasso.
    """
    theme, scaled = THEMES[view.theme], axes(roles, view.scale)
    shapes = [] if view.box is None else [box_shape(view.box, scaled, theme)]
    given = over or Overlay()
    whole = replace(
        given,
        theme=view.theme,
        current=current,
        pins=pins,
        shapes=[*shapes, *given.shapes],
        annotations=_readings(roles, theme),
    )
    return point_plot.figure(_cloud(points, roles, view), whole)


def axes(roles: Roles, scale: str) -> tuple[Axis, Axis]:
    """Describe both axes, `symlog` or `linear`."""
    within = symlog.LINEAR_WITHIN if scale == "symlog" else None
    return (
        Axis(f"Dice average, {roles.distmap} {MINUS} {roles.baseline}", within, is_signed=True),
        Axis(f"{roles.consensus} {MINUS} better parent", within, is_signed=True),
    )


def class_marks(partition: str, theme: str, titles: Mapping[str, str]) -> list[Marks]:
    """Say how the classes of a partition are drawn, ties first and behind."""
    return [
        Marks(key, titles[key], style.symbol, style.colour(theme), is_faint=key == "tie")
        for key, style in CLASS_STYLES[partition].items()
    ]


def _cloud(points: pd.DataFrame, roles: Roles, view: ViewState) -> Cloud:
    columns = [points[name].to_numpy(dtype=object) for name in _HOVERED]
    lines = _hover_lines(roles)

    def hover(places: npt.NDArray[np.int64]) -> list[str]:
        return [
            lines.format(
                patient,
                *(number_format.dice(score) for score in scores),
                number_format.dice_difference(x),
                number_format.dice_difference(y),
            )
            for patient, *scores, x, y in zip(*(column[places] for column in columns), strict=True)
        ]

    return Cloud(
        patients=points["patient"].to_numpy(dtype=object),
        x=points["x"].to_numpy(dtype=float),
        y=points["y"].to_numpy(dtype=float),
        axes=axes(roles, view.scale),
        classes=points[view.colour].to_numpy(dtype=object),
        marks=class_marks(view.colour, view.theme, roles.class_titles()),
        hover=hover,
    )


_HOVERED = ("patient", "baseline", "distmap", "consensus", "x", "y")


def _hover_lines(roles: Roles) -> str:
    """Write the text beside a point with places for the values of `_HOVERED`."""
    titles = (
        title.replace("{", "{{").replace("}", "}}")
        for title in (roles.baseline, roles.distmap, roles.consensus)
    )
    return "<br>".join(("<b>{}</b>", *(f"{title} {{}}" for title in titles), "x {}   y {}"))


def _readings(roles: Roles, theme: Theme) -> list[Figure]:
    """Say above the plot what the two ends of the x axis mean: below, its title needs the width."""
    ends = (
        (0.0, "left", f"← {roles.baseline} better"),
        (1.0, "right", f"{roles.distmap} better →"),
    )
    return [
        {
            "xref": "paper",
            "yref": "paper",
            "x": x,
            "y": 1,
            "yshift": 3,
            "xanchor": side,
            "yanchor": "bottom",
            "text": text,
            "showarrow": False,
            "font": {"size": 11, "color": theme.muted},
        }
        for x, side, text in ends
    ]
