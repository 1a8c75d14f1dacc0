"""Patches a second without a network: `python benchmarks/training_loader.py`.

Made-up brains of --shape, prepared as `glioscope train prepare` writes them; batches of 2 with nnU-Net's
augmentation, with and without three distance maps, for each number of workers.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from training_machine import DEVICE, name, size

from training.dataset import Dataset, PreparedPatient, Summary
from training.patches import Patches, Sampling, batches


def made_up(folder: Path, cases: int, shape: tuple[int, int, int]) -> Dataset:
    """Write random cases in the prepared format."""
    random = np.random.default_rng(0)
    patients = []
    for index in range(cases):
        case = folder / f"case{index}"
        case.mkdir()
        labels = np.zeros(shape, np.int8)
        middle = tuple(slice(edge // 3, 2 * edge // 3) for edge in shape)
        labels[middle] = random.integers(1, 4, labels[middle].shape)
        voxels = np.argwhere(labels)[:5000]
        np.save(case / "images.npy", random.standard_normal((4, *shape), np.float32).astype(np.float16))
        np.save(case / "labels.npy", labels)
        np.save(case / "signed.npy", random.integers(-127, 128, (3, *shape), np.int8))
        np.save(case / "places.npy", np.insert(voxels, 0, labels[tuple(voxels.T)], axis=1).astype(np.int32))
        patients.append(PreparedPatient(case.name, case.name, index % 5, (1, 1, 1), ((1.0, 1.0),) * 3))
    names, channels = ("NCR", "ED", "ET"), ("t1n", "t1c", "t2w", "t2f")
    summary = Summary(
        "made up", "brats2023", (1, 2, 3), names, {}, channels, (1, 1, 1), ("signed",), tuple(patients)
    )
    return Dataset(folder, summary)


def main() -> None:
    """Print batches a second, a row a setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", default="4,8,16" if DEVICE.type == "cuda" else "0")
    parser.add_argument("--patch", type=int, default=size(128, 32))
    parser.add_argument("--shape", default="140,170,140" if DEVICE.type == "cuda" else "40,40,40")
    parser.add_argument("--cases", type=int, default=8)
    parser.add_argument("--batches", type=int, default=size(40, 10))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    print(name())
    found = {}
    z, y, x = (int(edge) for edge in options.shape.split(","))
    with tempfile.TemporaryDirectory() as folder:
        dataset = made_up(Path(folder), options.cases, (z, y, x))
        for workers in (int(count) for count in options.workers.split(",")):
            for target in (None, "signed"):
                sampling = Sampling((options.patch,) * 3, target=target)
                stream = batches(
                    Patches(dataset, dataset.summary.patients, sampling),
                    range(2 * options.batches),
                    workers=workers,
                )
                next(stream)  # workers have started
                started = time.perf_counter()
                count = sum(1 for _ in stream)
                rate = count / (time.perf_counter() - started)
                found[f"{workers} workers, {3 if target else 0} maps"] = rate
                label = f"{workers:3} workers, {3 if target else 0} maps"
                print(f"{label}: {rate:6.2f} batches/s, {1000 / rate:7.1f} ms a batch")
    if options.out:
        options.out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
