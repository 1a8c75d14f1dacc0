"""One preparation at a time: a lock that the system releases whatever happens to its holder."""

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.cohort.usage import UsageError

LOCK_FILE = "prepare.lock"


class LockedError(UsageError):
    """Another process holds the lock; the message says which."""


@contextmanager
def locked(cache_folder: Path) -> Iterator[None]:
    """Hold the study for as long as the block runs.

    The lock belongs to the open file, so that it ends with its process, `kill -9` included; the file stays.

    Raises:
        LockedError: if somebody else holds it.
    """
    cache_folder.mkdir(parents=True, exist_ok=True)
    with (cache_folder / LOCK_FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise LockedError(f"{cache_folder.parent} is being prepared by {holder}") from error
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}\n")
        file.flush()
        yield
