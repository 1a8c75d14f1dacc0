"""Cross-validation folds that keep a subject's scans together."""

from collections.abc import Iterable, Mapping

import numpy as np

from analysis.cohort.usage import UsageError
from analysis.subjects import subject_of


class FoldError(UsageError):
    """Folds that would let a subject be trained on and tested on."""


def grouped_folds(patients: Iterable[str], *, count: int = 5, seed: int = 12345) -> dict[str, int]:
    """Deal subjects into folds, all scans of one into the same; the same for any order of `patients`.

    Raises:
        FoldError: there are fewer subjects than folds.
    """
    names = sorted(patients)
    subjects = sorted({subject_of(name) for name in names})
    if len(subjects) < count:
        raise FoldError(f"{count} folds need at least {count} subjects, found {len(subjects)}")
    order = np.random.default_rng(seed).permutation(len(subjects))
    fold_of = {subjects[subject]: place % count for place, subject in enumerate(order)}
    return {name: int(fold_of[subject_of(name)]) for name in names}


def study_folds(given: Mapping[str, int | None], *, count: int = 5, seed: int = 12345) -> dict[str, int]:
    """Take a study's own folds if it has them for everyone, else deal new ones.

    Raises:
        FoldError: some patients have a fold and others none, or a subject's scans are in two.
    """
    without = sorted(name for name, fold in given.items() if fold is None)
    if len(without) == len(given):
        return grouped_folds(given, count=count, seed=seed)
    if without:
        raise FoldError(f"patient {without[0]} has no fold, {len(given) - len(without)} others have one")
    folds = {name: int(fold) for name, fold in given.items() if fold is not None}
    check_folds(folds)
    return folds


def check_folds(folds: Mapping[str, int]) -> None:
    """Refuse folds that split a subject.

    Raises:
        FoldError: names the first subject that is split.
    """
    seen: dict[str, tuple[str, int]] = {}
    for name, fold in sorted(folds.items()):
        other, other_fold = seen.setdefault(subject_of(name), (name, fold))
        if other_fold != fold:
            raise FoldError(
                f"subject {subject_of(name)} is split: {other} is in fold {other_fold}, {name} in fold {fold}"
            )
