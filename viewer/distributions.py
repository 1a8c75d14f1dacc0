"""How a metric is distributed: a box, a violin or a step curve for every method and region.

Only sums of the cohort go to the browser, and the outlying patients by name: the same bytes for any cohort.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer import number_format
from viewer.palette import THEMES, method_colour
from viewer.plot_axes import OPEN_CASE, Axis, Figure, Floats, plain_layout
from viewer.symlog import padded_range

MOST_OUTLIERS = 120
"""Of one group; the farthest ones are drawn."""

_FENCE = 1.5
_KERNEL_POINTS = 120
_CURVE_POINTS = 400
_GROUP_SHARE = 0.82


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The values of one method on one region.

    Attributes:
        region: empty where the metric has none.
        method: title of the method.
        place: of the method among all, which decides its colour.
        values: (n,) finite values, rising.
        patients: (n,) whose they are.
        missing: patients without a finite value.
    """

    region: str
    method: str
    place: int
    values: Floats
    patients: npt.NDArray[np.object_]
    missing: int

    @property
    def quartiles(self) -> Floats:
        """(3,) lower quartile, median, upper quartile, interpolated linearly; NaN of nothing."""
        if not len(self.values):
            return np.full(3, np.nan)
        return np.asarray(np.percentile(self.values, (25, 50, 75)))

    @property
    def fences(self) -> tuple[float, float]:
        """The farthest values within 1.5 times the quartiles' distance of the quartiles (Tukey)."""
        low, _, high = self.quartiles
        reach = _FENCE * (high - low)
        within = self.values[(self.values >= low - reach) & (self.values <= high + reach)]
        return (float(within[0]), float(within[-1])) if len(within) else (float("nan"), float("nan"))


def group(region: str, method: tuple[str, int], values: Floats, patients: npt.NDArray[np.object_]) -> Group:
    """Sort the finite values of a column, and count the others.

    Args:
        region: their region.
        method: title and place.
        values: (patients,).
        patients: (patients,) ids.
    """
    finite = np.isfinite(values)
    order = np.argsort(values[finite], kind="stable")
    return Group(region, *method, values[finite][order], patients[finite][order], int((~finite).sum()))


@dataclass(frozen=True, slots=True)
class Look:
    """How the groups are drawn.

    Attributes:
        form: `box`, `violin` or `ecdf`.
        axis: of the values.
        theme: dark or light.
        current: the open patient, marked in every group.
    """

    form: str
    axis: Axis
    theme: str
    current: str | None = None


def figure(groups: Sequence[Group], look: Look) -> Figure:
    """Draw the groups: a curve each, or one beside the other, region by region."""
    filled = [one for one in groups if len(one.values)]
    return _curves(filled, look) if look.form == "ecdf" else _side_by_side(filled, look)


def _curves(groups: Sequence[Group], look: Look) -> Figure:
    theme = THEMES[look.theme]
    traces = [_curve(one, look) for one in groups]
    positions = look.axis.positions([v for one in groups for v in (one.values[0], one.values[-1])])
    share = Axis("Share of patients at or below")
    return {
        "data": traces,
        "layout": plain_layout(theme)
        | {
            "uirevision": f"ecdf {look.axis.title} {look.axis.linear_within}",
            "xaxis": look.axis.drawn(padded_range(positions.tolist()), theme),
            "yaxis": share.drawn([-0.02, 1.02], theme),
            "annotations": [],
            "shapes": [],
        },
    }


