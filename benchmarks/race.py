"""Time alternatives side by side in one process: only their ratios mean something on a shared machine."""

import gc
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Race:
    """What a race found.

    Attributes:
        seconds: the least CPU time of each alternative, of all its threads together.
        values: what each gave, so that a test can ask whether they agree.
    """

    seconds: Mapping[str, float]
    values: Mapping[str, object]

    def ratio(self, slow: str, fast: str) -> float:
        """How many times faster one alternative is than another."""
        return self.seconds[slow] / self.seconds[fast]


def race(alternatives: Mapping[str, Callable[[], object]], rounds: int = 3, budget_s: float = 60.0) -> Race:
    """Call each alternative in turn, round after round, and keep its least CPU time.

    The first round is there to compile and to warm caches; it counts only for those too slow for another.

    Args:
        alternatives: name to a call without arguments.
        rounds: after the first.
        budget_s: CPU time an alternative may use before it sits out the remaining rounds.
    """
    seconds: dict[str, float] = {}
    spent: dict[str, float] = {}
    values: dict[str, object] = {}
    for name, call in alternatives.items():
        seconds[name], values[name] = _timed(call)
        spent[name] = seconds[name]
    for _ in range(rounds):
        for name, call in alternatives.items():
            if spent[name] + seconds[name] <= budget_s:
                taken, _value = _timed(call)
                spent[name] += taken
                seconds[name] = min(seconds[name], taken)
    return Race(seconds, values)


def _timed(call: Callable[[], object]) -> tuple[float, object]:
    gc.collect()
    start = time.process_time()
    value = call()
    return time.process_time() - start, value


def require_equal(name: object, one: float, other: float, tolerance: float = 1e-9) -> None:
    """Leave with a sentence where two programs disagree: a race between different answers means nothing."""
    if not abs(one - other) <= tolerance:
        sys.exit(f"{name}: {one!r} against {other!r}")


def report(title: str, found: Race, targets: Mapping[tuple[str, str], float]) -> None:
    """Print a race, and leave with exit code 1 where a ratio misses its target.

    Args:
        title: what was raced.
        found: the race.
        targets: (slow, fast) to the ratio wanted at least.
    """
    print(f"\n{title}")
    for name, taken in found.seconds.items():
        print(f"  {taken * 1000:10.1f} ms CPU  {name}")
    missed = False
    for (slow, fast), wanted in targets.items():
        ratio = found.ratio(slow, fast)
        missed |= ratio < wanted
        print(f"  {ratio:10.1f} x       {fast} against {slow} (wanted: {wanted:g} x)")
    if missed:
        sys.exit(1)
