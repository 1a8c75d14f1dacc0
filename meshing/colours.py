"""Colours: the page's sRGB hex and glTF's linear components, there and back without loss."""

import re

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def hex_to_srgb(colour: str) -> tuple[int, int, int]:
    """Split "#rrggbb" into three bytes.

    Raises:
        ValueError: if it is written otherwise.
    """
    if not _HEX.fullmatch(colour):
        raise ValueError(f"a colour is written #rrggbb, found {colour!r}")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hex_to_linear(colour: str) -> tuple[float, float, float]:
    """Return linear components in 0..1 of an sRGB colour (IEC 61966-2-1), as glTF's materials want them."""
    red, green, blue = (_decoded(byte / 255) for byte in hex_to_srgb(colour))
    return red, green, blue


def linear_to_hex(linear: tuple[float, float, float]) -> str:
    """Return "#rrggbb" for linear components in 0..1: the exact inverse of `hex_to_linear`."""
    return "#" + "".join(f"{round(255 * _encoded(value)):02x}" for value in linear)


def _decoded(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else float(1.055 * value ** (1 / 2.4) - 0.055)
