"""Making a study: from label maps on disk, or from published tables."""

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.cohort.labels import SCHEMES, LabelScheme
from analysis.cohort.nifti import LabelError, NiftiError, read_label_map
from analysis.cohort.study import ROLES, Method, Study, write_study
from analysis.cohort.usage import UsageError
from analysis.wording import counted
from viewer.study_building import (
    TITLES,
    check_common_images,
    check_common_patients,
    images_at,
    images_beside,
    method_at,
    reference_at,
    with_roles,
)

DEFAULT_SCHEME = "brats2023"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a user asks of a new study, as typed.

    Attributes:
        reference: a folder, or a path with `{patient}`.
        methods: `NAME=PLACE` each.
        roles: `ROLE=NAME` each.
        images: a place, or empty for the MRI beside the reference, if there are any.
        scheme: a known scheme's name, or empty for BraTS 2023's.
        name: for people, or empty for the folder's.
    """

    reference: str
    methods: Sequence[str] = ()
    roles: Sequence[str] = ()
    images: str = ""
    scheme: str = ""
    name: str = ""


def make_study(folder: Path, wishes: Wishes) -> str:
    """Write the study.toml of a study of label maps.

    Returns:
        A sentence about what was found.

    Raises:
        UsageError: if something is not there, or the labels do not fit the scheme; then nothing is written.
    """
    reference = reference_at(folder, wishes.reference)
    methods = [method_at(folder, text) for text in wishes.methods]
    study = Study(
        folder=folder,
        name=wishes.name or folder.absolute().name,
        scheme=_scheme(wishes.scheme),
        reference=reference,
        methods=with_roles(methods, wishes.roles),
        images=images_at(folder, wishes.images) if wishes.images else images_beside(folder, reference),
    )
    check_common_patients(study)
    check_common_images(study)
    _check_labels(study)
    write_study(study)
    return description(study)


def make_published_study(folder: Path, tables: Path, name: str = "") -> str:
    """Write a study of the paper's published tables: results without volumes.

    Returns:
        A sentence about what was found.

    Raises:
        UsageError: if the tables are missing or damaged; then nothing is written.
    """
    from analysis.cohort.results import Provenance, Results, empty_table, write_results
    from analysis.published import read_published
    from viewer.preparation.program import program_version
    from viewer.preparation.recipe import digest_of

    try:
        found = read_published(tables)
    except (FileNotFoundError, ValueError) as error:
        raise UsageError(str(error)) from error
    methods = tuple(Method(name=role, title=TITLES[role], role=role) for role in ROLES)
    study = Study(folder, name or folder.absolute().name, SCHEMES[DEFAULT_SCHEME], methods=methods)
    results = Results(
        metrics=found.metrics,
        features=found.features,
        components=empty_table("components"),
        patients=found.patients,
        failures=empty_table("failures"),
    )
    inputs = digest_of({table: _digest(path) for table, path in sorted(found.sources.items())})
    write_results(study, results, Provenance(program_version("analysis.published"), inputs))
    write_study(study)
    missing = f"; not there: {', '.join(found.absent)}" if found.absent else ""
    return f"{counted(len(found.patients), 'patient')} from published tables, without volumes{missing}"


def _scheme(name: str) -> LabelScheme:
    if name and name not in SCHEMES:
        raise UsageError(
            f"--scheme {name!r} must be one of {', '.join(SCHEMES)}; others are written in study.toml"
        )
    return SCHEMES[name or DEFAULT_SCHEME]


def _check_labels(study: Study) -> None:
    """Read one patient's reference: labels of another scheme concern every patient; other faults only one."""
    patient = next((patient for patient in study.patients() if patient.reference is not None), None)
    if patient is not None and patient.reference is not None:
        try:
            read_label_map(patient.reference, study.scheme)
        except LabelError as error:
            raise UsageError(f"patient {patient.id}: reference {error}") from error
        except (NiftiError, OSError):
            return  # `check` and `prepare` say what it is


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def description(study: Study) -> str:
    """Say in a sentence what a study consists of, and what comes next."""
    patients = study.patients()
    methods = ", ".join(
        f"{method.name} ({method.role})" if method.role and method.role != method.name else method.name
        for method in study.methods
    )
    folds = {patient.fold for patient in patients if patient.fold is not None}
    contrasts = sorted({contrast for patient in patients for contrast in patient.images})
    pieces = [
        counted(len(patients), "patient"),
        f"scheme {study.scheme.name}",
        f"methods: {methods}" if methods else "no methods",
        *([counted(len(folds), "fold")] if folds else []),
        f"MRI: {', '.join(contrasts)}" if contrasts else "no MRI",
    ]
    folder = shlex.quote(str(study.folder))
    return f"{'; '.join(pieces)}. Next: glioscope check {folder}, glioscope prepare {folder}"
