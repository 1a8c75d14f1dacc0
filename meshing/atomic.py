"""Files that are whole or not there: written beside their place, then renamed into it."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path


def write_all_atomically(files: Mapping[Path, bytes]) -> None:
    """Write files so that none appears under its name before all are on the disk, and none appears half.

    They are renamed in the order given: one that points to another comes after it.

    Args:
        files: bytes by path; the folders exist.

    Raises:
        OSError: if one can't be written; then the old files, if any, are as they were, and no other is left.
    """
    with ExitStack() as leftovers:
        waiting = [(_write_beside(path, data, leftovers), path) for path, data in files.items()]
        for temporary, path in waiting:
            temporary.replace(path)


def _write_beside(path: Path, data: bytes, leftovers: ExitStack) -> Path:
    """Write a hidden file in the same folder; whatever happens, it is gone when the stack is left."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    leftovers.callback(temporary.unlink, missing_ok=True)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    # mkstemp gives a file to its owner alone; the result is as open as any other
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(0o666 & ~umask)
    return temporary
