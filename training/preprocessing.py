"""From files to what a network sees, and back: nnU-Net's crop, order of axes and intensity normalisation.

The one door between (x, y, z) and (z, y, x). Nothing is resampled: a study whose spacings differ trains
through nnU-Net, which does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from analysis.cohort.label_map import Affine, Labels, grid_difference_mm, spacing_mm
from analysis.cohort.nifti import read_image
from analysis.cohort.usage import UsageError

OUTSIDE = -1
"""Label of voxels outside the brain, which count as background everywhere."""

GRID_TOLERANCE_MM = 0.1
"""Images of one patient may lie this far apart, by the rounding of their headers."""

Image = npt.NDArray[Any]


class ImageError(UsageError):
    """Images that no network should see; the message says whose, which, and why."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a cropped array lies in the file it came from.

    Attributes:
        start: (z, y, x), first voxel of the crop.
        shape: (z, y, x) of the whole volume.
        affine: (4, 4) of the file.
    """

    start: tuple[int, int, int]
    shape: tuple[int, int, int]
    affine: Affine

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Along z, y and x."""
        x, y, z = spacing_mm(self.affine)
        return z, y, x


@dataclass(frozen=True, eq=False)
class Case:
    """One patient as a network sees it.

    Attributes:
        images_czyx: float32, cropped to the brain, mean 0 and deviation 1 within it.
        brain_zyx: bool, voxels where any image is not 0, holes filled.
        place: where it came from.
    """

    images_czyx: npt.NDArray[np.float32]
    brain_zyx: npt.NDArray[np.bool_]
    place: Place


def read_channels(
    patient: str, images: Mapping[str, Path], channels: Sequence[str]
) -> tuple[list[Image], Affine]:
    """Read one patient's modalities in the order that a network wants.

    Raises:
        ImageError: a modality is missing, off the others' grid, or holds NaN or infinity.
    """
    missing = [name for name in channels if name not in images]
    if missing:
        there = ", ".join(sorted(images)) or "none"
        raise ImageError(
            f"patient {patient}: no {missing[0]} image; needed are {', '.join(channels)}, there is {there}"
        )
    volumes = [read_image(images[name]) for name in channels]
    first, affine = volumes[0]
    for name, (values, own_affine) in zip(channels, volumes, strict=True):
        if grid_difference_mm(_shape(first), affine, _shape(values), own_affine) > GRID_TOLERANCE_MM:
            raise ImageError(f"patient {patient}: {name} is not on the grid of {channels[0]}")
        bad = int(np.count_nonzero(~np.isfinite(values))) if values.dtype.kind == "f" else 0
        if bad:
            raise ImageError(f"patient {patient}: {bad} voxels of {name} are NaN or infinite")
    return [values for values, _ in volumes], affine


def preprocess(images: Sequence[Image], affine: Affine, *, within_brain: bool = True) -> Case:
    """Crop to the brain and normalise, exactly as nnU-Net's default preprocessor at unchanged spacing.

    Args:
        images: (x, y, z) each, on one grid.
        affine: (4, 4).
        within_brain: take mean and deviation over the brain and leave the rest as it is (nnU-Net's
            `use_mask_for_norm`, on for BraTS); else over the whole crop.

    Raises:
        ImageError: every voxel of every image is 0.
    """
    stack = np.stack([np.asarray(image, dtype=np.float32).T for image in images])
    brain = ndimage.binary_fill_holes((stack != 0).any(0))
    found = ndimage.find_objects(brain.astype(np.int8))
    if not found:
        raise ImageError("the images are empty: every voxel is 0")
    box = found[0]
    place = Place(_triple(side.start for side in box), _triple(brain.shape), affine)
    cropped, inside = stack[(slice(None), *box)].copy(), brain[box]
    for channel in cropped:
        where = inside if within_brain else np.ones_like(inside)
        values = channel[where]
        channel[where] = (values - values.mean()) / max(float(values.std()), 1e-8)
    return Case(cropped, inside, place)


def crop_labels(labels: Labels, case: Case) -> npt.NDArray[np.int8]:
    """Bring a label map (x, y, z) into a case's crop, (z, y, x); background outside the brain becomes -1."""
    cropped = labels.T[_box(case.place, case.brain_zyx.shape)].astype(np.int8)
    return np.where((cropped == 0) & ~case.brain_zyx, np.int8(OUTSIDE), cropped)


def restore(values_zyx: npt.NDArray[Any], place: Place, *, fill: float = 0) -> npt.NDArray[Any]:
    """Put a cropped (z, y, x) array back into the whole volume, (x, y, z), `fill` elsewhere."""
    whole = np.full(place.shape, fill, dtype=values_zyx.dtype)
    whole[_box(place, values_zyx.shape)] = values_zyx
    return whole.T


def _box(place: Place, shape: Sequence[int]) -> tuple[slice, ...]:
    return tuple(slice(start, start + size) for start, size in zip(place.start, shape, strict=True))


def _shape(values: Image) -> tuple[int, int, int]:
    return _triple(values.shape)


def _triple(values: Any) -> tuple[int, int, int]:  # noqa: ANN401 - any iterable of three
    first, second, third = values
    return int(first), int(second), int(third)
