"""What the training benchmarks share: where they run, how large, how time is taken, what gates do."""

import os
import time
from collections.abc import Callable, Mapping
from statistics import median

import torch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


def size(on_gpu: int, on_cpu: int) -> int:
    """Full size where there is a GPU, else one at which the script ends within a minute or two."""
    return on_gpu if DEVICE.type == "cuda" else on_cpu


def name() -> str:
    """Which device, for the first line of a report."""
    if DEVICE.type == "cuda":
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    return f"CPU time, {torch.get_num_threads()} threads, torch {torch.__version__}: the gates are for a GPU"


def timed_ms(step: Callable[[], object], steps: int, warmup: int) -> float:
    """Median milliseconds of a call: by CUDA events on a GPU, elsewhere CPU time."""
    for _ in range(warmup):
        step()
    found = []
    for _ in range(steps):
        if DEVICE.type == "cuda":
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            step()
            end.record()
            torch.cuda.synchronize()
            found.append(begin.elapsed_time(end))
        else:
            started = time.process_time()
            step()
            found.append(1000 * (time.process_time() - started))
    return median(found)


def judge(ratios: Mapping[str, tuple[float, float]]) -> None:
    """Print ratios and the least that each should be; fail where a GPU is there and one is missed."""
    gated = DEVICE.type == "cuda"
    for label, (ratio, least) in ratios.items():
        held = "held" if ratio >= least else "missed"
        print(f"{label}: {ratio:.2f} (gate {least:.2f}, {held if gated else 'not applied without a GPU'})")
    missed = [label for label, (ratio, least) in ratios.items() if ratio < least]
    if gated and missed:
        raise SystemExit(f"gates missed: {', '.join(missed)}")
