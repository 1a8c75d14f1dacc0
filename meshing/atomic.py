"""Files that are whole or not there: written beside their place, then renamed into it."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def write_all_atomically(files: Mapping[Path, bytes]) -> None:
    """Write files so that none appears under its name before all are on the disk, and none appears half.

    They are renamed in the order given: one that points to another comes after it.

    Args:
        files: bytes by path; the folders exist.

    Raises:
        OSError: if one can't be written; then the old files, if any, are as they were, and no other is left.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, data in files.items():
            waiting.append((_write_beside(path, data), path))
        for temporary, path in waiting:
            temporary.replace(path)
    except BaseException:
        for temporary, _ in waiting:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise


def _write_beside(path: Path, data: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp gives a file to its owner alone; the result is as open as any other
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
