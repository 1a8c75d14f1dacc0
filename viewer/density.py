"""How many patients lie in each cell of a plane: what is drawn where single points would hide one another."""

import numpy as np

from viewer import number_format
from viewer.palette import DENSITY_COLOURS
from viewer.plot_axes import Figure, Floats

CELLS = (96, 64)


def density_trace(x: Floats, y: Floats, window: tuple[float, float, float, float], theme: str) -> Figure:
    """Count points a cell and draw the counts on a logarithmic colour scale.

    Args:
        x: (n,) positions, finite.
        y: (n,) positions, finite.
        window: what is shown: lowest and highest x, then y.
        theme: dark or light.
    """
    counts, across, up = np.histogram2d(x, y, bins=CELLS, range=[window[:2], window[2:]])
    filled = counts.T > 0
    with np.errstate(divide="ignore"):
        shade = np.log10(counts.T)
    words = [
        [f"{number_format.count(count)} patient{'s' if count > 1 else ''}" if count else "" for count in row]
        for row in counts.T
    ]
    return {
        "type": "heatmap",
        "name": "patients a cell",
        "x": ((across[1:] + across[:-1]) / 2).tolist(),
        "y": ((up[1:] + up[:-1]) / 2).tolist(),
        "z": [
            [float(value) if has else None for value, has in zip(row, mask, strict=True)]
            for row, mask in zip(shade, filled, strict=True)
        ],
        "text": words,
        "hovertemplate": "%{text} in this cell<extra></extra>",
        "hoverongaps": False,
        "showscale": False,
        "zmin": -0.4,
        "colorscale": [list(stop) for stop in DENSITY_COLOURS[theme]],
    }
