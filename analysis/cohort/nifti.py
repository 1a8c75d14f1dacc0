"""NIfTI files, read and written; nothing outside this folder knows nibabel."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt

from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.label_map import Affine, LabelMap, Labels
from analysis.cohort.labels import SCHEMES, LabelScheme
from analysis.cohort.nifti_bytes import NiftiError, pack, unpack

__all__ = [
    "LabelError",
    "NiftiError",
    "Volume",
    "as_label_map",
    "parse_volume",
    "read_image",
    "read_label_map",
    "write_image",
    "write_label_map",
]


class LabelError(NiftiError):
    """A readable volume whose values are not labels of the scheme."""


Values = npt.NDArray[Any]
_MILLIMETRES = "mm"
# Scale factors are stored in single precision: a 2 that went through one comes back as 2.0000000157.
_SCALE_ROUNDING = 255 * 2.0**-23
_SCANNER = 1


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """A NIfTI file as it is, before anybody says what its values mean.

    Attributes:
        values: (x, y, z), in the file's own data type unless it scales its values (then float64).
        affine: (4, 4) float64, voxel index to RAS+ mm.
        has_orientation: false where the header's affine was never set or is the identity.
    """

    values: Values
    affine: Affine
    has_orientation: bool


def read_label_map(path: Path, scheme: LabelScheme) -> LabelMap:
    """Read a label map and check that each of its values is a label of the scheme.

    Values that the scheme reads as another label (BraTS 2021's 4) are replaced. Floats are
    accepted where each is a whole number but for the rounding of a stored scale factor.

    Raises:
        FileNotFoundError: if there is no such file.
        NiftiError: if it is not a readable NIfTI volume, or holds other values.
    """
    try:
        return as_label_map(parse_volume(path.read_bytes()), scheme)
    except NiftiError as error:
        raise type(error)(f"{path}: {error}") from error


def read_image(path: Path) -> tuple[Values, Affine]:
    """Read a volume of intensities.

    Returns:
        The (x, y, z) values in the file's own data type (float64 where it scales them) and
        the (4, 4) affine, voxel index to RAS+ mm.

    Raises:
        FileNotFoundError: if there is no such file.
        NiftiError: if it is not a readable NIfTI volume.
    """
    try:
        volume = parse_volume(path.read_bytes())
    except NiftiError as error:
        raise NiftiError(f"{path}: {error}") from error
    return volume.values, volume.affine


def parse_volume(packed: bytes) -> Volume:
    """Read the bytes of a .nii or .nii.gz file.

    Raises:
        NiftiError: what is wrong, without the file's name (the caller knows it).
    """
    layout, stored = unpack(packed)
    values: Values = stored if stored.dtype.isnative else stored.astype(stored.dtype.newbyteorder("="))
    if (layout.slope, layout.intercept) != (1.0, 0.0):
        values = values * np.float64(layout.slope) + layout.intercept
    return Volume(values, layout.affine, layout.has_orientation)


def as_label_map(volume: Volume, scheme: LabelScheme) -> LabelMap:
    """Read a volume's values as labels of a scheme.

    Raises:
        NiftiError: if a value is no label of the scheme, or the labels are ambiguous in it.
    """
    labels = _whole_numbers(volume.values)
    if labels.max(initial=0) > _highest_safe_label(scheme):
        _refuse_unknown(_present(labels), scheme)
        labels = _as_meant(labels, scheme)
    return LabelMap(labels, volume.affine)


def write_label_map(path: Path, label_map: LabelMap, description: str = "") -> None:
    """Write a label map as uint8, atomically; the same label map gives the same bytes.

    Args:
        path: ends in .nii.gz, or .nii for an uncompressed file.
        label_map: what to write.
        description: kept in the header, at most 79 ASCII bytes.
    """
    write_image(path, label_map.labels, label_map.affine, description)


def label_map_bytes(label_map: LabelMap, description: str = "") -> bytes:
    """Make the bytes that `write_label_map` writes under a name that ends in .nii.gz."""
    return pack(image_bytes(label_map.labels, label_map.affine, description))


def write_image(path: Path, values: Values, affine: Affine, description: str = "") -> None:
    """Write a volume in the data type of `values`, atomically; the same input gives the same bytes.

    Args:
        path: ends in .nii.gz, or .nii for an uncompressed file.
        values: (x, y, z), integers or floats.
        affine: (4, 4), voxel index to RAS+ mm; stored as sform and qform.
        description: kept in the header, at most 79 ASCII bytes.

    Raises:
        ValueError: if the name has another ending.
    """
    if not path.name.endswith((".nii", ".nii.gz")):
        raise ValueError(f"{path}: a NIfTI file is called .nii.gz or .nii")
    data = image_bytes(values, affine, description)
    write_bytes_atomically(path, pack(data) if path.name.endswith(".gz") else data)


def image_bytes(values: Values, affine: Affine, description: str = "") -> bytes:
    """Make an uncompressed NIfTI-1 file, as `write_image` writes it."""
    image = nib.Nifti1Image(values, affine, dtype=values.dtype)
    image.header.set_xyzt_units(_MILLIMETRES)
    image.header["descrip"] = description.encode("ascii", "replace")[:79]
    image.set_sform(affine, code=_SCANNER)
    image.set_qform(affine, code=_SCANNER)
    return bytes(image.to_bytes())


def _whole_numbers(values: Values) -> Labels:
    """Turn values into uint8 without losing any; refuse the others with an example."""
    if values.dtype == np.uint8:
        return values
    rounded = np.rint(values) if values.dtype.kind == "f" else values
    with np.errstate(invalid="ignore"):
        labels = rounded.astype(np.uint8)
        different = (labels != rounded) | ~(np.abs(values - rounded) <= _SCALE_ROUNDING)
    if different.any():
        example = values[different][0]
        raise LabelError(
            f"labels must be whole numbers from 0 to 255, found {example:g} in {int(different.sum())} voxels"
        )
    return labels


def _as_meant(labels: Labels, scheme: LabelScheme) -> Labels:
    """Replace what the scheme reads as another label; a few times faster than a look-up of each voxel."""
    meant = labels.copy(order="K")
    for stored, label in scheme.read_as.items():
        np.copyto(meant, label, where=labels == stored)
    return meant


def _highest_safe_label(scheme: LabelScheme) -> int:
    """Say up to which value each is allowed and means itself: the usual file is checked by its maximum."""
    value = 0
    while value + 1 in scheme.names and value + 1 not in scheme.read_as:
        value += 1
    return value


def _present(labels: Labels) -> set[int]:
    highest = int(labels.max(initial=0))
    if highest > 15:
        return set(np.unique(labels).tolist())
    return {value for value in range(highest + 1) if (labels == value).any()}


def _refuse_unknown(present: set[int], scheme: LabelScheme) -> None:
    unknown = present - scheme.allowed
    if unknown:
        raise LabelError(
            f"holds label {_listed(unknown)}, scheme {scheme.name} allows {_listed(scheme.allowed)}"
            f"{_suggestion(present, scheme)}"
        )
    for stored, meant in scheme.read_as.items():
        if {stored, meant} <= present:
            raise LabelError(
                f"holds both {meant} and {stored}, which scheme {scheme.name} reads as one label"
                f"{_suggestion(present, scheme)}"
            )


def _suggestion(present: set[int], scheme: LabelScheme) -> str:
    for other in SCHEMES.values():
        merged = any({stored, meant} <= present for stored, meant in other.read_as.items())
        if other.name != scheme.name and present <= other.allowed and not merged:
            return f"; it fits scheme {other.name} (init --scheme, or scheme in study.toml)"
    return ""


def _listed(values: set[int] | frozenset[int]) -> str:
    return ", ".join(str(value) for value in sorted(values))
