import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer import symlog

VALUES = st.floats(-1, 1)


@given(VALUES)
def test_the_way_back_leads_to_the_value(value):
    assert symlog.symexp(symlog.symlog(value)) == pytest.approx(value, abs=1e-12)


@given(VALUES)
def test_the_axis_is_odd(value):
    assert symlog.symlog(-value) == -symlog.symlog(value)


@given(VALUES, VALUES)
def test_order_is_kept(one, other):
    assert (symlog.symlog(one) < symlog.symlog(other)) <= (one < other)


def test_known_positions():
    # within 0.001: log10(1 + 1) at the threshold; a decade further adds nearly one
    assert symlog.symlog([0, 0.001, 0.009, 0.099]).tolist() == pytest.approx([0, np.log10(2), 1, 2])


def test_ticks_carry_true_values():
    positions, texts = symlog.ticks(0.2)
    assert texts == ["−0.1", "−0.01", "", "0", "", "+0.01", "+0.1"]
    assert symlog.symexp(positions).tolist() == pytest.approx([-0.1, -0.01, -0.001, 0, 0.001, 0.01, 0.1])


def test_a_tiny_cohort_still_has_ticks():
    assert symlog.ticks(0.0)[1] == ["−0.001", "0", "+0.001"]


def test_an_axis_of_nothing_spans_one_each_way():
    assert symlog.padded_range([float("nan")]) == [-1.0, 1.0]
