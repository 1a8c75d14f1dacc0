"""What is installed, what is missing and how to get it, and what a study's cache holds."""

import platform
import re
import shutil
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from viewer.preparation.executors import available_jobs
from viewer.preparation.lock import LOCK_FILE, locked
from viewer.static_files import BUILT, missing_files

DISTRIBUTION = "glioscope"


@dataclass(frozen=True, slots=True)
class Piece:
    """Something the program can use.

    Attributes:
        name: of the package or program.
        part: what needs it: `glioscope` itself, or one of its extras.
        found: its version or path; empty if it is missing.
        remedy: how to get it; empty if it is there.
    """

    name: str
    part: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class CacheFolder:
    """One kind of derived files.

    Attributes:
        name: of the folder below cache/.
        files: how many.
        size_bytes: all together.
    """

    name: str
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that `doctor` says.

    Attributes:
        machine: what the program runs on.
        pieces: what it can use.
        cache: what is derived of the study, if one was named.
    """

    machine: dict[str, str]
    pieces: list[Piece]
    cache: list[CacheFolder] | None

    @property
    def exit_code(self) -> int:
        """1 if something is missing that the program itself needs."""
        return int(any(piece.remedy and piece.part == DISTRIBUTION for piece in self.pieces))

    @property
    def text(self) -> str:
        """The report for people."""
        lines = [f"{name:12} {value}" for name, value in self.machine.items()]
        for part in dict.fromkeys(piece.part for piece in self.pieces):
            lines += ["", f"{part}:"]
            lines += [_line(piece) for piece in self.pieces if piece.part == part]
        if self.cache is not None:
            lines += ["", "cache:"]
            lines += [
                f"  {folder.name:28} {folder.files} files, {size_text(folder.size_bytes)}"
                for folder in self.cache
            ] or ["  empty"]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The report for another program."""
        return asdict(self)


def report(cache_folder: Path | None) -> Report:
    """Look at everything; `cache_folder` is that of a study, or none."""
    return Report(machine(), pieces(), None if cache_folder is None else cache_folders(cache_folder))


def size_text(size_bytes: int) -> str:
    """Write a size for people, in the unit that fits: `1.5 MB`."""
    size, units = float(size_bytes), ["bytes", "kB", "MB", "GB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.3g} {units[0]}"


def machine() -> dict[str, str]:
    """Describe what the program runs on."""
    return {
        "glioscope": _version(DISTRIBUTION) or "not installed",
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": str(available_jobs()),
    }


def pieces() -> list[Piece]:
    """List every package of the program and its extras, node, and the built page."""
    found = [_package(requirement) for requirement in _requirements()]
    node = shutil.which("node") or ""
    built = "" if missing_files() else str(BUILT)
    return [
        *found,
        Piece("node", "building the page", node, "" if node or built else "it comes with: pip install -e ."),
        Piece("page", DISTRIBUTION, built, "" if built else "build it: pip install -e ."),
    ]


def cache_folders(cache_folder: Path) -> list[CacheFolder]:
    """Say what a study's cache holds; nothing if there is none."""
    if not cache_folder.is_dir():
        return []
    folders = sorted(path for path in cache_folder.iterdir() if path.is_dir())
    return [_counted(folder) for folder in folders]


def empty_cache(cache_folder: Path) -> int:
    """Delete everything derived, all of which can be made again; returns how many bytes that were.

    Raises:
        LockedError: if the study is being prepared.
    """
    if not cache_folder.is_dir():
        return 0
    with locked(cache_folder):
        freed_bytes = sum(folder.size_bytes for folder in cache_folders(cache_folder))
        for path in cache_folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK_FILE:
                freed_bytes += path.stat().st_size
                path.unlink()
    return freed_bytes


def _line(piece: Piece) -> str:
    return f"  {piece.name:28} {piece.found or f'missing: {piece.remedy}'}"


def _package(requirement: str) -> Piece:
    """Look for what a line such as `torch>=2.8; extra == 'training'` asks for."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    extra = re.search(r"extra == '([a-z]+)'", requirement)
    found = _version(name)
    source = f"'{DISTRIBUTION}[{extra[1]}]'" if extra else DISTRIBUTION
    return Piece(name, extra[1] if extra else DISTRIBUTION, found, "" if found else f"pip install {source}")


def _requirements() -> list[str]:
    try:
        return requires(DISTRIBUTION) or []
    except PackageNotFoundError:  # a checkout that is not installed
        return []


def _counted(folder: Path) -> CacheFolder:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return CacheFolder(folder.name, len(sizes), sum(sizes))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
