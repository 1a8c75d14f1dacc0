import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from analysis.cohort.labels import BRAIN_COLOUR, SCHEMES
from viewer.palette import CLASS_STYLES, DISTANCE_STOPS, ERROR_STYLES, THEMES

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


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# sRGB's primaries and white, IEC 61966-2-1
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def seen(colour, sight):
    """CIE L*a*b* of a colour as somebody sees it."""
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(SIGHTS[sight] @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHTS)
def test_kinds_of_errors_stay_apart_for_every_sight(sight):
    # a difference of about 2.3 is just noticeable; these are patches a few pixels wide
    for one, other in combinations([style.colour for style in ERROR_STYLES.values()], 2):
        assert np.linalg.norm(seen(one, sight) - seen(other, sight)) > 25


@pytest.mark.parametrize("sight", SIGHTS)
def test_inside_and_outside_of_a_distance_stay_apart_for_every_sight(sight):
    inside, outside = DISTANCE_STOPS[:2], DISTANCE_STOPS[3:]
    for one in inside:
        for other in outside:
            assert np.linalg.norm(seen(one, sight) - seen(other, sight)) > 25
    lightness = [seen(stop, sight)[0] for stop in DISTANCE_STOPS]
    assert lightness[0] < lightness[1] < lightness[2] > lightness[3] > lightness[4]


def test_a_red_and_a_green_that_deuteranopes_confuse_would_be_found():
    assert np.linalg.norm(seen("#c0504d", "normal") - seen("#5f8f3f", "normal")) > 60
    assert np.linalg.norm(seen("#c0504d", "deuteranopia") - seen("#5f8f3f", "deuteranopia")) < 25
