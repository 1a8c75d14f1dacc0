"""One training step of MedNeXt against MONAI's: `python benchmarks/training_step.py` (full size on a GPU).

Ours and MONAI's in the same process, eager and compiled, head off and on, both memory orders; the same
images, the same Dice and cross-entropy. Median of --steps after --warmup. Gates apply on a GPU only: ours
compiled at least 1.2 times MONAI's compiled and 1.5 times MONAI's eager; DistMap at most 1.01 of Baseline.
The floor is what MedNeXt-B must move through an H200's memory: 24 ms for batch 2 of 128 cubed, scaled.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from training_machine import DEVICE, judge, name, size, timed_ms

from training.mednext import SIZES, MedNeXt
from training.region_losses import dice_cross_entropy
from training.regression_losses import masked_mse

FLOOR_MS = 24.0
GATES = {
    ("MONAI compile", "ours compile"): 1.2,
    ("MONAI eager", "ours compile"): 1.5,
    ("MONAI eager", "ours eager"): 1.0,
    ("ours eager", "ours channels-last eager"): 1.0,
    ("ours eager", "ours with kernel eager"): 1.0,
    ("ours eager", "ours with head eager"): 1 / 1.01,
    ("ours compile", "ours with head compile"): 1 / 1.01,
}
Forward = Callable[[Tensor], tuple[Tensor, Tensor | None]]
Step = Callable[[], None]


def step_of(network: nn.Module, forward: Forward, batch: int, patch: int) -> Step:
    """A whole step on random images and labels: forward, loss, backward, AdamW."""
    images = torch.randn(batch, 4, patch, patch, patch, device=DEVICE)
    labels = torch.randint(0, 4, (batch, patch, patch, patch), device=DEVICE)
    target = torch.rand(batch, 3, patch, patch, patch, device=DEVICE) * 2 - 1
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=DEVICE.type == "cuda"):
            logits, distances = forward(images)
        loss = dice_cross_entropy(logits, labels)
        if distances is not None:
            loss = loss + masked_mse(torch.tanh(distances), target)
        loss.backward()
        optimizer.step()

    return step


def contestants(*, compiled: bool) -> dict[str, tuple[nn.Module, Forward]]:
    """Ours with and without the head and in both memory orders, MONAI's as it is, the full scale alone."""
    from monai.networks.nets.mednext import create_mednext

    ours, last, fused = (
        MedNeXt(replace(SIZES["B"], fused_gradient=one)).to(DEVICE) for one in (False, False, True)
    )
    last.to(memory_format=torch.channels_last_3d)
    theirs = create_mednext("B", in_channels=4, out_channels=4, kernel_size=3).to(DEVICE)

    def baseline(images: Tensor) -> tuple[Tensor, Tensor | None]:
        return ours.outputs(images, deep=False, distances=False).logits[0], None

    def channels_last(images: Tensor) -> tuple[Tensor, Tensor | None]:
        ordered = images.contiguous(memory_format=torch.channels_last_3d)
        return last.outputs(ordered, deep=False, distances=False).logits[0], None

    def kernel(images: Tensor) -> tuple[Tensor, Tensor | None]:
        return fused.outputs(images, deep=False, distances=False).logits[0], None

    def distmap(images: Tensor) -> tuple[Tensor, Tensor | None]:
        found = ours.outputs(images, deep=False)
        return found.logits[0], found.distances

    def monai(images: Tensor) -> tuple[Tensor, Tensor | None]:
        return theirs(images), None

    forwards: dict[str, tuple[nn.Module, Forward]] = {
        "ours": (ours, baseline),
        "ours with head": (ours, distmap),
        "ours channels-last": (last, channels_last),
        "MONAI": (theirs, monai),
    }
    if DEVICE.type == "cuda":  # elsewhere it is the same network
        forwards["ours with kernel"] = (fused, kernel)
    return {one: (net, torch.compile(call) if compiled else call) for one, (net, call) in forwards.items()}


def bf16_difference(patch: int) -> float:
    """How far the first loss in BF16 lies from that in FP32; wanted within 0.02."""
    torch.manual_seed(0)
    network = MedNeXt().to(DEVICE)
    images = torch.randn(1, 4, patch, patch, patch, device=DEVICE)
    labels = torch.randint(0, 4, (1, patch, patch, patch), device=DEVICE)
    found = []
    for enabled in (True, False):
        with torch.no_grad(), torch.autocast(DEVICE.type, torch.bfloat16, enabled=enabled):
            logits = network.outputs(images, deep=False, distances=False).logits[0]
        found.append(float(dice_cross_entropy(logits.float(), labels)))
    return abs(found[0] - found[1])


def main() -> None:
    """Time every contestant, print a table, write it as JSON, and check the gates on a GPU."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=size(2, 1))
    parser.add_argument("--patch", type=int, default=size(128, 32))
    parser.add_argument("--steps", type=int, default=size(50, 5))
    parser.add_argument("--warmup", type=int, default=size(20, 1))
    parser.add_argument("--modes", default="eager,compile" if DEVICE.type == "cuda" else "eager")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    print(name())
    torch.backends.cudnn.benchmark = True
    found: dict[str, float] = {}
    for mode in options.modes.split(","):
        for one, (network, forward) in contestants(compiled=mode == "compile").items():
            step = step_of(network, forward, options.batch, options.patch)
            found[f"{one} {mode}"] = timed_ms(step, options.steps, options.warmup)
            peak = torch.cuda.max_memory_allocated() / 2**30 if DEVICE.type == "cuda" else float("nan")
            print(f"{one + ' ' + mode:28} {found[f'{one} {mode}']:9.1f} ms   peak {peak:5.1f} GiB")
    if options.out:
        options.out.write_text(
            json.dumps({"device": name(), **vars(options), "ms": found}, default=str, indent=1)
        )
    report(found, options.batch, options.patch)


def report(found: dict[str, float], batch: int, patch: int) -> None:
    """Print the floor, the difference of BF16 and the ratios; fail where a gate applies and is missed."""
    floor_ms = FLOOR_MS * batch / 2 * (patch / 128) ** 3
    best = min((one for one in found if one.startswith("ours") and "head" not in one), key=found.__getitem__)
    print(
        f"{best} / {floor_ms:.2f} ms memory floor of an H200 for batch {batch} of {patch} cubed: "
        f"{found[best] / floor_ms:.1f}"
    )
    print(f"first loss in BF16 differs from FP32 by {bf16_difference(patch):.4f} (wanted: 0.02)")
    judge(
        {
            f"{slow} / {fast}": (found[slow] / found[fast], least)
            for (slow, fast), least in GATES.items()
            if slow in found and fast in found
        }
    )


if __name__ == "__main__":
    main()
