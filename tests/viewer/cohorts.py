"""Cohorts for the viewer's tests, made by hand so that every number can be checked by eye."""

from collections.abc import Sequence

import pandas as pd

from analysis.cohort.labels import SCHEMES
from analysis.subjects import subject_of
from viewer.cohort_view import REFERENCE, CohortView, Pin, Source

THREE_ROLES = (
    Source("baseline", "Baseline", "baseline"),
    Source("distmap", "DistMap", "distmap"),
    Source("consensus", "CC-Consensus", "consensus"),
)
NAN = float("nan")


def make_cohort(
    rows: Sequence[tuple[str, float, float, float]],
    *,
    methods: Sequence[Source] = THREE_ROLES,
    pins: Sequence[Pin] = (),
    synthetic: bool = False,
) -> CohortView:
    """Make a cohort from (patient, baseline, distmap, consensus) Dice averages."""
    table = pd.DataFrame(
        rows, columns=["patient", *(f"dice_average_{name}" for name in ("baseline", "distmap", "consensus"))]
    )
    table["fold"] = pd.array([0] * len(table), dtype="Int64")
    table["subject"] = [subject_of(patient) for patient in table["patient"]]
    table["has_volumes"] = True
    table["failure"] = pd.Series([None] * len(table), dtype=object)
    table["volume_ml_WT"] = 12.5
    return CohortView(
        name="Two by hand",
        synthetic=synthetic,
        scheme=SCHEMES["brats2023"],
        sources=(Source(REFERENCE, "Ground truth", REFERENCE), *methods),
        patients=table,
        pins=tuple(pins),
    )
