"""One unit of work: the parts of one patient, looked for and, where missing, computed. Runs in a worker."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.checks import CheckedPatient, PatientFiles, check_files, read_files
from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import label_map_bytes
from analysis.cohort.patients import REFERENCE, Patient
from analysis.cohort.results import TableName, as_arrow
from analysis.cohort.study import CONSENSUS_FOLDER
from analysis.patient import AnalysisOptions, PatientTables, PatientVolumes, analyse_patient
from viewer.preparation.known import known_digests, known_now, label_files, read_known, remember
from viewer.preparation.parts import (
    Failure,
    Part,
    consensus_digest_of,
    empty_tables,
    part_path,
    parts_folder,
    write_part,
)
from viewer.preparation.recipe import Group, Recipe, code_version, consensus_rule

ABSENT = "no prediction"
REFUSED = "prediction refused"
_NOT_ASKED_FOR = "computed, but not asked for"


class WorkerError(RuntimeError):
    """A worker that must not compute, since it would compute something else."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is of one patient, and what is to be done.

    Attributes:
        patient: patient id.
        keys: key of each group's part, in the order of the groups; new keys if the files changed meanwhile.
        missing: names of the groups that are not there yet.
    """

    patient: str
    keys: tuple[str, ...]
    missing: tuple[str, ...]


def plan_patient(recipe: Recipe, patient: Patient) -> Plan:
    """Look which parts of a patient are missing; reads the files that are not known, computes nothing."""
    files = label_files(patient, recipe.methods)
    known = known_digests(parts_folder(recipe.cache, patient.id), files)
    if set(files) == set(known) and not patient.problems:
        return _plan(recipe, patient.id, dict.fromkeys((REFERENCE, *recipe.methods), ABSENT) | known)
    return _plan(recipe, patient.id, _digests(read_files(patient, recipe.methods), recipe.methods))


def prepare_patient(recipe: Recipe, patient: Patient) -> Plan:
    """Compute and write the parts of a patient that are missing, and the consensus with them.

    Returns:
        The plan that was carried out.

    Raises:
        WorkerError: if this process runs another version of the program than the one that asks.
    """
    if recipe.version != code_version():
        raise WorkerError(f"this worker runs version {code_version()}, asked for is {recipe.version}")
    files, known = read_known(patient, recipe.methods)
    plan = _plan(recipe, patient.id, _digests(files, recipe.methods))
    checked = check_files(files, recipe.scheme, recipe.tolerance_mm)
    for group, key in zip(recipe.groups(), plan.keys, strict=True):
        if group.name in plan.missing:
            part, consensus = _computed(recipe, patient, group, checked)
            if group.is_main and recipe.computed:
                part = _with_consensus(recipe, patient.id, part, consensus)
                known |= known_now(_consensus_path(recipe, patient.id), part.consensus_digest)
            write_part(part_path(recipe.cache, patient.id, key), part)
    remember(parts_folder(recipe.cache, patient.id), known)
    return plan


def _plan(recipe: Recipe, patient: str, digests: Mapping[str, str]) -> Plan:
    groups = recipe.groups()
    keys = tuple(recipe.key(patient, group, digests) for group in groups)
    missing = [
        group.name
        for group, key in zip(groups, keys, strict=True)
        if not _is_done(recipe, patient, group, key)
    ]
    return Plan(patient, keys, tuple(missing))


def _digests(files: PatientFiles, methods: tuple[str, ...]) -> dict[str, str]:
    """Digest each file; one that can't be read counts as its error, so that mending it is a change."""
    digests = dict.fromkeys((REFERENCE, *methods), ABSENT)
    digests |= {finding.source: finding.text for finding in files.findings}
    return digests | {
        source: hashlib.sha256(content).hexdigest() for source, content in files.contents.items()
    }


def _is_done(recipe: Recipe, patient: str, group: Group, key: str) -> bool:
    digest = consensus_digest_of(part_path(recipe.cache, patient, key))
    if digest is None or not (group.is_main and recipe.computed):
        return digest is not None
    path = _consensus_path(recipe, patient)
    known = known_digests(parts_folder(recipe.cache, patient), {"consensus": path})
    return known.get("consensus", "") == digest or _digest_on_disk(path) == digest


def _digest_on_disk(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _consensus_path(recipe: Recipe, patient: str) -> Path:
    return recipe.folder / CONSENSUS_FOLDER / f"{patient}.nii.gz"


def _computed(
    recipe: Recipe, patient: Patient, group: Group, checked: CheckedPatient
) -> tuple[Part, LabelMap | None]:
    own = (*group.methods, REFERENCE) if group.is_main else group.methods
    errors = {finding.source: finding for finding in checked.findings if finding.severity == "error"}
    failures = [
        Failure(patient.id, source, "read", errors[source].sentence) for source in own if source in errors
    ]
    if checked.reference is None:
        return Part(empty_tables(), failures), None
    volumes = _volumes(recipe, patient.id, group, checked.reference, checked.predictions)
    absent = {name: REFUSED if name in errors else ABSENT for name in volumes.absent}
    options = AnalysisOptions(consensus=consensus_rule(recipe.consensus))
    found = analyse_patient(replace(volumes, absent=absent), recipe.scheme, options)
    return Part(_rows_of(found, recipe, group), failures), found.consensus


def _volumes(
    recipe: Recipe, patient: str, group: Group, reference: LabelMap, predictions: Mapping[str, LabelMap]
) -> PatientVolumes:
    wanted = (*group.needs, *group.methods)
    return PatientVolumes(
        patient=patient,
        fold=None,  # put in when the tables are assembled: it may change without any file changing
        reference=reference,
        predictions={name: predictions[name] for name in wanted if name in predictions},
        absent={name: ABSENT for name in wanted if name not in predictions},
        roles=_roles(recipe, group, predictions),
    )


def _roles(recipe: Recipe, group: Group, predictions: Mapping[str, LabelMap]) -> Mapping[str, str]:
    """Say who plays which role in the tables of a group.

    The analysis computes a consensus that it is not given. Where the user's own consensus is absent for a
    patient it must stay absent, so the computed one gets another name, whose rows are left out.
    """
    if not group.is_main:
        return dict(zip(("baseline",), group.needs, strict=False))
    own = recipe.roles.get("consensus")
    is_absent = not recipe.computed and own not in predictions
    return {**recipe.roles, "consensus": _NOT_ASKED_FOR} if is_absent else recipe.roles


def _rows_of(found: PatientTables, recipe: Recipe, group: Group) -> dict[TableName, pa.Table]:
    """Leave out what another group's part holds."""
    methods = {*group.methods, recipe.computed, REFERENCE} if group.is_main else set(group.methods)
    frames: dict[TableName, pd.DataFrame] = {
        "metrics": found.metrics[found.metrics["method"].isin(methods)],
        "components": found.components[found.components["method"].isin(methods)],
        "features": found.features if group.is_main else found.features.iloc[:0],
    }
    return {name: as_arrow(name, frame) for name, frame in frames.items()}


def _with_consensus(recipe: Recipe, patient: str, part: Part, consensus: LabelMap | None) -> Part:
    """Write the consensus, or delete the one of an earlier run that no longer holds."""
    path = _consensus_path(recipe, patient)
    if consensus is None:
        path.unlink(missing_ok=True)
        return part
    data = label_map_bytes(consensus, "CC-Consensus by glioscope")
    write_bytes_atomically(path, data)
    return replace(part, consensus_digest=hashlib.sha256(data).hexdigest())
