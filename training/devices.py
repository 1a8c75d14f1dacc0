"""Where to compute, and what to say when that is not possible."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from training.config import ConfigError, TrainingConfig

_CPU_ALLOCATOR = "can't allocate memory"


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
    if device.type not in ("cpu", "cuda"):
        raise ConfigError(f"no device {name!r}: use auto, cpu or cuda")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError("no GPU is available: use device cpu, or auto")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigError(f"no GPU {device.index}: there are {torch.cuda.device_count()}, counted from 0")
    return device


@contextmanager
def out_of_memory_named(doing: str, remedy: str) -> Iterator[None]:
    """Turn running out of memory, a GPU's or the machine's, into a sentence that says what to change.

    Args:
        doing: what was under way.
        remedy: what to try.

    Raises:
        ConfigError: instead of torch's error.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise ConfigError(f"out of GPU memory {doing}: {remedy}") from error
    except RuntimeError as error:
        if _CPU_ALLOCATOR not in str(error):
            raise
        raise ConfigError(f"out of memory {doing}: {remedy}") from error


def training_memory(config: TrainingConfig) -> tuple[str, str]:
    """Say what a run was doing when memory ran out, and what would need less."""
    return (
        f"with batch {config.batch} of patch {config.patch_zyx}",
        "use a smaller --set batch or --set patch, or --set network.recompute=true",
    )
