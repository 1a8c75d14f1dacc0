"""How the loops of this package are compiled."""

from numba import njit

# No fused multiply-add and no vectorized sums: the same seed gives the same voxels on another processor.
compiled = njit(cache=True, error_model="numpy", fastmath={"arcp", "nnan", "ninf", "nsz"})
