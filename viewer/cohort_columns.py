"""Every number of the results, a column a quantity and a row a patient, read one column at a time.

`metrics.parquet` is long: a row a number. A chart needs one column of all patients, so the table is
turned once and kept as a memory-mapped array, named by the content it was made from.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.cohort.atomic import keep_all, temporary_beside, write_bytes_atomically
from analysis.cohort.results import table_path
from analysis.metric_definitions import DICE_AVERAGE, FEATURE_DEFINITIONS, METRIC_DEFINITIONS
from viewer.cohort_view import REFERENCE, CohortView
from viewer.content_cache import content_key
from viewer.open_study import Reading
from viewer.quantities import Quantity

Floats = npt.NDArray[np.float64]

_BATCH_ROWS = 1 << 19
_KEY = ("metric", "region", "method")


@dataclass(frozen=True, slots=True, eq=False)
class CohortColumns:
    """The columns of one reading of a study.

    Attributes:
        cohort: its patients give the rows, in their order.
        names: each stored quantity and its place in `values`.
        stored: (quantities, patients), memory-mapped; NaN where there is no value.
    """

    cohort: CohortView
    names: Mapping[Quantity, int]
    stored: Floats

    def __contains__(self, quantity: Quantity) -> bool:
        """Say whether a quantity has a column; a difference needs both its sides."""
        if quantity.minus:
            return quantity.of(quantity.method) in self and quantity.of(quantity.minus) in self
        return quantity in self.names or self._of_patients(quantity) is not None

    def values(self, quantity: Quantity) -> Floats:
        """Take a quantity of every patient, NaN where it is unknown.

        Raises:
            KeyError: if the results hold no such quantity.
        """
        if quantity.minus:
            return self.values(quantity.of(quantity.method)) - self.values(quantity.of(quantity.minus))
        if quantity in self.names:
            return np.asarray(self.stored[self.names[quantity]], dtype=np.float64)
        column = self._of_patients(quantity)
        if column is None:
            raise KeyError(quantity.text)
        return self.cohort.patients[column].to_numpy(dtype=np.float64)

    def metrics(self) -> list[str]:
        """Name the metrics that some method has, in the order of their definitions, features left out."""
        found = {one.metric for one in self.names} - set(FEATURE_DEFINITIONS)
        if any(self._of_patients(Quantity(DICE_AVERAGE.name, "", one.name)) for one in self.cohort.methods):
            found.add(DICE_AVERAGE.name)
        known = [name for name in (DICE_AVERAGE.name, *METRIC_DEFINITIONS) if name in found]
        return known + sorted(found - set(known))

    def features(self) -> list[str]:
        """Name the features that the results hold."""
        return [name for name in FEATURE_DEFINITIONS if Quantity(name) in self.names]

    def regions(self, metric: str) -> list[str]:
        """Name the regions that a metric was measured on, in the scheme's order."""
        if metric == DICE_AVERAGE.name:
            return [""]
        found = {one.region for one in self.names if one.metric == metric}
        known = [region for region in self.cohort.scheme.regions if region in found]
        return known + sorted(found - set(known))

    def methods(self, metric: str, region: str) -> list[str]:
        """Name the sources that have a metric of a region, in the study's order."""
        return [
            source.name for source in self.cohort.sources if Quantity(metric, region, source.name) in self
        ]

    def _of_patients(self, quantity: Quantity) -> str | None:
        """Find a quantity among the columns of the table of patients."""
        metric, region, method = quantity.metric, quantity.region, quantity.method
        column = ""
        if metric == DICE_AVERAGE.name and not region:
            column = f"dice_average_{method}"
        elif metric == "volume_ml" and method == REFERENCE:
            column = f"volume_ml_{region}"
        return column if column in self.cohort.patients else None


