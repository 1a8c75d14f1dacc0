"""Class probabilities on disk: compact bytes of our own, or nnU-Net's floats of the whole volume.

Both are .npz files beside a label map. Nothing in them is executed (pickles are refused), and their sizes are
read before their contents: a small file that claims to hold terabytes is refused, not unpacked.
"""

import io
import lzma
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.labels import LabelScheme
from analysis.cohort.nifti_bytes import NiftiError

Bytes = npt.NDArray[np.uint8]
Shape = tuple[int, int, int]
Members = frozenset[int]

_ARRAY = "probabilities"
_MOST_SAID_BYTES = 1 << 16  # of what stands beside the probabilities
# What zipfile, zlib and numpy raise at bytes that make no sense to them.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, tokenize.TokenError, SyntaxError),
    *(KeyError, ValueError, TypeError, EOFError, OSError, RuntimeError, OverflowError),
)


class ProbabilityError(NiftiError):
    """A file of probabilities that can't be read, or does not fit its label map."""


@dataclass(frozen=True, slots=True)
class Channels:
    """What a file of probabilities holds, known without unpacking it.

    Attributes:
        members: of each channel, the labels that it is the probability of: one, or those of a region.
        is_own: whether the file is in our own format.
    """

    members: tuple[Members, ...]
    is_own: bool


@dataclass(frozen=True, slots=True, eq=False)
class Probabilities:
    """Probabilities of a whole volume.

    Attributes:
        codes_cxyz: 255 is certain; without the background.
        members: of each channel, the labels that it is the probability of.
    """

    codes_cxyz: Bytes
    members: tuple[Members, ...]

    def of(self, labels: Iterable[int]) -> npt.NDArray[np.int32]:
        """Give the probability that a voxel has one of some labels, (x, y, z) int32 up to about 255.

        Raises:
            ProbabilityError: the channels are regions, and these labels are none of them.
        """
        wanted = frozenset(labels)
        if wanted in self.members:
            codes: npt.NDArray[np.int32] = self.codes_cxyz[self.members.index(wanted)].astype(np.int32)
            return codes
        channels = [channel for channel, one in enumerate(self.members) if len(one) == 1 and one <= wanted]
        if len(channels) != len(wanted):
            known = "; ".join(", ".join(map(str, sorted(one))) for one in self.members)
            raise ProbabilityError(
                f"no probability of labels {', '.join(map(str, sorted(wanted)))}: the channels are {known}"
            )
        total: npt.NDArray[np.int32] = self.codes_cxyz[channels].sum(0, dtype=np.int32)
        return total


def write_probabilities(
    path: Path, codes_cxyz: Bytes, members: Sequence[Iterable[int]], *, start: Shape, shape: Shape
) -> None:
    """Write the probabilities of a box: about a tenth of nnU-Net's float32 of the whole volume.

    Keys: `probabilities` (c, x, y, z) uint8, 255 is certain, background left out; `members` a text a channel
    (`1`, or `1,3` for a region); `start` and `shape` (x, y, z), where the box lies in which volume.
    """
    texts = np.array([",".join(map(str, sorted(one))) for one in members])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, probabilities=codes_cxyz, members=texts, start=start, shape=shape)
    write_bytes_atomically(path, buffer.getvalue())


def probability_channels(path: Path, scheme: LabelScheme) -> Channels:
    """Say what a file of probabilities holds, from its headers.

    nnU-Net's file says nothing of labels: it is taken for the scheme's, background first. One with another
    number of channels (a training on regions, whose order only its dataset.json knows) is refused.

    Raises:
        ProbabilityError: it is neither ours nor nnU-Net's.
    """
    shape, dtype = _header(path)
    if dtype == np.uint8:
        with _opened(path) as content:
            return Channels(_members(content, path, shape[0] if shape else 0), is_own=True)
    values = [label.value for label in scheme.labels]
    if dtype.kind != "f" or len(shape) != 4 or shape[0] != len(values) + 1:
        raise ProbabilityError(
            f"{path}: expected floats of background and {len(values)} labels, found {dtype} of shape {shape}"
        )
    return Channels(tuple(frozenset({value}) for value in values), is_own=False)


