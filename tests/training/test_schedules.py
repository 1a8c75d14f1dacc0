import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.schedules import (
    DynamicWeightAverage,
    ScheduleName,
    alpha_schedule,
    cosine_alpha,
    linear_alpha,
    step_alpha,
)


@given(
    name=st.sampled_from(["linear", "step", "cosine"]), epochs=st.integers(6, 400), ends_at_zero=st.booleans()
)
def test_alpha_starts_at_one_never_rises_and_stays_between_zero_and_one(
    name: ScheduleName, epochs: int, *, ends_at_zero: bool
) -> None:
    schedule = alpha_schedule(name, epochs, ends_at_zero=ends_at_zero)
    values = [schedule(epoch) for epoch in range(epochs)]
    assert values[0] == 1
    assert all(later <= earlier for earlier, later in itertools.pairwise(values))
    assert 0 <= values[-1] <= 1


@given(st.sampled_from(["linear", "cosine"]), st.integers(2, 400))
def test_alpha_ends_at_zero_when_asked_to(name: ScheduleName, epochs: int) -> None:
    assert alpha_schedule(name, epochs, ends_at_zero=True)(epochs - 1) == pytest.approx(0, abs=1e-12)


def test_the_printed_formulas() -> None:
    assert linear_alpha(30, 300) == 1 - 30 / 300
    assert linear_alpha(299, 300) == pytest.approx(1 / 300)
    assert step_alpha(17, 300, step=5) == 1 - 3 / 60
    assert step_alpha(299, 300, step=5) == pytest.approx(1 / 60)
    assert step_alpha(299, 300, step=50) == pytest.approx(1 / 6)
    assert cosine_alpha(75, 300) == pytest.approx((1 + math.cos(math.pi / 4)) / 2)


def test_a_step_longer_than_the_training_is_refused() -> None:
    with pytest.raises(ValueError, match="between 1 and 4 epochs, found 5"):
        step_alpha(0, 4, step=5)


def test_an_unknown_schedule_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no alpha schedule 'sine'; known are linear"):
        alpha_schedule("sine", 5)  # type: ignore[arg-type]


NAMES = ["dice", "distance", "fragment"]


def after(*epochs: tuple[float, float, float]) -> DynamicWeightAverage:
    average = DynamicWeightAverage()
    for losses in epochs:
        average.record(dict(zip(NAMES, losses, strict=True)))
    return average


def test_the_first_two_epochs_weigh_everything_alike() -> None:
    for average in (after(), after((1, 2, 3))):
        assert average.weights(NAMES) == dict.fromkeys(NAMES, 1.0)


@given(st.lists(st.tuples(*[st.floats(0.01, 10)] * 3), min_size=2, max_size=4))
def test_weights_sum_to_the_number_of_tasks(epochs: list[tuple[float, float, float]]) -> None:
    assert sum(after(*epochs).weights(NAMES).values()) == pytest.approx(3)


def test_equal_rates_give_ones_and_the_slower_task_weighs_more() -> None:
    assert after((2, 4, 6), (1, 2, 3)).weights(NAMES) == pytest.approx(dict.fromkeys(NAMES, 1.0))
    weights = after((1, 1, 1), (0.9, 0.5, 0.1)).weights(NAMES)
    assert weights["dice"] > weights["distance"] > weights["fragment"]


def test_two_tasks_with_falling_losses_stay_within_a_quarter_of_one() -> None:
    average = DynamicWeightAverage()
    average.record({"a": 1.0, "b": 1.0})
    average.record({"a": 1.0, "b": 0.0})
    weights = average.weights(["a", "b"])
    assert weights["a"] == pytest.approx(1.245, abs=1e-3)
    assert weights["b"] == pytest.approx(0.755, abs=1e-3)


def test_the_state_survives_a_checkpoint() -> None:
    average = after((3, 1, 2), (1, 1, 1), (0.5, 0.9, 0.7))
    again = DynamicWeightAverage.from_state(average.state_dict())
    assert again.weights(NAMES) == average.weights(NAMES)
    assert len(again.history) == 2
