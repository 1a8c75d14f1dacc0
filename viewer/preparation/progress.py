"""How far a long loop is, on stderr: a bar on a terminal, a line a minute where nobody watches."""

import sys
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from tqdm import tqdm

Step = TypeVar("Step")

_QUIET_S = 2.0
_LINE_EVERY_S = 60.0


def shown(steps: Iterator[Step], total: int, title: str, unit: str = "patient") -> Iterator[Step]:
    """Hand out steps and show how far it is, with rate and time left.

    On a terminal that is a bar, if it takes more than two seconds; in a log it is a line a minute.
    """
    if sys.stderr.isatty():
        with tqdm(total=total, desc=title, unit=unit, delay=_QUIET_S, leave=False) as bar:
            for step in steps:
                yield step
                bar.update()
    else:
        yield from lines(steps, total, title)


def lines(
    steps: Iterator[Step], total: int, title: str, now: Callable[[], float] = time.monotonic
) -> Iterator[Step]:
    """Hand out steps and write a line on stderr each minute, as long as something is left to do.

    Args:
        steps: any number.
        total: how many are expected.
        title: what is done.
        now: seconds of a clock that only goes forward.
    """
    start_s = written_s = now()
    for done, step in enumerate(steps, start=1):
        yield step
        at_s = now()
        if done < total and at_s - written_s >= _LINE_EVERY_S:
            written_s = at_s
            print(line(title, done, total, at_s - start_s), file=sys.stderr, flush=True)  # noqa: T201 - for people


def line(title: str, done: int, total: int, elapsed_s: float) -> str:
    """Write `prepare: 240 of 1196 patients, 3.1 a second, about 5 min left`."""
    rate = done / elapsed_s
    left_s = max(0, total - done) / rate
    left = f"{left_s / 60:.0f} min" if left_s >= 90 else f"{left_s:.0f} s"
    return f"{title}: {done} of {total} patients, {rate:.2g} a second, about {left} left"
