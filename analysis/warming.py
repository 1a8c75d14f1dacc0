"""Compiling ahead: a parent process fills the cache once instead of every worker on its own."""

from itertools import product

import numpy as np

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.components import label_components
from analysis.patient import PatientVolumes, analyse_patient


def warm() -> None:
    """Compile every kernel for every kind of array a study can hold, or load them from the cache.

    About 12 s of CPU with an empty cache, half a second with a full one; then no analysis compiles anything.
    """
    for order, is_writable in product("CF", (True, False)):
        labels = np.zeros((48, 12, 12), np.uint8, order="C" if order == "C" else "F")
        labels[1:5, 1:5, 1:5] = np.arange(64, dtype=np.uint8).reshape(4, 4, 4) % 4
        reference = np.roll(labels, 40, axis=0)
        other = np.roll(labels, 1, axis=1)
        for volume in (labels, reference, other):
            volume.flags.writeable = is_writable
        _analyse(reference, labels, other)
        label_components(labels, affine=np.eye(4))


def _analyse(reference: np.ndarray, baseline: np.ndarray, distmap: np.ndarray) -> None:
    grid = np.eye(4)
    volumes = PatientVolumes(
        patient="warm",
        fold=None,
        reference=LabelMap(reference, grid),
        predictions={"baseline": LabelMap(baseline, grid), "distmap": LabelMap(distmap, grid)},
        roles={"baseline": "baseline", "distmap": "distmap"},
    )
    analyse_patient(volumes, SCHEMES["brats2023"])
