"""The label maps of a case cut to their common box."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.cohort.label_map import Affine, LabelMap, Labels
from analysis.cohort.nifti import read_label_map
from analysis.crop import Box
from analysis.volumes import CroppedMap, common_box
from meshing.memory import Memory
from viewer.cohort_view import REFERENCE
from viewer.content_cache import content_key
from viewer.open_study import NotInStudyError, Reading


@dataclass(frozen=True, slots=True, eq=False)
class CaseVolumes:
    """The reference and every method that has a volume of a case, inside the box that holds them all.

    Attributes:
        key: of the content of all files; equal keys mean equal volumes.
        patient: id.
        maps: source to label map.
        box: where the box lies in the files' voxels.
        shape: (x, y, z) voxels of the files.
        affine: (4, 4) of the files.
    """

    key: str
    patient: str
    maps: Mapping[str, CroppedMap]
    box: Box
    shape: tuple[int, int, int]
    affine: Affine

    @property
    def reference(self) -> CroppedMap:
        """The ground truth."""
        return self.maps[REFERENCE]

    @property
    def outside_voxels(self) -> int:
        """Voxels of the files beyond the box."""
        return int(np.prod(self.shape)) - self.reference.labels.size

    def on_grid(self, labels: Labels) -> LabelMap:
        """Paste labels from inside the box into the whole volume."""
        whole = np.zeros(self.shape, np.uint8, order="F")
        whole[self.box.slices] = labels
        return LabelMap(whole, self.affine)


def case_volumes(reading: Reading, patient: str, memory: Memory[CaseVolumes]) -> CaseVolumes:
    """Take the volumes of a case.

    Raises:
        NotInStudyError: if there is no such patient, or its reference is absent.
        NiftiError: if a file can't be read.
        ValueError: if a file lies on another grid than the reference.
    """
    paths = {REFERENCE: reading.label_file(patient, REFERENCE)}
    for method in reading.cohort.methods:
        try:
            paths[method.name] = reading.label_file(patient, method.name)
        except NotInStudyError:  # a method without this patient is no part of the case
            continue
    key = content_key("case 1", paths.values(), repr(reading.study.scheme), repr(list(paths)))

    def make() -> CaseVolumes:
        maps = {source: read_label_map(path, reading.study.scheme) for source, path in paths.items()}
        return _cropped(key, patient, maps, reading)

    return memory.take(key, make)


def _cropped(key: str, patient: str, maps: Mapping[str, LabelMap], reading: Reading) -> CaseVolumes:
    reference = maps[REFERENCE]
    for source, label_map in maps.items():
        if not label_map.same_grid(reference, reading.study.tolerance_mm):
            raise ValueError(
                f"patient {patient}: {source} grid {label_map.shape}, reference {reference.shape}, "
                "or another place in the world"
            )
    box = common_box(list(maps.values()))
    cropped = {
        source: CroppedMap(label_map.labels[box.slices], label_map.affine, reading.study.scheme)
        for source, label_map in maps.items()
    }
    return CaseVolumes(key, patient, cropped, box, reference.shape, reference.affine)
