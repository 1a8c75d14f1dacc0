"""Training without a GPU: `OMP_NUM_THREADS=1 python benchmarks/training_cpu.py`.

The proof that everything learns (two patches of 32 cubed by heart in 60 steps of an 8-channel MedNeXt, wanted
under 30 s), in both memory orders: CPU seconds, their ratio, Dice and the error of the distances.
"""

import time

import numpy as np
import torch
from torch import Tensor

from training.config import TrainingConfig
from training.loop import Run, train_step
from training.mednext import MedNeXt, MedNeXtConfig
from training.objectives import Objective
from training.patches import Batch
from training.recipes import recipe
from training.signed_distance import STEPS, label_distance_maps

STEPS_TAKEN = 60
WANTED_S = 30.0
LEVELS = np.array([[100, 60, 120, 90], [100, 90, 110, 200], [100, 200, 180, 60], [100, 180, 120, 210]]) / 50


def made_up(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A nested tumour in 32 cubed: images, labels, distance maps, and how far they reach in mm."""
    random = np.random.default_rng(seed)
    centre = np.array([16, 16, 16]) + random.uniform(-3, 3, 3)
    far = np.linalg.norm(np.indices((32, 32, 32)) - centre[:, None, None, None], axis=0)
    labels = np.select([far < 3.5, far < 6, far < 9], [1, 3, 2], 0)
    images = LEVELS[labels].transpose(3, 0, 1, 2) + random.normal(0, 0.16, (4, 32, 32, 32))
    codes, reach_mm = label_distance_maps(labels, (1, 2, 3))
    return (
        torch.from_numpy(images).float(), torch.from_numpy(labels).long(),
        torch.from_numpy(codes.astype(np.float32) / STEPS), torch.from_numpy(reach_mm),
    )  # fmt: skip


def by_heart(*, channels_last: bool) -> tuple[float, list[float], float]:
    """CPU seconds of the steps, Dice of the labels, and mean squared error of the distances."""
    torch.manual_seed(42)
    images, labels, distances, reach_mm = (
        torch.stack(parts) for parts in zip(*map(made_up, (0, 1)), strict=True)
    )
    network = MedNeXt(MedNeXtConfig(channels=8, expansion=(2,) * 9, blocks=(1,) * 9))
    if channels_last:
        network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        images = images.contiguous(memory_format=torch.channels_last_3d)
    chosen = recipe("distmap")
    config = TrainingConfig(recipe=chosen, patch=(32, 32, 32), device="cpu", workers=0)
    optimizer = torch.optim.AdamW(network.parameters(), 4e-3, weight_decay=config.weight_decay, eps=1e-4)
    run = Run(config, network, optimizer, Objective(chosen, epochs=1), torch.device("cpu"))
    batch = Batch(images, labels, distances, reach_mm)
    started = time.process_time()
    for _ in range(STEPS_TAKEN):
        train_step(run, network.outputs, batch, run.objective.weights(0))
    seconds = time.process_time() - started
    with torch.no_grad():
        outputs = network.outputs(images, deep=False)
    sides = [(outputs.logits[0].argmax(1) == label, labels == label) for label in (1, 2, 3)]
    dice = [float(2 * (ours & theirs).sum() / (ours.sum() + theirs.sum())) for ours, theirs in sides]
    return seconds, dice, float((torch.tanh(outputs.distances) - distances).square().mean())


def main() -> None:
    """Print a row a memory order and the ratio."""
    torch.set_num_threads(1)
    found = {}
    for name, channels_last in (("contiguous", False), ("channels-last", True)):
        found[name], dice, error = by_heart(channels_last=channels_last)
        scores = " ".join(f"{value:.3f}" for value in dice)
        print(f"{name:14} {found[name]:6.1f} s of CPU   Dice {scores}   squared error {error:.3f}")
    print(f"contiguous / channels-last: {found['contiguous'] / found['channels-last']:.2f}")
    held = found["channels-last"] < WANTED_S
    print(f"{STEPS_TAKEN} steps, channels-last, one thread: {'under' if held else 'over'} {WANTED_S:g} s")


if __name__ == "__main__":
    main()
