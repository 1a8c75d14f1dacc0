"""One axis of a chart: how values become positions on it, and how it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer import symlog
from viewer.palette import FONT, Theme

Figure = dict[str, Any]
Floats = npt.NDArray[np.float64]

OPEN_CASE = "open case"
"""Name of the traces that ring the open case, in whatever chart."""


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis.

    Attributes:
        title: with the unit.
        linear_within: distance of zero within which it is linear, and logarithmic beyond; None if it is
            linear everywhere.
        is_signed: whether its ticks carry a plus.
    """

    title: str
    linear_within: float | None = None
    is_signed: bool = False

    def positions(self, values: npt.ArrayLike) -> Floats:
        """Map values to positions."""
        if self.linear_within is None:
            return np.asarray(values, dtype=np.float64)
        return symlog.symlog(values, self.linear_within)

    def values(self, positions: npt.ArrayLike) -> Floats:
        """Map positions back to values."""
        if self.linear_within is None:
            return np.asarray(positions, dtype=np.float64)
        return symlog.symexp(positions, self.linear_within)

    def drawn(self, shown: Sequence[float], theme: Theme) -> Figure:
        """Describe it to Plotly.

        Args:
            shown: lowest and highest position.
            theme: its colours.
        """
        axis: Figure = {
            "title": {"text": self.title, "standoff": 8, "font": {"color": theme.text, "size": 12}},
            "range": list(shown),
            "gridcolor": theme.line,
            "zerolinecolor": theme.axis,
            "zerolinewidth": 1.5,
            "tickangle": 0,
            "linecolor": theme.line,
        }
        if self.linear_within is not None:
            largest = float(np.abs(self.values([*shown, 0.0])).max())
            at, text = symlog.ticks(largest, self.linear_within, is_signed=self.is_signed)
            axis |= {"tickmode": "array", "tickvals": at, "ticktext": text}
        return axis


def plain_layout(theme: Theme) -> Figure:
    """What all charts have in common."""
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
        "selections": [],  # what is selected is drawn from the address, not from what the mouse left
    }
