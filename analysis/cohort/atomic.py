"""Files that are whole or absent: written beside their final name, then renamed."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_bytes_atomically(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it under its final name.

    Parents are made. A killed process or a full disk leaves the old file, or none.
    """

    def write(temporary: Path) -> None:
        temporary.write_bytes(data)

    write_atomically(path, write)


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it to `path`.

    The temporary name keeps the suffix of `path`, since libraries choose the format by it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".part-", suffix="".join(path.suffixes[-2:]), dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
