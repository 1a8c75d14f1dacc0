"""The five tables of `results/`, read and written: columns, versions, equal bytes for equal results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.cohort.atomic import keep_all, temporary_beside
from analysis.cohort.study import Study
from analysis.cohort.usage import UsageError

TableName = Literal["metrics", "features", "components", "patients", "failures"]
TABLE_NAMES: tuple[TableName, ...] = get_args(TableName)
WriteFrame = Callable[[TableName, pd.DataFrame], None]
SCHEMA_VERSION = 1
DICE_AVERAGE = "dice_average_"
VOLUME_ML = "volume_ml_"

_AXES = ("x", "y", "z")
_FIXED: Mapping[TableName, Mapping[str, pa.DataType]] = MappingProxyType(
    {
        "metrics": {
            "patient": pa.string(),
            "fold": pa.int64(),
            "method": pa.string(),
            "region": pa.string(),
            "metric": pa.string(),
            "value": pa.float64(),
            "reason": pa.string(),
        },
        "features": {"patient": pa.string()},
        "components": {
            "patient": pa.string(),
            "method": pa.string(),
            "label": pa.uint8(),
            "component": pa.uint32(),
            "voxel_count": pa.int64(),
            "volume_ml": pa.float64(),
            "is_largest": pa.bool_(),
            **{f"centroid_{axis}": pa.float64() for axis in _AXES},
            **{f"bbox_{axis}_{end}": pa.int32() for end in ("start", "stop") for axis in _AXES},
            "distance_to_main_mm": pa.float64(),
            "baseline_overlap_voxels": pa.int64(),
            "verdict": pa.string(),
            "reference_overlap_voxels": pa.int64(),
            "outcome": pa.string(),
        },
        "patients": {
            "patient": pa.string(),
            "fold": pa.int64(),
            "subject": pa.string(),
            "x": pa.float64(),
            "y": pa.float64(),
            "winner": pa.string(),
            "order": pa.string(),
        },
        "failures": {
            "patient": pa.string(),
            "method": pa.string(),
            "stage": pa.string(),
            "error": pa.string(),
        },
    }
)
_NUMBERS_BESIDE: Mapping[TableName, tuple[str, ...]] = MappingProxyType(
    {"features": ("",), "patients": (DICE_AVERAGE, VOLUME_ML)}
)
_NULLABLE_INTEGERS = ("fold", "baseline_overlap_voxels")
_SCHEMA_KEY, _VERSION_KEY, _INPUTS_KEY = b"glioscope_schema", b"glioscope_version", b"glioscope_inputs"


class ResultsError(UsageError):
    """A table of results that is missing, damaged, or of another schema."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a table says about its own making.

    Attributes:
        version: of the program that made it.
        inputs: digest of everything that went in; equal inputs give equal tables.
    """

    version: str
    inputs: str


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """The tables of a study (columns in the design, section 2).

    Attributes:
        metrics: patient, fold, method, region, metric, value, reason; `reference` is a method here.
        features: patient, then the features under the paper's column names.
        components: one row a component.
        patients: one row a patient, with `dice_average_<method>` and `volume_ml_<region>` columns.
        failures: patient, method, stage, error; empty when all went well.
    """

    metrics: pd.DataFrame
    features: pd.DataFrame
    components: pd.DataFrame
    patients: pd.DataFrame
    failures: pd.DataFrame


def read_results(study: Study) -> Results:
    """Read all five tables.

    Raises:
        ResultsError: if one is missing, damaged, of another schema, or if they are of two different runs.
    """
    runs = {read_provenance(study, name) for name in TABLE_NAMES} - {None}
    if len(runs) > 1:
        raise ResultsError(
            f"the tables in {study.results_folder} are of two different runs: run `glioscope prepare` again"
        )
    return Results(**{name: read_table(study, name) for name in TABLE_NAMES})


def read_table(
    study: Study, name: TableName, *, columns: Sequence[str] | None = None, patient: str | None = None
) -> pd.DataFrame:
    """Read one table.

    Args:
        study: whose results.
        name: which table.
        columns: only these; none means all.
        patient: only the rows of this patient; cheap, since the tables are sorted by patient.

    Returns:
        A frame whose `fold` and `baseline_overlap_voxels` are nullable Int64.

    Raises:
        ResultsError: if it is missing, damaged, or of another schema.
    """
    path = table_path(study, name)
    filters = None if patient is None else [("patient", "==", patient)]
    try:
        with path.open("rb") as file:
            _check_schema(pq.read_schema(file), path)
            file.seek(0)
            table = pq.read_table(file, columns=None if columns is None else list(columns), filters=filters)
    except FileNotFoundError as error:
        raise ResultsError(f"{path} is missing: run `glioscope prepare` first") from error
    except pa.ArrowInvalid as error:
        raise ResultsError(f"{path} is damaged: {error}") from error
    return as_frame(table)


def read_provenance(study: Study, name: TableName) -> Provenance | None:
    """Read what a table says about its own making; none if there is no readable table of our schema."""
    path = table_path(study, name)
    try:
        with path.open("rb") as file:
            metadata = _check_schema(pq.read_schema(file), path)
    except (FileNotFoundError, pa.ArrowInvalid, ResultsError):
        return None
    return Provenance(metadata.get(_VERSION_KEY, b"").decode(), metadata.get(_INPUTS_KEY, b"").decode())


def write_results(study: Study, results: Results, provenance: Provenance) -> None:
    """Write all five tables; equal frames give equal bytes."""
    with results_writer(study, provenance) as write:
        for name in TABLE_NAMES:
            write(name, getattr(results, name))


@contextmanager
def results_writer(study: Study, provenance: Provenance) -> Iterator[WriteFrame]:
    """Write tables batch by batch, so that a large cohort needs little memory.

    Yields a function that appends one frame to one table, as a row group. The frames of a table have
    the same columns and come sorted by patient. At the end every table gets its final name; after an
    error none does, and a table that nobody wrote to is left as it was.
    """
    with ExitStack() as stack:
        metadata = {
            _SCHEMA_KEY: str(SCHEMA_VERSION),
            _VERSION_KEY: provenance.version,
            _INPUTS_KEY: provenance.inputs,
        }
        temporaries: dict[TableName, Path] = {}
        writers: dict[TableName, pq.ParquetWriter] = {}

        def write(name: TableName, frame: pd.DataFrame) -> None:
            table = as_arrow(name, frame).replace_schema_metadata(metadata)
            if name not in writers:
                temporaries[name] = stack.enter_context(temporary_beside(table_path(study, name)))
                writers[name] = pq.ParquetWriter(temporaries[name], table.schema, compression="zstd")
            writers[name].write_table(table)

        try:
            yield write
        finally:
            for writer in writers.values():
                writer.close()
        keep_all({temporary: table_path(study, name) for name, temporary in temporaries.items()})


def as_arrow(name: TableName, frame: pd.DataFrame) -> pa.Table:
    """Give a frame the column types of its table.

    Raises:
        ResultsError: if a column is missing, unknown, or of another kind.
    """
    schema = pa.schema(_column_types(name, [str(column) for column in frame.columns]))
    try:
        table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, KeyError) as error:
        raise ResultsError(f"{name}: {error}") from error
    return table.replace_schema_metadata(None)


def empty_table(name: TableName) -> pd.DataFrame:
    """Make a table without rows, with the columns that it always has."""
    return as_frame(pa.schema(_FIXED[name].items()).empty_table())


def table_path(study: Study, name: TableName) -> Path:
    """Say where a table lies."""
    return study.results_folder / f"{name}.parquet"


def _column_types(name: TableName, columns: list[str]) -> list[tuple[str, pa.DataType]]:
    fixed = _FIXED[name]
    missing = [column for column in fixed if column not in columns]
    beside = _NUMBERS_BESIDE.get(name, ())
    unknown = [
        column for column in columns if column not in fixed and not column.startswith(beside or ("\0",))
    ]
    if missing or unknown:
        raise ResultsError(f"{name}: columns {missing} are missing, {unknown} are unknown")
    return [(column, fixed.get(column, pa.float64())) for column in columns]


def _check_schema(schema: pa.Schema, path: Path) -> dict[bytes, bytes]:
    metadata: dict[bytes, bytes] = schema.metadata or {}
    found = metadata.get(_SCHEMA_KEY, b"none").decode()
    if found != str(SCHEMA_VERSION):
        raise ResultsError(
            f"{path} has results schema {found}, this program reads {SCHEMA_VERSION}: "
            "run `glioscope prepare` again"
        )
    return metadata


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Make a frame of a table, with `fold` and `baseline_overlap_voxels` as nullable Int64."""
    frame: pd.DataFrame = table.to_pandas()
    for column in _NULLABLE_INTEGERS:
        if column in frame.columns:
            frame[column] = pd.array(table[column].to_pylist(), dtype="Int64")
    return frame
