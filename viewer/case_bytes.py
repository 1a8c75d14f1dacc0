"""The bytes of one case: meshes, label volumes, images. Derived once, kept by content."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.cohort.nifti import read_image, read_label_map
from meshing.packed import packed_glb
from meshing.recipes import RECIPES
from viewer import surfaces
from viewer.canonical import to_ras, x_fastest_bytes
from viewer.content_cache import ContentCache, content_key
from viewer.fidelity_badge import badge
from viewer.open_study import NotInStudyError, Reading

#: What a packed GLB is to those who do not know it.
PACKED = "application/octet-stream"
WINDOW_PERCENTILES = (0.5, 99.5)
_GREY_STEPS = 254


@dataclass(frozen=True, slots=True)
class Made:
    """Bytes that can be made, and the name of their content.

    Attributes:
        key: equal keys mean equal bytes.
        mimetype: what they are.
        make: makes them uncompressed.
        has_runs: whether nothing repeats in them but runs of one value, see `gzipped`.
    """

    key: str
    mimetype: str
    make: Callable[[], bytes]
    has_runs: bool = False

    def compressed(self, cache: ContentCache) -> bytes:
        """Take them as gzip bytes from a cache."""
        return cache.compressed(self.key, self.make, has_runs=self.has_runs)


def mesh(reading: Reading, patient: str, source: str, mode: str) -> Made:
    """Offer the surfaces of a source of a patient as GLB, packed as `meshing.packed` says.

    Raises:
        NotInStudyError: if there is no such patient, source, volume or mode.
    """
    path, scheme = reading.label_file(patient, source), reading.study.scheme
    if mode not in RECIPES:
        raise NotInStudyError(f"No surface mode {mode[:40]!r}; there are {', '.join(RECIPES)}.")

    def make() -> bytes:
        label_map = read_label_map(path, scheme)
        measured = surfaces.measured_surfaces(label_map, scheme.labels, mode, is_snapped=True)
        told = {"badge": badge(measured, mode).as_extras()}
        return packed_glb([one.surface for one in measured], told)

    recipe = f"packed mesh 3 {mode} {RECIPES[mode].version}"
    return Made(content_key(recipe, [path], repr(scheme)), PACKED, make)


def brain(reading: Reading, patient: str) -> Made:
    """Offer the surface of a patient's brain as packed GLB, from whichever image there is.

    Raises:
        NotInStudyError: if there is no such patient, or no image of it.
    """
    names = sorted(reading.patient(patient).images)
    if not names:
        raise NotInStudyError(f"No image of {patient} to take the brain from.")
    path = reading.image_file(patient, names[0])

    def make() -> bytes:
        return packed_glb([surfaces.brain(*read_image(path))])

    return Made(content_key("brain packed mesh 3", [path]), PACKED, make)


def label_volume(reading: Reading, patient: str, source: str) -> Made:
    """Offer a label map as uint8, RAS, x fastest.

    Raises:
        NotInStudyError: if there is no such patient, source or volume.
    """
    path, scheme = reading.label_file(patient, source), reading.study.scheme

    def make() -> bytes:
        label_map = read_label_map(path, scheme)
        return x_fastest_bytes(to_ras(label_map.labels, label_map.affine)[0])

    key = content_key("labels 1", [path], repr(scheme))
    return Made(key, "application/octet-stream", make, has_runs=True)


def image_scale(reading: Reading, patient: str, contrast: str) -> Made:
    """Offer the intensities that the ends of an image's grey scale stand for, as JSON.

    `low` and `high` are the intensities of grey 1 and 255 in `image_volume`; `step` is one grey step. Between
    the ends a grey value names its intensity to within half a step; at the ends there may be anything beyond.

    Raises:
        NotInStudyError: if there is no such patient or contrast.
    """
    path = reading.image_file(patient, contrast)

    def make() -> bytes:
        low, high = window_ends(read_image(path)[0])
        return json.dumps({"low": low, "high": high, "step": (high - low) / _GREY_STEPS}).encode()

    return Made(content_key("image scale 1", [path]), "application/json", make)


def image_volume(reading: Reading, patient: str, contrast: str) -> Made:
    """Offer an image as uint8, RAS, x fastest, windowed by `windowed`.

    Raises:
        NotInStudyError: if there is no such patient or contrast.
    """
    path = reading.image_file(patient, contrast)

    def make() -> bytes:
        values, affine = read_image(path)
        return x_fastest_bytes(windowed(to_ras(values, affine)[0]))

    return Made(content_key("image 2", [path]), "application/octet-stream", make)


def image_residuals(reading: Reading, patient: str, contrast: str) -> Made:
    """Offer the image of `image_volume` as its `residuals`: an eighth fewer bytes when compressed.

    Raises:
        NotInStudyError: if there is no such patient or contrast.
    """
    path = reading.image_file(patient, contrast)

    def make() -> bytes:
        values, affine = read_image(path)
        return x_fastest_bytes(residuals(windowed(to_ras(values, affine)[0])))

    key = content_key("image residuals 1", [path])
    return Made(key, "application/octet-stream", make, has_runs=True)


def residuals(greys: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Take from every voxel what its neighbours before it predict, modulo 256.

    The prediction is (3 (a + b + d) - c - e - f) / 6, rounded down: a, b, d are one step back along x, y, z;
    c, e, f along xy, xz, yz; beyond the edge is 0. `maths/residuals.ts` undoes it.
    """
    framed = np.pad(greys.astype(np.int16), ((1, 0), (1, 0), (1, 0)))
    back, here = slice(None, -1), slice(1, None)
    sides = framed[back, here, here] + framed[here, back, here] + framed[here, here, back]
    edges = framed[back, back, here] + framed[back, here, back] + framed[here, back, back]
    left: npt.NDArray[np.uint8] = (framed[here, here, here] - (3 * sides - edges) // 6).astype(np.uint8)
    return left


def windowed(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Map intensities to the nearest of 1..255 between `window_ends`; 0 and NaN stay 0."""
    finite = _finite(values)
    low, high = window_ends(values)
    scaled = np.clip((finite - np.float32(low)) / max(high - low, 1e-12), 0, 1) * _GREY_STEPS + 1
    return np.where(finite != 0, np.rint(scaled), 0).astype(np.uint8)


def window_ends(values: npt.NDArray[np.generic]) -> tuple[float, float]:
    """Find two percentiles of the intensities that are not 0 (0 and 0 where there are none)."""
    finite = _finite(values)
    inside = finite[finite != 0]
    if not inside.size:
        return 0.0, 0.0
    low, high = np.percentile(inside, WINDOW_PERCENTILES)
    return float(low), float(high)


def _finite(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    return np.nan_to_num(values.astype(np.float32, order="K"), nan=0.0, posinf=0.0, neginf=0.0)


@dataclass(frozen=True, slots=True)
class Grid:
    """The grid of a case's volumes.

    Attributes:
        shape: voxels along R, A and S, as the volumes are served.
        affine: (4, 4), index in a served volume to RAS mm.
        file_affine: (4, 4), index in the files to RAS mm; the results count voxels so.
    """

    shape: tuple[int, int, int]
    affine: tuple[tuple[float, ...], ...]
    file_affine: tuple[tuple[float, ...], ...]

    def file_to_world(self, voxel: tuple[float, float, float]) -> tuple[float, float, float]:
        """Turn a voxel index of the files into RAS mm."""
        x, y, z = (np.array(self.file_affine) @ (*voxel, 1.0))[:3]
        return float(x), float(y), float(z)


def grid(reading: Reading, patient: str, cache: ContentCache) -> Grid | None:
    """Find the grid of a patient's served volumes; None where no label map of the patient is there."""
    path = _any_label_file(reading, patient)
    if path is None:
        return None

    def make() -> bytes:
        label_map = read_label_map(path, reading.study.scheme)
        turned, affine = to_ras(label_map.labels, label_map.affine)
        facts = {"shape": turned.shape, "affine": affine.tolist(), "file_affine": label_map.affine.tolist()}
        return json.dumps(facts).encode()

    found = cache.facts(content_key("grid 2", [path]), make)
    x, y, z = found["shape"]
    return Grid((x, y, z), *(tuple(tuple(row) for row in found[name]) for name in ("affine", "file_affine")))


def _any_label_file(reading: Reading, patient: str) -> Path | None:
    files = reading.patient(patient)
    paths = [files.reference] if files.reference else []
    paths += files.predictions.values()
    return next((path for path in paths if path.is_file()), None)


def has_label_file(reading: Reading, patient: str, source: str) -> bool:
    """Say whether a source has a volume of a patient right now."""
    try:
        reading.label_file(patient, source)
    except NotInStudyError:
        return False
    return True
