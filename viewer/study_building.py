"""What a user types about a study, turned into its reference, methods, roles and MRI."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from analysis.cohort.layouts import (
    IMAGE_PATTERNS,
    LABEL_PATTERNS,
    Found,
    check_pattern,
    detect_image_pattern,
    detect_label_pattern,
    find_files,
    split_pattern,
)
from analysis.cohort.patients import list_labels
from analysis.cohort.places import below, is_remote, named_from, place
from analysis.cohort.study import CONSENSUS_FOLDER, ROLES, Images, Method, Reference, Role, Study
from analysis.cohort.usage import UsageError

TITLES = {"baseline": "Baseline", "distmap": "DistMap", "consensus": "CC-Consensus"}


def reference_at(study_folder: Path, place: str) -> Reference:
    """Describe the reference at a place: a folder, or a path with `{patient}` in it.

    Raises:
        UsageError: if there is no label map.
    """
    folder, pattern = _located(place)
    return Reference(folder=named_from(study_folder, folder), pattern=pattern)


def method_at(study_folder: Path, text: str) -> Method:
    """Describe a method from `NAME=PLACE`.

    Raises:
        UsageError: if the text has another form, the name is not allowed, or there is no label map.
    """
    name, place = _pair(text, "--method", "NAME=DIR")
    folder, pattern = _located(place)
    title = TITLES.get(name.lower(), name)
    return Method(name=name, title=title, folder=named_from(study_folder, folder), pattern=pattern)


def images_at(study_folder: Path, place: str) -> Images:
    """Describe the MRI at a place: a folder, or a path with `{patient}` and `{contrast}` in it.

    Raises:
        UsageError: if there is no MRI.
    """
    folder, pattern = _split(place)
    if pattern:
        check_pattern(pattern, has_contrast=True)
    found = pattern or detect_image_pattern(folder)
    if not found or not find_files(folder, found):
        looked = pattern or ", ".join(IMAGE_PATTERNS)
        raise UsageError(f"no MRI in {_existing(folder)}: looked for {looked}")
    return Images(folder=named_from(study_folder, folder), pattern=found)


def images_beside(study_folder: Path, reference: Reference) -> Images | None:
    """Find the MRI that BraTS and nnU-Net keep beside the reference; none if there is none."""
    folder = below(study_folder, reference.folder)
    pattern = detect_image_pattern(folder)
    found = {one.patient for one in find_files(folder, pattern)} if pattern else set()
    if found.isdisjoint(list_labels(folder, reference)):
        return None
    return Images(folder=reference.folder, pattern=pattern)


def with_roles(methods: Sequence[Method], texts: Iterable[str]) -> tuple[Method, ...]:
    """Give methods their roles, from `ROLE=NAME` or else from their names, and add the consensus.

    A method that is called like a role plays it unless another one is told to. With a Baseline and a
    DistMap but no consensus, the one that `prepare` computes is added.

    Raises:
        UsageError: if a role or a method is unknown.
    """
    roles: dict[Role, str] = {method.role: method.name for method in methods if method.role is not None}
    taken = dict(_role(text, methods) for text in texts)
    for method in methods:
        role = next((role for role in ROLES if role == method.name.lower()), None)
        if role is not None and role not in roles and method.name not in taken.values():
            roles[role] = method.name
    roles |= taken
    by_name = {name: role for role, name in roles.items()}
    given = tuple(replace(method, role=by_name.get(method.name)) for method in methods)
    if {"baseline", "distmap"} <= set(roles) and "consensus" not in roles:
        given += (Method("consensus", TITLES["consensus"], CONSENSUS_FOLDER, role="consensus"),)
    return given


def check_common_patients(study: Study) -> None:
    """Refuse a method that has a label map of no patient of the reference.

    Raises:
        UsageError: naming one patient of either side, so that the difference shows.
    """
    patients = study.patients()
    with_reference = [patient for patient in patients if patient.reference is not None]
    for method in study.methods:
        own = [patient for patient in patients if method.name in patient.predictions]
        if not method.is_computed and not any(patient in own for patient in with_reference):
            known, other = (some[0].id if some else "nobody" for some in (with_reference, own))
            raise UsageError(
                f"method {method.name} has no patient of the reference: it has {other}, the reference {known}"
            )


def check_common_images(study: Study) -> None:
    """Refuse MRI of which no patient of the study has a file.

    Raises:
        UsageError: naming the place, and one patient that was looked for.
    """
    patients = study.patients()
    if study.images is not None and not any(patient.images for patient in patients):
        raise UsageError(
            f"the MRI in {study.images.folder} is of no patient of the study: files called "
            f"{study.images.pattern}, and none for {patients[0].id}"
        )


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    first, sign, second = text.partition("=")
    if not (sign and first and second):
        raise UsageError(f"{option} {text!r}: write {form}")
    return first, second


def _role(text: str, methods: Sequence[Method]) -> tuple[Role, str]:
    role, name = _pair(text, "--role", "ROLE=NAME")
    if name not in [method.name for method in methods]:
        raise UsageError(f"--role {text}: no method {name!r}; there is {', '.join(m.name for m in methods)}")
    for known in ROLES:
        if role == known:
            return known, name
    raise UsageError(f"--role {text}: no role {role!r}; there is {', '.join(ROLES)}")


def _split(text: str) -> tuple[Path, str]:
    folder, pattern = split_pattern(text)
    return place(folder), pattern


def _existing(folder: Path) -> Path:
    if not (is_remote(folder) or folder.exists()):
        raise UsageError(f"there is no folder {folder}")
    return folder


def _located(place: str) -> tuple[Path, str]:
    folder, pattern = _split(place)
    if pattern:
        check_pattern(pattern)
    pattern = pattern or detect_label_pattern(folder)
    found: list[Found] = find_files(folder, pattern) if pattern else []
    if not found:
        looked = pattern or ", ".join(LABEL_PATTERNS)
        raise UsageError(
            f"no label map in {_existing(folder)}: looked for {looked}; "
            "other names: 'DIR/{patient}/NAME.nii.gz'"
        )
    return folder, pattern
