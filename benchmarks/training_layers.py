"""Which layer of MedNeXt costs most: `python benchmarks/training_layers.py` (full size on a GPU).

For each level of MedNeXt-B at the given patch and batch: forward, and forward with backward, of the depthwise
convolution, the norm, the expansion, GELU and the compression, in both memory orders. A kernel of our own for
the depthwise weight gradient is worth its code only where depthwise backward is the largest line.
"""

import argparse

import torch
from torch import Tensor, nn
from training_machine import DEVICE, name, size, timed_ms

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


def timed(layer: nn.Module, images: Tensor, steps: int) -> tuple[float, float]:
    """Milliseconds forward, and forward with backward."""
    autocast = torch.autocast(DEVICE.type, torch.bfloat16, enabled=DEVICE.type == "cuda")

    def forward() -> Tensor:
        with autocast:
            answer: Tensor = layer(images)
        return answer

    def both() -> None:
        forward().float().sum().backward()

    with torch.no_grad():
        ahead = timed_ms(forward, steps, warmup=2)
    return ahead, timed_ms(both, steps, warmup=2)


def main() -> None:
    """Print a row a level, layer and memory order, and the largest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patch", type=int, default=size(128, 32))
    parser.add_argument("--batch", type=int, default=size(2, 1))
    parser.add_argument("--steps", type=int, default=size(20, 3))
    options = parser.parse_args()
    print(name())
    backward: dict[str, float] = {}
    for level in range(LEVELS + 1):
        channels, edge = SIZES["B"].channels * 2**level, options.patch // 2**level
        for part, (layer, width) in layers(channels, level).items():
            for order in (torch.contiguous_format, torch.channels_last_3d):
                images = torch.randn(options.batch, width, edge, edge, edge, device=DEVICE)
                images = images.contiguous(memory_format=order).requires_grad_()
                ahead, both = timed(layer.to(DEVICE).to(memory_format=order), images, options.steps)
                label = f"{part} {str(order).removeprefix('torch.').removesuffix('_format')}"
                backward[label] = backward.get(label, 0) + both - ahead
                print(f"{edge:4} cubed x {width:5}  {label:28} {ahead:9.2f} ms  with backward {both:9.2f} ms")
    print(f"\nbackward over all levels, on {DEVICE}, largest first:")
    for label, cost in sorted(backward.items(), key=lambda pair: -pair[1]):
        print(f"  {cost:9.2f} ms  {label}")


if __name__ == "__main__":
    main()
