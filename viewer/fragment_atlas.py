"""The atlas: every component of the cohort as columns of bytes, and the patients that a selection in it has.

What the browser draws and what the server finds in a selection come from the same columns by the same
formulas (viewer/frontend/src/atlas/columns.ts): sizes and distances on logarithmic axes, overlaps as shares.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.cohort.results import table_path
from viewer.case_bytes import Made
from viewer.cohort_view import CohortView
from viewer.content_cache import content_key
from viewer.open_study import NotInStudyError, Reading
from viewer.selections import in_polygon

MOST_COMPONENTS = 600_000
"""More are thinned out evenly before they are sent, and the page says so."""

AXES = ("distance", "baseline", "reference")
VERDICTS = ("kept", "removed")
OUTCOMES = ("kept-true", "kept-false", "removed-true", "removed-false")
NONE = 255

_MAGIC = b"GATL0001"
_NEEDED = (
    "patient",
    "method",
    "label",
    "component",
    "voxel_count",
    "volume_ml",
    "distance_to_main_mm",
    "baseline_overlap_voxels",
    "reference_overlap_voxels",
    "verdict",
    "outcome",
)


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """All components of a cohort, a column a quantity.

    Attributes:
        total: components in the results.
        patients: ids; `patient` counts into it.
        methods: names; `method` counts into it.
        labels: names; `label` counts into it.
        columns: name to (n,) array; verdict and outcome count into `VERDICTS` and
            `OUTCOMES`, `NONE` for none.
    """

    total: int
    patients: Sequence[str]
    methods: Sequence[str]
    labels: Sequence[str]
    columns: Mapping[str, npt.NDArray[Any]]


def made_atlas(reading: Reading) -> Made:
    """Offer the atlas as bytes.

    Raises:
        NotInStudyError: if the study has no table of components.
    """
    path = _ledger_file(reading)
    key = content_key("atlas 1", [path], *(one.name for one in reading.cohort.sources))
    return Made(key, "application/octet-stream", lambda: atlas_bytes(read_atlas(reading)))


def read_atlas(reading: Reading) -> Atlas:
    """Read all components, or an even part of them where they are too many.

    Raises:
        NotInStudyError: if the study has no table of components.
    """
    path = _ledger_file(reading)
    with path.open("rb") as stored, pq.ParquetFile(stored) as file:
        total = file.metadata.num_rows
        step = max(1, -(-total // MOST_COMPONENTS))
        parts, start = [], 0
        for batch in file.iter_batches(1 << 18, columns=list(_NEEDED)):
            offset = -start % step
            parts.append(batch.take(pa.array(np.arange(offset, len(batch), step))))
            start += len(batch)
    frame = pa.Table.from_batches(parts, parts[0].schema if parts else None).to_pandas() if parts else None
    return _atlas(reading.cohort, total, pd.DataFrame(columns=list(_NEEDED)) if frame is None else frame)


def _ledger_file(reading: Reading) -> Path:
    path = table_path(reading.study, "components")
    if not path.is_file():
        raise NotInStudyError("This study has no components: `glioscope prepare` finds them.")
    return path


def _atlas(cohort: CohortView, total: int, frame: pd.DataFrame) -> Atlas:
    methods = [source.name for source in cohort.sources]
    values = [label.value for label in cohort.scheme.labels]
    patient_codes, patients = pd.factorize(frame["patient"], sort=True)
    voxels = frame["voxel_count"].to_numpy(dtype=np.float64)
    columns: dict[str, npt.NDArray[Any]] = {
        "patient": patient_codes.astype("<u4"),
        "component": frame["component"].to_numpy(dtype="<u4"),
        "voxels": voxels.astype("<u4"),
        "volume_ml": frame["volume_ml"].to_numpy(dtype="<f4"),
        "distance_mm": frame["distance_to_main_mm"].to_numpy(dtype="<f4"),
        "baseline": _share(frame["baseline_overlap_voxels"], voxels),
        "reference": _share(frame["reference_overlap_voxels"], voxels),
        "method": _codes(frame["method"], methods),
        "label": _codes(frame["label"], values),
        "verdict": _codes(frame["verdict"], VERDICTS),
        "outcome": _codes(frame["outcome"], OUTCOMES),
    }
    names = [label.name for label in cohort.scheme.labels]
    return Atlas(total, [str(one) for one in patients], methods, names, columns)


def _share(overlap: pd.Series, voxels: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Overlap over size; NaN where the overlap is unknown."""
    known = overlap.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    shares = np.divide(known, voxels, out=np.full(len(voxels), np.nan), where=voxels > 0)
    return np.asarray(shares, dtype="<f4")


def _codes(column: pd.Series, known: Sequence[object]) -> npt.NDArray[np.uint8]:
    codes = pd.Categorical(column, categories=list(known)).codes.astype(np.int16)
    return np.where(codes < 0, NONE, codes).astype(np.uint8)


