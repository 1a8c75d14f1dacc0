"""Files that are whole or absent: written beside their final name, then renamed."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from analysis.cohort.places import is_put_at_once, is_remote, put_bytes, put_file

TEMPORARY_PREFIX = ".part-"


def write_bytes_atomically(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it under its final name.

    Parents are made. A killed process or a full disk leaves the old file, or none.
    """
    if is_remote(path):
        put_bytes(path, data)
        return
    with temporary_beside(path) as temporary:
        temporary.write_bytes(data)
        keep(temporary, path)


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """Make an empty file beside `path` that is gone at the end, unless `keep` has renamed it by then.

    Its name keeps the suffix of `path`, since libraries choose the format by it. Parents are made. For a
    remote `path` it is a file of this machine.
    """
    folder = None if is_remote(path) else path.parent
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    try:
        handle, name = tempfile.mkstemp(
            prefix=TEMPORARY_PREFIX, suffix="".join(path.suffixes[-2:]), dir=folder
        )
    except OSError as error:  # it names the file that nobody has asked for
        raise OSError(error.errno, error.strerror, str(path)) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def keep(temporary: Path, path: Path) -> None:
    """Give a finished temporary file its final name, once the disk has all of it."""
    keep_all({temporary: path})


def keep_all(names: Mapping[Path, Path]) -> None:
    """Give finished temporary files their final names, once the disk has all of all of them.

    A full disk shows before the first of them is renamed.
    """
    for temporary in names:
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
    for temporary, path in names.items():
        if is_remote(path):
            put_file(temporary, path)
        else:
            temporary.replace(path)


def remove_leftovers(folder: Path) -> int:
    """Delete what killed writers left in a folder and below; returns how many files that were.

    Only for somebody who knows that nobody writes there now. A store that puts whole files at once has none.
    """
    if is_remote(folder) and is_put_at_once(folder):
        return 0
    leftovers = list(folder.rglob(f"{TEMPORARY_PREFIX}*")) if folder.is_dir() else []
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    return len(leftovers)
