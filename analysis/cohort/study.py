"""A study: what study.toml says, and where each patient's files are."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import tomli_w

from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.labels import LabelScheme
from analysis.cohort.layouts import is_patient_id
from analysis.cohort.patients import (
    Listing,
    Patient,
    UnknownPatientError,
    list_images,
    list_labels,
    patients_of_table,
)
from analysis.cohort.places import below, reason_of, unreachable_errors
from analysis.cohort.scalar_maps import ScalarMap, scalar_maps
from analysis.cohort.sources import CONSENSUS_FOLDER, ROLES, Images, Method, Pin, Reference, Role, StudyError
from analysis.cohort.study_tables import (
    Document,
    Table,
    format_part,
    format_scheme,
    parse_folds,
    parse_images,
    parse_method,
    parse_pin,
    parse_reference,
    parse_scheme,
)

__all__ = [
    "CONSENSUS_FOLDER",
    "ROLES",
    "Images",
    "Method",
    "Option",
    "Patient",
    "Pin",
    "Reference",
    "Role",
    "Study",
    "StudyError",
    "UnknownPatientError",
    "read_study",
    "write_study",
]

Option = bool | float | str | list[int]
STUDY_FILE = "study.toml"
SCHEMA = 1
DEFAULT_TOLERANCE_MM = 0.01


@dataclass(frozen=True, slots=True)
class Study:
    """A cohort, the methods that are compared on it, and the folder that keeps the results.

    Attributes:
        folder: the study's own folder.
        name: name for people.
        scheme: the labels and regions.
        reference: what predictions are compared with; none in a study of published tables.
        methods: in the order that pages show them.
        images: the MRI, if there are any.
        synthetic: whether the patients are made up; every page says so.
        folds: patient id to cross-validation fold; overrides what folder names say.
        pins: patients to show first.
        tolerance_mm: how far apart two grids may put a voxel and still count as the same.
        consensus: options of the consensus rule (`analysis.consensus.ConsensusRule`); empty: the paper's.
        state: where notes and derived files go that can't lie in the study's folder; none: they can. Not part
            of study.toml, since every reader may have another one.
    """

    folder: Path
    name: str
    scheme: LabelScheme
    reference: Reference | None = None
    methods: tuple[Method, ...] = ()
    images: Images | None = None
    synthetic: bool = False
    folds: Mapping[str, int] = field(default_factory=dict)
    pins: tuple[Pin, ...] = ()
    tolerance_mm: float = DEFAULT_TOLERANCE_MM
    consensus: Mapping[str, Option] = field(default_factory=dict)
    state: Path | None = None

    def __post_init__(self) -> None:
        names = [method.name for method in self.methods]
        roles: list[str] = [method.role for method in self.methods if method.role is not None]
        for kind, values in (("method", names), ("role", roles)):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise StudyError(f"{kind} {twice[0]!r} is given to two methods")

    @property
    def results_folder(self) -> Path:
        """Where the tables lie."""
        return self.folder / "results"

    @property
    def cache_folder(self) -> Path:
        """Where derived, disposable files lie."""
        return (self.state or self.folder) / "cache"

    @property
    def notes_path(self) -> Path:
        """Where flags and notes are kept."""
        return (self.state or self.folder) / "notes.sqlite"

    @property
    def has_volumes(self) -> bool:
        """Whether there are label maps, not only published tables."""
        return self.reference is not None

    def method(self, name: str) -> Method:
        """Find a method by name.

        Raises:
            UnknownPatientError: if there is none of that name.
        """
        for method in self.methods:
            if method.name == name:
                return method
        raise UnknownPatientError(
            f"no method {name!r} in this study; it has {', '.join(m.name for m in self.methods)}"
        )

    def with_role(self, role: Role) -> Method | None:
        """Find the method that plays a role; none if no method does."""
        return next((method for method in self.methods if method.role == role), None)

    def path(self, folder: str) -> Path:
        """Resolve a folder that study.toml names: relative to the study, absolute, or a URL."""
        return below(self.folder, folder)

    def scalar_maps(self, patient: Patient, method: str) -> list[ScalarMap]:
        """List the probabilities, responses and variances of a method's prediction of a patient."""
        label_file, source = patient.predictions.get(method), self.method(method)
        if label_file is None:
            return []
        return scalar_maps(
            label_file,
            patient.id,
            self.scheme,
            probabilities=self.path(source.probabilities) if source.probabilities else None,
            responses=self.path(source.responses) if source.responses else None,
        )

    def probability_file(self, patient: Patient, method: str) -> Path | None:
        """Say where a method's probabilities of a patient would be; None without its label map."""
        label_file, source = patient.predictions.get(method), self.method(method)
        if label_file is None:
            return None
        folder = self.path(source.probabilities) if source.probabilities else label_file.parent
        return folder / f"{patient.id}.npz"

    def consensus_path(self, patient: str) -> Path:
        """Say where `prepare` writes a patient's consensus.

        Raises:
            UnknownPatientError: if the text can't be a patient's id (a path, for one).
        """
        if not is_patient_id(patient):
            raise UnknownPatientError(f"no patient {patient!r} in this study")
        return self.folder / CONSENSUS_FOLDER / f"{patient}.nii.gz"

    def patients(self) -> tuple[Patient, ...]:
        """List the patients and their files, sorted by id.

        Every patient with a reference or a prediction is listed; one with a prediction but no
        reference has a problem that says so. A study without reference lists those of its tables.
        """
        if self.reference is None:
            return patients_of_table(self.results_folder / "patients.parquet")
        listing = Listing(
            references=list_labels(self.path(self.reference.folder), self.reference),
            predictions={one.name: list_labels(self.path(one.folder), one) for one in self.methods},
            images={} if self.images is None else list_images(self.path(self.images.folder), self.images),
        )
        return listing.patients(self.folds, [one.name for one in self.methods if one.is_computed])

    def patient(self, name: str) -> Patient:
        """Find one patient by id.

        Raises:
            UnknownPatientError: if the study has no such patient.
        """
        for patient in self.patients():
            if patient.id == name:
                return patient
        raise UnknownPatientError(f"no patient {name!r} in this study")


