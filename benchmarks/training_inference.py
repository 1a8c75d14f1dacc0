"""Seconds to predict a brain by sliding window: `python benchmarks/training_inference.py` (small on a CPU).

In FP32, which is what `glioscope predict` computes in, and in BF16, as nnU-Net would; how many voxels change.
"""

import argparse
import time

import torch
from torch import Tensor
from training_machine import DEVICE, name, size

from training.mednext import MedNeXt
from training.sliding_window import ALL_FLIPS, slide


def main() -> None:
    """Print seconds a case, without and with mirroring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="155,240,240" if DEVICE.type == "cuda" else "40,40,40")
    parser.add_argument("--patch", type=int, default=size(128, 32))
    parser.add_argument("--flips", default="1,8")
    options = parser.parse_args()
    print(name())
    torch.manual_seed(0)
    network = MedNeXt().to(DEVICE).eval()
    images = torch.randn(4, *(int(one) for one in options.shape.split(",")), device=DEVICE)
    kinds = ("fp32", "bf16") if DEVICE.type == "cuda" else ("fp32",)  # many CPUs only emulate BF16
    for count in (int(one) for one in options.flips.split(",")):
        labels, seconds = {}, {}
        for kind in kinds:
            for _ in range(2):  # the first warms up
                labels[kind], seconds[kind] = predicted(network, images, options.patch, count, kind)
        times = ", ".join(f"{kind} {spent:.1f} s" for kind, spent in seconds.items())
        print(f"{options.shape}, {count} mirrorings: {times}")
        if "bf16" in labels:
            agree = float((labels["fp32"] == labels["bf16"]).float().mean())
            print(
                f"  FP32 / BF16 {seconds['fp32'] / seconds['bf16']:.2f}, same label on {agree:.2%} of voxels"
            )


def predicted(network: MedNeXt, images: Tensor, patch: int, flips: int, kind: str) -> tuple[Tensor, float]:
    """Predict a volume; labels and seconds on the wall."""

    def predict(window: Tensor) -> Tensor:
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=kind == "bf16"):
            return network.outputs(window, deep=False, distances=False).logits[0]

    started = time.perf_counter()
    answer = slide(predict, images, (patch,) * 3, flips=ALL_FLIPS[:flips]).argmax(0)
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return answer, time.perf_counter() - started


if __name__ == "__main__":
    main()
