"""What the page knows about a study: its names, and one table with a row a patient."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.cohort.labels import LabelScheme
from viewer.disagreement import Roles, classify

REFERENCE = "reference"
Columns = Mapping[str, pd.api.extensions.ExtensionArray]


@dataclass(frozen=True, slots=True)
class Source:
    """A maker of label maps: the reference, or a method.

    Attributes:
        name: as in addresses; `reference` for the reference.
        title: for people.
        role: `reference`, `baseline`, `distmap`, `consensus` or `absent`.
    """

    name: str
    title: str
    role: str

    @property
    def score_column(self) -> str:
        """Name the column of this method's Dice average."""
        return f"dice_average_{self.name}"


@dataclass(frozen=True, slots=True)
class Pin:
    """A patient worth showing: a tag such as C1, and what it stands for."""

    tag: str
    patient: str
    title: str


@dataclass(frozen=True, slots=True)
class Mean:
    """An average with the number of values that went in and of those that did not."""

    value: float
    n: int
    missing: int


@dataclass(frozen=True, eq=False)
class CohortView:
    """A study as the page needs it; what is found among all patients is found once.

    Attributes:
        name: the study's name.
        synthetic: whether its scans were made up; the page says so.
        scheme: labels, regions and the Dice average.
        sources: the reference first, then the methods in the study's order.
        patients: one row a patient, sorted by id: `patient`, `fold` (may be missing), `subject`,
            `dice_average_<method>`, `volume_ml_<region>`, `has_volumes`, `failure` (a sentence or None).
        pins: patients worth showing, all different.
        problem: a sentence where the whole study lacks something, else None.
    """

    name: str
    synthetic: bool
    scheme: LabelScheme
    sources: tuple[Source, ...]
    patients: pd.DataFrame
    pins: tuple[Pin, ...] = ()
    problem: str | None = None

    @cached_property
    def ids(self) -> list[str]:
        """Every patient's id, sorted; nobody changes the list."""
        return self.patients["patient"].astype(object).tolist()

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Id to row of every patient."""
        return {patient: place for place, patient in enumerate(self.ids)}

    @property
    def methods(self) -> tuple[Source, ...]:
        """Every source but the reference."""
        return self.sources[1:]

    @property
    def roles(self) -> Roles | None:
        """Titles of the three methods that the scatter compares; None where a role is vacant."""
        titles = {source.role: source.title for source in self.methods}
        if not {"baseline", "distmap", "consensus"} <= titles.keys():
            return None
        return Roles(titles["baseline"], titles["distmap"], titles["consensus"])

    def by_role(self, role: str) -> Source:
        """Find the method that plays a role.

        Raises:
            KeyError: if none does.
        """
        for source in self.methods:
            if source.role == role:
                return source
        raise KeyError(role)

    def source(self, name: str) -> Source | None:
        """Find a source by its name in addresses."""
        return next((source for source in self.sources if source.name == name), None)

    def scores(self) -> pd.DataFrame | None:
        """Take the Dice averages by role: patient, baseline, distmap, consensus; None without roles."""
        return (
            None if self._scores is None else self._scores.copy(deep=False)
        )  # pandas copies what is written

    @cached_property
    def _scores(self) -> pd.DataFrame | None:
        if self.roles is None:
            return None
        columns = {role: self.averages(self.by_role(role)) for role in ("baseline", "distmap", "consensus")}
        return pd.DataFrame({"patient": self.patients["patient"], **columns})

    @cached_property
    def points(self) -> pd.DataFrame | None:
        """Every patient in the plane of disagreement, classed at eps 0; nobody changes it."""
        return None if self._scores is None else classify(self._scores, 0.0)

    def point(self, patient: str) -> Mapping[str, Any] | None:
        """Take one patient's row of `points`; None without roles, or where the study lacks the patient."""
        place = self.places.get(patient)
        return None if place is None or self._points is None else _row(self._points, place)

    def averages(self, method: Source) -> pd.Series:
        """Take a method's Dice average of every patient, NaN where unknown."""
        if method.score_column not in self.patients:
            return pd.Series(np.nan, index=self.patients.index)
        return self.patients[method.score_column].astype(float)

    def row(self, patient: str) -> Mapping[str, object] | None:
        """Take one patient's row."""
        place = self.places.get(patient)
        return None if place is None else _row(self._patients, place)

    @cached_property
    def _patients(self) -> Columns:
        return _columns(self.patients)

    @cached_property
    def _points(self) -> Columns | None:
        return None if self.points is None else _columns(self.points)

    def siblings(self, patient: str) -> Sequence[str]:
        """Name the other scans of the same subject."""
        row = self.row(patient)
        return [] if row is None else [one for one in self._scans[row["subject"]] if one != patient]

    @cached_property
    def _scans(self) -> Mapping[object, list[str]]:
        """Subject to its scans."""
        scans: dict[object, list[str]] = defaultdict(list)
        for subject, patient in zip(self.patients["subject"].tolist(), self.ids, strict=True):
            scans[subject].append(patient)
        return scans

    def mean_average(self, method: Source) -> Mean:
        """Average a method's Dice averages over the cohort, with how many values there were."""
        values = self.averages(method)
        known = values.dropna()
        return Mean(float(known.mean()) if len(known) else float("nan"), len(known), len(values) - len(known))


def _columns(table: pd.DataFrame) -> Columns:
    """Take the columns out of a table: pandas needs ten times as long for one row as for one value."""
    return {str(name): table[name].array for name in table.columns}


def _row(columns: Columns, place: int) -> dict[str, Any]:
    return {name: column[place] for name, column in columns.items()}


def resembling(wanted: str, ids: Sequence[str], limit: int = 5) -> list[str]:
    """Find ids that contain what was asked for, so that `00048` finds BraTS-GLI-00048-001."""
    needle = wanted.casefold()
    return [patient for patient in ids if needle in patient.casefold()][:limit]
