"""A symmetric logarithmic axis: linear within a threshold of zero, logarithmic beyond it.

Plotly has none, so values are transformed before they are drawn and the ticks carry the true numbers.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viewer import number_format

LINEAR_WITHIN = 0.001  # 87 % of the published patients lie within 0.01 of the origin


def symlog(values: npt.ArrayLike, linear_within: float = LINEAR_WITHIN) -> npt.NDArray[np.float64]:
    """Map values to axis positions: sign(v) * log10(1 + |v| / linear_within). NaN stays NaN."""
    v = np.asarray(values, dtype=np.float64)
    return np.asarray(np.sign(v) * np.log10(1 + np.abs(v) / linear_within))


def symexp(positions: npt.ArrayLike, linear_within: float = LINEAR_WITHIN) -> npt.NDArray[np.float64]:
    """Map axis positions back to values: the inverse of `symlog`."""
    p = np.asarray(positions, dtype=np.float64)
    return np.asarray(np.sign(p) * linear_within * (10 ** np.abs(p) - 1))


def ticks(largest: float) -> tuple[list[float], list[str]]:
    """Place ticks at 0 and the powers of ten from 0.001 up to `largest`, both signs.

    Returns:
        Positions on the axis, and the true values as text, with a real minus sign; the smallest power
        has a line but no text where larger ones are there.
    """
    powers = [power for power in (0.001, 0.01, 0.1, 1.0) if power <= max(largest, 0.001) * 1.0001]
    values = [-power for power in reversed(powers)] + [0.0, *powers]
    crowded = max(powers) > LINEAR_WITHIN  # then its label would run into that of 0
    return symlog(values).tolist(), [
        "" if crowded and abs(value) == LINEAR_WITHIN else tick_text(value) for value in values
    ]


def tick_text(value: float) -> str:
    """Write a tick's value with its sign."""
    return "0" if value == 0 else f"{value:+g}".replace("-", number_format.MINUS)


def padded_range(positions: Sequence[float], share: float = 0.06) -> list[float]:
    """Take the range of some axis positions with a margin; an empty axis spans -1 to 1."""
    finite = [p for p in positions if np.isfinite(p)]
    if not finite:
        return [-1.0, 1.0]
    low, high = min(finite), max(finite)
    margin = (high - low or 1.0) * share
    return [low - margin, high + margin]
