"""Wins, ties and losses: how often a difference is large enough to matter."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How two methods fared against each other, patient by patient.

    Attributes:
        wins: patients on which the first method is better by more than the threshold.
        ties: patients on which they are within the threshold of each other, limit included.
        losses: patients on which the first method is worse by more than the threshold.
        dropped: patients on which a value is NaN, or both are infinite.
        threshold: smallest difference that does not matter any more.
    """

    wins: int
    ties: int
    losses: int
    dropped: int
    threshold: float

    def __str__(self) -> str:
        """`wins / losses / ties`, the order of the paper's table 5.1."""
        return f"{self.wins} / {self.losses} / {self.ties}"


def outcomes(
    first: npt.ArrayLike, second: npt.ArrayLike, *, threshold: float = 0.0, higher_is_better: bool = True
) -> Outcomes:
    """Count on how many patients the first method is better, equal or worse.

    Args:
        first: (n,) values of the first method.
        second: (n,) values of the second, in the same order.
        threshold: materiality, at least 0; a difference of exactly this is a tie.
        higher_is_better: true for Dice, false for distances and counts.
    """
    if not threshold >= 0:
        raise ValueError(f"the threshold is at least 0, found {threshold}")
    left, right = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if left.shape != right.shape:
        raise ValueError(f"pairs have two sides of one length, found shapes {left.shape} and {right.shape}")
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, a pair that is dropped and counted
        lead = left - right if higher_is_better else right - left
    return Outcomes(
        wins=int((lead > threshold).sum()),
        ties=int((np.abs(lead) <= threshold).sum()),
        losses=int((lead < -threshold).sum()),
        dropped=int(np.isnan(lead).sum()),
        threshold=threshold,
    )
