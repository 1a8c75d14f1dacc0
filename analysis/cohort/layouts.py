"""How files on disk are named: one small pattern language, and the layouts people already have.

A pattern is a path below a folder. `{patient}`, `{contrast}` and `{fold}` stand for what they say (the same
each time they occur), `*` for anything within a name. A final `.nii.gz` also finds `.nii`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from analysis.cohort.trees import Tree, tree
from analysis.cohort.usage import UsageError

LABEL_PATTERNS = (
    "{patient}/{patient}-seg.nii.gz",  # BraTS 2023
    "{patient}/{patient}_seg.nii.gz",  # BraTS 2020 and 2021
    "labelsTr/{patient}.nii.gz",  # nnU-Net, raw data
    "fold_{fold}/validation/{patient}.nii.gz",  # nnU-Net, cross-validation
    "{patient}-seg.nii.gz",
    "{patient}_seg.nii.gz",
    "{patient}.nii.gz",  # a flat folder of predictions
    "{patient}/{patient}.nii.gz",
)
IMAGE_PATTERNS = (
    "{patient}/{patient}-{contrast}.nii.gz",  # BraTS 2023
    "{patient}/{patient}_{contrast}.nii.gz",  # BraTS 2020 and 2021
    "imagesTr/{patient}_{contrast}.nii.gz",  # nnU-Net, raw data
    "{patient}-{contrast}.nii.gz",
    "{patient}_{contrast}.nii.gz",
)
CONTRASTS: Mapping[str, str] = MappingProxyType(
    {"t1": "t1n", "t1ce": "t1c", "t2": "t2w", "flair": "t2f"}
    | {name: name for name in ("t1n", "t1c", "t2w", "t2f")}
)
"""Names of contrasts in files, in lower case, to the names of BraTS 2023 that we use."""

_PATIENT = r"\w(?:[\w .+-]*\w)?"
_WILDCARDS = {"patient": _PATIENT, "contrast": r"[A-Za-z0-9]+", "fold": r"[0-9]+"}
_PLACEHOLDER = re.compile(r"\{(\w*)\}|(\*)")
_METHOD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_LONGEST_NAME = 128
_NOT_A_CONTRAST = "seg"
_NNUNET_CHANNEL = re.compile(r"\d{4}")  # any other number is a time point: BraTS-GLI-00001-000


class PatternError(UsageError):
    """A pattern that can't name a patient's files."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file of one patient.

    Attributes:
        path: where it is.
        patient: the patient's id, taken from the path.
        fold: cross-validation fold, if the pattern has one.
        contrast: MRI contrast under BraTS 2023's name, empty for label maps.
    """

    path: Path
    patient: str
    fold: int | None = None
    contrast: str = ""


def is_patient_id(text: str) -> bool:
    """Say whether a text can be a patient's id: letters, digits, inner blanks and `.+-_`, no path."""
    return len(text) <= _LONGEST_NAME and re.fullmatch(_PATIENT, text) is not None


def is_method_name(text: str) -> bool:
    """Say whether a text can be a method's name: ASCII letters, digits and inner `.-_`, safe in URLs."""
    return len(text) <= _LONGEST_NAME and _METHOD.fullmatch(text) is not None


def check_pattern(pattern: str, *, has_contrast: bool = False) -> None:
    """Refuse a pattern that can't work.

    Raises:
        PatternError: if it is absolute, climbs, names no patient, has unknown or missing placeholders.
    """
    if pattern.startswith("/") or ".." in pattern.split("/"):
        raise PatternError(f"pattern {pattern!r} must stay below its folder")
    names = {name for name, star in _PLACEHOLDER.findall(pattern) if not star}
    unknown = sorted(names - set(_WILDCARDS))
    if unknown:
        raise PatternError(
            f"pattern {pattern!r} has unknown {{{unknown[0]}}}; known are {{patient}}, {{contrast}}, {{fold}}"
        )
    if "patient" not in names:
        raise PatternError(f"pattern {pattern!r} must say where {{patient}} is")
    if has_contrast != ("contrast" in names):
        raise PatternError(f"pattern {pattern!r} must {'' if has_contrast else 'not '}have {{contrast}}")


