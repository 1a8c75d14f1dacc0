"""Subjects: scans of one person belong together.

BraTS names a scan `<subject>-<timepoint>`: BraTS-GLI-00048-001 is the second scan of BraTS-GLI-00048.
"""

import re
from dataclasses import dataclass

import pandas as pd

from analysis.wording import counted

_BRATS_ID = re.compile(r"(?P<subject>.+-\d{4,5})-\d{3}")


@dataclass(frozen=True, slots=True)
class SubjectSplit:
    """How the scans of a cohort spread over subjects and folds.

    Attributes:
        patients: scans in the table.
        subjects: different subjects among them.
        repeated: subjects with more than one scan.
        split: repeated subjects whose scans lie in more than one fold.
        without_fold: scans that name no fold; they enter no split.
    """

    patients: int
    subjects: int
    repeated: int
    split: int
    without_fold: int

    @property
    def sentence(self) -> str:
        """The finding as a line of the report."""
        scans = f"{counted(self.patients, 'scan')} of {counted(self.subjects, 'subject')}"
        if not self.repeated:
            return f"{scans}; no subject has more than one scan"
        have = "has" if self.repeated == 1 else "have"
        repeated = f"{scans}; {counted(self.repeated, 'subject')} {have} more than one scan"
        if self.without_fold == self.patients:
            return f"{repeated}, and no scan has a fold"
        if self.repeated == 1:
            return f"{repeated}, and it is {'' if self.split else 'not '}split across folds"
        return f"{repeated}, and {self.split} of these {self.repeated} are split across folds"


def subject_of(patient: str) -> str:
    """Name the subject of a scan; an id that is no BraTS name is its own subject."""
    match = _BRATS_ID.fullmatch(patient)
    return match["subject"] if match else patient


def subject_split(patients: pd.DataFrame) -> SubjectSplit:
    """Count subjects, repeated subjects, and repeated subjects split across folds.

    Args:
        patients: columns `patient` and `fold` (may be missing for some), one row a scan.
    """
    subjects = patients["patient"].map(subject_of)
    folds = patients["fold"].groupby(subjects)
    scans, different_folds = folds.size(), folds.nunique(dropna=True)
    return SubjectSplit(
        patients=len(patients),
        subjects=len(scans),
        repeated=int((scans > 1).sum()),
        split=int((different_folds > 1).sum()),
        without_fold=int(patients["fold"].isna().sum()),
    )
