"""Patches of a prepared data set, each determined by its number alone.

Sample n is the same whoever asks for it, in whatever order, in whichever process: a resumed run sees what an
uninterrupted one would have, and the number of workers changes nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from training.dataset import Dataset, PreparedCase, PreparedPatient, Target
from training.preprocessing import OUTSIDE
from training.signed_distance import STEPS

FOREGROUND_SHARE = 0.33
"""Share of a batch whose patches are centred on a tumour voxel, as in nnU-Net."""

Shape = tuple[int, int, int]


class Batch(NamedTuple):
    """What a step sees.

    Attributes:
        images_bczyx: float32.
        labels_bzyx: int64, 0 outside the brain.
        distances_bczyx: float32 in [-1, 1], positive inside; None for an objective without them.
        reach_mm_bc2: float32, the distances in mm that +1 and -1 stand for.
    """

    images_bczyx: Tensor
    labels_bzyx: Tensor
    distances_bczyx: Tensor | None
    reach_mm_bc2: Tensor

    def to(self, device: torch.device) -> "Batch":
        """Move every part."""
        parts = [None if part is None else part.to(device, non_blocking=True) for part in self]
        return Batch(*parts)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Sampling:
    """How patches are drawn.

    Attributes:
        patch: (z, y, x).
        batch: of every so many samples the last third are centred on a voxel of a random label.
        target: kind of distance map, or None.
        augmented: whether nnU-Net's recipe is applied.
        seed: first of the numbers that determine a sample.
    """

    patch: Shape
    batch: int = 2
    target: Target | None = None
    augmented: bool = True
    seed: int = 42


class Patches(TorchDataset[Batch]):
    """Random patches of some patients; item n is a batch of one."""

    def __init__(self, dataset: Dataset, patients: Sequence[PreparedPatient], sampling: Sampling) -> None:
        self.dataset, self.patients, self.sampling = dataset, list(patients), sampling

    def __getitem__(self, number: int) -> Batch:
        """Make sample `number`; the same number gives the same bits."""
        with _undisturbed_randomness():
            return self._sample(number)

    def _sample(self, number: int) -> Batch:
        from training import augment

        random = augment.seeded((self.sampling.seed, int(self.sampling.augmented), number))
        patient = self.patients[random.integers(len(self.patients))]
        case = self.dataset.case(patient.id)
        motion = augment.draw_motion(random) if self.sampling.augmented else "none"
        shape = augment.crop_shape(self.sampling.patch, motion)
        start = self._start(case, number, random, shape)
        distances = self._distances(case, start, shape)
        images = torch.from_numpy(cut(case.images_czyx, start, shape, 0).astype(np.float32))
        labels = torch.from_numpy(cut(case.labels_zyx[None], start, shape, OUTSIDE)[0].astype(np.int64))
        sample = augment.Sample(images, labels, distances)
        if self.sampling.augmented:
            sample = augment.augment(sample, self.sampling.patch, motion)
        reach_mm = torch.tensor(patient.reach_mm, dtype=torch.float32)
        return Batch(sample.images_czyx, sample.labels_zyx.clamp(min=0), sample.distances_czyx, reach_mm)

    def _distances(self, case: PreparedCase, start: Shape, shape: Shape) -> Tensor | None:
        if self.sampling.target is None:
            return None
        codes = cut(case.distances(self.sampling.target), start, shape, -STEPS)
        return torch.from_numpy(codes.astype(np.float32) / STEPS)

    def _start(self, case: PreparedCase, number: int, random: np.random.Generator, shape: Shape) -> Shape:
        """Draw where the patch, anywhere or around a tumour voxel, and so its crop begins."""
        patch = np.asarray(self.sampling.patch)
        room = np.asarray(case.labels_zyx.shape) - patch
        lowest = np.minimum(room // 2, 0)
        wanted = number % self.sampling.batch >= round(self.sampling.batch * (1 - FOREGROUND_SHARE))
        if wanted and case.places:
            voxels = case.places[int(random.choice(sorted(case.places)))]
            first = np.maximum(voxels[random.integers(len(voxels))] - patch // 2, lowest)
        else:
            first = random.integers(lowest, np.maximum(room, lowest) + 1)
        z, y, x = (int(one) for one in first - (np.asarray(shape) - patch) // 2)
        return z, y, x


def cut(
    array_czyx: npt.NDArray[np.generic], start: Shape, shape: Shape, fill: int
) -> npt.NDArray[np.generic]:
    """Copy a box out of a (c, z, y, x) array; where it hangs over the edge, `fill`."""
    inner, pads = [slice(None)], [(0, 0)]
    for first, size, whole in zip(start, shape, array_czyx.shape[1:], strict=True):
        low, high = min(max(first, 0), whole), max(min(first + size, whole), 0)
        inner.append(slice(low, max(low, high)))
        before = min(max(-first, 0), size)
        pads.append((before, size - before - max(high - low, 0)))
    return np.pad(np.asarray(array_czyx[tuple(inner)]), pads, constant_values=fill)


def batches(patches: Patches, numbers: range, *, workers: int, pin: bool = False) -> Iterator[Batch]:
    """Iterate over whole batches of the samples `numbers`, made ahead by worker processes if any."""
    options: dict[str, Any] = {
        "sampler": numbers,
        "num_workers": workers,
        "pin_memory": pin,
        "collate_fn": _collate,
    }
    yield from DataLoader(patches, patches.sampling.batch, prefetch_factor=4 if workers else None, **options)


def _collate(samples: list[Batch]) -> Batch:
    columns = zip(*samples, strict=True)
    parts = (None if one[0] is None else torch.stack(one) for one in columns)
    return Batch(*parts)  # type: ignore[arg-type]


@contextmanager
def _undisturbed_randomness() -> Iterator[None]:
    """Put the global generators back afterwards: making a sample changes no one else's draws."""
    state = np.random.get_state()  # noqa: NPY002 - the global generator is what must be put back
    with torch.random.fork_rng(devices=[]):
        yield
    np.random.set_state(state)  # noqa: NPY002
