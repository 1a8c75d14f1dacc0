"""Derived bytes on disk, found by what they were made from and checked when they are read; bounded."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.digests import file_digest
from meshing.memory import Memory
from viewer.eviction import Eviction

DEFAULT_CACHE_MB = 4000
_BYTES_A_MB = 1_000_000
_DIGEST_BYTES = 32
_COMPRESSION = 5
_GZIP = 16 + zlib.MAX_WBITS  # the largest window, in the frame of a gzip file without a time
_FACTS_KEPT = 256


@dataclass(frozen=True, slots=True)
class ContentCache:
    """A folder of compressed, derived bytes.

    An entry is a SHA-256 digest followed by gzip bytes; one that does not match is made again. Those that
    were not asked for the longest are deleted once all together are larger than they may be.

    Attributes:
        folder: may be deleted at any time; any number of processes may share it.
        size_mb: how much of a disk it may take, in millions of bytes.
    """

    folder: Path
    size_mb: int = DEFAULT_CACHE_MB
    _eviction: Eviction = field(init=False, repr=False, compare=False)
    _facts: Memory[Any] = field(
        default_factory=lambda: Memory(_FACTS_KEPT), init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "_eviction", Eviction(self.folder, self.size_mb * _BYTES_A_MB))

    def compressed(self, key: str, make: Callable[[], bytes], *, has_runs: bool = False) -> bytes:
        """Take an entry as gzip bytes, making it first where it is absent or damaged.

        Args:
            key: from `content_key`.
            make: makes the uncompressed bytes.
            has_runs: whether nothing repeats in them but runs of one value, see `gzipped`.
        """
        path = self.folder / key[:2] / f"{key}.gz"
        stored = _verified(path)
        if stored is not None:
            self._eviction.used(path)
            return stored
        packed = gzipped(make(), has_runs=has_runs)
        write_bytes_atomically(path, hashlib.sha256(packed).digest() + packed)
        self._eviction.added(_DIGEST_BYTES + len(packed))
        return packed

    def plain(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Take an entry uncompressed."""
        return gzip.decompress(self.compressed(key, make))

    def facts(self, key: str, make: Callable[[], bytes]) -> Any:  # noqa: ANN401 - whatever JSON says
        """Take an entry of JSON, read; the last few stay in memory, where nobody changes them.

        Such an entry may be gone from the disk meanwhile: the key names a content, not a file.
        """
        return self._facts.take(key, lambda: json.loads(self.plain(key, make)))


def gzipped(data: bytes, level: int = _COMPRESSION, *, has_runs: bool = False) -> bytes:
    """Compress, the same bytes to the same bytes.

    Args:
        data: of any kind.
        level: of zlib, 1 to 9.
        has_runs: whether nothing repeats in them but runs of one value, as in label maps and in what is left
            of images: then only runs are looked for, in less than half the time and for as few bytes.
    """
    strategy = zlib.Z_RLE if has_runs else zlib.Z_DEFAULT_STRATEGY
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP, zlib.DEF_MEM_LEVEL, strategy)
    return packer.compress(data) + packer.flush()


def content_key(recipe: str, files: Iterable[Path], *more: str) -> str:
    """Name what is made by a recipe from the contents of some files.

    Raises:
        FileNotFoundError: if a file has disappeared.
    """
    digest = hashlib.sha256(recipe.encode())
    for file in files:
        digest.update(file_digest(file))
    for word in more:
        digest.update(b"\0" + word.encode())
    return digest.hexdigest()


def _verified(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    digest, packed = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    return packed if hashlib.sha256(packed).digest() == digest else None
