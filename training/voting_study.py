"""Voxel-level voting over a study: probabilities in, alphas by fold; label maps, table and figure out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import read_label_map, write_label_map
from analysis.cohort.patients import Patient
from analysis.cohort.probabilities import Probabilities, Shape, read_probabilities
from analysis.cohort.study import Study
from analysis.cohort.usage import UsageError
from training.folds import study_folds
from training.voting import ALPHAS, dice_over_alphas, fit_alphas, fuse, nested_regions

Alphas = dict[str, float]


def vote_study(
    study: Study, methods: tuple[str, str], name: str, *, fold_count: int = 5
) -> dict[int, Alphas]:
    """Fuse two methods of a study into a third; see `glioscope train vote`.

    Returns:
        Fold to the alphas (by region) that its patients were fused with.

    Raises:
        UsageError: probabilities are missing.
    """
    patients = [one for one in study.patients() if one.reference is not None]
    dealt = study_folds({one.id: one.fold for one in patients}, count=fold_count)
    folds = [dealt[one.id] for one in patients]
    regions = [region for region, _ in nested_regions(study.scheme)]
    dice = np.stack([_patient_dice(study, one, methods, regions) for one in patients])
    fitted = {
        fold: dict(zip(regions, map(float, alphas), strict=True))
        for fold, alphas in fit_alphas(dice, folds).items()
    }
    for patient, fold in zip(patients, folds, strict=True):
        _write_fused(study, patient, methods, fitted[fold], study.folder / "predictions" / name)
    _table(patients, folds, regions, dice, fitted).to_csv(study.folder / "voting.csv", index=False)
    _draw(dice, regions, fitted, study.folder / "voting.png")
    return fitted


def probabilities_of(study: Study, patient: Patient, method: str, shape: Shape) -> Probabilities:
    """Read a method's probabilities of one patient, beside its label map or where study.toml says.

    Raises:
        UsageError: there are none.
        ProbabilityError: they are of another volume.
    """
    path = study.probability_file(patient, method)
    if path is None or not path.is_file():
        raise UsageError(
            f"patient {patient.id}: no probabilities of {method} at {path}: voting needs `glioscope predict "
            "--also probabilities`"
        )
    return read_probabilities(path, study.scheme, shape)


def _patient_dice(
    study: Study, patient: Patient, methods: Sequence[str], regions: Sequence[str]
) -> npt.NDArray[np.float64]:
    """Dice of each region at all alphas, (region, 101)."""
    if patient.reference is None:
        raise UsageError(f"patient {patient.id} has no reference")
    reference = read_label_map(patient.reference, study.scheme).labels
    x, y, z = reference.shape
    first, second = (probabilities_of(study, patient, method, (x, y, z)) for method in methods)
    curves = []
    for region in regions:
        members = study.scheme.regions[region]
        one, other = (side.of(members) for side in (first, second))
        curves.append(dice_over_alphas(one, other, np.isin(reference, members)))
    return np.stack(curves)


def _write_fused(
    study: Study, patient: Patient, methods: Sequence[str], alphas: Alphas, folder: Path
) -> None:
    label_map = read_label_map(patient.predictions[methods[0]], study.scheme)
    first, second = (probabilities_of(study, patient, method, label_map.shape) for method in methods)
    fused = fuse(first, second, study.scheme, alphas)
    write_label_map(folder / f"{patient.id}.nii.gz", LabelMap(fused, label_map.affine))


def _table(
    patients: Sequence[Patient], folds: Sequence[int], regions: Sequence[str], dice: npt.NDArray[np.float64],
    fitted: dict[int, Alphas],
) -> pd.DataFrame:  # fmt: skip
    rows = []
    for patient, fold, curves in zip(patients, folds, dice, strict=True):
        for region, curve in zip(regions, curves, strict=True):
            alpha = fitted[fold][region]
            chosen = float(curve[round(alpha * (ALPHAS - 1))])
            rows.append((patient.id, fold, region, alpha, float(curve[-1]), float(curve[0]), chosen))
    return pd.DataFrame(
        rows, columns=["patient", "fold", "region", "alpha", "dice_first", "dice_second", "dice_voted"]
    )


def _draw(
    dice: npt.NDArray[np.float64], regions: Sequence[str], fitted: dict[int, Alphas], path: Path
) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    alphas = np.linspace(0, 1, ALPHAS)
    for index, region in enumerate(regions):
        (line,) = axes.plot(alphas, dice[:, index].mean(0), label=region)
        for one in fitted.values():
            axes.axvline(one[region], color=line.get_color(), alpha=0.25)
    axes.set_xlabel("alpha: 0 is the second method alone, 1 the first; thin lines: fitted, by fold")
    axes.set_ylabel(f"mean Dice of {len(dice)} patients")
    axes.legend()
    figure.savefig(path, dpi=120)
