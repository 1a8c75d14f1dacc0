"""A plane of patients: single points where there are few, counts a cell where there are many."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from viewer import symlog
from viewer.density import density_trace
from viewer.palette import THEMES, Theme
from viewer.plot_axes import OPEN_CASE, Axis, Figure, Floats, plain_layout
from viewer.selections import Mask

MOST_POINTS = 5000
"""More than these are never sent to the browser one by one."""

_SIZE_OVER_DENSITY = 3
_RING_SIZE = 17
_SIDES = {"top right": (1, 1), "top left": (-1, 1), "bottom right": (1, -1), "bottom left": (-1, -1)}
_TAG_SPAN = (0.12, 0.09)
"""Shares of the plot's width and height beside a point where its tag stands."""

Window = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Marks:
    """How the members of one class are drawn, in one theme."""

    key: str
    title: str
    symbol: str
    colour: str
    is_faint: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """What lies in a plane.

    Attributes:
        patients: (n,) ids.
        x: (n,) values; NaN is not drawn.
        y: (n,) values.
        axes: across and up.
        classes: (n,) keys of `marks`; what has none of them is not drawn.
        marks: the classes, those behind first.
        hover: writes the text of the points at some places.
    """

    patients: npt.NDArray[np.object_]
    x: Floats
    y: Floats
    axes: tuple[Axis, Axis]
    classes: npt.NDArray[np.object_]
    marks: Sequence[Marks]
    hover: Callable[[npt.NDArray[np.int64]], list[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """What is drawn over and under the points.

    Attributes:
        theme: dark or light.
        current: the open patient, ringed.
        pins: patient to tag; written beside the points.
        density: whether counts a cell lie under the points.
        window: what is shown, as positions; None for everything.
        chosen: (n,) the patients that the table is limited to; None for all.
        shapes: Plotly shapes.
        annotations: Plotly annotations.
    """

    theme: str = "dark"
    current: str | None = None
    pins: Mapping[str, str] = field(default_factory=dict)
    density: bool = False
    window: Window | None = None
    chosen: Mask | None = None
    shapes: Sequence[Figure] = ()
    annotations: Sequence[Figure] = ()


def figure(cloud: Cloud, over: Overlay) -> Figure:
    """Draw a cloud; the ring of the open patient is the last trace."""
    theme = THEMES[over.theme]
    x, y = cloud.axes[0].positions(cloud.x), cloud.axes[1].positions(cloud.y)
    known = np.isfinite(x) & np.isfinite(y)
    whole: Window = (*_span(x[known], cloud.axes[0]), *_span(y[known], cloud.axes[1]))
    window = over.window or whole
    seen = known & (x >= window[0]) & (x <= window[1]) & (y >= window[2]) & (y <= window[3])
    is_many = is_too_many(int(seen.sum()))
    traces = []
    if is_many or over.density:
        traces.append(density_trace(x[seen], y[seen], window, over.theme))
    if not is_many:
        drawn = seen if is_too_many(int(known.sum())) else known
        traces += [_points(cloud, one, (x, y), drawn, over) for one in cloud.marks]
    traces.append(_tags(cloud, (x, y), known, over, window))
    traces.append(_ring(x, y, np.asarray(known & (cloud.patients == over.current)), theme))
    return {"data": traces, "layout": _layout(cloud.axes, window, over, is_many=is_many)}


def is_too_many(count: int) -> bool:
    """Say whether so many points are counted a cell instead of sent."""
    return count > MOST_POINTS


def _span(positions: Floats, axis: Axis) -> tuple[float, float]:
    """Take the range of an axis; zero is always on one that is about it."""
    origin = [0.0] if axis.linear_within is not None or axis.is_signed else []
    ends = [float(positions.min()), float(positions.max())] if len(positions) else []
    low, high = symlog.padded_range([*ends, *origin])
    return low, high


def _points(cloud: Cloud, marks: Marks, at: tuple[Floats, Floats], drawn: Mask, over: Overlay) -> Figure:
    places = np.flatnonzero(drawn & (cloud.classes == marks.key))
    return {
        "type": "scatter",
        "mode": "markers",
        "name": marks.title,
        "x": at[0][places].tolist(),
        "y": at[1][places].tolist(),
        "customdata": [str(patient) for patient in cloud.patients[places]],
        "text": cloud.hover(places),
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "color": marks.colour,
            "symbol": marks.symbol,
            "size": _SIZE_OVER_DENSITY if over.density else 6 if marks.is_faint else 8,
            "opacity": _opacity(places, marks, over),
            "line": {"width": 0 if over.density else 0.75, "color": THEMES[over.theme].panel},
        },
        # the address says what is selected; what the mouse selects must not fade the rest by itself
        "selected": {"marker": {"opacity": 0.9}},
        "unselected": {"marker": {"opacity": 0.9}},
    }


def _opacity(places: npt.NDArray[np.int64], marks: Marks, over: Overlay) -> float | list[float]:
    full = 0.55 if marks.is_faint else 0.85
    if over.chosen is None:
        return full
    return [full if is_chosen else 0.12 for is_chosen in over.chosen[places]]


def _tags(cloud: Cloud, at: tuple[Floats, Floats], known: Mask, over: Overlay, window: Window) -> Figure:
    """Write the tags of the pins beside their points, clear of the ring that one of them may wear."""
    places = [int(i) for i in np.flatnonzero(known) if cloud.patients[i] in over.pins] if over.pins else []
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": "pins",
        "x": at[0][places].tolist(),
        "y": at[1][places].tolist(),
        "marker": {"size": _RING_SIZE, "opacity": 0},
        "text": [over.pins[cloud.patients[place]] for place in places],
        "textposition": _free_sides(places, at, window),
        "textfont": {"size": 11, "color": THEMES[over.theme].text},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _free_sides(places: Sequence[int], at: tuple[Floats, Floats], window: Window) -> list[str]:
    """Choose for each tag a side of its point where no tag before it is, and the fewest points."""
    ends = zip(window[::2], window[1::2], _TAG_SPAN, strict=True)
    spans = [(high - low) * share or 1.0 for low, high, share in ends]
    sides: dict[int, str] = {}
    for place in places:
        right, up = ((one - one[place]) / span for one, span in zip(at, spans, strict=True))
        taken = {side for other, side in sides.items() if abs(right[other]) < 1 and abs(up[other]) < 1}
        sides[place] = _free_side(right, up, taken)
    return list(sides.values())


def _free_side(right: Floats, up: Floats, taken: set[str]) -> str:
    """Choose a side of a point, given how many widths and heights of a tag the others are away."""

    def crowd(side: str) -> int:
        across, over = right * _SIDES[side][0], up * _SIDES[side][1]
        return int(((across > 0) & (across < 1) & (over > 0) & (over < 1)).sum())

    return min(_SIDES, key=lambda side: (side in taken, crowd(side)))


def _ring(x: Floats, y: Floats, current: Mask, theme: Theme) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": OPEN_CASE,
        "x": x[current].tolist(),
        "y": y[current].tolist(),
        "hoverinfo": "skip",
        "marker": {"symbol": "circle-open", "size": _RING_SIZE, "color": theme.text, "line": {"width": 2}},
    }


def _layout(axes: tuple[Axis, Axis], window: Window, over: Overlay, *, is_many: bool) -> Figure:
    theme = THEMES[over.theme]
    across, up = axes
    plain = plain_layout(theme)
    return plain | {
        "margin": plain["margin"] | ({"t": 26} if over.annotations else {}),
        # the mouse's own zoom is kept as long as the axes are the same; a window of the address replaces it
        "uirevision": f"{across.title} {across.linear_within} {up.title} {up.linear_within} {over.window}",
        "xaxis": across.drawn(window[:2], theme),
        "yaxis": up.drawn(window[2:], theme),
        "annotations": list(over.annotations),
        "shapes": list(over.shapes),
        "meta": {"linear_within": [across.linear_within, up.linear_within], "is_many": is_many},
    }
