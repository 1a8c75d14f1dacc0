"""How numbers are written on the page: the same quantity always with the same digits."""

import math

MISSING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
_DIFFERENCE_DIGITS = 4


def dice(value: float | None) -> str:
    """A Dice score or average, three decimals; a dash where it is unknown."""
    return MISSING if _unknown(value) else f"{value:.3f}"


def dice_difference(value: float | None) -> str:
    """A difference of Dice, signed, four decimals: the classes turn on the third."""
    return MISSING if value is None or _unknown(value) else difference(value, _DIFFERENCE_DIGITS)


def difference(value: float, digits: int) -> str:
    """A difference with its sign, unless all its digits are 0."""
    text = f"{value:+.{digits}f}".replace("-", MINUS)
    return text if text.strip("+0." + MINUS) else text[1:]


def signed(value: float, digits: int) -> str:
    """A difference that is not 0; one too small for its digits is bounded by them, not written as nothing."""
    text = difference(value, digits)
    if text.strip("0."):
        return text
    return f"< +{text[:-1]}1" if value > 0 else f"> {MINUS}{text[:-1]}1"


def dice_change(value: float) -> str:
    """A change of Dice that is not 0, with the digits of a difference."""
    return signed(value, _DIFFERENCE_DIGITS)


def volume_ml(value: float | None) -> str:
    """A volume in ml: one decimal from ten up, two below, three below a tenth."""
    if value is None or _unknown(value):
        return MISSING
    if 0 < abs(value) < 0.1:
        return f"{value:.3f} ml"
    return f"{value:.2f} ml" if abs(value) < 10 else f"{value:.1f} ml"


def distance_mm(value: float | None) -> str:
    """A distance in mm, one decimal."""
    return MISSING if _unknown(value) else f"{value:.1f} mm"


def count(value: float | None) -> str:
    """A whole number with thin spaces between thousands."""
    return (
        MISSING
        if value is None or _unknown(value)
        else f"{round(value):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    )


def threshold(eps: float) -> str:
    """The materiality threshold as short as it can be."""
    return f"{eps:g}" if eps >= 0.001 or eps == 0 else f"{eps:.4f}"


def _unknown(value: float | None) -> bool:
    return value is None or not math.isfinite(value)
