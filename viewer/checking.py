"""Checking all patients of a study."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from analysis.cohort.checks import Finding, check_patient
from analysis.cohort.study import Patient, Study
from analysis.cohort.usage import UsageError
from analysis.wording import counted
from viewer.preparation.executors import Place, run
from viewer.preparation.progress import shown


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found.

    Attributes:
        patients: how many were looked at.
        findings: sorted by patient; within one, the reference first.
    """

    patients: int
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> int:
        """How many patients have an error."""
        return len({finding.patient for finding in self.findings if finding.severity == "error"})

    @property
    def exit_code(self) -> int:
        """0 without errors, 1 if some patients have errors, 2 if all have."""
        return 0 if not self.broken else 2 if self.broken == self.patients else 1

    @property
    def sentence(self) -> str:
        """The report in one line."""
        warnings = sum(finding.severity == "warning" for finding in self.findings)
        errors = len(self.findings) - warnings
        return (
            f"{counted(self.patients, 'patient')} checked: {self.broken} with errors "
            f"({counted(errors, 'error')}, {counted(warnings, 'warning')})"
        )

    def as_json(self) -> dict[str, Any]:
        """The report for another program."""
        findings = [asdict(finding) | {"message": finding.sentence} for finding in self.findings]
        return {"patients": self.patients, "broken": self.broken, "findings": findings}


def check_study(study: Study, place: Place) -> Report:
    """Check every patient of a study.

    Raises:
        UsageError: if there are no files to check.
    """
    if not study.has_volumes:
        raise UsageError(f"{study.folder} holds published tables without volumes: there is nothing to check")
    patients = study.patients()
    if not patients:
        raise UsageError(f"{study.folder}: no patient has a label map")
    methods = tuple(method.name for method in study.methods if not method.is_computed)
    look = partial(_findings, methods=methods, study=study)
    found: dict[str, tuple[Finding, ...]] = {}
    for done in shown(run(place, look, patients), len(patients), "check"):
        crash = Finding(done.item.id, "reference", "error", f"the check itself failed: {done.error!r}")
        found[done.item.id] = (crash,) if done.result is None else done.result
    return Report(len(patients), tuple(finding for name in sorted(found) for finding in found[name]))


def _findings(patient: Patient, *, methods: tuple[str, ...], study: Study) -> tuple[Finding, ...]:
    return check_patient(patient, methods, study.scheme, study.tolerance_mm)