def read_study(folder: Path, state: Path | None = None) -> Study:
    """Read the study.toml of a folder.

    Args:
        folder: the study's.
        state: where notes and derived files go; none for the study's own folder.

    Raises:
        StudyError: if there is none, or it says something that can't be; the message says where.
    """
    path = folder / STUDY_FILE
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise StudyError(
            f"{folder} is no study: it has no {STUDY_FILE} (`glioscope init` makes one)"
        ) from error
    except RecursionError as error:
        raise StudyError(f"{path} is nested too deeply to be read") from error
    except ValueError as error:  # no TOML, no UTF-8, or a number of too many digits
        raise StudyError(f"{path}: {error}") from error
    except unreachable_errors() as error:
        raise StudyError(f"{path} can't be read: {reason_of(error, path)}") from error
    try:
        return replace(_parse(folder, Table(document, STUDY_FILE)), state=state)
    except ValueError as error:
        raise StudyError(f"{path}: {error}") from error


def write_study(study: Study) -> None:
    """Write a study's study.toml, atomically."""
    write_bytes_atomically(study.folder / STUDY_FILE, tomli_w.dumps(_format(study)).encode())


def _parse(folder: Path, document: Table) -> Study:
    schema = document.take("schema", int)
    if schema != SCHEMA:
        raise StudyError(f"schema {schema}, this program reads schema {SCHEMA}")
    study = Study(
        folder=folder,
        name=document.take("name", str, folder.name),
        synthetic=document.take("synthetic", bool, default=False),
        scheme=parse_scheme(document),
        reference=parse_reference(document.take("reference", dict)) if document.has("reference") else None,
        methods=tuple(parse_method(one) for one in document.take("methods", list, [])),
        images=parse_images(document.take("images", dict)) if document.has("images") else None,
        folds=parse_folds(document.take("folds", dict, {})),
        pins=tuple(parse_pin(one) for one in document.take("pins", list, [])),
        tolerance_mm=document.take("tolerance_mm", float, DEFAULT_TOLERANCE_MM),
        consensus=document.take("consensus", dict, {}),
    )
    for optional in ("reference", "images"):
        document.take(optional, object, "")
    document.finish()
    return study


def _format(study: Study) -> Document:
    document: Document = {
        "schema": SCHEMA,
        "name": study.name,
        "synthetic": study.synthetic,
        "scheme": format_scheme(study.scheme),
        "dice_average": list(study.scheme.dice_average),
        "tolerance_mm": study.tolerance_mm,
        "reference": format_part(study.reference) if study.reference else {},
        "methods": [format_part(method) for method in study.methods],
        "images": format_part(study.images) if study.images else {},
        "consensus": dict(study.consensus),
        "folds": dict(study.folds),
        "pins": [format_part(pin) for pin in study.pins],
    }
    required = ("schema", "name", "synthetic")
    return {key: value for key, value in document.items() if key in required or value}
