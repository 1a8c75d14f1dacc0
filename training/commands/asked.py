"""What the commands share: the extra they need, options that are lists, and where their output goes."""

import os
from importlib.util import find_spec

import typer

from analysis.cohort.usage import UsageError

_EXTRAS = {"torch": "training", "monai": "training", "batchgeneratorsv2": "training", "nnunetv2": "nnunet"}


def need(*libraries: str) -> None:
    """Check that the libraries of an extra are installed.

    Raises:
        UsageError: one is missing; the line says what to install.
    """
    for name in libraries:
        if find_spec(name) is None:
            raise UsageError(f"this needs {name}: pip install 'glioscope[{_EXTRAS[name]}]'")


def numbers(text: str, what: str) -> list[float]:
    """Read a list such as `0,0.5,2`.

    Raises:
        UsageError: a part is no number.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise UsageError(f"{what} are numbers separated by commas, found {text!r}") from error


def patch_of(text: str | None) -> tuple[int, int, int] | None:
    """Read a patch such as `128,128,128` (z, y, x), or one number for all three.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    sizes = [int(one) for one in numbers(text.strip("[]() "), "patch sizes")]
    if len(sizes) == 1:
        sizes *= 3
    if len(sizes) != 3 or min(sizes) < 1:
        raise UsageError(f"a patch has one size or three, in whole voxels, found {text!r}")
    return sizes[0], sizes[1], sizes[2]


def say(sentence: str) -> None:
    """Tell people something, on stderr."""
    typer.echo(sentence, err=True)


def use_threads() -> None:
    """Let torch use as many threads as OMP_NUM_THREADS says, or the cores that are ours."""
    import torch

    wanted = os.environ.get("OMP_NUM_THREADS")
    torch.set_num_threads(int(wanted) if wanted else min(len(os.sched_getaffinity(0)), 8))
