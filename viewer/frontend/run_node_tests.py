# ruff: noqa: INP001 - a script beside the sources it checks; the folder is no package
"""Check the types of the browser code and run its tests, with the node that builds it.

Run as a script, `python viewer/frontend/run_node_tests.py [--install-only]`; ends with node's own exit code.
"""

import os
import subprocess
import sys
from pathlib import Path

from hatch_build import node_and_npm  # type: ignore[import-not-found] # beside this script

HERE = Path(__file__).parent


CHECKS = (["run", "--silent", "check"], ["run", "--silent", "test"])
INSTALL = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]


def main(arguments: list[str]) -> int:
    """Install what the lock file names where that is due; then check types and run the tests, if wanted."""
    node, npm = node_and_npm()
    environment = {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    steps = [INSTALL] if _is_install_due() else []
    steps += [] if "--install-only" in arguments else CHECKS
    for step in steps:
        done = subprocess.run([node, npm, *step], cwd=HERE, env=environment, check=False)  # noqa: S603 - our own steps
        if done.returncode != 0:
            return done.returncode
    return 0


def _is_install_due() -> bool:
    """Tell by the copy of the lock file that npm leaves in node_modules whether it is older than ours."""
    installed = HERE / "node_modules" / ".package-lock.json"
    lock = HERE / "package-lock.json"
    return not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
