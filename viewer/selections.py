"""Which patients a box or a lasso in a chart takes, and how it is drawn again."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viewer.cohort_state import Lasso
from viewer.palette import Theme
from viewer.plot_axes import Axis, Figure, Floats

Mask = npt.NDArray[np.bool_]
Box = tuple[float, float, float, float]

_STEPS_AN_EDGE = 12


def in_box(box: Box, x: Floats, y: Floats) -> Mask:
    """Say which points lie in a box, edges included; NaN never does.

    Args:
        box: lowest and highest x, lowest and highest y.
        x: (n,) values.
        y: (n,) values.
    """
    return np.asarray((x >= box[0]) & (x <= box[1]) & (y >= box[2]) & (y <= box[3]))


def in_polygon(vertices: Sequence[tuple[float, float]], x: Floats, y: Floats) -> Mask:
    """Say which points lie in a polygon, by the even-odd rule; NaN never does.

    Args:
        vertices: at least three, without repeating the first.
        x: (n,) positions.
        y: (n,) positions.
    """
    inside = np.zeros(len(x), dtype=bool)
    for (x0, y0), (x1, y1) in zip(vertices, (*vertices[1:], vertices[0]), strict=True):
        if y0 == y1:
            continue  # a level edge is crossed by no level ray
        crosses = (y0 > y) != (y1 > y)
        inside ^= crosses & (x < x0 + (y - y0) * ((x1 - x0) / (y1 - y0)))
    return inside & np.isfinite(x) & np.isfinite(y)


def in_lasso(lasso: Lasso, axes: tuple[Axis, Axis], x: Floats, y: Floats) -> Mask:
    """Say which points a lasso takes.

    Args:
        lasso: in positions of the axes it was drawn on.
        axes: of the chart it was drawn in, as they are when they are symlog.
        x: (n,) values.
        y: (n,) values.
    """
    across, up = _drawn_on(lasso, axes)
    return in_polygon(lasso.vertices, across.positions(x), up.positions(y))


def box_shape(box: Box, axes: tuple[Axis, Axis], theme: Theme) -> Figure:
    """Draw a box of values."""
    (x0, x1), (y0, y1) = axes[0].positions(box[:2]).tolist(), axes[1].positions(box[2:]).tolist()
    return {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": _line(theme)}


def lasso_shape(
    lasso: Lasso, drawn_on: tuple[Axis, Axis], shown_on: tuple[Axis, Axis], theme: Theme
) -> Figure:
    """Draw a lasso on axes that may be others than those it was drawn on: its edges may bend there.

    Args:
        lasso: the polygon.
        drawn_on: the chart's axes when they are symlog.
        shown_on: its axes now.
        theme: its colours.
    """
    before = _drawn_on(lasso, drawn_on)
    closed = np.array([*lasso.vertices, lasso.vertices[0]])
    steps = np.linspace(0, len(lasso.vertices), len(lasso.vertices) * _STEPS_AN_EDGE + 1)
    sides = [
        shown.positions(old.values(np.interp(steps, np.arange(len(closed)), closed[:, side])))
        for side, (old, shown) in enumerate(zip(before, shown_on, strict=True))
    ]
    points = "L".join(f"{x:.6g},{y:.6g}" for x, y in zip(*sides, strict=True))
    return {"type": "path", "path": f"M{points}Z", "line": _line(theme)}


def _drawn_on(lasso: Lasso, axes: tuple[Axis, Axis]) -> tuple[Axis, Axis]:
    return axes if lasso.scale == "symlog" else (Axis(axes[0].title), Axis(axes[1].title))


def _line(theme: Theme) -> Figure:
    return {"color": theme.text, "width": 1, "dash": "dot"}
