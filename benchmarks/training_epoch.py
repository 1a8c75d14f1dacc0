"""Step and loader together: `python benchmarks/training_epoch.py DATA` (a prepared data set).

Trains a short epoch of each recipe through the real loop and prints images a second and the ratio of DistMap
to Baseline; beside `training_step.py` and `training_loader.py` it says which of the two limits an epoch.
"""

import argparse
import json
import tempfile
from pathlib import Path

from training.config import TrainingConfig
from training.dataset import open_dataset
from training.loop import fit
from training.recipes import recipe


def main() -> None:
    """Print images a second of the last of two epochs, the first of which compiles and warms up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--recipes", default="baseline,distmap")
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--patch", type=int, default=128)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    rates = {}
    for name in options.recipes.split(","):
        config = TrainingConfig(
            recipe=recipe(name), epochs=2, iterations=options.iterations, validation_iterations=1,
            patch=(options.patch,) * 3, workers=options.workers, compile=options.compile,
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            fit(config, open_dataset(options.data), Path(folder))
            rows = (Path(folder) / "log.jsonl").read_text().splitlines()
        rates[name] = json.loads(rows[-1])["images_per_second"]
        print(f"{name:12} {rates[name]:7.2f} images/s")
    first, *others = rates
    for other in others:
        print(f"{other} takes {rates[first] / rates[other]:.3f} times as long as {first}")


if __name__ == "__main__":
    main()