def _curve(one: Group, look: Look) -> Figure:
    """Take the steps at evenly spaced ranks; the first and the last value are always there."""
    ranks = np.unique(np.linspace(0, len(one.values) - 1, _CURVE_POINTS).round().astype(int))
    shares = (ranks + 1) / len(one.values)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": one.method,
        "x": look.axis.positions(one.values[ranks]).tolist(),
        "y": shares.tolist(),
        "customdata": [str(patient) for patient in one.patients[ranks]],
        "text": [
            f"<b>{patient}</b><br>{one.method}, {value:.4g}<br>{share:.1%} at or below"
            for patient, value, share in zip(one.patients[ranks], one.values[ranks], shares, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": method_colour(one.place, look.theme), "width": 2, "shape": "hv"},
    }


def _side_by_side(groups: Sequence[Group], look: Look) -> Figure:
    theme = THEMES[look.theme]
    regions = list(dict.fromkeys(one.region for one in groups))
    methods = list(dict.fromkeys(one.place for one in groups))
    width = _GROUP_SHARE / max(1, len(methods))
    traces: list[Figure] = []
    for one in groups:
        middle = regions.index(one.region) + (methods.index(one.place) - (len(methods) - 1) / 2) * width
        draw = _BODIES[look.form]
        traces += [
            draw(one, look, middle, width * 0.8),
            _outliers(one, look, middle),
            _current(one, look, middle),
        ]
    positions = look.axis.positions([v for one in groups for v in (one.values[0], one.values[-1])])
    return {
        "data": traces,
        "layout": plain_layout(theme)
        | {
            "uirevision": f"{look.form} {look.axis.title} {look.axis.linear_within}",
            "xaxis": {
                "range": [-0.5, len(regions) - 0.5],
                "tickvals": list(range(len(regions))),
                "ticktext": [region or look.axis.title for region in regions],
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            "yaxis": look.axis.drawn(padded_range(positions.tolist()), theme),
            "annotations": [],
            "shapes": [],
            "boxmode": "overlay",
        },
    }


def _box(one: Group, look: Look, middle: float, width: float) -> Figure:
    colour = method_colour(one.place, look.theme)
    q1, median, q3 = look.axis.positions(one.quartiles).tolist()
    low, high = look.axis.positions(one.fences).tolist()
    return {
        "type": "box",
        "name": one.method,
        "x": [middle],
        "q1": [q1],
        "median": [median],
        "q3": [q3],
        "lowerfence": [low],
        "upperfence": [high],
        "width": width,
        "line": {"color": colour, "width": 1.5},
        "fillcolor": _faded(colour),
        "hoverinfo": "skip",
    }


def _violin(one: Group, look: Look, middle: float, width: float) -> Figure:
    """Estimate the density of the positions: a Gaussian kernel of Scott's width on a grid."""
    colour = method_colour(one.place, look.theme)
    positions = look.axis.positions(one.values)
    at, density = kernel_density(positions)
    half = density / density.max() * width / 2
    return {
        "type": "scatter",
        "mode": "lines",
        "name": one.method,
        "x": [*(middle + half).tolist(), *(middle - half)[::-1].tolist()],
        "y": [*at.tolist(), *at[::-1].tolist()],
        "fill": "toself",
        "fillcolor": _faded(colour),
        "line": {"color": colour, "width": 1.2},
        "hoverinfo": "skip",
    }


def kernel_density(positions: Floats) -> tuple[Floats, Floats]:
    """Estimate a density on a grid from the lowest to the highest value.

    Args:
        positions: (n,) rising, at least one.

    Returns:
        Places and densities; the integral over the line would be 1 where the ends are not cut off.
    """
    low, high = float(positions[0]), float(positions[-1])
    spread = float(positions.std()) or abs(low) * 1e-3 or 1e-3
    width = spread * len(positions) ** -0.2
    at = np.linspace(low, high, _KERNEL_POINTS) if high > low else np.linspace(low - width, low + width, 5)
    counts, edges = np.histogram(positions, bins=512, range=(low - 1e-12, max(high, low + 1e-9) + 1e-12))
    centres = (edges[1:] + edges[:-1]) / 2
    kernel = np.exp(-0.5 * np.square((at[:, None] - centres) / width))
    return at, kernel @ counts / (len(positions) * width * np.sqrt(2 * np.pi))


def _outliers(one: Group, look: Look, middle: float) -> Figure:
    low, high = one.fences
    beyond = np.flatnonzero((one.values < low) | (one.values > high))
    if len(beyond) > MOST_OUTLIERS:
        median = one.quartiles[1]
        farthest = np.argsort(-np.abs(one.values[beyond] - median), kind="stable")[:MOST_OUTLIERS]
        beyond = beyond[np.sort(farthest)]
    sway = np.sin(np.arange(len(beyond)) * 2.4) * 0.035  # so that equal values do not hide one another
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{one.method}, outlying",
        "x": (middle + sway).tolist(),
        "y": look.axis.positions(one.values[beyond]).tolist(),
        "customdata": [str(patient) for patient in one.patients[beyond]],
        "text": [
            f"<b>{one.patients[i]}</b><br>{one.method} {one.region} {one.values[i]:.4g}" for i in beyond
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": method_colour(one.place, look.theme), "size": 5, "opacity": 0.65},
    }


def _current(one: Group, look: Look, middle: float) -> Figure:
    value = one.values[one.patients == look.current]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": OPEN_CASE,
        "x": [middle] * len(value),
        "y": look.axis.positions(value).tolist(),
        "hoverinfo": "skip",
        "marker": {
            "symbol": "circle-open",
            "size": 12,
            "color": THEMES[look.theme].text,
            "line": {"width": 2},
        },
    }


_BODIES: Mapping[str, Callable[[Group, Look, float, float], Figure]] = {"box": _box, "violin": _violin}


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.22)"


def summary(one: Group, digits: int) -> list[str]:
    """Write a group's row: n in, n out, mean, median, quartiles."""
    if not len(one.values):
        return ["0", number_format.count(one.missing), *[number_format.MISSING] * 3]
    low, median, high = one.quartiles
    return [
        number_format.count(len(one.values)),
        number_format.count(one.missing),
        f"{one.values.mean():.{digits}f}",
        f"{median:.{digits}f}",
        f"{low:.{digits}f} to {high:.{digits}f}",
    ]
