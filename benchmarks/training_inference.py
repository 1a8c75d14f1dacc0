"""Seconds to predict one brain by sliding window: `python benchmarks/training_inference.py`."""

import argparse
import time

import torch

from training.mednext import MedNeXt
from training.sliding_window import ALL_FLIPS, slide


def main() -> None:
    """Print seconds a case, without and with mirroring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="155,240,240")
    parser.add_argument("--patch", type=int, default=128)
    parser.add_argument("--flips", default="1,8")
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = MedNeXt().to(device).eval()
    images = torch.randn(4, *(int(size) for size in options.shape.split(",")), device=device)

    def predict(window: torch.Tensor) -> torch.Tensor:
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            return network.outputs(window, deep=False, distances=False).logits[0]

    for count in (int(one) for one in options.flips.split(",")):
        for run in ("warm-up", "timed"):
            started = time.perf_counter()
            slide(predict, images, (options.patch,) * 3, flips=ALL_FLIPS[:count])
            if device.type == "cuda":
                torch.cuda.synchronize()
            if run == "timed":
                print(
                    f"{options.shape} on {device}, {count} mirrorings: {time.perf_counter() - started:.1f} s"
                )


if __name__ == "__main__":
    main()
