"""Random fields in space: periodic lattices of filtered noise, interpolated wherever they are asked for.

A lattice of 32 or 64 points a side costs milliseconds to filter and is read at any resolution, so that a
field looks the same on a coarse and on a fine voxel grid.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import fft

from analysis.synthetic.compiling import compiled

Values = npt.NDArray[np.float32]
_POINTS_A_WAVE = 6


class Noise(NamedTuple):
    """A periodic random field of mean 0 and variance 1.

    Attributes:
        values: (n, n, n) float32 over z, y, x; n is a power of two.
        per_mm: lattice steps a millimetre.
    """

    values: Values
    per_mm: float


def smooth_noise(rng: np.random.Generator, correlation_mm: float, size: int = 32) -> Noise:
    """Make noise filtered by a Gaussian.

    Args:
        rng: where the numbers come from.
        correlation_mm: the filter's standard deviation.
        size: lattice points a side, a power of two; the field repeats after size x correlation_mm / 1.5.
    """
    sigma = 1.5
    frequency = _frequencies(size)
    values = _filtered(rng, size, np.exp(-0.5 * (2 * np.pi * sigma * frequency) ** 2))
    return Noise(values, sigma / correlation_mm)


def labyrinth(rng: np.random.Generator, wavelength_mm: float, bandwidth: float, size: int = 64) -> Noise:
    """Make a field of distances to winding walls: the zero crossings of noise of nearly one wavelength.

    Args:
        rng: where the numbers come from.
        wavelength_mm: of the noise; walls are about as far apart.
        bandwidth: relative width of the band of wavelengths, 0.1 to 0.5.
        size: lattice points a side, a power of two; there are six to a wavelength.

    Returns:
        Signed distance in mm to the nearest wall, to second order (Taubin 1994).
    """
    centre = 1 / _POINTS_A_WAVE
    frequency = _frequencies(size)
    values = _filtered(rng, size, np.exp(-0.5 * ((frequency - centre) / (bandwidth * centre)) ** 2))
    slope = np.zeros_like(values)
    for axis in range(3):
        slope += ((np.roll(values, -1, axis) - np.roll(values, 1, axis)) / 2) ** 2
    bend = np.float32((2 * np.pi * centre) ** 2)
    steps = 2 * values / (np.sqrt(slope) + np.sqrt(slope + 2 * bend * np.abs(values)))
    per_mm = _POINTS_A_WAVE / wavelength_mm
    return Noise((steps / np.float32(per_mm)).astype(np.float32), per_mm)


def _frequencies(size: int) -> Values:
    """(size, size, size // 2 + 1) cycles a lattice step."""
    full, half = fft.fftfreq(size), fft.rfftfreq(size)
    frequency: Values = np.sqrt(
        full[:, None, None] ** 2 + full[None, :, None] ** 2 + half**2, dtype=np.float32
    )
    return frequency


def _filtered(rng: np.random.Generator, size: int, response: Values) -> Values:
    spectrum = fft.rfftn(rng.standard_normal((size, size, size), np.float32))
    spectrum *= response
    spectrum[0, 0, 0] = 0
    values: Values = fft.irfftn(spectrum, s=(size, size, size))
    values /= values.std()
    return values


@compiled
def noise_at(noise: Noise, x: float, y: float, z: float) -> float:
    """Read a field at a point in mm, linearly between lattice points."""
    x, y, z = x * noise.per_mm, y * noise.per_mm, z * noise.per_mm
    x0, y0, z0 = int(np.floor(x)), int(np.floor(y)), int(np.floor(z))
    u, v, w = x - x0, y - y0, z - z0
    last = noise.values.shape[0] - 1
    below = _plane(noise.values[z0 & last], x0 & last, y0 & last, u, v)
    above = _plane(noise.values[(z0 + 1) & last], x0 & last, y0 & last, u, v)
    value: float = below + (above - below) * w
    return value


@compiled
def _plane(values: Values, x: int, y: int, u: float, v: float) -> float:
    last = values.shape[0] - 1
    x1, y1 = (x + 1) & last, (y + 1) & last
    near = values[y, x] + (values[y, x1] - values[y, x]) * u
    far = values[y1, x] + (values[y1, x1] - values[y1, x]) * u
    value: float = near + (far - near) * v
    return value


@compiled
def add_noise(field_zyx: Values, to_mm: npt.NDArray[np.float64], noise: Noise, amplitude: float) -> None:
    """Add a random field to a volume.

    Args:
        field_zyx: (z, y, x) float32, changed in place.
        to_mm: (4, 4) voxel index (x, y, z) to mm, its axes along the volume's.
        noise: the field.
        amplitude: its standard deviation in the units of `field_zyx`.
    """
    nz, ny, nx = field_zyx.shape
    for k in range(nz):
        z = to_mm[2, 2] * k + to_mm[2, 3]
        for j in range(ny):
            y = to_mm[1, 1] * j + to_mm[1, 3]
            for i in range(nx):
                x = to_mm[0, 0] * i + to_mm[0, 3]
                field_zyx[k, j, i] += amplitude * noise_at(noise, x, y, z)
