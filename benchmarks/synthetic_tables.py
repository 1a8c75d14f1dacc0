"""A synthetic study of tables alone, as large as one likes: random numbers shaped like real results."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cases import order, scatter, winner
from analysis.cohort.labels import SCHEMES
from analysis.cohort.results import Provenance, WriteFrame, empty_table, results_writer
from analysis.cohort.study import ROLES, Method, Study, write_study
from analysis.feature_names import FEATURES
from analysis.subjects import subject_of

TITLES = {"baseline": "Baseline", "distmap": "DistMap", "consensus": "CC-Consensus"}
REGIONS = ("WT", "TC", "ET", "NCR", "ED")
LABELS = ("NCR", "ED", "ET")
_BATCH = 5000


def write_synthetic_tables(folder: Path, patients: int, *, components_each: int = 0, seed: int = 0) -> Study:
    """Write a tables-only study of made-up numbers, in bounded memory.

    Args:
        folder: of the study.
        patients: how many scans; every tenth subject has two.
        components_each: components of every scan, over three methods and three labels; 0 for none.
        seed: of the numbers.
    """
    methods = tuple(Method(name=role, title=TITLES[role], role=role) for role in ROLES)
    study = Study(
        folder, f"Synthetic tables of {patients}", SCHEMES["brats2023"], methods=methods, synthetic=True
    )
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    with results_writer(study, Provenance("synthetic", f"{patients} {components_each} {seed}")) as write:
        write("failures", empty_table("failures"))
        if not components_each:
            write("components", empty_table("components"))
        for ids in _batches(patients):
            _write_batch(write, ids, components_each, random)
    write_study(study)
    return study


def _batches(patients: int) -> Iterator[npt.NDArray[np.str_]]:
    subjects = np.arange(patients) - (np.arange(patients) + 1) // 11  # every eleventh scan is a second one
    again = np.r_[False, subjects[1:] == subjects[:-1]]
    ids = np.array([f"SYN-{s:05d}-{int(a):03d}" for s, a in zip(subjects, again, strict=True)])
    for start in range(0, patients, _BATCH):
        yield ids[start : start + _BATCH]


def _write_batch(
    write: WriteFrame, ids: npt.NDArray[np.str_], components_each: int, random: np.random.Generator
) -> None:
    count = len(ids)
    folds = random.integers(0, 5, count)
    ease = random.beta(9, 1.4, count)
    dice = {
        (role, region): np.clip(ease + random.normal(0, 0.004, count) * random.exponential(1, count), 0, 1)
        for role in ROLES
        for region in REGIONS
    }
    averages = {
        role: np.mean([dice[role, region] for region in ("WT", "TC", "ET")], axis=0) for role in ROLES
    }
    write("patients", _patients(ids, folds, averages, random))
    write("metrics", _metrics(ids, folds, dice, random))
    write(
        "features",
        pd.DataFrame({"patient": ids, **{name: random.gamma(2.0, 3.0, count) for name in FEATURES}}),
    )
    if components_each:
        write("components", _components(ids, components_each, random))


def _patients(
    ids: npt.NDArray[np.str_],
    folds: npt.NDArray[np.int64],
    averages: dict[str, npt.NDArray[np.float64]],
    random: np.random.Generator,
) -> pd.DataFrame:
    B, D, F = (averages[role] for role in ROLES)
    x, y = scatter(B, D, F)
    volumes = {f"volume_ml_{region}": random.gamma(2.0, 20.0, len(ids)) for region in REGIONS}
    return pd.DataFrame(
        {
            "patient": ids,
            "fold": pd.array(folds, dtype="Int64"),
            "subject": [subject_of(one) for one in ids],
            **{f"dice_average_{role}": averages[role] for role in ROLES},
            "x": x,
            "y": y,
            "winner": winner(B, D),
            "order": order(B, D, F),
            **volumes,
        }
    )


def _metrics(
    ids: npt.NDArray[np.str_],
    folds: npt.NDArray[np.int64],
    dice: dict[tuple[str, str], npt.NDArray[np.float64]],
    random: np.random.Generator,
) -> pd.DataFrame:
    numbers = {(role, region, "dice"): values for (role, region), values in dice.items()}
    for role in ROLES:
        for label in LABELS:
            distances = random.gamma(1.2, 4.0, len(ids))
            distances[random.random(len(ids)) < 0.02] = np.nan
            numbers[role, label, "hd95_pooled_mm"] = distances
            numbers[role, label, "fragment_count"] = random.geometric(0.05, len(ids)) - 1.0
    kinds = list(numbers)
    values = np.stack([numbers[kind] for kind in kinds], axis=1)
    rows = np.repeat(np.arange(len(ids)), len(kinds))
    named = np.array(kinds)[np.tile(np.arange(len(kinds)), len(ids))]
    return pd.DataFrame(
        {
            "patient": ids[rows],
            "fold": pd.array(folds[rows], dtype="Int64"),
            "method": named[:, 0],
            "region": named[:, 1],
            "metric": named[:, 2],
            "value": values.ravel(),
            "reason": np.where(np.isnan(values.ravel()), "prediction empty", None),
        }
    )


def _components(ids: npt.NDArray[np.str_], each: int, random: np.random.Generator) -> pd.DataFrame:
    """Fill a ledger: sizes fall with the number, most fragments are a few voxels."""
    count = len(ids) * each
    place = np.tile(np.arange(each), len(ids))
    method, label = place % 3, place // 3 % 3
    number = place // 9 + 1
    voxels = np.where(
        number == 1, random.integers(5_000, 90_000, count), random.pareto(1.1, count).astype(int) % 5000 + 1
    )
    in_baseline = np.where(random.random(count) < 0.4, 0, np.minimum(voxels, random.integers(1, 500, count)))
    in_truth = np.where(random.random(count) < 0.5, 0, np.minimum(voxels, random.integers(1, 500, count)))
    judged = method == 1
    verdict = np.where(judged, np.where(in_baseline > 0, "kept", "removed"), None)
    outcome = np.where(
        judged,
        [f"{one}-{'true' if hit else 'false'}" for one, hit in zip(verdict, in_truth > 0, strict=True)],
        None,
    )
    steps = np.sqrt(random.integers(4, 4000, count))
    table = {
        "patient": np.repeat(ids, each),
        "method": np.array(ROLES)[method],
        "label": (label + 1).astype(np.uint8),
        "component": number.astype(np.uint32),
        "voxel_count": voxels,
        "volume_ml": voxels / 1000,
        "is_largest": number == 1,
        **{f"centroid_{axis}": random.uniform(20, 200, count) for axis in "xyz"},
        **{
            f"bbox_{axis}_{end}": np.full(count, at, np.int32)
            for end, at in (("start", 10), ("stop", 20))
            for axis in "xyz"
        },
        "distance_to_main_mm": np.where(number == 1, 0.0, steps),
        "baseline_overlap_voxels": pd.array(np.where(judged, in_baseline, 0), dtype="Int64"),
        "verdict": verdict,
        "reference_overlap_voxels": in_truth,
        "outcome": outcome,
    }
    return pd.DataFrame(table)
