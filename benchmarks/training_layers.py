"""Which layer of MedNeXt costs most: `python benchmarks/training_layers.py` (a GPU, or --patch 32 on a CPU).

For each level of MedNeXt-B at the given patch and batch: forward, and forward with backward, of the depthwise
convolution, the norm, the expansion, GELU and the compression, in both memory orders. A kernel of our own for
the depthwise weight gradient is worth its code only where depthwise backward is the largest line.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn

from training.mednext import LEVELS, SIZES

EXPANSION = SIZES["B"].expansion


def layers(channels: int, level: int) -> dict[str, tuple[nn.Module, int]]:
    """The parts of a block of a level, each with the channels that go in."""
    wide = EXPANSION[level] * channels
    return {
        "depthwise": (nn.Conv3d(channels, channels, 3, padding=1, groups=channels), channels),
        "norm": (nn.GroupNorm(channels, channels), channels),
        "expand": (nn.Conv3d(channels, wide, 1), channels),
        "gelu": (nn.GELU(), wide),
        "compress": (nn.Conv3d(wide, channels, 1), wide),
    }


def median_ms(call: Callable[[], object], steps: int, device: torch.device) -> float:
    """Median milliseconds of a call, after two that warm up."""
    found = []
    for step in range(steps + 2):
        started = time.perf_counter()
        call()
        if device.type == "cuda":
            torch.cuda.synchronize()
        if step > 1:
            found.append(1000 * (time.perf_counter() - started))
    return median(found)


def timed(layer: nn.Module, images: Tensor, steps: int) -> tuple[float, float]:
    """Milliseconds forward, and forward with backward."""
    device = images.device
    autocast = torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")

    def forward() -> Tensor:
        with autocast:
            answer: Tensor = layer(images)
        return answer

    def both() -> None:
        forward().float().sum().backward()

    with torch.no_grad():
        ahead = median_ms(forward, steps, device)
    return ahead, median_ms(both, steps, device)


def main() -> None:
    """Print a row a level, layer and memory order, and the largest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patch", type=int, default=128)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    backward: dict[str, float] = {}
    for level in range(LEVELS + 1):
        channels, size = SIZES["B"].channels * 2**level, options.patch // 2**level
        for name, (layer, width) in layers(channels, level).items():
            for order in (torch.contiguous_format, torch.channels_last_3d):
                images = torch.randn(options.batch, width, size, size, size, device=device)
                images = images.contiguous(memory_format=order).requires_grad_()
                ahead, both = timed(layer.to(device).to(memory_format=order), images, options.steps)
                label = f"{name} {str(order).removeprefix('torch.').removesuffix('_format')}"
                backward[label] = backward.get(label, 0) + both - ahead
                print(f"{size:4} cubed x {width:5}  {label:28} {ahead:9.2f} ms  with backward {both:9.2f} ms")
    print(f"\nbackward over all levels, on {device}, largest first:")
    for label, cost in sorted(backward.items(), key=lambda pair: -pair[1]):
        print(f"  {cost:9.2f} ms  {label}")


if __name__ == "__main__":
    main()