def read_probabilities(path: Path, scheme: LabelScheme, shape: Shape) -> Probabilities:
    """Read foreground probabilities, ours or nnU-Net's, as bytes of the whole volume.

    nnU-Net stores (c, z, y, x), background first; a label map's axes are (x, y, z).

    Args:
        path: the .npz file.
        scheme: whose labels nnU-Net's channels are.
        shape: (x, y, z) of the label map that the file belongs to.

    Raises:
        ProbabilityError: it can't be read, or is of another volume.
    """
    channels = probability_channels(path, scheme)
    stored, dtype = _header(path)
    with _opened(path) as content:
        if channels.is_own:
            _check_box(path, content, stored, shape)
            whole = np.zeros((stored[0], *shape), dtype=np.uint8)
            box = tuple(slice(a, a + n) for a, n in zip(content["start"], stored[1:], strict=True))
            whole[(slice(None), *box)] = content[_ARRAY]
            return Probabilities(whole, channels.members)
        if stored[:0:-1] != shape:
            raise ProbabilityError(f"{path}: shape {stored[:0:-1]} (x, y, z), the label map has {shape}")
        codes = np.rint(content[_ARRAY][1:] * dtype.type(255)).astype(np.uint8)
        return Probabilities(codes.transpose(0, 3, 2, 1), channels.members)


def _check_box(path: Path, content: Any, stored: tuple[int, ...], shape: Shape) -> None:  # noqa: ANN401 - NpzFile
    whole, start = (tuple(map(int, _small(path, content, name))) for name in ("shape", "start"))
    if whole != shape:
        raise ProbabilityError(f"{path}: of a volume of shape {whole}, the label map has {shape}")
    ends = zip(start, stored[1:], shape, strict=True)
    if any(first < 0 or first + size > room for first, size, room in ends):
        raise ProbabilityError(f"{path}: a box of {stored[1:]} at {start} does not fit into {shape}")


def _members(content: Any, path: Path, count: int) -> tuple[Members, ...]:  # noqa: ANN401 - NpzFile
    """Read what the channels stand for; the first files of ours named labels, by number."""
    name = "members" if "members" in content else "labels"
    try:
        texts = _small(path, content, name)
        found = tuple(frozenset(int(one) for one in str(text).split(",")) for text in texts)
    except (KeyError, TypeError, ValueError) as error:
        raise ProbabilityError(f"{path}: it does not say what its channels are: {error}") from error
    if len(found) != count:
        raise ProbabilityError(f"{path}: it has {count} channels and says what {len(found)} are")
    return found


def _small(path: Path, content: Any, name: str) -> npt.NDArray[Any]:  # noqa: ANN401 - NpzFile
    """Read an array that says something about the probabilities; one that claims to be large stays packed."""
    shape, dtype = _header(path, name)
    if math.prod(shape) * dtype.itemsize > _MOST_SAID_BYTES:
        raise ProbabilityError(f"{path}: its array {name!r} claims to hold {math.prod(shape)} values")
    values: npt.NDArray[Any] = content[name]
    return values


def _header(path: Path, name: str = _ARRAY) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read shape and type of an array without unpacking it."""
    with (
        path.open("rb") as packed,
        _refusing(path, f"no readable array {name!r} in it"),
        zipfile.ZipFile(packed) as archive,
        archive.open(f"{name}.npy") as file,
    ):
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(file)
        shape = tuple(map(int, shape))
    if dtype.hasobject:
        raise ProbabilityError(f"{path}: it holds a pickle, which is a program and is not read")
    return shape, dtype


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open the archive; by way of the path's own `open`, since it need not lie on this machine."""
    with (
        path.open("rb") as file,
        _refusing(path, "it is cut off or broken"),
        np.load(file, allow_pickle=False) as content,
    ):
        yield content


@contextmanager
def _refusing(path: Path, words: str) -> Iterator[None]:
    """Say in a sentence what an archive's bytes make the libraries say that read it."""
    try:
        yield
    except ProbabilityError:
        raise
    except _BROKEN as error:
        raise ProbabilityError(f"{path}: {words} ({error})") from error
