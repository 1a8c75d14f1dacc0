"""From a study on disk to what its report is made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from analysis.ceiling.size_sweep import sweep_patient
from analysis.cohort.labels import LabelScheme
from analysis.cohort.nifti import read_label_map
from analysis.cohort.patients import REFERENCE, Patient
from analysis.cohort.results import ResultsError, read_table
from analysis.cohort.study import Study
from analysis.cohort.usage import UsageError
from analysis.report.inputs import ReportInputs, ShownPatient
from viewer.preparation.executors import Done, Place, run
from viewer.preparation.progress import shown


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """The size sweep of a cohort.

    Attributes:
        table: patient, threshold_voxels, region, value; empty without volumes or roles.
        failures: a sentence for each patient whose files could not be used.
    """

    table: pd.DataFrame
    failures: tuple[str, ...]


def report_inputs(study: Study, sweep: Sweep) -> ReportInputs:
    """Read a study's results.

    Raises:
        UsageError: if the study has no results yet, or they are damaged or empty.
    """
    try:
        metrics, features, patients = (
            read_table(study, name) for name in ("metrics", "features", "patients")
        )
    except ResultsError as error:
        raise UsageError(str(error)) from error
    if patients.empty:
        raise UsageError(f"{study.folder} has results of no patient: there is nothing to report")
    return ReportInputs(
        metrics=metrics,
        features=features,
        patients=patients,
        scheme=study.scheme,
        methods=[method.name for method in study.methods],
        titles={method.name: method.title or method.name for method in study.methods},
        roles={method.role: method.name for method in study.methods if method.role is not None},
        shown=[ShownPatient(pin.tag, pin.patient, pin.title) for pin in study.pins],
        size_sweep=sweep.table,
    )


def size_sweep(study: Study, place: Place) -> Sweep:
    """Score the size-adaptive filter on every patient that has ground truth, Baseline and DistMap."""
    roles = [study.with_role("distmap"), study.with_role("baseline")]
    names = [method.name for method in roles if method is not None]
    if not study.has_volumes or len(names) < len(roles):
        return Sweep(pd.DataFrame(), ())
    sources = (REFERENCE, *names)
    complete = [one for one in study.patients() if all(one.path_of(source) for source in sources)]
    done = run(place, partial(_swept, study.scheme, sources), complete)
    return _collected(shown(done, len(complete), "size thresholds"))


def _swept(scheme: LabelScheme, sources: Sequence[str], patient: Patient) -> pd.DataFrame:
    paths = [patient.path_of(source) for source in sources]
    reference, distmap, baseline = (read_label_map(path, scheme) for path in paths if path is not None)
    table = sweep_patient(reference, distmap, baseline, scheme)
    table.insert(0, "patient", patient.id)
    return table


def _collected(done: Iterator[Done[Patient, pd.DataFrame]]) -> Sweep:
    parts, failures = {}, {}
    for one in done:
        if one.result is not None:
            parts[one.item.id] = one.result
        else:
            failures[one.item.id] = f"{one.item.id}: {one.error}"
    tables = [parts[patient] for patient in sorted(parts)]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    return Sweep(table, tuple(failures[patient] for patient in sorted(failures)))
