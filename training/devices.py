"""Where to compute, and what to say when that is not possible."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from training.config import ConfigError, TrainingConfig


def choose_device(name: str) -> torch.device:
    """Choose a device; `auto` takes a GPU if there is one.

    Raises:
        ConfigError: a GPU is asked for and there is none, or the name is no device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"no device {name!r}: use auto, cpu or cuda") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError("no GPU is available: use --device cpu, or auto")
    return device


@contextmanager
def out_of_memory_named(config: TrainingConfig) -> Iterator[None]:
    """Turn running out of GPU memory into a sentence that says what to change.

    Raises:
        ConfigError: instead of torch's error.
    """
    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        raise ConfigError(
            f"out of GPU memory with batch {config.batch} of {config.patch_zyx}: "
            "use a smaller --batch or --patch, or `recompute` in the network's options"
        ) from error