def find_files(folder: Path, pattern: str, below: Tree | None = None) -> list[Found]:
    """Find the files below a folder whose path fits a pattern, sorted by patient, contrast and path.

    A missing folder has none.

    Args:
        folder: on a disk or behind a URL.
        pattern: relative to it.
        below: what lies below it, for who asks about several patterns; by default looked up now.
    """
    found = _descend(below or tree(folder), folder, pattern.split("/"), Found(folder, ""))
    wanted = [one for one in found if one.contrast != _NOT_A_CONTRAST]
    return sorted(wanted, key=lambda one: (one.patient, one.contrast, str(one.path)))


def detect_label_pattern(folder: Path) -> str:
    """Name the first known layout that finds label maps in a folder; empty if none does."""
    below = tree(folder)
    return next((pattern for pattern in LABEL_PATTERNS if find_files(folder, pattern, below)), "")


def detect_image_pattern(folder: Path) -> str:
    """Name the first known layout that finds MRI in a folder; empty if none does."""
    below = tree(folder)
    return next((pattern for pattern in IMAGE_PATTERNS if _has_known_contrast(folder, pattern, below)), "")


def split_pattern(text: str) -> tuple[str, str]:
    """Split what a user typed into the folder and the pattern below it.

    `data/{patient}/seg.nii.gz` gives `data` and `{patient}/seg.nii.gz`; a plain folder has an empty pattern.
    """
    segments = text.split("/")  # a URL's too: what is empty between its slashes comes back when they join
    first = next((index for index, segment in enumerate(segments) if _PLACEHOLDER.search(segment)), None)
    if first is None:
        return text, ""
    return "/".join(segments[:first]) or ("/" if text.startswith("/") else "."), "/".join(segments[first:])


def _has_known_contrast(folder: Path, pattern: str, below: Tree) -> bool:
    found = find_files(folder, pattern, below)
    return any(one.contrast in CONTRASTS.values() or _NNUNET_CHANNEL.fullmatch(one.contrast) for one in found)


def _descend(below: Tree, folder: Path, segments: list[str], known: Found) -> Iterator[Found]:
    is_last = len(segments) == 1
    for child, found in _children(below, folder, _bound(segments[0], known), known, is_last=is_last):
        if is_last:
            yield replace(found, path=child, contrast=CONTRASTS.get(found.contrast.lower(), found.contrast))
        else:
            yield from _descend(below, child, segments[1:], found)


def _bound(segment: str, known: Found) -> str:
    """Put in what the path so far has already said."""
    if known.patient:
        segment = segment.replace("{patient}", _literal(known.patient))
    return segment if known.fold is None else segment.replace("{fold}", str(known.fold))


def _literal(name: str) -> str:
    """Nothing in a patient's id can be taken for a placeholder."""
    return name.replace("{", "").replace("*", "")


def _children(
    below: Tree, folder: Path, segment: str, known: Found, *, is_last: bool
) -> Iterator[tuple[Path, Found]]:
    if not _PLACEHOLDER.search(segment):
        names = (
            (segment, segment.removesuffix(".gz")) if is_last and segment.endswith(".nii.gz") else (segment,)
        )
        yield from ((folder / name, known) for name in names if below.exists(folder / name))
        return
    expression = _expression(segment, is_last=is_last)
    for child, is_folder in below.children(folder):
        match = expression.fullmatch(child.name)
        if match is not None and len(child.name) <= _LONGEST_NAME + 64 and is_folder != is_last:
            yield child, _with_groups(known, match.groupdict())


def _expression(segment: str, *, is_last: bool) -> re.Pattern[str]:
    parts: list[str] = []
    seen: set[str] = set()
    end = 0
    for placeholder in _PLACEHOLDER.finditer(segment):
        parts.append(re.escape(segment[end : placeholder.start()]))
        name = placeholder[1] or ""
        parts.append(
            "[^/]*"
            if placeholder[2]
            else f"(?P={name})"
            if name in seen
            else f"(?P<{name}>{_WILDCARDS[name]})"
        )
        seen.add(name)
        end = placeholder.end()
    tail = re.escape(segment[end:])
    return re.compile(
        "".join(parts) + (re.sub(r"\\\.nii\\\.gz$", r"\\.nii(?:\\.gz)?", tail) if is_last else tail)
    )


def _with_groups(known: Found, groups: Mapping[str, str]) -> Found:
    fold = groups.get("fold")
    return replace(
        known,
        patient=groups.get("patient", known.patient),
        contrast=groups.get("contrast", known.contrast),
        fold=known.fold if fold is None else int(fold),
    )
