"""Where files are: on a disk of this machine, or behind a URL that fsspec knows (`s3://`, `gs://`, `memory://`).

Everything else takes a `Path` and need not ask. What lies behind a URL is a `UPath`, which offers the same
methods; it refuses to be taken for a local file's name (`os.fspath`), so that nothing is mixed up in silence.
"""

import os
import sys
from pathlib import Path
from typing import Any, cast

from analysis.cohort.usage import UsageError

_URL = "://"
_PUT_AT_ONCE = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "memory"})
_REMEDY = "s3:// comes with pip install 'glioscope[remote]'"
_CONTENT_MARKS = ("ETag", "etag", "md5Hash", "generation")

_TIMES = ("LastModified", "mtime", "updated", "created")


class PlaceError(UsageError):
    """A place that can't be reached by this installation; the message says what to do."""


def place(text: str | Path) -> Path:
    """Find a place by what a user typed: a path (`~` is the home folder), or a URL.

    Raises:
        PlaceError: if nothing installed knows the URL's protocol.
    """
    name = str(text)
    if _URL not in name:
        return Path(text).expanduser()
    protocol = name.split(_URL, 1)[0]
    if protocol in ("file", "local"):
        return Path(name.split(_URL, 1)[1])
    _require(protocol)
    from upath import UPath  # seldom needed

    # A listing that is remembered would hide what another process has written meanwhile.
    return cast("Path", UPath(name, use_listings_cache=False))


def is_remote(path: Path) -> bool:
    """Say whether a place lies behind a URL."""
    return not isinstance(path, Path)


def below(folder: Path, text: str) -> Path:
    """Resolve what a file in `folder` names: relative to the folder, absolute, or a URL."""
    found = place(text)
    if is_remote(found) or found.is_absolute():
        return found
    inside = found.as_posix()
    return folder if inside == "." else folder / inside


def named_from(folder: Path, target: Path) -> str:
    """Name a place relative to a folder if it lies inside, so that the folder can be moved; else fully."""
    if is_remote(folder) != is_remote(target):
        return str(target.resolve())
    inside, whole = target.resolve(), folder.resolve()
    return str(inside.relative_to(whole)) if inside.is_relative_to(whole) else str(inside)


def is_put_at_once(path: Path) -> bool:
    """Say whether a remote file appears whole or not at all when it is written, as in object stores."""
    protocol = file_system(path).protocol
    return bool(_PUT_AT_ONCE.intersection([protocol] if isinstance(protocol, str) else protocol))


def store_errors() -> tuple[type[Exception], ...]:
    """Name what S3's library raises without its being an OSError; nothing where it has not been loaded."""
    botocore = sys.modules.get("botocore.exceptions")
    return () if botocore is None else (botocore.BotoCoreError,)


def unreachable_errors() -> tuple[type[Exception], ...]:
    """Name what is raised when a place can't be reached."""
    return OSError, *store_errors()


def reason_of(error: Exception, path: Path) -> str:
    """Say why something could not be reached, after a sentence that names it.

    The number that the system adds is left out, and the name unless it is that of another file.
    """
    is_about_path = getattr(error, "filename", None) in (None, str(path))
    return str(getattr(error, "strerror", None) or error) if is_about_path else str(error)


def stamp(path: Path) -> tuple[object, ...]:
    """Name a file's state, so that most changes show in it; empty if there is no such file."""
    try:
        if is_remote(path):
            found: dict[str, Any] = file_system(path).info(name_in_store(path))
            return tuple(str(found.get(name)) for name in ("size", *_CONTENT_MARKS, *_TIMES))
        known = path.stat()
    except FileNotFoundError:
        return ()
    return known.st_size, known.st_mtime_ns, known.st_ino


def put_bytes(path: Path, data: bytes) -> None:
    """Write a remote file that nobody ever sees half of.

    Raises:
        PlaceError: if it can't be written.
    """
    system, name = file_system(path), name_in_store(path)
    try:
        if is_put_at_once(path):
            system.pipe_file(name, data)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = name_in_store(path.parent / f".part-{os.getpid()}-{path.name}")
        system.pipe_file(beside, data)
        system.mv(beside, name)
    except unreachable_errors() as error:
        raise PlaceError(f"{path} can't be written: {error}") from error


def put_file(local: Path, path: Path) -> None:
    """Copy a local file to a remote place, whole or not at all.

    Raises:
        PlaceError: if it can't be written.
    """
    if not is_put_at_once(path):
        put_bytes(path, local.read_bytes())
        return
    try:
        file_system(path).put_file(str(local), name_in_store(path))
    except unreachable_errors() as error:
        raise PlaceError(f"{path} can't be written: {error}") from error


def content_mark(path: Path) -> str:
    """Ask a store what names the content of a remote file: its length and ETag, checksum or generation.

    Equal marks mean equal bytes: object stores change the mark with every other content. Empty where the
    protocol knows only a time, which proves nothing.

    Raises:
        FileNotFoundError: if it is not there.
    """
    found: dict[str, Any] = file_system(path).info(name_in_store(path))
    mark = next((str(found[name]) for name in _CONTENT_MARKS if found.get(name)), "")
    return f"{found['size']} {mark}" if mark else ""


def file_system(path: Path) -> Any:  # noqa: ANN401 - fsspec is untyped
    """Give fsspec's file system of a remote place."""
    return path.fs  # type: ignore[attr-defined] # a UPath


def name_in_store(path: Path) -> str:
    """Name a remote place as its file system does."""
    return str(path.path)  # type: ignore[attr-defined] # a UPath


def _require(protocol: str) -> None:
    import fsspec

    try:
        fsspec.get_filesystem_class(protocol)
    except ImportError as error:
        raise PlaceError(f"{protocol}:// can't be read yet: {error}; {_REMEDY}") from error
    except ValueError as error:
        raise PlaceError(f"{protocol}:// is no place that is known here ({error})") from error
