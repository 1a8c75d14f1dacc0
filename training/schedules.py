"""How weights change from epoch to epoch: alpha schedules and the Dynamic Weight Average."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from analysis.cohort.usage import UsageError

ScheduleName = Literal["linear", "step", "cosine", "constant"]
AlphaSchedule = Callable[[int], float]


def linear_alpha(epoch: int, epochs: int, *, ends_at_zero: bool = False) -> float:
    """Compute 1 - t/T, equation 14 of Celaya 2023.

    With t from 0 to T - 1 the printed formula ends at 1/T, not at the 0 that the text promises;
    `ends_at_zero` divides by T - 1 instead.
    """
    return 1 - epoch / _last(epochs, ends_at_zero)


def step_alpha(epoch: int, epochs: int, *, step: int = 5, ends_at_zero: bool = False) -> float:
    """Compute 1 - floor(t/h) / floor(T/h), equation 15 of Celaya 2023; never below 0.

    Raises:
        UsageError: the step is longer than the training, where the formula divides by zero.
    """
    last = _last(epochs, ends_at_zero)
    if not 1 <= step <= last:
        raise UsageError(f"the step of an alpha schedule lies between 1 and {last} epochs, found {step}")
    return max(0.0, 1 - (epoch // step) / (last // step))


def cosine_alpha(epoch: int, epochs: int, *, ends_at_zero: bool = False) -> float:
    """Compute (1 + cos(pi t / T)) / 2, equation 16 of Celaya 2023."""
    return (1 + math.cos(math.pi * epoch / _last(epochs, ends_at_zero))) / 2


def alpha_schedule(name: ScheduleName, epochs: int, *, ends_at_zero: bool = True) -> AlphaSchedule:
    """Choose a schedule by name; `constant` stays at 1/2."""
    schedules: dict[str, AlphaSchedule] = {
        "linear": lambda epoch: linear_alpha(epoch, epochs, ends_at_zero=ends_at_zero),
        "step": lambda epoch: step_alpha(epoch, epochs, ends_at_zero=ends_at_zero),
        "cosine": lambda epoch: cosine_alpha(epoch, epochs, ends_at_zero=ends_at_zero),
        "constant": lambda _epoch: 0.5,
    }
    if name not in schedules:
        raise UsageError(f"no alpha schedule {name!r}; known are {', '.join(schedules)}")
    return schedules[name]


@dataclass
class DynamicWeightAverage:
    """Dynamic Weight Average (Liu, CVPR 2019): tasks whose loss falls slowly get more weight.

    K softmax(w / T) with w the ratio of the last two epochs' mean unweighted losses; ones for the first two
    epochs. With two tasks, T = 2 and falling losses the weights stay in [0.755, 1.245], so it cannot explore
    what a sweep from 0 to 10 does; multiply it by base weights. Losses must be positive for a ratio to mean
    anything: nnU-Net's Dice reaches -1, so feed it 1 more.

    Attributes:
        temperature: larger is more even.
        history: the mean losses of past epochs, at most two, part of a checkpoint.
    """

    temperature: float = 2.0
    history: list[dict[str, float]] = field(default_factory=list)

    def weights(self, names: list[str]) -> dict[str, float]:
        """Weigh the tasks of the coming epoch; the weights sum to their number."""
        if len(self.history) < 2:
            return dict.fromkeys(names, 1.0)
        before, last = self.history
        rates = {name: last[name] / before[name] if before[name] else 1.0 for name in names}
        powers = {name: math.exp(rate / self.temperature) for name, rate in rates.items()}
        total = sum(powers.values())
        return {name: len(names) * power / total for name, power in powers.items()}

    def record(self, losses: Mapping[str, float]) -> None:
        """Take in the mean unweighted losses of an epoch that ended."""
        self.history = [*self.history, dict(losses)][-2:]

    def state_dict(self) -> dict[str, object]:
        """What a checkpoint must hold."""
        return {"temperature": self.temperature, "history": [dict(one) for one in self.history]}

    @classmethod
    def from_state(cls, state: Mapping[str, object]) -> "DynamicWeightAverage":
        """Build it again from a checkpoint."""
        return cls(**state)  # type: ignore[arg-type]


def _last(epochs: int, ends_at_zero: bool) -> int:  # noqa: FBT001 - private
    return max(1, epochs - 1) if ends_at_zero else epochs
