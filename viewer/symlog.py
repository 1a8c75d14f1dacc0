"""A symmetric logarithmic axis: linear within a threshold of zero, logarithmic beyond it.

Plotly has none, so values are transformed before they are drawn and the ticks carry the true numbers.
"""

import math
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


def ticks(
    largest: float, linear_within: float = LINEAR_WITHIN, *, is_signed: bool = True
) -> tuple[list[float], list[str]]:
    """Place ticks at 0 and `linear_within` times the powers of ten up to `largest`, both signs.

    Args:
        largest: of the absolute values on the axis.
        linear_within: where the axis turns logarithmic.
        is_signed: whether positive ticks carry a plus.

    Returns:
        Positions on the axis, and the true values as text, with a real minus sign; the smallest power
        has a line but no text where larger ones are there.
    """
    decades = max(0, math.floor(math.log10(max(largest, linear_within) * 1.0001 / linear_within)))
    powers = [float(f"{linear_within * 10**decade:g}") for decade in range(decades + 1)]
    values = [-power for power in reversed(powers)] + [0.0, *powers]
    crowded = len(powers) > 1  # then its label would run into that of 0
    return symlog(values, linear_within).tolist(), [
        "" if crowded and abs(value) == powers[0] else tick_text(value, is_signed=is_signed)
        for value in values
    ]


def tick_text(value: float, *, is_signed: bool = True) -> str:
    """Write a tick's value, with its sign if it is signed or negative."""
    if value == 0:
        return "0"
    return (f"{value:+g}" if is_signed else f"{value:g}").replace("-", number_format.MINUS)


def padded_range(positions: Sequence[float], share: float = 0.06) -> list[float]:
    """Take the range of some axis positions with a margin; an empty axis spans -1 to 1."""
    finite = [p for p in positions if np.isfinite(p)]
    if not finite:
        return [-1.0, 1.0]
    low, high = min(finite), max(finite)
    margin = (high - low or 1.0) * share
    return [low - margin, high + margin]
