"""The pinned cases: what each stands for, and what the results say about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis import cases
from viewer import number_format
from viewer.cohort_view import CohortView, Pin


@dataclass(frozen=True, slots=True)
class PinClaim:
    """A pin with its computed claim.

    Attributes:
        pin: tag, patient and title.
        scores: what the results say, as text; empty where they say nothing.
        holds: whether the patient is in the case class its tag names; None where that is unknown.
    """

    pin: Pin
    scores: str
    holds: bool | None


def claims(cohort: CohortView) -> list[PinClaim]:
    """Check every pin against the results."""
    return [_claim(pin, cohort.point(pin.patient)) for pin in cohort.pins]


def _claim(pin: Pin, row: Mapping[str, Any] | None) -> PinClaim:
    if row is None:
        return PinClaim(pin, "", None)
    text = "   ".join(f"{letter} {number_format.dice(float(row[role]))}" for letter, role in _LETTERS.items())
    return PinClaim(pin, text, _holds(pin.tag, row))


_LETTERS: Mapping[str, str] = {"B": "baseline", "D": "distmap", "F": "consensus"}


def _holds(tag: str, row: Mapping[str, Any]) -> bool | None:
    partition, member = ("winner", {"C1": "B", "C2": "D"}[tag]) if tag in ("C1", "C2") else ("order", tag)
    if tag not in cases.CASE_TITLES or pd.isna(row[partition]):
        return None
    return bool(row[partition] == member)


def choose_pins(cohort: CohortView) -> tuple[Pin, ...]:
    """Choose the clearest patient of each case class for a study that pins none.

    The clearest of C1 and C2 has the widest gap between the parents; of C3 and C4 the consensus farthest
    from both; of C5 and C6 the consensus farthest outside them. Patients are all different.
    """
    points = cohort.points
    if points is None:
        return ()
    clarity = _clarity(points)
    chosen: list[Pin] = []
    for tag, title in cases.CASE_TITLES.items():
        members = cases.in_case(tag, points["winner"].to_numpy(), points["order"].to_numpy())
        free = members & ~points["patient"].isin([pin.patient for pin in chosen]).to_numpy()
        if free.any():
            best = int(np.nanargmax(np.where(free, clarity[tag], np.nan)))
            chosen.append(Pin(tag, str(points["patient"].iloc[best]), title))
    return tuple(chosen)


def _clarity(points: pd.DataFrame) -> Mapping[str, pd.Series]:
    gap, outside = points["x"].abs(), points["y"].abs()
    parents = points[["baseline", "distmap"]]
    below = parents.min(axis=1) - points["consensus"]
    between = pd.concat([outside, -below], axis=1).min(axis=1)
    return {"C1": gap, "C2": gap, "C3": between, "C4": between, "C5": below, "C6": outside}
