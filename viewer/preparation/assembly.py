"""Parts in, the five tables of `results/` out; sorted and without a date: equal parts give equal bytes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd
import pyarrow as pa

from analysis.cases import Classes, Scores, dice_average, order, scatter, winner
from analysis.cohort.patients import REFERENCE
from analysis.cohort.results import (
    DICE_AVERAGE,
    TABLE_NAMES,
    VOLUME_ML,
    Provenance,
    TableName,
    as_frame,
    empty_table,
    read_provenance,
    results_writer,
)
from analysis.cohort.study import Study
from analysis.subjects import subject_of
from viewer.preparation.parts import Failure, Part, empty_tables, part_path, read_part
from viewer.preparation.recipe import digest_of

_PATIENTS_A_ROW_GROUP = 128


@dataclass(frozen=True, slots=True)
class Entry:
    """One patient of the results.

    Attributes:
        patient: patient id.
        fold: cross-validation fold, if known.
        keys: of the patient's parts; none if the patient failed.
    """

    patient: str
    fold: int | None
    keys: tuple[str, ...]


class MissingPartError(RuntimeError):
    """A part that was there a moment ago is gone."""


def assemble(study: Study, entries: Sequence[Entry], failures: Sequence[Failure], version: str) -> bool:
    """Write the five tables, unless they hold exactly this already.

    Args:
        study: names the methods, regions and folds.
        entries: one a patient, sorted by patient.
        failures: beside those that the parts tell.
        version: of the program.

    Returns:
        Whether anything was written.

    Raises:
        MissingPartError: if a part has disappeared.
    """
    provenance = Provenance(version, _digest(study, entries, failures, version))
    if all(read_provenance(study, name) == provenance for name in TABLE_NAMES):
        return False
    patients: list[pd.DataFrame] = []
    features = [empty_table("features")]
    told = list(failures)
    with results_writer(study, provenance) as write:
        for batch in _batches(study, entries):
            metrics = _in_order(batch.tables["metrics"], study)
            write("metrics", metrics)
            write("components", _in_order(batch.tables["components"], study))
            patients.append(_patient_rows(study, metrics))
            features.append(batch.tables["features"])
            told += batch.failures
        write("features", pd.concat(features, ignore_index=True))
        write("patients", pd.concat(patients, ignore_index=True))
        write("failures", _failure_rows(told))
    return True


def _digest(study: Study, entries: Sequence[Entry], failures: Sequence[Failure], version: str) -> str:
    return digest_of(
        {
            "version": version,
            "methods": [[method.name, method.role] for method in study.methods],
            "regions": list(study.scheme.regions),
            "dice_average": study.scheme.dice_average,
            "entries": [[entry.patient, entry.fold, entry.keys] for entry in entries],
            "failures": [asdict(failure) for failure in failures],
        }
    )


@dataclass(frozen=True, slots=True)
class _Batch:
    """The joined tables of the patients of one row group, and what their parts say of failures."""

    tables: Mapping[TableName, pd.DataFrame]
    failures: Sequence[Failure]


def _batches(study: Study, entries: Sequence[Entry]) -> Iterator[_Batch]:
    """Join the parts of a row group's patients; one batch without rows if there are no patients."""
    for start in range(0, max(1, len(entries)), _PATIENTS_A_ROW_GROUP):
        members = entries[start : start + _PATIENTS_A_ROW_GROUP]
        parts = [part for entry in members for part in _parts(study, entry)]
        folds = {entry.patient: entry.fold for entry in members}
        tables = {
            name: _joined([part.tables[name] for part in parts], empty)
            for name, empty in empty_tables().items()
        }
        metrics = tables["metrics"]
        metrics["fold"] = pd.Series([folds[patient] for patient in metrics["patient"]], dtype="Int64")
        yield _Batch(tables, [failure for part in parts for failure in part.failures])


def _parts(study: Study, entry: Entry) -> Iterator[Part]:
    for key in entry.keys:
        part = read_part(part_path(study.cache_folder, entry.patient, key))
        if part is None:
            raise MissingPartError(f"the cache lost a part of patient {entry.patient}; run prepare again")
        yield part


def _joined(tables: list[pa.Table], empty: pa.Table) -> pd.DataFrame:
    """Join tables; one without rows may lack columns of the others and counts only if all are so."""
    filled = [table for table in tables if table.num_rows]
    return as_frame(pa.concat_tables(filled) if filled else empty)


def _in_order(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Sort by patient, then methods as the study names them; within a method the order stays."""
    rank = {name: place for place, name in enumerate((REFERENCE, *(method.name for method in study.methods)))}
    ranked = table.assign(_rank=table["method"].map(rank))
    return ranked.sort_values(["patient", "_rank"], kind="stable", ignore_index=True).drop(columns="_rank")


def _patient_rows(study: Study, metrics: pd.DataFrame) -> pd.DataFrame:
    """Make patients.parquet from the metrics of some patients."""
    index = metrics.drop_duplicates("patient").set_index("patient")
    rows = pd.DataFrame(index=index.index)
    rows["fold"] = index["fold"].astype("Int64")
    rows["subject"] = [subject_of(patient) for patient in rows.index]
    averages = {
        method.name: _dice_average(metrics, method.name, study, rows.index) for method in study.methods
    }
    for name, average in averages.items():
        rows[f"{DICE_AVERAGE}{name}"] = average
    for name, values in _disagreement(study, averages, len(rows)).items():
        rows[name] = values
    volumes = _wide(metrics, REFERENCE, "volume_ml").reindex(rows.index)
    for region in study.scheme.regions:
        rows[f"{VOLUME_ML}{region}"] = volumes.get(region, float("nan"))
    return rows.reset_index()


def _wide(metrics: pd.DataFrame, method: str, metric: str) -> pd.DataFrame:
    """One metric of one method: a row a patient, a column a region."""
    chosen = metrics[(metrics["method"] == method) & (metrics["metric"] == metric)]
    return chosen.pivot(index="patient", columns="region", values="value")  # noqa: PD010 - no aggregation wanted


def _dice_average(metrics: pd.DataFrame, method: str, study: Study, patients: pd.Index) -> pd.Series:
    dice = _wide(metrics, method, "dice").reindex(index=patients, columns=list(study.scheme.dice_average))
    return pd.Series(dice_average(dice.astype(float)), index=patients)


def _disagreement(study: Study, averages: Mapping[str, pd.Series], count: int) -> dict[str, Scores | Classes]:
    """The scatter's coordinates and the two classes; nothing where a role is not given."""
    unknown = pd.Series([float("nan")] * count)
    scores = []
    for role in ("baseline", "distmap", "consensus"):
        method = study.with_role(role)
        scores.append(unknown if method is None else averages[method.name])
    x, y = scatter(*scores)
    return {"x": x, "y": y, "winner": winner(*scores[:2]), "order": order(*scores)}


def _failure_rows(failures: Sequence[Failure]) -> pd.DataFrame:
    rows = sorted(failures, key=lambda one: (one.patient, one.method or "", one.stage, one.error))
    table = pd.DataFrame([asdict(row) for row in rows], columns=list(empty_table("failures").columns))
    return table.astype(dict.fromkeys(table.columns, "str"))
