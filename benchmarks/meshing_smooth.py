"""Smooth surfaces: fragments, a large component and the brain against the paper's recipe as written.

Run: OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/meshing_smooth.py
"""

import cProfile
import pstats
import time
from collections.abc import Callable
from pathlib import Path

import cc3d
import numpy as np
import numpy.typing as npt
from meshing_shapes import brain, fragments, tumour
from race import race, report
from scipy import ndimage
from skimage import measure

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import BRAIN_COLOUR, SCHEMES
from meshing.brain import brain_surface
from meshing.fidelity import fidelity
from meshing.glb import Surface
from meshing.mesh import Mesh
from meshing.packed import packed_glb
from meshing.smooth import forget, volume_true
from viewer.surfaces import label_surfaces

ONE_MM = np.eye(4)

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.uint8]
Triangles = tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]


def literal_fragment(mask: Mask) -> Triangles:
    """Follow the paper's recipe for fragments with scipy and scikit-image."""
    grown = ndimage.binary_dilation(np.pad(mask, 4), np.ones((3, 3, 3)))
    inside, outside = (ndimage.distance_transform_edt(one) for one in (grown, ~grown))
    return _marched(ndimage.zoom(inside - outside, 2, order=3), -0.3)


def literal_main(mask: Mask) -> Triangles:
    """Follow the paper's recipe for tumour bodies and brains: fill, dilate, march at 0.5."""
    return _marched(ndimage.binary_dilation(ndimage.binary_fill_holes(mask)), 0.5)


def _marched(field: npt.NDArray[np.generic], level: float) -> Triangles:
    points, faces, _, _ = measure.marching_cubes(field.astype(np.float32), level)
    return points, faces


def without_cache(masks: list[Mask]) -> list[Mesh]:
    """Smooth each mask anew."""
    forget()
    return [volume_true(mask, ONE_MM) for mask in masks]


def patient(volumes: list[Labels], around: Mask) -> list[bytes]:
    """Make all smooth surfaces of a patient as the browser gets them: four label maps and the brain."""
    forget()
    known = SCHEMES["brats2023"].labels
    maps = [LabelMap(labels, ONE_MM) for labels in volumes]
    files = [packed_glb(label_surfaces(label_map, known, "volume-true")) for label_map in maps]
    return [*files, packed_glb([Surface("brain", brain_surface(around, ONE_MM), BRAIN_COLOUR)])]


def dominating(call: Callable[[], object], most: int = 8) -> list[tuple[float, str]]:
    """Say which functions take most CPU time of their own, in seconds."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(call)
    entries = pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
    own = sorted(
        ((entry[2], f"{Path(file).stem}.{name}") for (file, _, name), entry in entries), reverse=True
    )
    return own[:most]


def main() -> None:
    """Race, and leave with an error where a target is missed."""
    labels, around = tumour(), brain()
    numbers = cc3d.connected_components(labels == 2, connectivity=26)
    body = np.asfortranarray(numbers == np.bincount(numbers.ravel())[1:].argmax() + 1)
    small = fragments(130)
    found = race(
        {
            "130 fragments, literal": lambda: [literal_fragment(mask) for mask in small],
            "130 fragments, volume-true": lambda: without_cache(small),
            "large component, literal, whole volume": lambda: literal_main(body),
            "large component, volume-true, whole volume": lambda: without_cache([body]),
            "brain, literal, whole volume": lambda: literal_main(around),
            "brain, scikit-image's marching alone, whole volume": lambda: _marched(around, 0.5),
            "brain, ours with filling, whole volume": lambda: brain_surface(around, ONE_MM),
        },
        rounds=3,
    )
    report(
        "smooth surfaces",
        found,
        {
            ("130 fragments, literal", "130 fragments, volume-true"): 5,
            ("large component, literal, whole volume", "large component, volume-true, whole volume"): 1,
            ("brain, literal, whole volume", "brain, ours with filling, whole volume"): 5,
        },
    )
    for title, mask in (("large component", body), ("brain", around)):
        mesh = volume_true(mask, ONE_MM) if title != "brain" else brain_surface(mask, ONE_MM)
        print(f"  {title}: {len(mesh.faces)} triangles, {fidelity(mesh, mask, ONE_MM)}")
    volumes = [tumour(seed) for seed in range(4)]
    whole = race({"a patient: four label maps, smooth, with brain, as GLB": lambda: patient(volumes, around)})
    report("a whole patient (aim 3 s)", whole, {})
    for seconds, name in dominating(lambda: patient(volumes, around)):
        print(f"  {seconds * 1000:10.1f} ms CPU  of which {name}")


if __name__ == "__main__":
    main()