def atlas_bytes(atlas: Atlas) -> bytes:
    """Write an atlas: a magic number, the length of a JSON head, the head, then the columns.

    The head names every column's type, so that the browser lays typed arrays over the bytes; each starts at
    a multiple of four.
    """
    count = len(atlas.columns["patient"])
    head = {
        "count": count,
        "total": atlas.total,
        "patients": list(atlas.patients),
        "methods": list(atlas.methods),
        "labels": list(atlas.labels),
        "verdicts": list(VERDICTS),
        "outcomes": list(OUTCOMES),
        "columns": [[name, column.dtype.str[1:]] for name, column in atlas.columns.items()],
    }
    text = _padded(json.dumps(head, separators=(",", ":")).encode(), b" ")
    body = b"".join(
        _padded(np.ascontiguousarray(column).tobytes(), b"\0") for column in atlas.columns.values()
    )
    return _MAGIC + len(text).to_bytes(4, "little") + text + body


def _padded(data: bytes, filler: bytes) -> bytes:
    return data + filler * (-len(data) % 4)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A selection in the atlas, as the address writes it: `axis*brushes*polygon*colour`.

    Attributes:
        axis: what stands up: `distance`, `baseline` or `reference`.
        brushes: column to the lowest and highest value, or to the codes that are kept.
        polygon: vertices as positions on the atlas's axes; empty for none.
    """

    axis: str
    brushes: Mapping[str, tuple[float, ...]]
    polygon: tuple[tuple[float, float], ...]


_RANGES = ("voxels", "distance_mm", "baseline", "reference")
_CODES = ("label", "method", "verdict", "outcome")
_FIXED_PARTS = 4


def read_pieces(text: str) -> Pieces:
    """Read a selection.

    Raises:
        ValueError: if it means nothing.
    """
    parts = text.split("*")
    if len(parts) != _FIXED_PARTS or parts[0] not in AXES:
        raise ValueError(text)
    brushes = dict(_brush(brush) for brush in parts[1].split("_") if brush)
    flat = _numbers(parts[2]) if parts[2] else ()
    if len(flat) % 2 or 0 < len(flat) < 6 or not all(_fits(*brush) for brush in brushes.items()):
        raise ValueError(text)
    return Pieces(parts[0], brushes, tuple(zip(flat[::2], flat[1::2], strict=True)))


def _brush(text: str) -> tuple[str, tuple[float, ...]]:
    word, _, numbers = text.partition(":")
    return "distance_mm" if word == "distance" else word, _numbers(numbers)


def _fits(name: str, numbers: tuple[float, ...]) -> bool:
    return name in _CODES or (name in _RANGES and len(numbers) == 2)


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(number) for number in text.split(","))


def up_positions(atlas: Atlas, axis: str) -> npt.NDArray[np.float64]:
    """Place components on the upright axis: log10(1 + mm), or a share."""
    if axis == "distance":
        return np.asarray(np.log10(1 + atlas.columns["distance_mm"].astype(np.float64)))
    return np.asarray(atlas.columns[axis], dtype=np.float64)


def across_positions(atlas: Atlas) -> npt.NDArray[np.float64]:
    """Place components by their size: log10 of the voxels."""
    return np.asarray(np.log10(np.maximum(atlas.columns["voxels"], 1).astype(np.float64)))


def taken(atlas: Atlas, pieces: Pieces) -> npt.NDArray[np.bool_]:
    """Say which components a selection takes."""
    x, y = across_positions(atlas), up_positions(atlas, pieces.axis)
    inside = np.isfinite(y)
    if pieces.polygon:
        inside &= in_polygon(pieces.polygon, x, y)
    for name, numbers in pieces.brushes.items():
        column = atlas.columns[name]
        if name in _RANGES:
            inside &= (column >= numbers[0]) & (column <= numbers[1])
        else:
            inside &= np.isin(column, numbers)
    return np.asarray(inside)


def atlas_csv(atlas: Atlas, inside: npt.NDArray[np.bool_]) -> str:
    """Write the taken components as CSV, a row each."""
    at = np.flatnonzero(inside)
    columns = {name: column[at] for name, column in atlas.columns.items()}
    words = {
        "patient": np.array(atlas.patients, dtype=object)[columns["patient"]],
        "method": np.array(atlas.methods, dtype=object)[columns["method"]],
        "label": np.array(atlas.labels, dtype=object)[columns["label"]],
        "verdict": np.array([*VERDICTS, ""], dtype=object)[np.minimum(columns["verdict"], len(VERDICTS))],
        "outcome": np.array([*OUTCOMES, ""], dtype=object)[np.minimum(columns["outcome"], len(OUTCOMES))],
    }
    renamed = {"baseline": "baseline_overlap_share", "reference": "reference_overlap_share"}
    return str(pd.DataFrame({**columns, **words}).rename(columns=renamed).to_csv(index=False))


class AtlasSource:
    """Keeps the atlas of the latest reading."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[Reading, Atlas] | None = None

    def of(self, reading: Reading) -> Atlas:
        """Give the atlas of a reading."""
        with self._lock:
            if self._kept is None or self._kept[0] is not reading:
                self._kept = (reading, read_atlas(reading))
            return self._kept[1]

    def patients_of(self, reading: Reading, text: str) -> set[str] | None:
        """Name the patients with a component in a selection; None where nothing is selected.

        A selection that means nothing, or of a study without components, takes nobody.
        """
        try:
            pieces = read_pieces(text)
        except ValueError:
            return set()
        if not pieces.polygon and not pieces.brushes:
            return None
        if not table_path(reading.study, "components").is_file():
            return set()
        atlas = self.of(reading)
        codes = np.unique(atlas.columns["patient"][taken(atlas, pieces)])
        return {atlas.patients[code] for code in codes}
