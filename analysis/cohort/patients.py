"""The patients of a study: whose files lie where, and what is missing or ambiguous."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.cohort.layouts import Found, detect_image_pattern, detect_label_pattern, find_files
from analysis.cohort.sources import Images, Method, Reference
from analysis.cohort.usage import UsageError

REFERENCE = "reference"


class UnknownPatientError(UsageError, LookupError):
    """A patient, or a method, that the study does not have."""


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient's files.

    Attributes:
        id: safe in file names; unique in the study.
        fold: cross-validation fold, if known.
        reference: the reference label map; none if missing (then `problems` says so) or tables only.
        predictions: method name to label map; a method without a file for this patient is absent.
        images: contrast (t1n, t1c, t2w, t2f or another) to volume.
        problems: `reference` or a method to a sentence about its missing or ambiguous file.
    """

    id: str
    fold: int | None = None
    reference: Path | None = None
    predictions: Mapping[str, Path] = field(default_factory=dict)
    images: Mapping[str, Path] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def path_of(self, source: str) -> Path | None:
        """Say where the label map of `reference` or of a method is; none if it is absent."""
        return self.reference if source == REFERENCE else self.predictions.get(source)


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a study by patient, as they lie on disk.

    Attributes:
        references: of the reference.
        predictions: of each method, by its name.
        images: the MRI.
    """

    references: Mapping[str, Sequence[Found]]
    predictions: Mapping[str, Mapping[str, Sequence[Found]]]
    images: Mapping[str, Sequence[Found]]

    def patients(self, folds: Mapping[str, int], computed: Iterable[str]) -> tuple[Patient, ...]:
        """Gather each patient's files, sorted by id.

        Args:
            folds: patient id to fold, where study.toml says so.
            computed: names of methods that we write: their files make nobody a patient.
        """
        given = [found for name, found in self.predictions.items() if name not in set(computed)]
        return tuple(
            self._patient(name, folds.get(name)) for name in sorted(set(self.references).union(*given))
        )

    def _patient(self, name: str, fold: int | None) -> Patient:
        reference = self.references.get(name, [])
        predicted = {method: found[name] for method, found in self.predictions.items() if name in found}
        folds = [
            one.fold for found in (reference, *predicted.values()) for one in found if one.fold is not None
        ]
        problems = {method: _twice(f"prediction {method}", found) for method, found in predicted.items()}
        problems[REFERENCE] = _twice(REFERENCE, reference)
        if not reference:
            problems[REFERENCE] = f"reference missing, but there is a prediction of {', '.join(predicted)}"
        return Patient(
            id=name,
            fold=fold if fold is not None else next(iter(folds), None),
            reference=reference[0].path if reference else None,
            predictions={method: found[0].path for method, found in predicted.items()},
            images={one.contrast: one.path for one in self.images.get(name, [])},
            problems={source: text for source, text in problems.items() if text},
        )


def list_labels(folder: Path, source: Reference | Method) -> dict[str, list[Found]]:
    """List the label maps of the reference or of a method by patient, those under other names included.

    Args:
        folder: what `source.folder` means.
        source: whose files; a source without folder has only those it lists one by one.
    """
    found = [Found(folder / path, patient) for patient, path in sorted(source.files.items())]
    if source.pattern or (source.folder and not source.files):
        below = find_files(folder, _pattern(folder, source))
        found += [one for one in below if one.patient not in source.files]
    return _by_patient(found)


def _pattern(folder: Path, source: Reference | Method) -> str:
    ours = "{patient}.nii.gz" if isinstance(source, Method) and source.is_computed else ""
    return source.pattern or ours or detect_label_pattern(folder)


def list_images(folder: Path, images: Images) -> dict[str, list[Found]]:
    """List the MRI volumes by patient; `folder` is what `images.folder` means."""
    return _by_patient(find_files(folder, images.pattern or detect_image_pattern(folder)))


def patients_of_table(path: Path) -> tuple[Patient, ...]:
    """List the patients of `results/patients.parquet`, for a study that has no files; none without it."""
    import pyarrow.parquet as pq  # seldom needed here

    if not path.exists():
        return ()
    with path.open("rb") as file:
        table = pq.read_table(file, columns=["patient", "fold"])
    ids, folds = (table[name].to_pylist() for name in ("patient", "fold"))
    return tuple(Patient(id=one, fold=fold) for one, fold in zip(ids, folds, strict=True))


def _by_patient(found: list[Found]) -> dict[str, list[Found]]:
    patients: defaultdict[str, list[Found]] = defaultdict(list)
    for one in found:
        patients[one.patient].append(one)
    return dict(patients)


def _twice(source: str, found: Sequence[Found]) -> str:
    names = " and ".join(str(one.path) for one in found)
    return f"{source} has {len(found)} files: {names}" if len(found) > 1 else ""
