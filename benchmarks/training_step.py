"""One training step of MedNeXt against MONAI's: `python benchmarks/training_step.py` (a GPU, or --patch 32).

Ours and MONAI's in the same process, eager and compiled, head off and on; the same images, the same Dice and
cross-entropy. Median of --steps after --warmup, by CUDA events on a GPU. Gates apply on a GPU only: ours
compiled at least 1.2 times MONAI's compiled and 1.5 times MONAI's eager; DistMap at most 1.01 of Baseline.
The floor is what MedNeXt-B must move through an H200's memory for batch 2 of 128 cubed: 24 ms.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn

from training.mednext import SIZES, MedNeXt
from training.region_losses import dice_cross_entropy
from training.regression_losses import masked_mse

FLOOR_MS = 24.0
Step = Callable[[], None]


def timed_ms(step: Step, steps: int, warmup: int, device: torch.device) -> float:
    """Median milliseconds of a step."""
    for _ in range(warmup):
        step()
    found = []
    for _ in range(steps):
        if device.type == "cuda":
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            step()
            end.record()
            torch.cuda.synchronize()
            found.append(begin.elapsed_time(end))
        else:
            started = time.perf_counter()
            step()
            found.append(1000 * (time.perf_counter() - started))
    return median(found)


def step_of(
    network: nn.Module,
    forward: Callable[[Tensor], tuple[Tensor, Tensor | None]],
    batch: int,
    size: int,
    device: torch.device,
) -> Step:
    """A whole step on random images and labels: forward, loss, backward, AdamW."""
    images = torch.randn(batch, 4, size, size, size, device=device)
    labels = torch.randint(0, 4, (batch, size, size, size), device=device)
    target = torch.rand(batch, 3, size, size, size, device=device) * 2 - 1
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            logits, distances = forward(images)
        loss = dice_cross_entropy(logits, labels)
        if distances is not None:
            loss = loss + masked_mse(torch.tanh(distances), target)
        loss.backward()
        optimizer.step()

    return step


def contestants(
    device: torch.device, *, compiled: bool
) -> dict[str, tuple[nn.Module, Callable[[Tensor], tuple[Tensor, Tensor | None]]]]:
    """Ours with and without the head, MONAI's with its own down blocks, the same scale alone."""
    from monai.networks.nets.mednext import create_mednext

    ours, fused = (MedNeXt(replace(SIZES["B"], fused_gradient=one)).to(device) for one in (False, True))
    theirs = create_mednext("B", in_channels=4, out_channels=4, kernel_size=3).to(device)

    def baseline(images: Tensor) -> tuple[Tensor, Tensor | None]:
        return ours.outputs(images, deep=False, distances=False).logits[0], None

    def kernel(images: Tensor) -> tuple[Tensor, Tensor | None]:
        return fused.outputs(images, deep=False, distances=False).logits[0], None

    def distmap(images: Tensor) -> tuple[Tensor, Tensor | None]:
        found = ours.outputs(images, deep=False)
        return found.logits[0], found.distances

    def monai(images: Tensor) -> tuple[Tensor, Tensor | None]:
        return theirs(images), None

    forwards = {"ours": (ours, baseline), "ours with head": (ours, distmap), "MONAI": (theirs, monai)}
    if device.type == "cuda":  # elsewhere it is the same network
        forwards["ours with kernel"] = (fused, kernel)
    return {name: (net, torch.compile(one) if compiled else one) for name, (net, one) in forwards.items()}


def main() -> None:
    """Time every contestant, print a table, write it as JSON, and check the gates on a GPU."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--patch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--warmup", type=int, default=20)
    parser.add_argument("--modes", default="eager,compile")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True
    found: dict[str, float] = {}
    for mode in options.modes.split(","):
        for name, (network, forward) in contestants(device, compiled=mode == "compile").items():
            step = step_of(network, forward, options.batch, options.patch, device)
            found[f"{name} {mode}"] = timed_ms(step, options.steps, options.warmup, device)
            peak = torch.cuda.max_memory_allocated() / 2**30 if device.type == "cuda" else float("nan")
            print(f"{name + ' ' + mode:24} {found[f'{name} {mode}']:9.1f} ms   peak {peak:5.1f} GiB")
    if options.out:
        options.out.write_text(
            json.dumps({"device": str(device), **vars(options), "ms": found}, default=str, indent=1)
        )
    report(found, gated=device.type == "cuda" and options.patch == 128)


def report(found: dict[str, float], *, gated: bool) -> None:
    """Print the ratios; fail where a gate applies and is missed."""
    gates = {
        ("MONAI compile", "ours compile"): 1.2,
        ("MONAI eager", "ours compile"): 1.5,
        ("ours eager", "ours with kernel eager"): 1.0,
        ("ours eager", "ours with head eager"): 1 / 1.01,
        ("ours compile", "ours with head compile"): 1 / 1.01,
    }
    missed = []
    for (slow, fast), least in gates.items():
        if slow in found and fast in found:
            ratio = found[slow] / found[fast]
            print(f"{slow} / {fast}: {ratio:.2f} (gate {least:.2f}{'' if gated else ', not applied here'})")
            missed += [f"{slow} / {fast}"] if gated and ratio < least else []
    if gated and "ours compile" in found:
        print(
            f"ours compiled / {FLOOR_MS:g} ms memory floor of an H200: {found['ours compile'] / FLOOR_MS:.1f}"
        )
    if missed:
        raise SystemExit(f"gates missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
