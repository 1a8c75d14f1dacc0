"""Scalar maps of a prediction: what the network thought behind a label map, found beside it.

Probabilities of labels lie in `<patient>.npz`; a network's responses (signed distances, SiNG) and the
variance of its answers in NIfTI volumes. study.toml may name other folders for either.
"""

import glob
import os
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import LabelMap, grid_difference_mm
from analysis.cohort.labels import Label, LabelScheme
from analysis.cohort.nifti import read_image
from analysis.cohort.nifti_bytes import NiftiError
from analysis.cohort.places import is_remote
from analysis.cohort.probabilities import ProbabilityError, probability_channels, read_probabilities

Kind = Literal["probability", "distance", "sing", "variance"]
Floats = npt.NDArray[np.float32]

_RESPONSES: tuple[tuple[str, Kind], ...] = (("sdt", "distance"), ("sing", "sing"))
_SEPARATORS = ("-", "_")
_ENDING = ".nii.gz"
_SETTLED_NS = 3_000_000_000  # a folder that just changed may change again in one tick of its clock
_VARIANCES = ("tta-variance", "dropout-variance")
RANGES: dict[Kind, tuple[float, float]] = {
    "probability": (0.0, 1.0),
    "distance": (-1.0, 1.0),
    "sing": (-1.0, 1.0),
    "variance": (0.0, 0.25),
}
"""Smallest and largest value of each kind; no variance of numbers between 0 and 1 exceeds a quarter."""


@dataclass(frozen=True, slots=True)
class ScalarMap:
    """One map of one prediction of one patient.

    Attributes:
        name: safe in addresses, and the same for every patient and method: `p-ET`, `sdt-ET`, `tta-variance`.
        kind: what its values mean, and so their range.
        members: labels that it speaks about; empty where it speaks about all.
        path: its file.
    """

    name: str
    kind: Kind
    members: frozenset[int]
    path: Path


class ScalarMapError(NiftiError):
    """A map that does not lie on its label map's grid."""


def scalar_maps(
    label_file: Path, patient: str, scheme: LabelScheme, *, probabilities: Path | None, responses: Path | None
) -> list[ScalarMap]:
    """List the maps of one prediction.

    A file of probabilities that can't be read is listed as one of the labels': reading it says what is wrong.

    Args:
        label_file: of the patient by the method.
        patient: id.
        scheme: names of labels and regions.
        probabilities: folder of `<patient>.npz`; None looks beside the label map.
        responses: folder of NIfTI volumes, in it or in `<patient>/` in it; None looks beside the label map
            and in `responses/` there.
    """
    npz = (probabilities or label_file.parent) / f"{patient}.npz"
    found = list(_probability_maps(npz, scheme)) if npz.is_file() else []
    beside = label_file.parent
    folders = [responses] if responses else [beside, beside / "responses"]
    for folder in folders:
        found += [
            one for place in (folder, folder / patient) for one in _response_maps(place, patient, scheme)
        ]
    first = {one.name: one for one in reversed(found)}
    return [one for one in found if first[one.name] is one]


def read_scalar_map(scalar_map: ScalarMap, scheme: LabelScheme, label_map: LabelMap) -> Floats:
    """Read a map, (x, y, z) float32 on the grid of its label map.

    Raises:
        ScalarMapError: it lies on another grid.
        NiftiError: it can't be read.
    """
    if scalar_map.kind == "probability":
        found = read_probabilities(scalar_map.path, scheme, label_map.shape).of(scalar_map.members)
        return np.minimum(found, 255).astype(np.float32) / np.float32(255)
    values, affine = read_image(scalar_map.path)
    x, y, z = values.shape if values.ndim == 3 else (0, 0, 0)
    if grid_difference_mm((x, y, z), affine, label_map.shape, label_map.affine) > 0.1:
        raise ScalarMapError(f"{scalar_map.path}: grid {values.shape}, its label map has {label_map.shape}")
    return values.astype(np.float32)


def _probability_maps(path: Path, scheme: LabelScheme) -> Iterator[ScalarMap]:
    try:
        channels = probability_channels(path, scheme)
        each = channels.members
    except ProbabilityError:
        each = tuple(frozenset({label.value}) for label in scheme.labels)
    names = {frozenset(members): name for name, members in scheme.regions.items()}
    names |= {frozenset({label.value}): label.name for label in scheme.labels}
    for members in each:
        name = names.get(members, "-".join(str(value) for value in sorted(members)))
        yield ScalarMap(f"p-{name}", "probability", members, path)


def _response_maps(folder: Path, patient: str, scheme: LabelScheme) -> Iterator[ScalarMap]:
    known = _response_names(scheme.labels)
    for path in _files_of(folder, patient, known):
        name, kind, members = known[path.name.removesuffix(_ENDING)[len(patient) + 1 :]]
        yield ScalarMap(name, kind, members, path)


@lru_cache(maxsize=16)
def _response_names(labels: tuple[Label, ...]) -> Mapping[str, tuple[str, Kind, frozenset[int]]]:
    """Say what a file is, by what its name has between the patient's id and its ending."""
    names: dict[str, tuple[str, Kind, frozenset[int]]] = {
        what: (what, "variance", frozenset()) for what in _VARIANCES
    }
    for (prefix, kind), label in product(_RESPONSES, labels):
        for between, word in product(("", *_SEPARATORS), (label.name, str(label.value))):
            found = (f"{prefix}-{label.name}", kind, frozenset({label.value}))
            names[f"{prefix}{between}{word}"] = found
    return MappingProxyType(names)


def _files_of(folder: Path, patient: str, names: Collection[str]) -> list[Path]:
    """Find a patient's files of some names.

    A folder on a disk is not listed, for it may hold 100,000 patients; a store behind a URL is asked once.
    What was found on a disk is kept as long as the folder's time says that no file came or went.
    """
    if is_remote(folder):
        wanted = _wanted(patient, names)
        return sorted(
            path for path in folder.glob(f"{glob.escape(patient)}[-_]*{_ENDING}") if path.name in wanted
        )
    try:
        changed = folder.stat().st_mtime_ns
    except OSError:
        return []
    is_settled = time.time_ns() - changed > _SETTLED_NS
    look = _files_on_disk if is_settled else _files_on_disk.__wrapped__
    return list(look(folder, changed, patient, tuple(names)))


@lru_cache(maxsize=4096)
def _files_on_disk(folder: Path, _changed: int, patient: str, names: tuple[str, ...]) -> tuple[Path, ...]:
    place = os.fspath(folder)
    there = (name for name in _wanted(patient, names) if os.path.isfile(os.path.join(place, name)))  # noqa: PTH113, PTH118 - ten times as quick, and asked often
    return tuple(sorted(folder / name for name in there))


def _wanted(patient: str, names: Collection[str]) -> set[str]:
    return {f"{patient}{separator}{name}{_ENDING}" for separator, name in product(_SEPARATORS, names)}
