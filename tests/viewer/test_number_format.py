import pytest

from viewer import number_format as nf


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.98345, "0.983"), (1.0, "1.000"), (None, "–"), (float("nan"), "–"), (float("inf"), "–")],
)
def test_dice_has_three_decimals_or_a_dash(value, text):
    assert nf.dice(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.00123, "+0.0012"), (-0.6754, "−0.6754"), (-0.00001, "0.0000"), (0.0, "0.0000"), (None, "–")],
)
def test_a_difference_is_signed_unless_it_rounds_to_nothing(value, text):
    assert nf.dice_difference(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.005, "0.005 ml"), (9.994, "9.99 ml"), (47.81, "47.8 ml"), (0.0, "0.00 ml"), (None, "–")],
)
def test_volumes_keep_three_figures(value, text):
    assert nf.volume_ml(value) == text


def test_thousands_are_parted_by_a_narrow_space():
    assert nf.count(1196) == "1\N{NARROW NO-BREAK SPACE}196"
    assert nf.count(None) == "–"


@pytest.mark.parametrize(("eps", "text"), [(0.0, "0"), (0.0001, "0.0001"), (0.001, "0.001"), (0.05, "0.05")])
def test_thresholds_are_written_in_full(eps, text):
    assert nf.threshold(eps) == text
