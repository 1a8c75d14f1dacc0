"""The load test itself works: browsers find cases, callbacks and bytes by what the page says, and it ends."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cohort_on_disk import CohortOnDisk
from viewer.command_line import run

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.slow
def test_browsers_open_cases_without_an_error_and_memory_stays_flat(
    cohort: CohortOnDisk, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    run(cohort.study_arguments(study))
    run(["prepare", str(study), "--jobs=1"])
    command = [sys.executable, str(BENCHMARKS / "load.py"), str(study)]
    paths = os.pathsep.join([str(BENCHMARKS.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*command, "--seconds=8", "--browsers=3", "--cases=3", "--workers=2"],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
        env={**os.environ, "PYTHONPATH": paths},
    )
    counts = {route: int(count) for route, count in re.findall(r"(\S+)(?: +[\d.]+){3} +(\d+)\n", done.stdout)}
    assert set(counts) >= {"callbacks", "/mesh/", "/labels/"}, done.stdout + done.stderr
    assert min(counts.values()) > 0
    assert done.stdout.count("  0 errors, ") == 2, done.stdout
    missed = done.stderr.partition("missed: ")[2]
    assert "errors" not in missed, done.stdout
    assert "memory" not in missed, done.stdout


def test_a_simulated_browser_asks_nobody_but_this_machine() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from browsing import Browser; Browser('http://example.org/', 0)"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS)},
    )
    assert "ValueError: only 127.0.0.1 is asked anything, not example.org" in done.stderr
