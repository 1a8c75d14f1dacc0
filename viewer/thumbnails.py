"""A small picture of a patient for tables: a source's labels from the left, all patients at one scale."""

from collections.abc import Mapping
from types import MappingProxyType

from analysis.cohort.label_map import LabelMap, spacing_mm
from analysis.cohort.labels import Label
from analysis.cohort.nifti import read_label_map
from analysis.crop import foreground_box
from meshing.pictures import png_bytes
from meshing.projection import Layer, Picture, projected
from viewer.canonical import to_ras
from viewer.case_bytes import Made
from viewer.cohort_view import REFERENCE
from viewer.content_cache import content_key
from viewer.open_study import Reading

#: Twice the size it is shown at, for fine screens: 60 mm of a head are 96 pixels wide.
SIZE_PX = (192, 144)
PX_PER_MM = 1.6
#: Opacity by label name: oedema is a haze behind all else, enhancing tumour lets its necrosis shine through.
OPACITIES: Mapping[str, float] = MappingProxyType({"ED": 0.45, "SNFH": 0.45, "ET": 0.62})
_HAZE = 0.5


def thumbnail(reading: Reading, patient: str, source: str = REFERENCE) -> Made:
    """Offer a PNG with a clear background, (144, 192) pixels; without a voxel it is empty.

    Args:
        reading: the study.
        patient: id.
        source: `reference` or a method's name.

    Raises:
        NotInStudyError: if there is no such patient, source or volume.
    """
    path, scheme = reading.label_file(patient, source), reading.study.scheme

    def make() -> bytes:
        return png_bytes(_drawn(read_label_map(path, scheme), scheme.labels))

    return Made(content_key("thumbnail 1", [path], repr(scheme)), "image/png", make)


def _drawn(label_map: LabelMap, labels: tuple[Label, ...]) -> Picture:
    box = foreground_box(label_map.labels)
    turned, affine = to_ras(label_map.labels[box.slices], label_map.affine)
    depth, right, down = spacing_mm(affine)
    # the eye is on the patient's left: the forehead on the picture's left, the crown above
    seen = turned[:, ::-1, ::-1]
    layers = [Layer(seen == label.value, label.colour, OPACITIES.get(label.name, 1.0)) for label in labels]
    ordered = sorted(layers, key=lambda layer: (layer.opacity >= _HAZE, -layer.opacity))
    return projected(ordered, (depth, right, down), size_px=SIZE_PX, px_per_mm=PX_PER_MM)
