"""The bytes of a NIfTI file: unpacked only as far as its own header allows, hostile headers refused first."""

import gzip
import logging
import zlib
from dataclasses import dataclass

import nibabel as nib
import numpy as np
import numpy.typing as npt
from nibabel.spatialimages import HeaderDataError

from analysis.cohort.label_map import Affine

LARGEST_VOLUME_BYTES = 4 * 2**30
_LARGEST_DEFLATE_RATIO = 1040  # deflate can't do better than 1032 to 1
_GZIP = b"\x1f\x8b"
_HEADER_BYTES = {348: nib.Nifti1Header, 540: nib.Nifti2Header}
_ERROR = 40  # nibabel's level of a header that can't be trusted
# Voxel sizes and axes are stored in single precision, each rounded for itself.
_ROUNDING = 1e-6
_SILENT = logging.getLogger("glioscope.nifti")  # what is wrong is raised, not printed as well
_SILENT.setLevel(logging.CRITICAL)
_MAGIC_OF_ONE_FILE = (b"n+1", b"n+2")


class NiftiError(ValueError):
    """A file that is not the NIfTI volume it should be; the message says what was expected and found."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the voxels lie in an unpacked file, and what they mean.

    Attributes:
        shape: voxels along x, y and z; trailing axes of length 1 are dropped.
        dtype: as stored, byte order included.
        offset_bytes: of the first voxel.
        slope: what a stored value is multiplied with; 1 where the file says nothing.
        intercept: what is added then, in the same way 0.
        affine: (4, 4) float64, voxel index to RAS+ mm.
        has_orientation: false where neither sform nor qform is set, or both are lost to identity.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[np.generic]
    offset_bytes: int
    slope: float
    intercept: float
    affine: Affine
    has_orientation: bool

    @property
    def end_bytes(self) -> int:
        """Length of an unpacked file that holds exactly these voxels."""
        return self.offset_bytes + self.shape[0] * self.shape[1] * self.shape[2] * self.dtype.itemsize


def unpack(packed: bytes) -> tuple[Layout, npt.NDArray[np.generic]]:
    """Unpack the bytes of a .nii or .nii.gz file.

    Nothing is allocated before the header's sizes are known to be possible, and never more than
    they say.

    Returns:
        What the header says, and the (x, y, z) stored values, Fortran-ordered, read-only.

    Raises:
        NiftiError: not NIfTI, a header that lies, or voxels missing or too many.
    """
    layout = parse_header(_start(packed))
    _refuse_impossible_size(layout, packed)
    unpacked = _unpacked(packed, layout.end_bytes)
    if len(unpacked) < layout.end_bytes:
        raise NiftiError(f"truncated: {len(unpacked)} bytes, its header promises {layout.end_bytes}")
    if len(unpacked) > layout.end_bytes:
        raise NiftiError(f"holds more than the {layout.end_bytes} bytes that its header promises")
    values = np.frombuffer(unpacked, layout.dtype, offset=layout.offset_bytes)
    return layout, values.reshape(layout.shape, order="F")


def pack(unpacked: bytes) -> bytes:
    """Compress for a .nii.gz file: fast, and the same bytes at any time of day."""
    return gzip.compress(unpacked, compresslevel=1, mtime=0)


def parse_header(start: bytes) -> Layout:
    """Read the first 540 bytes (NIfTI-1: 348) of an unpacked file.

    Raises:
        NiftiError: if a size, offset, data type or affine in it is impossible.
    """
    header = _nibabel_header(start)
    try:
        slope, intercept = header.get_slope_inter()
        affine = np.asarray(header.get_best_affine(), dtype=np.float64)
        dtype = np.dtype(header.get_data_dtype())
    except (HeaderDataError, ValueError) as error:
        raise NiftiError(f"a broken NIfTI header: {error}") from error
    if dtype.kind not in "uif":
        raise NiftiError(f"voxels must be integers or floats, found {dtype}")
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise NiftiError("the affine in its header is not invertible")
    return Layout(
        shape=_shape(header),
        dtype=dtype,
        offset_bytes=_offset_bytes(header),
        slope=1.0 if slope is None else float(slope),
        intercept=0.0 if intercept is None else float(intercept),
        affine=_with_stated_spacing(affine, header),
        has_orientation=_has_orientation(header, affine),
    )


def _nibabel_header(start: bytes) -> nib.Nifti1Header:
    kind = _header_class(start)
    size = kind.template_dtype.itemsize
    try:
        header = kind(start[:size], check=False)
        header.check_fix(logger=_SILENT, error_level=_ERROR)
    except (HeaderDataError, ValueError) as error:
        raise NiftiError(f"a broken NIfTI header: {error}") from error
    if bytes(header["magic"])[:3] not in _MAGIC_OF_ONE_FILE:
        raise NiftiError("the header of a NIfTI in two files (.hdr and .img); save it as .nii.gz")
    return header


def _header_class(start: bytes) -> type[nib.Nifti1Header]:
    for order in ("little", "big"):
        size = int.from_bytes(start[:4], order)
        if size in _HEADER_BYTES and len(start) >= size:
            return _HEADER_BYTES[size]
    raise NiftiError(
        "not a NIfTI file: " + ("it does not start with a NIfTI header" if start else "it is empty")
    )


def _shape(header: nib.Nifti1Header) -> tuple[int, int, int]:
    axes = int(header["dim"][0])
    sizes = [int(size) for size in header["dim"][1 : axes + 1]] if 1 <= axes <= 7 else []
    if min(sizes, default=0) < 1:
        raise NiftiError(f"its header gives the impossible shape {tuple(sizes)}")
    while len(sizes) > 3 and sizes[-1] == 1:
        sizes.pop()
    if len(sizes) != 3:
        raise NiftiError(f"a volume has three axes, found {len(sizes)}: {tuple(sizes)}")
    return sizes[0], sizes[1], sizes[2]


def _offset_bytes(header: nib.Nifti1Header) -> int:
    offset = float(header["vox_offset"])
    if not header.template_dtype.itemsize <= offset <= LARGEST_VOLUME_BYTES or offset != int(offset):
        raise NiftiError(f"its header puts the first voxel at the impossible byte {offset:g}")
    return int(offset)


def _with_stated_spacing(affine: Affine, header: nib.Nifti1Header) -> Affine:
    """Stretch each axis to the header's own voxel size where the two differ by no more than rounding.

    The axes of an oblique scan of 1 mm come out of single precision as 0.99999999 mm or so, and every
    distance with them. Where header and affine truly disagree the affine stands.
    """
    stated_mm = np.abs(header["pixdim"][1:4].astype(np.float64))
    lengths_mm = np.linalg.norm(affine[:3, :3], axis=0)
    is_rounding = np.abs(stated_mm - lengths_mm) <= _ROUNDING * lengths_mm
    stretched = affine.copy()
    stretched[:3, :3] *= np.where(is_rounding, stated_mm / lengths_mm, 1.0)
    return stretched


def _has_orientation(header: nib.Nifti1Header, affine: Affine) -> bool:
    is_identity = np.array_equal(np.abs(affine), np.eye(4))
    return bool(header["sform_code"] > 0 or header["qform_code"] > 0) and not is_identity


def _start(packed: bytes) -> bytes:
    if not packed.startswith(_GZIP):
        return packed[:540]
    stream = zlib.decompressobj(wbits=31)
    try:
        start = stream.decompress(packed[:65536], 540)
    except zlib.error as error:
        raise NiftiError(f"a broken gzip file: {error}") from error
    if len(start) < min(_HEADER_BYTES) and not stream.eof:
        raise NiftiError(f"truncated: the gzip stream ends early, after {len(start)} bytes")
    return start


def _refuse_impossible_size(layout: Layout, packed: bytes) -> None:
    ratio = _LARGEST_DEFLATE_RATIO if packed.startswith(_GZIP) else 1
    if layout.end_bytes > LARGEST_VOLUME_BYTES:
        raise NiftiError(
            f"its header asks for {layout.end_bytes} bytes, the most allowed is {LARGEST_VOLUME_BYTES}"
        )
    if layout.end_bytes > ratio * len(packed):
        raise NiftiError(
            f"truncated: {len(packed)} bytes on disk can't hold the {layout.end_bytes} its header promises"
        )


def _unpacked(packed: bytes, wanted_bytes: int) -> bytes:
    """Unpack at most one byte more than wanted, so that a bomb costs no more than an honest file."""
    if not packed.startswith(_GZIP):
        return packed
    pieces: list[bytes] = []
    missing = wanted_bytes + 1
    while packed and missing > 0:  # a gzip file may be several streams, one after the other
        stream = zlib.decompressobj(wbits=31)
        try:
            pieces.append(stream.decompress(packed, missing))
        except zlib.error as error:
            raise NiftiError(f"a broken gzip file: {error}") from error
        missing -= len(pieces[-1])
        packed = stream.unused_data if stream.unused_data.startswith(_GZIP) else b""
        if not stream.eof and missing > 0:
            raise NiftiError(
                f"truncated: the gzip stream ends early, after {wanted_bytes + 1 - missing} bytes"
            )
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
