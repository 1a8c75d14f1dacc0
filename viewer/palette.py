"""Colours that Plotly needs in words: everything else takes them from `assets/10-theme.css`.

The two must agree (a test reads the style sheet). Class colours are chosen apart from the label colours and
stay apart for the three dichromacies; each class also has its own marker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from analysis.error_classes import ErrorClass

FONT = "Inter, Segoe UI, Helvetica Neue, DejaVu Sans, system-ui, sans-serif"


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme, as sRGB hex.

    Attributes:
        text: axis titles and marks.
        muted: tick labels and notes.
        panel: the ground under a chart.
        line: grid lines.
        axis: the lines through zero.
    """

    text: str
    muted: str
    panel: str
    line: str
    axis: str


@dataclass(frozen=True, slots=True)
class ClassStyle:
    """How the members of a case class are drawn: a Plotly marker symbol and a colour per theme."""

    symbol: str
    dark: str
    light: str

    def colour(self, theme: str) -> str:
        """Take the colour of a theme, `dark` or `light`."""
        return self.light if theme == "light" else self.dark


THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        "dark": Theme(text="#e8edf2", muted="#9ba8b5", panel="#11171e", line="#202933", axis="#46525f"),
        "light": Theme(text="#18212a", muted="#55616d", panel="#ffffff", line="#e6eaee", axis="#a9b4be"),
    }
)

_TIE = ClassStyle("circle", "#7d8894", "#8a949e")

CLASS_STYLES: Mapping[str, Mapping[str, ClassStyle]] = MappingProxyType(
    {
        "winner": MappingProxyType(
            {
                "tie": _TIE,
                "B": ClassStyle("circle", "#5fb2f2", "#1a6fb5"),
                "D": ClassStyle("diamond", "#e9c94b", "#9a7400"),
            }
        ),
        "order": MappingProxyType(
            {
                "tie": _TIE,
                "C3": ClassStyle("circle", "#5fb2f2", "#1a6fb5"),
                "C4": ClassStyle("diamond", "#e9c94b", "#9a7400"),
                "C5": ClassStyle("triangle-down", "#f0713a", "#b8410b"),
                "C6": ClassStyle("triangle-up", "#c39bf5", "#7440b8"),
            }
        ),
    }
)

METHOD_COLOURS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dark": ("#5fb2f2", "#e9c94b", "#c39bf5", "#f0713a", "#63c9a8", "#e58fb5"),
        "light": ("#1a6fb5", "#9a7400", "#7440b8", "#b8410b", "#17694a", "#a83a70"),
    }
)
"""One colour a method, in the study's order; the first two are those of the class each of them leads."""

DENSITY_COLOURS: Mapping[str, tuple[tuple[float, str], ...]] = MappingProxyType(
    {
        "dark": ((0.0, "rgba(63,120,170,0.12)"), (0.45, "#3f78aa"), (0.8, "#9fd3ff"), (1.0, "#ffffff")),
        "light": ((0.0, "rgba(90,150,205,0.16)"), (0.45, "#5a96cd"), (0.8, "#155f9e"), (1.0, "#072a4a")),
    }
)
"""Few to many patients a cell."""


def method_colour(place: int, theme: str) -> str:
    """Take the colour of the method at a place in the study's order; they repeat after six."""
    colours = METHOD_COLOURS[theme]
    return colours[place % len(colours)]


@dataclass(frozen=True, slots=True)
class ErrorStyle:
    """How a kind of voxel of the error view is named and coloured, in 3D, on slices and in the legend."""

    name: str
    title: str
    colour: str


# Vermilion and yellow are Okabe and Ito's; the blue lies between their two. Agreement is quiet. A test holds
# all pairs apart for normal sight and for the three dichromacies.
ERROR_STYLES: Mapping[ErrorClass, ErrorStyle] = MappingProxyType(
    {
        ErrorClass.AGREED: ErrorStyle("agreed", "agreed", "#a6b1bc"),
        ErrorClass.FALSE_POSITIVE: ErrorStyle("false-positive", "false positive", "#d55e00"),
        ErrorClass.FALSE_NEGATIVE: ErrorStyle("false-negative", "false negative", "#2f8fe0"),
        ErrorClass.WRONG_CLASS: ErrorStyle("wrong-class", "wrong class", "#f0e442"),
    }
)

# From far inside the reference to far outside of it; the middle is on its surface.
DISTANCE_STOPS = ("#0b5fb0", "#6aa9e4", "#e3ded6", "#ec9350", "#b84300")
DISTANCE_COLOUR = DISTANCE_STOPS[2]
