"""The training benchmarks want a GPU; here they run small, so that they run at all where there is one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("monai", reason="MONAI is not installed: pip install 'glioscope[training]'")
pytest.importorskip(
    "batchgeneratorsv2", reason="batchgeneratorsv2 is not installed: pip install 'glioscope[training]'"
)

from training.dataset import Dataset

ROOT = Path(__file__).parents[2]
SMALL = {
    "step": (
        "--batch 1 --patch 32 --steps 1 --warmup 1 --modes eager",
        "memory floor of an H200 for batch 1",
    ),
    "layers": ("--batch 1 --patch 32 --steps 1", "backward over all levels"),
    "loader": ("--workers 0 --patch 32 --shape 40,40,40 --cases 2 --batches 2", "0 workers, 3 maps"),
    "inference": ("--shape 32,36,32 --patch 32 --flips 1", "1 mirrorings"),
    "epoch": ("DATA --iterations 1 --patch 32 --workers 0", "baseline / distmap, a step"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(SMALL))
def test_a_benchmark_runs_small_and_prints_its_last_line(name: str, dataset: Dataset) -> None:
    arguments, expected = SMALL[name]
    words = [str(dataset.folder) if one == "DATA" else one for one in arguments.split()]
    answer = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / f"training_{name}.py", *words],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert expected in answer.stdout.replace("  ", " ")
