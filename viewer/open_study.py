"""A study that is being served: its files and results, read again when they change."""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from analysis.cohort.places import is_remote, stamp
from analysis.cohort.results import TABLE_NAMES, TableName, read_table, table_path
from analysis.cohort.study import STUDY_FILE, Patient, Study, read_study
from analysis.subjects import subject_of
from meshing.memory import Memory
from viewer.cohort_view import REFERENCE, CohortView, Pin, Source
from viewer.content_cache import DEFAULT_CACHE_MB, ContentCache
from viewer.pinned import choose_pins

REMOTE_FRESH_S = 5.0
"""For how long a remote study is not looked at again: to ask a store takes longer than to answer."""

_KEPT = 256

V = TypeVar("V")


class NotInStudyError(LookupError):
    """Something was asked for that the study does not have; the message is a sentence for people."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A study as it was read at one time.

    Attributes:
        study: what study.toml says.
        patients: id to files.
        cohort: what the page shows.
        kept: what was made of this reading alone for the cases that were asked for last.
    """

    study: Study
    patients: Mapping[str, Patient]
    cohort: CohortView
    kept: Memory[Any] = field(default_factory=lambda: Memory(_KEPT), repr=False)

    def patient(self, name: str) -> Patient:
        """Find a patient.

        Raises:
            NotInStudyError: if there is none of that id.
        """
        if name not in self.patients:
            raise NotInStudyError(f"No patient {name[:80]!r} in this study.")
        return self.patients[name]

    def label_file(self, patient: str, source: str) -> Path:
        """Find the label map of a patient by a source.

        Raises:
            NotInStudyError: if the study has no such patient or source, or the file is absent.
        """
        files = self.patient(patient)
        found = self.cohort.source(source)
        if found is None:
            raise NotInStudyError(f"No method {source[:80]!r} in this study.")
        path = files.reference if source == REFERENCE else files.predictions.get(source)
        if path is None or not path.is_file():
            raise NotInStudyError(f"{found.title} has no volume of {patient}.")
        return path

    def ledger(self, patient: str) -> pd.DataFrame | None:
        """Read the components of every method of a patient; None where the study has no ledger."""
        return self._rows("components", patient)

    def metrics(self, patient: str) -> pd.DataFrame | None:
        """Read the scores of every method of a patient; None where the study has none."""
        return self._rows("metrics", patient)

    def _rows(self, name: TableName, patient: str) -> pd.DataFrame | None:
        """Read a patient's rows once for all who ask: opening a case asks for the same ones five times."""
        if not _has_table(self.study, name):
            return None
        rows = self.once((name, patient), lambda: read_table(self.study, name, patient=patient))
        return rows.copy(deep=False)  # pandas copies what is written to

    def once(self, key: tuple[Hashable, ...], make: Callable[[], V]) -> V:
        """Make something of this reading alone, or remember it; nobody changes what is given.

        Args:
            key: names it, with all that it depends on beside the reading.
            make: makes it.
        """
        made: V = self.kept.take(key, make)
        return made

    def image_file(self, patient: str, contrast: str) -> Path:
        """Find an image of a patient.

        Raises:
            NotInStudyError: if there is none.
        """
        path = self.patient(patient).images.get(contrast)
        if path is None or not path.is_file():
            raise NotInStudyError(f"No {contrast[:40]} image of {patient}.")
        return path


