"""fsspec's store in memory, made to behave as an object store: with marks of content, and fetches counted."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem


@contextmanager
def marked_memory() -> Iterator[list[str]]:
    """Empty `memory://`, give its files ETags, and hand out the list of names that are fetched."""
    fetched: list[str] = []
    info, open_file = MemoryFileSystem.info, MemoryFileSystem._open

    def with_mark(store: MemoryFileSystem, path: str, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = info(store, path, **options)
        file = store.store.get(store._strip_protocol(path))
        if file is not None:
            found["ETag"] = hashlib.md5(file.getvalue(), usedforsecurity=False).hexdigest()
        return found

    def counted(store: MemoryFileSystem, path: str, mode: str = "rb", **options: Any) -> Any:
        if mode == "rb":
            fetched.append(path.rsplit("/", 1)[-1])
        return open_file(store, path, mode, **options)

    with pytest.MonkeyPatch.context() as patch, empty_memory():
        patch.setattr(MemoryFileSystem, "info", with_mark)
        patch.setattr(MemoryFileSystem, "_open", counted)
        yield fetched


@contextmanager
def empty_memory() -> Iterator[None]:
    """Empty `memory://` before and after."""
    for is_before in (True, False):
        MemoryFileSystem.store.clear()
        MemoryFileSystem.pseudo_dirs[:] = [""]
        if is_before:
            yield
