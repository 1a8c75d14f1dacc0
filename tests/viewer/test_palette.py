import re
from pathlib import Path

import pytest

from analysis.cohort.labels import BRAIN_COLOUR, SCHEMES
from viewer.palette import CLASS_STYLES, THEMES

SHEET = (Path(__file__).parents[2] / "assets" / "10-theme.css").read_text("utf-8")


def variables(theme):
    """The custom properties that hold in a theme: those of :root, then the theme's own."""
    found = {}
    for selector, body in re.findall(
        r"([^{}]+)\{([^}]*)\}", re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL)
    ):
        selectors = [one.strip() for one in selector.split(",")]
        if ":root" in selectors or f':root[data-theme="{theme}"]' in selectors:
            found |= dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_plot_wears_the_colours_of_the_page(theme):
    css, plot = variables(theme), THEMES[theme]
    assert (plot.text, plot.muted, plot.panel, plot.line, plot.axis) == tuple(
        css[name] for name in ("text", "muted", "panel", "line", "axis")
    )


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_legend_wears_the_colours_of_the_plot(theme):
    css = variables(theme)
    names = {
        "tie": "tie",
        "B": "first",
        "D": "second",
        "C3": "first",
        "C4": "second",
        "C5": "worst",
        "C6": "best",
    }
    for styles in CLASS_STYLES.values():
        for key, style in styles.items():
            assert style.colour(theme) == css[f"class-{names[key]}"]


def test_labels_have_the_same_colour_on_the_page_and_in_meshes():
    css = variables("dark")
    for scheme in SCHEMES.values():
        for label in scheme.labels:
            assert css[f"label-{label.name}"] == label.colour
    assert css["label-brain"] == BRAIN_COLOUR


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_words_of_the_plot_can_be_read_and_its_points_seen(theme):
    colours = THEMES[theme]
    assert contrast(colours.text, colours.panel) >= 7
    assert contrast(colours.muted, colours.panel) >= 4.5
    for styles in CLASS_STYLES.values():
        assert all(contrast(style.colour(theme), colours.panel) >= 3 for style in styles.values())
