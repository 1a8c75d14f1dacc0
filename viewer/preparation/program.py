"""Which of our own source files a result depends on, so that a change of any other file redoes nothing."""

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

import viewer
from viewer import __version__

_HOUSE = Path(viewer.__file__).parents[1]
_ROOMS = ("analysis", "meshing", "viewer")


def sources_of(module: str, house: Path = _HOUSE) -> tuple[Path, ...]:
    """List the files of ours that a module is made of: its own, and those of all that it imports.

    An import inside a function counts as well. A package's own file counts where it is named itself, not
    because something below it is imported.

    Args:
        module: its full name.
        house: the folder that holds our packages.

    Raises:
        ModuleNotFoundError: if there is no such module of ours.
    """
    first = _file_of(module, house)
    if first is None:
        raise ModuleNotFoundError(f"{house} has no module {module}")
    found, waiting = {first}, [first]
    while waiting:
        imported = {_file_of(name, house) for name in _imports(waiting.pop().read_text("utf-8"))}
        new = {path for path in imported if path is not None} - found
        found |= new
        waiting += new
    return tuple(sorted(found))


@functools.cache
def source_digest(module: str) -> str:
    """Digest the source that a module's results depend on; 12 letters."""
    digest = hashlib.sha256()
    for path in sources_of(module):
        digest.update(path.relative_to(_HOUSE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def program_version(module: str) -> str:
    """Name the program that writes a result: its version, and the digest of what makes the result."""
    return f"{__version__}+{source_digest(module)}"


def _imports(source: str) -> Iterator[str]:
    """Name what is imported; of `from a import b`, b may be a module or something in one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _file_of(name: str, house: Path) -> Path | None:
    room, *_ = name.split(".")
    place = house.joinpath(*name.split("."))
    if room not in _ROOMS:
        return None
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)