class ColumnStore:
    """Gives the columns of the latest reading; what is kept in memory is only a map of a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._reading: Reading | None = None
        self._columns: CohortColumns | None = None

    def of(self, reading: Reading) -> CohortColumns:
        """Give the columns of a reading, turning its tables first where nobody has yet."""
        with self._lock:
            if self._columns is None or self._reading is not reading:
                self._columns = open_columns(reading, self.folder)
                self._reading = reading
            return self._columns


def open_columns(reading: Reading, folder: Path) -> CohortColumns:
    """Open the columns of a study, made anew where they are absent or damaged.

    Args:
        reading: the study.
        folder: where they are kept.
    """
    paths = [table_path(reading.study, name) for name in ("metrics", "features")]
    paths = [path for path in paths if path.is_file()]
    ids = reading.cohort.ids
    if not paths or not ids:
        return CohortColumns(reading.cohort, {}, np.empty((0, len(ids))))
    everyone = hashlib.sha256("\0".join(ids).encode()).hexdigest()
    key = content_key("columns 1", paths, everyone)
    index, data = folder / f"{key}.json", folder / f"{key}.npy"
    found = _opened(index, data)
    if found is None:
        _make(paths, ids, index, data)
        found = _opened(index, data)
    if found is None:
        raise OSError(f"{data} can't be read back just after it was written")
    return CohortColumns(reading.cohort, *found)


def _opened(index: Path, data: Path) -> tuple[dict[Quantity, int], Floats] | None:
    """Map what is stored; None where it is absent or not what was written."""
    try:
        noted = json.loads(index.read_text("utf-8"))
        if noted["digest"] != _digest(data):
            return None
        stored = np.load(data, mmap_mode="r", allow_pickle=False)
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError, ValueError, KeyError):
        return None
    return {Quantity(*name): place for place, name in enumerate(noted["names"])}, stored


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make(paths: Sequence[Path], ids: Sequence[str], index: Path, data: Path) -> None:
    metrics = next((path for path in paths if path.stem == "metrics"), None)
    features = next((path for path in paths if path.stem == "features"), None)
    feature_names = [] if features is None else _names(features)
    names = _kinds(metrics) + [Quantity(name) for name in feature_names]
    places = {name: place for place, name in enumerate(names)}
    data.parent.mkdir(parents=True, exist_ok=True)
    with temporary_beside(data) as temporary:
        turned = np.lib.format.open_memmap(
            temporary, mode="w+", dtype=np.float64, shape=(len(names), len(ids))
        )
        turned[:] = np.nan
        for rows, columns, values in _cells(metrics, features, ids, places):
            turned[columns, rows] = values
        turned.flush()
        del turned
        digest = _digest(temporary)
        keep_all({temporary: data})
    noted = {"digest": digest, "names": [[one.metric, one.region, one.method] for one in names]}
    write_bytes_atomically(index, json.dumps(noted).encode())


def _kinds(metrics: Path | None) -> list[Quantity]:
    """Name every metric, region and method that the long table holds."""
    found: set[tuple[str, str, str]] = set()
    if metrics is not None:
        for batch in _batches(metrics, list(_KEY), _KEY):
            found |= set(_distinct(batch))
    return sorted(Quantity(*one) for one in found)


def _names(features: Path) -> list[str]:
    with features.open("rb") as file:
        return [str(name) for name in pq.read_schema(file).names[1:]]


def _batches(path: Path, columns: list[str] | None, words: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Read a table piece by piece, wherever it lies; words come as numbers into a list of them."""
    with path.open("rb") as stored, pq.ParquetFile(stored, read_dictionary=list(words)) as file:
        yield from file.iter_batches(_BATCH_ROWS, columns=columns)


def _distinct(batch: pa.RecordBatch) -> Iterator[tuple[str, str, str]]:
    codes, words = _coded(batch)
    shape = tuple(len(one) for one in words)
    for number in np.unique(np.ravel_multi_index(codes, shape)) if len(batch) else ():
        metric, region, method = (
            one[at] for one, at in zip(words, np.unravel_index(number, shape), strict=True)
        )
        yield metric, region, method


def _coded(batch: pa.RecordBatch) -> tuple[tuple[npt.NDArray[np.int64], ...], tuple[list[str], ...]]:
    """Take metric, region and method of a batch, (rows,) numbers each, and the words that they count into."""
    columns = [batch[name] for name in _KEY]
    codes = tuple(np.asarray(column.indices, dtype=np.int64) for column in columns)
    return codes, tuple(column.dictionary.to_pylist() for column in columns)


def _cells(
    metrics: Path | None, features: Path | None, ids: Sequence[str], places: Mapping[Quantity, int]
) -> Iterator[tuple[npt.NDArray[np.int64], Any, npt.NDArray[np.float64]]]:
    """Read the tables batch by batch: rows and columns of the turned table, and the values there."""
    everyone = {patient: place for place, patient in enumerate(ids)}
    if metrics is not None:
        for batch in _batches(metrics, ["patient", *_KEY, "value"], ("patient", *_KEY)):
            rows = _rows(batch["patient"], everyone)
            known = rows >= 0
            yield rows[known], _columns(batch, places)[known], _floats(batch["value"])[known]
    if features is not None:
        for batch in _batches(features, None, ["patient"]):
            rows = _rows(batch["patient"], everyone)
            known = rows >= 0
            for name in batch.schema.names[1:]:
                yield rows[known], places[Quantity(name)], _floats(batch[name])[known]


def _rows(patients: pa.DictionaryArray, everyone: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """Each row's patient as a place among all; -1 for one that the study no longer has."""
    places = np.array([everyone.get(one, -1) for one in patients.dictionary.to_pylist()], dtype=np.int64)
    return np.asarray(places[np.asarray(patients.indices)])


def _columns(batch: pa.RecordBatch, places: Mapping[Quantity, int]) -> npt.NDArray[np.int64]:
    codes, words = _coded(batch)
    lookup = np.zeros(tuple(len(one) for one in words), dtype=np.int64)
    for where in np.ndindex(*lookup.shape):
        name = Quantity(*(one[at] for one, at in zip(words, where, strict=True)))
        lookup[where] = places.get(name, 0)  # a combination that no row has
    return np.asarray(lookup[codes], dtype=np.int64)


def _floats(column: pa.Array) -> npt.NDArray[np.float64]:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
