"""What the commands share: the extra they need, options that are lists, and where their output goes."""

import os
from collections.abc import Sequence
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
    sizes = [int(one) for one in numbers(text, "patch sizes")]
    if len(sizes) == 1:
        sizes *= 3
    if len(sizes) != 3 or min(sizes) < 1:
        raise UsageError(f"a patch has one size or three, found {text!r}")
    return sizes[0], sizes[1], sizes[2]


def options_of(texts: Sequence[str] | None) -> dict[str, object]:
    """Read options of a network such as `channels=8` or `expansion=[2,2,2]`, values as JSON.

    Raises:
        UsageError: one is not of this form.
    """
    import json

    options: dict[str, object] = {}
    for text in texts or []:
        name, separator, value = text.partition("=")
        try:
            options[name] = json.loads(value) if separator else None
        except json.JSONDecodeError as error:
            raise UsageError(f"a network's option is NAME=VALUE with a JSON value, found {text!r}") from error
        if not separator:
            raise UsageError(f"a network's option is NAME=VALUE, found {text!r}")
    return options


def say(sentence: str) -> None:
    """Tell people something, on stderr."""
    typer.echo(sentence, err=True)


def use_threads() -> None:
    """Let torch use as many threads as OMP_NUM_THREADS says, or the cores that are ours; never all it sees."""
    import torch

    wanted = os.environ.get("OMP_NUM_THREADS")
    torch.set_num_threads(int(wanted) if wanted else min(len(os.sched_getaffinity(0)), 8))
