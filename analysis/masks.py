"""Up to eight masks of one shape as the bits of one volume, so that one pass serves them all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import Labels
from analysis.crop import fortran_transposed
from analysis.kernels import surfaces

LIMIT = 8


@dataclass(frozen=True, slots=True, eq=False)
class MaskStack:
    """Masks that share a grid.

    Attributes:
        names: one per mask; mask i is bit i.
        framed_zyx: (z + 2, y + 2, x + 2) uint8, with one voxel of background on every side.
    """

    names: tuple[str, ...]
    framed_zyx: npt.NDArray[np.uint8]


def stack_regions(labels: Labels, regions: Mapping[str, tuple[int, ...]]) -> MaskStack:
    """Stack the masks of up to eight regions of a label map.

    Args:
        labels: (x, y, z) uint8.
        regions: name to set of labels.
    """
    bits = np.zeros(256, np.uint8)
    for bit, members in enumerate(regions.values()):
        bits[list(members)] |= np.uint8(1 << bit)
    return MaskStack(tuple(regions), surfaces.frame_masks(fortran_transposed(labels), bits))


def stack_bits(names: tuple[str, ...], bits: npt.NDArray[np.uint8]) -> MaskStack:
    """Stack masks that are already bits of an (x, y, z) volume."""
    return MaskStack(names, surfaces.frame_masks(fortran_transposed(bits), np.arange(256, dtype=np.uint8)))


def stack_pair(
    reference: npt.NDArray[np.bool_], prediction: npt.NDArray[np.bool_]
) -> tuple[MaskStack, MaskStack]:
    """Stack each of two (x, y, z) masks by itself, under the name `mask`.

    Raises:
        ValueError: the shapes differ.
    """
    if reference.shape != prediction.shape:
        raise ValueError(
            f"distances need one grid: reference {reference.shape}, prediction {prediction.shape}"
        )
    return stack_mask(reference), stack_mask(prediction)


def stack_mask(mask: npt.NDArray[np.bool_]) -> MaskStack:
    """Stack a single (x, y, z) mask, under the name `mask`."""
    return stack_regions(mask.view(np.uint8), {"mask": (1,)})


def batches(regions: Mapping[str, tuple[int, ...]]) -> Iterator[dict[str, tuple[int, ...]]]:
    """Split regions into groups that fit one stack."""
    items = iter(regions.items())
    while group := dict(islice(items, LIMIT)):
        yield group
