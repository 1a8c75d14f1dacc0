"""Many tests at once: p-values adjusted for the size of the grid."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def holm(p_values: npt.ArrayLike) -> Floats:
    """Adjust p-values by Holm's step-down, which bounds the chance of any false finding.

    Args:
        p_values: (n,) in 0 to 1; NaN means no test was made: it stays NaN and does not count.

    Returns:
        (n,) adjusted values, at most 1, in the order given.
    """

    def adjust(ascending: Floats) -> Floats:
        scaled = ascending * np.arange(len(ascending), 0, -1)
        return np.maximum.accumulate(scaled)

    return _adjusted(p_values, adjust)


def benjamini_hochberg(p_values: npt.ArrayLike) -> Floats:
    """Adjust p-values by Benjamini and Hochberg 1995, which bounds the share of false findings.

    Args:
        p_values: (n,) in 0 to 1; NaN stays NaN and does not count.

    Returns:
        (n,) adjusted values, at most 1, in the order given.
    """

    def adjust(ascending: Floats) -> Floats:
        scaled = ascending * len(ascending) / np.arange(1, len(ascending) + 1)
        return np.minimum.accumulate(scaled[::-1])[::-1]

    return _adjusted(p_values, adjust)


def _adjusted(p_values: npt.ArrayLike, adjust: Callable[[Floats], Floats]) -> Floats:
    values = np.array(p_values, dtype=np.float64)
    if values.ndim != 1 or np.any((values < 0) | (values > 1)):
        raise ValueError("p-values are one list of numbers in 0 to 1")
    tested = np.flatnonzero(~np.isnan(values))
    ascending = tested[np.argsort(values[tested], kind="stable")]
    values[ascending] = np.minimum(adjust(values[ascending]), 1.0)
    return values
