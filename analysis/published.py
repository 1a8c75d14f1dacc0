"""The tables published beside the paper, read into the frames of a study's results.

Their authors put them in `data/` and `analysis/`; a copy may be flat. Only `rankings.json` must be there.
What a table calls B, D and F (`fusion`) are the methods baseline, distmap and consensus.

HD95 comes in two definitions. `hd95_per_class_cv.csv` and `hd95_regions_medpy.csv` are MedPy's
(`hd95_pooled_mm`). The WT, TC and ET columns of `rankings.json`, which the paper prints, do not say what
they are: on ET they differ from MedPy's in 402 of 1168 Baseline rows, by up to 72 mm. They keep a name,
`hd95_rankings_mm`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cases import dice_average, order, scatter, winner
from analysis.empty_masks import BOTH_EMPTY, PREDICTION_EMPTY, REFERENCE_EMPTY
from analysis.feature_names import AGREEMENT_FEATURES, MORPHOLOGY_FEATURES
from analysis.subjects import subject_of

METHODS: Final = ("baseline", "distmap", "consensus")
NESTED_REGIONS: Final = ("WT", "TC", "ET")
LABELS: Final = ("NCR", "ED", "ET")
REGIONS: Final = ("WT", "TC", "ET", "NCR", "ED")

ONE_EMPTY: Final = "reference or prediction empty"
ABSENT: Final = "not in the table"

TABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rankings.json": "Dice and HD95 of WT, TC and ET",
        "patient_features.csv": "20 shape features",
        "patient_agreement_features.csv": "11 agreement features",
        "fragments_topological_cv.csv": "components and fragments of NCR, ED and ET",
        "hd95_per_class_cv.csv": "MedPy HD95 of NCR, ED and ET",
        "hd95_regions_medpy.csv": "MedPy HD95 of WT, TC and ET",
        "sweep.csv": "Dice of the consensus under six size thresholds",
    }
)
_FOLDERS: Final = (".", "data", "analysis")
_STORED_METHOD: Final = MappingProxyType(
    {"baseline": "baseline", "distmap": "distmap", "fusion": "consensus"}
)
_LETTER: Final = MappingProxyType({"B": "baseline", "D": "distmap", "F": "consensus"})
_METRIC_COLUMNS: Final = ["patient", "fold", "method", "region", "metric", "value", "reason"]
_INFINITE_VOXELS: Final = 10**9
_ML_PER_VOXEL: Final = 1e-3


@dataclass(frozen=True, slots=True)
class PublishedTables:
    """What a folder of published tables holds, in the schema of a study's results.

    Attributes:
        metrics: patient, fold, method, region, metric, value, reason; one row a number.
        features: patient and the 31 features; NaN where their table is absent.
        patients: one row a scan, as `results/patients.parquet`; classes at eps = 0.
        size_sweep: patient, threshold_voxels (inf for none), region, value (Dice); empty if absent.
        sources: table name to the file it was read from.
        absent: names of the tables that were not found.
    """

    metrics: pd.DataFrame
    features: pd.DataFrame
    patients: pd.DataFrame
    size_sweep: pd.DataFrame
    sources: Mapping[str, Path]
    absent: tuple[str, ...]


def read_published(folder: Path) -> PublishedTables:
    """Read every table of the paper that lies in a folder.

    Args:
        folder: holds the tables flat, or in `data/` and `analysis/` as their authors publish them.

    Raises:
        FileNotFoundError: if `rankings.json` is in none of the three places.
        ValueError: if a table is damaged, lacks a column, names a scan twice, or contradicts another's fold.
    """
    sources = find_tables(folder)
    if "rankings.json" not in sources:
        raise FileNotFoundError(
            f"{folder}: no rankings.json here, in data/ or in analysis/; it holds the Dice values"
        )
    rankings = _read_rankings(sources["rankings.json"])
    tables = {name: _read_csv(path) for name, path in sources.items() if path.suffix == ".csv"}
    folds = _folds(rankings, tables)
    features = _features(sorted(folds), tables)
    volumes = _reference_voxels(features)
    return PublishedTables(
        metrics=_metrics(rankings, tables, folds, volumes),
        features=features,
        patients=_patients(rankings, folds, volumes),
        size_sweep=_size_sweep(tables.get("sweep.csv")),
        sources=sources,
        absent=tuple(name for name in TABLES if name not in sources),
    )


def find_tables(folder: Path) -> dict[str, Path]:
    """Find each known table in the folder, its `data/` or its `analysis/`; the first place wins."""
    found = {}
    for name in TABLES:
        places = (folder / inner / name for inner in _FOLDERS)
        place = next((path for path in places if path.is_file()), None)
        if place is not None:
            found[name] = place
    return found


def _read_rankings(path: Path) -> pd.DataFrame:
    """Flatten the JSON: patient_id, fold, `<method> <number>` columns; NaN for null or an absent method."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        flat = [_ranking_row(row) for row in rows]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: not a rankings table ({type(error).__name__}: {error})") from error
    columns = [
        "patient_id",
        "fold",
        *(f"{m} {k}_{r}" for m in METHODS for k in ("dice", "hd95") for r in NESTED_REGIONS),
    ]
    table = pd.DataFrame(flat, columns=columns)
    return _checked(table.astype(dict.fromkeys(columns[2:], float)), path)


