"""One patient's files, read and checked: every finding of one run, each a sentence that says what to mend."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from analysis.cohort.axis_order import axis_order, turned_difference_mm
from analysis.cohort.label_map import Affine, LabelMap, grid_difference_mm
from analysis.cohort.labels import LabelScheme
from analysis.cohort.nifti import NiftiError, Volume, as_label_map, parse_volume
from analysis.cohort.patients import REFERENCE, Patient
from analysis.cohort.places import reason_of, unreachable_errors

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one file of one patient that a person should know.

    Attributes:
        patient: patient id.
        source: `reference`, a method's name, or `image <contrast>`.
        severity: an error keeps the file out of the results; a warning does not.
        text: what was expected and found, without the patient.
    """

    patient: str
    source: str
    severity: Severity
    text: str

    @property
    def sentence(self) -> str:
        """The whole message."""
        return f"patient {self.patient}: {self.text}"


@dataclass(frozen=True, slots=True, eq=False)
class PatientFiles:
    """The bytes of a patient's label maps, as they are on disk.

    Attributes:
        patient: whose they are.
        contents: `reference` and method names to the files' bytes; what can't be read is missing.
        findings: why it can't.
    """

    patient: Patient
    contents: Mapping[str, bytes]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CheckedPatient:
    """A patient's label maps, all on the grid of the reference.

    Attributes:
        reference: none if it could not be used; then there are no predictions either.
        predictions: method name to label map; without those that an error keeps out.
        findings: everything found, in the order reference, methods.
    """

    reference: LabelMap | None
    predictions: Mapping[str, LabelMap]
    findings: tuple[Finding, ...]


def describe(source: str) -> str:
    """Name a source in a sentence: `reference`, `image t1n`, or `prediction <method>`."""
    return source if source == REFERENCE or source.startswith("image ") else f"prediction {source}"


def read_files(patient: Patient, methods: Iterable[str]) -> PatientFiles:
    """Read the bytes of the reference and of the predictions of some methods.

    A method without a file is absent from `contents` without a finding; a file that is ambiguous,
    missing or may not be read has one.
    """
    paths = {REFERENCE: patient.reference} | {name: patient.predictions.get(name) for name in methods}
    contents: dict[str, bytes] = {}
    findings: list[Finding] = []
    for source, path in paths.items():
        text = patient.problems.get(source, "")
        if path is not None and not text:
            text = _read_into(contents, source, path)
        if text:
            findings.append(Finding(patient.id, source, "error", text))
    return PatientFiles(patient, contents, tuple(findings))


def check_files(files: PatientFiles, scheme: LabelScheme, tolerance_mm: float) -> CheckedPatient:
    """Parse a patient's label maps and check each of them against the scheme and the reference's grid.

    Args:
        files: from `read_files`.
        scheme: the labels that are allowed.
        tolerance_mm: how far apart two grids may put a voxel.
    """
    findings = list(files.findings)
    volumes: dict[str, tuple[Volume, LabelMap]] = {}
    for source, content in files.contents.items():
        try:
            volume = parse_volume(content)
            volumes[source] = volume, as_label_map(volume, scheme)
        except NiftiError as error:
            path = files.patient.path_of(source)
            text = f"{describe(source)} {error} ({path})"
            findings.append(Finding(files.patient.id, source, "error", text))
    usable = {source: label_map for source, (_, label_map) in volumes.items()}
    for source, (volume, label_map) in volumes.items():
        path = files.patient.path_of(source)
        for severity, text in _findings_about(source, volume, label_map, usable.get(REFERENCE), tolerance_mm):
            findings.append(Finding(files.patient.id, source, severity, f"{text} ({path})"))
    refused = {finding.source for finding in findings if finding.severity == "error"}
    reference = usable.pop(REFERENCE, None)
    predictions = {name: one for name, one in usable.items() if name not in refused and reference is not None}
    return CheckedPatient(reference, predictions, tuple(findings))


def check_patient(
    patient: Patient, methods: Iterable[str], scheme: LabelScheme, tolerance_mm: float
) -> tuple[Finding, ...]:
    """Find everything that is wrong or odd about a patient's files, the MRI included.

    Args:
        patient: whose files.
        methods: names of the methods that should have a prediction; one that has none is a warning.
        scheme: the labels that are allowed.
        tolerance_mm: how far apart two grids may put a voxel.
    """
    methods = list(methods)
    checked = check_files(read_files(patient, methods), scheme, tolerance_mm)
    absent = [name for name in methods if name not in patient.predictions and name not in patient.problems]
    without = [Finding(patient.id, name, "warning", f"no prediction of {name}") for name in absent]
    images = [
        _image_finding(patient.id, *image, checked.reference, tolerance_mm)
        for image in patient.images.items()
    ]
    return (*checked.findings, *without, *(finding for finding in images if finding is not None))


def _read_into(contents: dict[str, bytes], source: str, path: Path) -> str:
    try:
        contents[source] = path.read_bytes()
    except FileNotFoundError:
        return f"{describe(source)} missing: there is no {path}"
    except unreachable_errors() as error:
        return f"{describe(source)} can't be read: {reason_of(error, path)} ({path})"
    return ""


def _findings_about(
    source: str, volume: Volume, label_map: LabelMap, reference: LabelMap | None, tolerance_mm: float
) -> Iterable[tuple[Severity, str]]:
    if source != REFERENCE and reference is not None:
        text = _grid_text(source, volume, reference.shape, reference.affine, tolerance_mm)
        if text:
            yield "error", text
            return
    if not volume.has_orientation:
        yield "warning", f"{describe(source)} has no orientation in its header: left and right are a guess"
    if not label_map.labels.any():
        yield "warning", f"{describe(source)} is empty: no voxel has a label"


def _grid_text(
    source: str, volume: Volume, shape: tuple[int, int, int], affine: Affine, tolerance_mm: float
) -> str:
    found = (volume.values.shape[0], volume.values.shape[1], volume.values.shape[2])
    apart_mm = grid_difference_mm(found, volume.affine, shape, affine)
    if apart_mm <= tolerance_mm:
        return ""
    if turned_difference_mm(found, volume.affine, shape, affine) <= tolerance_mm:
        return (
            f"{describe(source)} has the reference's voxels in another order: its axes lead to "
            f"{axis_order(volume.affine)}, the reference's to {axis_order(affine)}; write it in the "
            "reference's order"
        )
    if found != shape:
        return f"{describe(source)} grid {found}, reference {shape}"
    if not volume.has_orientation:
        return (
            f"{describe(source)} has lost its header: it puts the voxels up to {apart_mm:.2f} mm "
            "from the reference; write it again with the reference's affine"
        )
    return (
        f"{describe(source)} affine puts the voxels up to {apart_mm:.2f} mm from the reference, "
        f"allowed {tolerance_mm:g}: first voxel at {_point(volume.affine)}, reference {_point(affine)}"
    )


def _image_finding(
    patient: str, contrast: str, path: Path, reference: LabelMap | None, tolerance_mm: float
) -> Finding | None:
    source = f"image {contrast}"
    contents: dict[str, bytes] = {}
    text = _read_into(contents, source, path)
    try:
        if not text and reference is not None:
            volume = parse_volume(contents[source])
            text = _grid_text(source, volume, reference.shape, reference.affine, tolerance_mm)
            text = text and f"{text} ({path})"
    except NiftiError as error:
        text = f"{source} {error} ({path})"
    return Finding(patient, source, "error", text) if text else None


def _point(affine: Affine) -> str:
    return "({:.2f}, {:.2f}, {:.2f})".format(*np.round(affine[:3, 3], 2) + 0.0)
