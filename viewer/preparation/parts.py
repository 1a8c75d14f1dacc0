"""Parts: the tables of one patient and one group of methods, in one small file that is whole or absent."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.results import TableName, as_arrow, empty_table

PARTS_FOLDER = "parts"
PART_TABLES: tuple[TableName, ...] = ("metrics", "features", "components")

_DIGEST_BYTES = 32
_UNUSED_KEPT = 4
_DESCRIPTION = b"glioscope_part"


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be done; a row of failures.parquet.

    Attributes:
        patient: patient id.
        method: a method's name or `reference`; none if the whole patient failed.
        stage: `read`, `analyse` or `work`.
        error: the sentence.
    """

    patient: str
    method: str | None
    stage: str
    error: str


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one unit of work leaves.

    Attributes:
        tables: metrics, features and components; without rows where the reference was unusable.
        failures: files that were refused.
        consensus_digest: of the label map that was written beside the part; empty if none was.
    """

    tables: Mapping[TableName, pa.Table]
    failures: Sequence[Failure] = ()
    consensus_digest: str = ""


def parts_folder(cache_folder: Path, patient: str) -> Path:
    """Say where the parts of a patient lie."""
    return cache_folder / PARTS_FOLDER / patient


def part_path(cache_folder: Path, patient: str, key: str) -> Path:
    """Say where a part lies."""
    return parts_folder(cache_folder, patient) / f"{key}.part"


def prune_parts(cache_folder: Path, patient: str, keys: Sequence[str]) -> None:
    """Delete old parts of a patient that nothing uses any more, but for the last few: a change may be undone.

    Args:
        cache_folder: of the study.
        patient: patient id.
        keys: of the parts that are in use.
    """
    used = {part_path(cache_folder, patient, key) for key in keys}
    unused = set(parts_folder(cache_folder, patient).glob("*.part")) - used
    newest_first = sorted(unused, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in newest_first[_UNUSED_KEPT:]:
        path.unlink(missing_ok=True)


def write_part(path: Path, part: Part) -> None:
    """Write a part, atomically."""
    payload = _encode(part)
    write_bytes_atomically(path, hashlib.sha256(payload).digest() + payload)


def read_part(path: Path) -> Part | None:
    """Read a part; none if there is none or it is damaged, for then it is made again."""
    payload = _payload(path)
    return None if payload is None else _decode(payload)


def consensus_digest_of(path: Path) -> str | None:
    """Read of a part only the digest of its consensus; none if there is no whole part."""
    payload = _payload(path)
    return None if payload is None else str(_description(pa.BufferReader(payload))["consensus_digest"])


def empty_tables() -> dict[TableName, pa.Table]:
    """Make the tables of a patient of whom nothing is known."""
    return {name: as_arrow(name, empty_table(name)) for name in PART_TABLES}


def _payload(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    payload = data[_DIGEST_BYTES:]
    return payload if hashlib.sha256(payload).digest() == data[:_DIGEST_BYTES] else None


def _encode(part: Part) -> bytes:
    failures = [asdict(failure) for failure in part.failures]
    description = json.dumps({"failures": failures, "consensus_digest": part.consensus_digest})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    for name in PART_TABLES:
        table = part.tables[name].replace_schema_metadata({_DESCRIPTION: description})
        with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
            stream.write_table(table)
    return bytes(sink.getvalue())


def _decode(payload: bytes) -> Part:
    source = pa.BufferReader(payload)
    tables = {name: pa.ipc.open_stream(source).read_all() for name in PART_TABLES}
    description = _description(pa.BufferReader(payload))
    return Part(
        tables={name: table.replace_schema_metadata(None) for name, table in tables.items()},
        failures=tuple(Failure(**failure) for failure in description["failures"]),
        consensus_digest=description["consensus_digest"],
    )


def _description(source: pa.BufferReader) -> dict[str, Any]:
    """Read what the first table carries beside its rows."""
    description: dict[str, Any] = json.loads(pa.ipc.open_stream(source).schema.metadata[_DESCRIPTION])
    return description