class OpenStudy:
    """The study in a folder, kept in memory and read anew when study.toml or its results change.

    What is kept is only a copy of what is on disk: any number of processes give the same page.
    """

    def __init__(self, folder: Path, state: Path | None = None, *, cache_mb: int = DEFAULT_CACHE_MB) -> None:
        self.folder = folder
        self.state = state
        self.cache = ContentCache((state or folder) / "cache" / "served", cache_mb)
        self._files = [folder / STUDY_FILE, *(folder / "results" / f"{name}.parquet" for name in TABLE_NAMES)]
        self._lock = threading.Lock()
        self._stamp: tuple[object, ...] | None = None
        self._reading: Reading | None = None
        self._fresh_until_s = 0.0

    def read(self) -> Reading:
        """Give the study as it is now.

        Raises:
            StudyError: if the folder is no study.
        """
        with self._lock:
            if self._reading is not None and time.monotonic() < self._fresh_until_s:
                return self._reading
            now = self._stamp_now()
            if self._reading is None or now != self._stamp:
                self._reading, self._stamp = read(self.folder, self.state), now
            self._fresh_until_s = time.monotonic() + (REMOTE_FRESH_S if is_remote(self.folder) else 0)
            return self._reading

    def _stamp_now(self) -> tuple[object, ...]:
        return tuple(stamp(file) for file in self._files)


def read(folder: Path, state: Path | None = None) -> Reading:
    """Read a study and what has been computed for it; `state` is where notes and derived files go."""
    study = read_study(folder, state)
    patients = {patient.id: patient for patient in study.patients()}
    results = read_table(study, "patients") if _has_table(study, "patients") else None
    failures = read_table(study, "failures") if _has_table(study, "failures") else None
    return Reading(study, patients, _cohort(study, patients, results, failures))


def _has_table(study: Study, name: TableName) -> bool:
    return table_path(study, name).is_file()


def _cohort(
    study: Study, patients: Mapping[str, Patient], results: pd.DataFrame | None, failures: pd.DataFrame | None
) -> CohortView:
    table = _patient_rows(patients)
    if results is not None:
        known = results.drop(columns=[c for c in ("fold", "subject") if c in results], errors="ignore")
        folds = results.set_index("patient")["fold"] if "fold" in results else pd.Series(dtype=object)
        table = table.merge(known, on="patient", how="left")
        table["fold"] = table["fold"].where(table["fold"].notna(), table["patient"].map(folds))
    sentences = _failure_sentences(failures)
    table["failure"] = pd.Series([sentences.get(patient) for patient in table["patient"]], dtype=object)
    reference = Source(REFERENCE, study.reference.title if study.reference else "Ground truth", REFERENCE)
    methods = [Source(one.name, one.title or one.name, one.role or "absent") for one in study.methods]
    view = CohortView(
        name=study.name,
        synthetic=study.synthetic,
        scheme=study.scheme,
        sources=(reference, *methods),
        patients=table,
        problem=_problem(study, results, failures, len(table)),
    )
    return _with_pins(view, study)


def _patient_rows(patients: Mapping[str, Patient]) -> pd.DataFrame:
    ordered = [patients[name] for name in sorted(patients)]
    return pd.DataFrame(
        {
            "patient": [one.id for one in ordered],
            "fold": pd.array([one.fold for one in ordered], dtype="Int64"),
            "subject": [subject_of(one.id) for one in ordered],
            "has_volumes": [one.reference is not None or bool(one.predictions) for one in ordered],
        }
    )


def _failure_sentences(failures: pd.DataFrame | None) -> dict[str, str]:
    if failures is None:
        return {}
    return {
        str(row["patient"]): f"failed at {row['stage']}: {row['error']}"
        for row in failures.to_dict("records")
    }


def _problem(
    study: Study, results: pd.DataFrame | None, failures: pd.DataFrame | None, total: int
) -> str | None:
    if results is None:
        return (
            f"This study has not been prepared: there are {total} patients and no results. "
            f"Run: glioscope prepare {study.folder}"
        )
    failed = [] if failures is None else sorted(set(failures["patient"].astype(str)))
    if failed:
        named = ", ".join(failed[:5]) + (f" and {len(failed) - 5} more" if len(failed) > 5 else "")
        return f"{len(failed)} of {total} patients failed and have no or incomplete results: {named}."
    return None


def _with_pins(view: CohortView, study: Study) -> CohortView:
    given = {
        pin.patient: Pin(pin.tag, pin.patient, pin.title) for pin in study.pins if pin.patient in view.ids
    }
    return replace(view, pins=tuple(given.values()) or choose_pins(view))