def _ranking_row(row: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {"patient_id": row["patient_id"], "fold": row.get("fold")}
    for stored, method in _STORED_METHOD.items():
        for number, value in (row.get(stored) or {}).items():
            flat[f"{method} {number}"] = value
    return flat


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not a table ({error})") from error
    return _checked(table.rename(columns={"pid": "patient_id"}), path)


def _checked(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Refuse a table without patients or with a patient twice; sort it and index it by patient."""
    missing = [column for column in _wanted_columns(path.name) if column not in table.columns]
    if missing:
        raise ValueError(f"{path}: columns {', '.join(missing)} are missing")
    twice = table["patient_id"][table["patient_id"].duplicated()]
    if len(twice):
        raise ValueError(f"{path}: {twice.iloc[0]} has more than one row")
    return table.set_index("patient_id").sort_index()


def _wanted_columns(name: str) -> list[str]:
    counts = [
        f"{kind}_{letter}_{label}" for kind in ("nb_cc", "frags") for letter in _LETTER for label in LABELS
    ]
    wanted: Mapping[str, Sequence[str]] = {
        "patient_features.csv": MORPHOLOGY_FEATURES,
        "patient_agreement_features.csv": AGREEMENT_FEATURES,
        "fragments_topological_cv.csv": counts,
        "hd95_per_class_cv.csv": [
            f"hd95_{label}_{letter}" for label in ("NCR", "ED", "ETc") for letter in _LETTER
        ],
        "hd95_regions_medpy.csv": [
            f"hd95_{region}_{letter}" for region in NESTED_REGIONS for letter in _LETTER
        ],
    }
    return ["patient_id", *wanted.get(name, ())]


def _folds(rankings: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> dict[str, int | None]:
    """Every patient of any table with its fold, refusing tables that contradict each other."""
    folds: dict[str, int | None] = {}
    for name, table in {"rankings.json": rankings, **tables}.items():
        column = table["fold"] if "fold" in table.columns else pd.Series(index=table.index, dtype=float)
        for patient, fold in pd.to_numeric(column).items():
            value = None if pd.isna(fold) else int(fold)
            known = folds.setdefault(str(patient), value)
            if known is None:
                folds[str(patient)] = value
            elif value not in (None, known):
                raise ValueError(f"{name}: {patient} is in fold {value}, another table says {known}")
    return folds


def _features(patients: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    columns = [*MORPHOLOGY_FEATURES, *AGREEMENT_FEATURES]
    parts = [
        tables[name] for name in ("patient_features.csv", "patient_agreement_features.csv") if name in tables
    ]
    joined = (
        pd.concat([part.drop(columns="fold", errors="ignore") for part in parts], axis=1)
        if parts
        else pd.DataFrame()
    )
    features = joined.reindex(index=pd.Index(patients, name="patient"), columns=columns).astype(float)
    return features.reset_index()


def _reference_voxels(features: pd.DataFrame) -> pd.DataFrame:
    """Voxels of each region in the ground truth, by patient; NCR = TC - ET and ED = WT - TC."""
    voxels = features.set_index("patient")
    return pd.DataFrame(
        {
            "WT": voxels["vol_WT"],
            "TC": voxels["vol_TC"],
            "ET": voxels["vol_ET"],
            "NCR": voxels["vol_TC"] - voxels["vol_ET"],
            "ED": voxels["vol_WT"] - voxels["vol_TC"],
        }
    )


def _metrics(
    rankings: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    folds: Mapping[str, int | None],
    volumes: pd.DataFrame,
) -> pd.DataFrame:
    columns = [
        *_ranking_columns(rankings),
        *_lettered_columns(
            tables.get("hd95_per_class_cv.csv"), "hd95_{region}_{letter}", "hd95_pooled_mm", LABELS
        ),
        *_lettered_columns(
            tables.get("hd95_regions_medpy.csv"), "hd95_{region}_{letter}", "hd95_pooled_mm", ("WT", "TC")
        ),
        *_lettered_columns(
            tables.get("fragments_topological_cv.csv"), "nb_cc_{letter}_{region}", "component_count", LABELS
        ),
        *_lettered_columns(
            tables.get("fragments_topological_cv.csv"), "frags_{letter}_{region}", "fragment_count", LABELS
        ),
    ]
    metrics = pd.concat(columns, ignore_index=True)
    metrics["fold"] = metrics["patient"].map(folds).astype("Int64")
    metrics["reason"] = _reasons(metrics, volumes)
    rank = {name: place for place, name in enumerate((*METHODS, *REGIONS))}
    in_order = metrics.sort_values(
        ["patient", "method", "region", "metric"], key=lambda column: column.replace(rank)
    )
    return in_order[_METRIC_COLUMNS].reset_index(drop=True)


def _ranking_columns(rankings: pd.DataFrame) -> list[pd.DataFrame]:
    names = {"dice": "dice", "hd95": "hd95_rankings_mm"}
    return [
        _metric_rows(rankings[f"{method} {stored}_{region}"], method, region, metric)
        for method in METHODS
        for stored, metric in names.items()
        for region in NESTED_REGIONS
    ]


def _lettered_columns(
    table: pd.DataFrame | None, pattern: str, metric: str, regions: Sequence[str]
) -> list[pd.DataFrame]:
    """Rows of a table with one column a method and region; ET alone as a label is the region ET."""
    if table is None:
        return []
    rows = []
    for letter, method in _LETTER.items():
        for region in regions:
            column = pattern.format(letter=letter, region=region)
            stored = column if column in table.columns else column.replace("ET", "ETc")
            rows.append(_metric_rows(table[stored], method, region, metric))
    return rows


def _metric_rows(values: pd.Series, method: str, region: str, metric: str) -> pd.DataFrame:
    numbers = values.astype(float).to_numpy()
    return pd.DataFrame(
        {
            "patient": values.index.astype(str),
            "method": method,
            "region": region,
            "metric": metric,
            "value": numbers,
        }
    )


def _reasons(metrics: pd.DataFrame, volumes: pd.DataFrame) -> pd.Series:
    """Why a value is NaN or a convention, as far as the tables tell; null where it is a measurement."""
    rows = volumes.index.get_indexer(pd.Index(metrics["patient"]))
    voxels = volumes.to_numpy()[rows, volumes.columns.get_indexer(pd.Index(metrics["region"]))]
    value = metrics["value"].to_numpy()
    missing = np.isnan(value)
    distance = metrics["metric"].str.startswith("hd95").to_numpy()
    compared = distance | (metrics["metric"] == "dice").to_numpy()
    reasons = {
        ABSENT: missing & (~distance | _without_method(metrics)),
        ONE_EMPTY: missing & np.isnan(voxels),
        PREDICTION_EMPTY: missing & (voxels > 0),
        BOTH_EMPTY: compared & (voxels == 0) & (value == np.where(distance, 0.0, 1.0)),
        REFERENCE_EMPTY: compared & (voxels == 0),
    }
    chosen = np.select(list(reasons.values()), list(reasons), default="")
    return pd.Series(chosen, index=metrics.index, dtype=object).replace("", None)


def _without_method(metrics: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Rows of rankings whose method the table lacks for this patient."""
    pairs = pd.MultiIndex.from_frame(metrics[["patient", "method"]])
    lacking = pairs[((metrics["metric"] == "dice") & metrics["value"].isna()).to_numpy()]
    return np.asarray(pairs.isin(lacking) & (metrics["metric"] == "hd95_rankings_mm").to_numpy())


def _patients(rankings: pd.DataFrame, folds: Mapping[str, int | None], volumes: pd.DataFrame) -> pd.DataFrame:
    ids = sorted(folds)
    dice = rankings.reindex(ids)
    averages = {m: dice_average(dice[[f"{m} dice_{region}" for region in NESTED_REGIONS]]) for m in METHODS}
    B, D, F = (averages[method] for method in METHODS)
    x, y = scatter(B, D, F)
    patients = pd.DataFrame(
        {
            "patient": ids,
            "fold": pd.array([folds[patient] for patient in ids], dtype="Int64"),
            "subject": [subject_of(patient) for patient in ids],
            **{f"dice_average_{method}": average for method, average in averages.items()},
            "x": x,
            "y": y,
            "winner": winner(B, D),
            "order": order(B, D, F),
        }
    )
    for region in REGIONS:
        patients[f"volume_ml_{region}"] = volumes[region].reindex(ids).to_numpy() * _ML_PER_VOXEL
    return patients


def _size_sweep(table: pd.DataFrame | None) -> pd.DataFrame:
    """Long form of `f<threshold>_<region>` columns; 10^9 voxels mean no threshold."""
    parts = [pd.DataFrame(columns=["patient", "threshold_voxels", "region", "value"])]
    if table is not None:
        names = [name for name in table.columns if name.startswith("f") and name.endswith(NESTED_REGIONS)]
        parts = [_sweep_rows(table[name]) for name in names] or parts
    return pd.concat(parts, ignore_index=True)


def _sweep_rows(column: pd.Series) -> pd.DataFrame:
    threshold, region = str(column.name)[1:].split("_")
    voxels = float("inf") if int(threshold) >= _INFINITE_VOXELS else float(threshold)
    values = {"region": region, "value": column.to_numpy()}
    return pd.DataFrame({"patient": column.index, "threshold_voxels": voxels} | values)
