"""Keeping a folder of derived files below a size: what was not used the longest goes first."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from analysis.cohort.atomic import TEMPORARY_PREFIX

_SHARE_BETWEEN_LOOKS = 1 / 16  # of the limit may be written before the folder is measured again
_SHARE_KEPT = 0.9
_LONGEST_WRITE_S = 3600.0  # an unfinished file that is older was left by a killed process
_USE_STEP_S = 60.0  # a use is written down once a minute: a disk has better things to do


class Eviction:
    """One process's part in keeping a shared folder small.

    A file's time of change says when it was last used. The folder is measured when this process has written a
    sixteenth of the limit since it last did (and at its first write); so N processes exceed the limit by N
    sixteenths at most, without ever asking each other. To delete what another one is reading or has deleted
    harms nobody: an open file stays readable, and what is gone is made again.

    Attributes:
        folder: holds files, also in folders below.
        limit_bytes: what they may take together.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._unmeasured_bytes: float = limit_bytes
        self._lock = threading.Lock()

    def used(self, path: Path) -> None:
        """Note that a file was used."""
        with suppress(OSError):  # deleted meanwhile, or the folder may be read only: neither matters here
            if abs(time.time() - path.stat().st_mtime) > _USE_STEP_S:
                os.utime(path)

    def added(self, size_bytes: int) -> None:
        """Note that a file was written, and make room if need be."""
        with self._lock:
            self._unmeasured_bytes += size_bytes
            if self._unmeasured_bytes < self.limit_bytes * _SHARE_BETWEEN_LOOKS:
                return
            self._unmeasured_bytes = 0
        self._shrink()

    def _shrink(self) -> None:
        files = sorted(self._files())
        excess_bytes = sum(size for _, size, _ in files) - self.limit_bytes
        if excess_bytes <= 0:
            return
        excess_bytes += int(self.limit_bytes * (1 - _SHARE_KEPT))
        for _, size_bytes, path in files:
            if excess_bytes <= 0:
                return
            path.unlink(missing_ok=True)
            excess_bytes -= size_bytes

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """Time of last use, size and path of each file, but for those that somebody is still writing."""
        for path in self.folder.rglob("*"):
            with suppress(FileNotFoundError):
                found = path.stat()
                is_young = time.time() - found.st_mtime < _LONGEST_WRITE_S
                if path.is_file() and not (path.name.startswith(TEMPORARY_PREFIX) and is_young):
                    yield found.st_mtime, found.st_size, path
