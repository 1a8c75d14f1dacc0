"""What study.toml names: the reference, the methods, the MRI, and patients to show first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from analysis.cohort.layouts import PatternError, check_pattern, is_method_name
from analysis.cohort.usage import UsageError

Role = Literal["baseline", "distmap", "consensus"]
ROLES: tuple[Role, ...] = get_args(Role)
CONSENSUS_FOLDER = "consensus"


class StudyError(UsageError):
    """A study.toml that can't be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The label maps that predictions are compared with.

    Attributes:
        title: name for people.
        folder: relative to the study, or absolute.
        pattern: names of the files below it (see `layouts`); empty: the first known layout that fits.
        files: patient id to a path below `folder`, for files under other names.
    """

    title: str = "Ground truth"
    folder: str = ""
    pattern: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(self.pattern, "reference")


@dataclass(frozen=True, slots=True)
class Method:
    """Who made a prediction.

    Attributes:
        name: safe in file names, columns and URLs.
        title: name for people.
        folder: relative to the study, or absolute; empty in a study of published tables.
        pattern: names of the files below it; empty: the first known layout that fits.
        files: patient id to a path below `folder`, for files under other names.
        role: what part it plays in the comparison of Baseline and DistMap, or none.
        probabilities: folder of its `<patient>.npz`; empty: beside the label maps.
        responses: folder of its response maps (see `scalar_maps`); empty: beside the label maps.
    """

    name: str
    title: str = ""
    folder: str = ""
    pattern: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    role: Role | None = None
    probabilities: str = ""
    responses: str = ""

    def __post_init__(self) -> None:
        if not is_method_name(self.name):
            raise StudyError(f"method name {self.name!r} must be ASCII letters, digits and inner . - _")
        if not self.title:
            object.__setattr__(self, "title", self.name)
        if self.name == "reference":
            raise StudyError("no method can be called 'reference'")
        if self.role is not None and self.role not in ROLES:
            raise StudyError(f"method {self.name}: role {self.role!r} must be one of {', '.join(ROLES)}")
        _check(self.pattern, f"method {self.name}")

    @property
    def is_computed(self) -> bool:
        """Whether `prepare` writes its label maps: the consensus of the study's own consensus folder."""
        return self.role == "consensus" and self.folder == CONSENSUS_FOLDER


@dataclass(frozen=True, slots=True)
class Images:
    """The MRI of the patients, for looking at only.

    Attributes:
        folder: relative to the study, or absolute.
        pattern: names of the files below it, with `{contrast}`; empty: the first known layout that fits.
    """

    folder: str
    pattern: str = ""

    def __post_init__(self) -> None:
        _check(self.pattern, "images", has_contrast=True)


@dataclass(frozen=True, slots=True)
class Pin:
    """A patient to show first.

    Attributes:
        tag: short mark (`C1`).
        patient: patient id.
        title: what there is to see.
    """

    tag: str
    patient: str
    title: str = ""


def _check(pattern: str, place: str, *, has_contrast: bool = False) -> None:
    try:
        if pattern:
            check_pattern(pattern, has_contrast=has_contrast)
    except PatternError as error:
        raise StudyError(f"{place}: {error}") from error
