"""What lies below a folder, on a disk or behind a URL."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from analysis.cohort.places import PlaceError, file_system, is_remote, name_in_store, unreachable_errors


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
    """A disk, read when asked.

    Raises:
        PlaceError: if a folder may not be read; one that is not there is empty.
    """

    def children(self, folder: Path) -> Iterator[tuple[Path, bool]]:
        """Name what lies in a folder."""
        try:
            with os.scandir(folder) as entries:
                yield from ((folder / entry.name, entry.is_dir()) for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise PlaceError(f"{folder} can't be read: {error.strerror}") from error

    def exists(self, path: Path) -> bool:
        """Say whether there is something of this name that may be looked at."""
        return os.path.exists(path)  # noqa: PTH110 - Path.exists raises where a folder may not be read


class RemoteTree:
    """All names below a remote folder as they were at one time, fetched in one go.

    Raises:
        PlaceError: if the store can't be reached; a folder or bucket that is not there is empty.
    """

    def __init__(self, folder: Path) -> None:
        start = name_in_store(folder).rstrip("/")
        self._folders: dict[str, dict[str, bool]] = {}
        try:
            found = file_system(folder).find(start)
        except FileNotFoundError:
            found = []
        except unreachable_errors() as error:
            raise PlaceError(f"{folder} can't be read: {error}") from error
        for name in found:
            self._add(start, name.removeprefix(start).strip("/").split("/"))

    def children(self, folder: Path) -> Iterator[tuple[Path, bool]]:
        """Name what lies in a folder."""
        for name, is_folder in self._folders.get(name_in_store(folder).rstrip("/"), {}).items():
            yield folder / name, is_folder

    def exists(self, path: Path) -> bool:
        """Say whether there is something of this name."""
        return path.name in self._folders.get(name_in_store(path.parent).rstrip("/"), {})

    def _add(self, start: str, names: list[str]) -> None:
        for depth, name in enumerate(names):
            folder = "/".join([start, *names[:depth]])
            self._folders.setdefault(folder, {})[name] = depth + 1 < len(names)
