"""How far a long loop is, on stderr: count, rate and time left, from the second second on."""

from collections.abc import Iterator
from typing import TypeVar

from tqdm import tqdm

Step = TypeVar("Step")

_QUIET_S = 2.0


def shown(steps: Iterator[Step], total: int, title: str) -> Iterator[Step]:
    """Hand out steps and show a bar, if stderr is a terminal and it takes more than two seconds."""
    with tqdm(total=total, desc=title, unit="patient", delay=_QUIET_S, disable=None, leave=False) as bar:
        for step in steps:
            yield step
            bar.update()
