"""Where files are: on a disk of this machine, or behind a URL that fsspec knows (`s3://`, `gs://`, `memory://`).

Everything else takes a `Path` and need not ask. What lies behind a URL is a `UPath`, which offers the same
methods; it refuses to be taken for a local file's name (`os.fspath`), so that nothing is mixed up in silence.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, cast

from analysis.cohort.usage import UsageError

_URL = "://"
_PUT_AT_ONCE = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "memory"})
_CONTENT_MARKS = ("ETag", "etag", "md5Hash", "generation")


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
    return folder / found.as_posix() if text else folder


def named_from(folder: Path, target: Path) -> str:
    """Name a place relative to a folder if it lies inside, so that the folder can be moved; else fully."""
    if is_remote(folder) != is_remote(target):
        return str(target.resolve())
    inside, whole = target.resolve(), folder.resolve()
    return str(inside.relative_to(whole)) if inside.is_relative_to(whole) else str(inside)


def is_put_at_once(path: Path) -> bool:
    """Say whether a remote file appears whole or not at all when it is written, as in object stores."""
    protocol = _file_system(path).protocol
    return bool(_PUT_AT_ONCE.intersection([protocol] if isinstance(protocol, str) else protocol))


def put_bytes(path: Path, data: bytes) -> None:
    """Write a remote file that nobody ever sees half of."""
    system, name = _file_system(path), _name(path)
    if is_put_at_once(path):
        system.pipe_file(name, data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _name(path.parent / f".part-{os.getpid()}-{path.name}")
    system.pipe_file(beside, data)
    system.mv(beside, name)


def put_file(local: Path, path: Path) -> None:
    """Copy a local file to a remote place, whole or not at all."""
    if is_put_at_once(path):
        _file_system(path).put_file(str(local), _name(path))
    else:
        put_bytes(path, local.read_bytes())


def content_mark(path: Path) -> str:
    """Ask a store what names the content of a remote file: its length and ETag, checksum or generation.

    Equal marks mean equal bytes: object stores change the mark with every other content. Empty where the
    protocol knows only a time, which proves nothing.

    Raises:
        FileNotFoundError: if it is not there.
    """
    found: dict[str, Any] = _file_system(path).info(_name(path))
    mark = next((str(found[name]) for name in _CONTENT_MARKS if found.get(name)), "")
    return f"{found['size']} {mark}" if mark else ""


class Tree(Protocol):
    """What lies below a folder, asked folder by folder."""

    def children(self, folder: Path) -> Iterator[tuple[Path, bool]]:
        """Name what lies in a folder, and whether each is a folder; nothing if it is not there."""

    def exists(self, path: Path) -> bool:
        """Say whether there is something of this name."""


def tree(folder: Path) -> Tree:
    """Look below a folder: on a disk when asked, behind a URL at once, since each question is a journey."""
    return RemoteTree(folder) if is_remote(folder) else LocalTree()


class LocalTree:
    """A disk, read when asked."""

    def children(self, folder: Path) -> Iterator[tuple[Path, bool]]:
        """Name what lies in a folder."""
        try:
            with os.scandir(folder) as entries:
                yield from ((folder / entry.name, entry.is_dir()) for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            return

    def exists(self, path: Path) -> bool:
        """Say whether there is something of this name."""
        return path.exists()


class RemoteTree:
    """All names below a remote folder as they were at one time, fetched in one go."""

    def __init__(self, folder: Path) -> None:
        start = _name(folder).rstrip("/")
        self._folders: dict[str, dict[str, bool]] = {}
        for name in _file_system(folder).find(start):
            self._add(start, name.removeprefix(start).strip("/").split("/"))

    def children(self, folder: Path) -> Iterator[tuple[Path, bool]]:
        """Name what lies in a folder."""
        for name, is_folder in self._folders.get(_name(folder).rstrip("/"), {}).items():
            yield folder / name, is_folder

    def exists(self, path: Path) -> bool:
        """Say whether there is something of this name."""
        return path.name in self._folders.get(_name(path.parent).rstrip("/"), {})

    def _add(self, start: str, names: list[str]) -> None:
        for depth, name in enumerate(names):
            folder = "/".join([start, *names[:depth]])
            self._folders.setdefault(folder, {})[name] = depth + 1 < len(names)


def _file_system(path: Path) -> Any:  # noqa: ANN401 - fsspec is untyped
    return path.fs  # type: ignore[attr-defined] # a UPath


def _name(path: Path) -> str:
    return str(path.path)  # type: ignore[attr-defined] # a UPath


def _require(protocol: str) -> None:
    import fsspec

    try:
        fsspec.get_filesystem_class(protocol)
    except ImportError as error:
        raise PlaceError(f"{protocol}:// can't be read yet: {error}; {_REMEDY}") from error
    except ValueError as error:
        raise PlaceError(f"{protocol}:// is no place that is known here ({error})") from error


_REMEDY = "s3:// comes with pip install 'glioscope[remote]'"
