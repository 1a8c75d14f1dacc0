"""Step, loader and both together: `python benchmarks/training_epoch.py` (made-up brains, or a prepared DATA).

Says which of the two limits an epoch: milliseconds of a batch from the loader alone, of a step alone on one
batch, and of both through the real loop. Gates apply on a GPU only: the loader never slower than the step,
DistMap at most 1.01 times as long as Baseline.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from training_loader import made_up
from training_machine import DEVICE, judge, name, size, timed_ms

from training import loop
from training.config import TrainingConfig
from training.dataset import Dataset, open_dataset
from training.patches import batches
from training.recipes import recipe


def loader_ms(config: TrainingConfig, dataset: Dataset) -> float:
    """Milliseconds on the wall of a batch without a network, after the workers have started."""
    count = config.iterations
    stream = batches(
        loop.samples(config, dataset)[0], range(config.batch * (count + 1)), workers=config.workers
    )
    next(stream)
    started = time.perf_counter()
    for _ in stream:
        pass
    return 1000 * (time.perf_counter() - started) / count


def step_ms(config: TrainingConfig, dataset: Dataset) -> float:
    """Milliseconds of a step on one batch that is there already."""
    run = loop.start(config, dataset)
    batch = next(batches(loop.samples(config, dataset)[0], range(config.batch), workers=0)).to(DEVICE)
    step = loop._step_function(run)  # noqa: SLF001 - the loop's own step is what is timed
    return timed_ms(lambda: step(batch), config.iterations, warmup=size(20, 1))


def epoch_ms(config: TrainingConfig, dataset: Dataset) -> float:
    """Milliseconds on the wall of a step of the second epoch through the real loop, validation included."""
    with tempfile.TemporaryDirectory() as folder:
        loop.fit(config, dataset, Path(folder), report=lambda _sentence: None)
        rows = (Path(folder) / "log.jsonl").read_text().splitlines()
    return 1000 * config.batch / float(json.loads(rows[-1])["images_per_second"])


def main() -> None:
    """Print a row a recipe, the ratios, and fail where a gate applies and is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--recipes", default="baseline,distmap")
    parser.add_argument("--iterations", type=int, default=size(100, 3))
    parser.add_argument("--patch", type=int, default=size(128, 32))
    parser.add_argument("--workers", type=int, default=size(12, 0))
    parser.add_argument("--compile", action="store_true", default=DEVICE.type == "cuda")
    options = parser.parse_args()
    print(name())
    with tempfile.TemporaryDirectory() as folder:
        whole = (size(140, 40), size(170, 40), size(140, 40))
        dataset = open_dataset(options.data) if options.data else made_up(Path(folder), 10, whole)
        compare(options, dataset)


def compare(options: argparse.Namespace, dataset: Dataset) -> None:
    """Time each recipe and print what limits it."""
    ratios, steps = {}, {}
    for one in options.recipes.split(","):
        config = TrainingConfig(
            recipe=recipe(one), epochs=2, iterations=options.iterations, validation_iterations=1,
            patch=(options.patch,) * 3, workers=options.workers, compile=options.compile,
        )  # fmt: skip
        loader, steps[one], both = (time_it(config, dataset) for time_it in (loader_ms, step_ms, epoch_ms))
        print(f"{one:12} loader {loader:9.1f} ms   step {steps[one]:9.1f} ms   both {both:9.1f} ms a batch")
        ratios[f"{one}: step / loader"] = (steps[one] / loader, 1.0)
    first, *others = steps
    for other in others:
        ratios[f"{first} / {other}, a step"] = (steps[first] / steps[other], 1 / 1.01)
    judge(ratios)


if __name__ == "__main__":
    main()
