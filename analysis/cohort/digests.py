"""Digests of files, not computed anew while it is certain that a file is the same."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from analysis.cohort.places import content_mark, is_remote

_REMEMBERED = 50_000
# Disks tell times in steps: 4 ms on Linux, 2 s on FAT. A file that was changed longer ago than any step shows
# every later change by another time; one that was changed just now may be rewritten under the same time.
SETTLED_S = 5.0

Stamp = tuple[object, ...]


class FileDigests:
    """SHA-256 of files, remembered.

    A local file counts as unchanged if its size, inode and both its times (of content, and of anything at
    all) are those of the reading, and were older then than the coarsest clock's step. A remote one counts as
    unchanged if the store says so by its content's mark. Whatever is not certain is read again.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._known: OrderedDict[str, tuple[Stamp, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def digest(self, path: Path) -> bytes:
        """Digest a file's content; 32 bytes.

        Raises:
            FileNotFoundError: if it is not there.
        """
        name, stamp = str(path), self._stamp(path)
        with self._lock:
            known = self._known.get(name)
            if stamp is not None and known is not None and known[0] == stamp:
                self._known.move_to_end(name)
                return known[1]
        digest = hashlib.sha256(path.read_bytes()).digest()
        if stamp is not None and self._stamp(path) == stamp:  # it did not change while it was read
            self._remember(name, stamp, digest)
        return digest

    def _remember(self, name: str, stamp: Stamp, digest: bytes) -> None:
        with self._lock:
            self._known[name] = stamp, digest
            self._known.move_to_end(name)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

    def _stamp(self, path: Path) -> Stamp | None:
        """What names a file's state; none if a later change might not show in it."""
        if is_remote(path):
            mark = content_mark(path)
            return (mark,) if mark else None
        found = path.stat()
        age_s = self._now() - max(found.st_mtime, found.st_ctime)
        if age_s < SETTLED_S:  # negative too: then the clock has jumped, and ages mean nothing
            return None
        return found.st_size, found.st_ino, found.st_dev, found.st_mtime_ns, found.st_ctime_ns


_OF_THIS_PROCESS = FileDigests()


def file_digest(path: Path) -> bytes:
    """Digest a file's content, as this process remembers it or by reading it; the answer is the same.

    Raises:
        FileNotFoundError: if it is not there.
    """
    return _OF_THIS_PROCESS.digest(path)
