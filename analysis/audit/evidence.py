"""What the published tables say: each number of the paper as one question to them."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cases import CaseCounts, case_counts, order, winner
from analysis.ceiling.dice_cube import DiceCube, dice_cube
from analysis.feature_names import AGREEMENT_FEATURES, MORPHOLOGY_FEATURES
from analysis.published import METHODS, NESTED_REGIONS, PublishedTables
from analysis.statistics.outcomes import Outcomes, outcomes
from analysis.statistics.signed_rank import Alternative, SignedRank, signed_rank

Floats = npt.NDArray[np.float64]


class UncheckableError(ValueError):
    """The tables are there but can't answer a question; the message says why."""


class Evidence:
    """Questions to one set of published tables; answers are kept, since many claims share them."""

    def __init__(self, tables: PublishedTables) -> None:
        self.tables = tables
        self.absent = frozenset(tables.absent)

    @cached_property
    def _wide(self) -> pd.DataFrame:
        """Patients by (metric, region, method)."""
        groups = self.tables.metrics.groupby(["metric", "region", "method"])
        return pd.DataFrame({key: rows.set_index("patient")["value"] for key, rows in groups})

    @property
    def patients(self) -> pd.DataFrame:
        """One row a scan, by id."""
        return self.tables.patients

    @cached_property
    def features(self) -> pd.DataFrame:
        """The 31 features by patient."""
        return self.tables.features.set_index("patient")

    def column(self, metric: str, region: str, method: str) -> Floats:
        """(patients,) values of one metric; all in the same order."""
        return self._wide[(metric, region, method)].to_numpy(dtype=np.float64)

    def mean(self, metric: str, region: str, method: str) -> float:
        """Mean over the patients where it is defined."""
        return float(np.nanmean(self.column(metric, region, method)))

    def averages(self, method: str) -> Floats:
        """(patients,) Dice averages of WT, TC and ET."""
        return self.patients[f"dice_average_{method}"].to_numpy(dtype=np.float64)

    def average(self, method: str) -> float:
        """Mean Dice average of the patients that have one."""
        return float(np.nanmean(self.averages(method)))

    def test(self, metric: str, region: str, first: str, second: str, alternative: Alternative) -> SignedRank:
        """Signed-rank test of first against second over all patients where both are defined."""
        return signed_rank(
            self.column(metric, region, first), self.column(metric, region, second), alternative=alternative
        )

    def outcomes(self, region: str) -> Outcomes:
        """DistMap's wins, ties and losses against Baseline in Dice."""
        return outcomes(self.column("dice", region, "distmap"), self.column("dice", region, "baseline"))

    def complete(self, metric: str, region: str, over: Sequence[str]) -> pd.DataFrame:
        """Values by patient and method where every method is defined on every region of `over`."""
        needed = self._wide[[(metric, other, method) for other in over for method in METHODS]]
        rows = self._wide[needed.notna().all(axis=1)]
        return rows[[(metric, region, method) for method in METHODS]].set_axis(list(METHODS), axis=1)

    def cases(self, eps: float = 0.0) -> CaseCounts:
        """Patients of each case class."""
        B, D, F = (self.averages(method) for method in METHODS)
        return case_counts(winner(B, D, eps=eps), order(B, D, F, eps=eps))

    @cached_property
    def cube(self) -> DiceCube:
        """Dice of the patients with all methods, in the order of `rankings.json`: by fold, then id.

        The paper's scripts split rows of that order at random, so the order is part of their result.
        """
        cube = dice_cube(self.tables.metrics, METHODS, NESTED_REGIONS)
        return cube.take(np.lexsort((cube.patients.astype(str), cube.folds)))

    def feature_rows(self, columns: Sequence[str] = (*MORPHOLOGY_FEATURES, *AGREEMENT_FEATURES)) -> Floats:
        """(patients, features) in the cube's order; the paper reads a missing feature as 0."""
        rows = self.features.reindex(index=self.cube.patients, columns=list(columns))
        return rows.fillna(0.0).to_numpy(dtype=np.float64)
