"""Pictures of a patient: one source, all sources side by side at one scale, or one turning round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from analysis.cohort.nifti import read_image, read_label_map
from meshing.glb import Surface
from meshing.pictures import VIEWS, Picture, montage, picture, turntable
from meshing.recipes import DEFAULT
from meshing.scene import main_bounds_mm
from viewer.open_study import NotInStudyError, Reading
from viewer.surfaces import brain, label_surfaces

#: How solid labels are drawn, so that what they enclose is seen; others are solid.
OPACITIES: Mapping[str, float] = MappingProxyType({"ED": 0.2, "SNFH": 0.2, "ET": 0.75, "RC": 0.75})
BRAIN_OPACITY = 0.1
PAPER_PRESET = "left"
_TITLE_SHARE = 0.055
_STRIP_SHARE = 0.1
_MARGIN_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class Shot:
    """How a patient is taken.

    Attributes:
        mode: how surfaces are made, a name in `meshing.recipes.RECIPES`.
        preset: from where, a name in `meshing.pictures.VIEWS`.
        size_px: width and height of one view.
        has_brain: whether the brain is drawn around, where there is an image to take it from.
    """

    mode: str = DEFAULT
    preset: str = PAPER_PRESET
    size_px: tuple[int, int] = (480, 480)
    has_brain: bool = False


def drawn_surfaces(reading: Reading, patient: str, source: str, shot: Shot) -> list[Surface]:
    """Make the surfaces of a source as they are drawn.

    Raises:
        NotInStudyError: if there is no such patient, source or volume.
    """
    scheme = reading.study.scheme
    label_map = read_label_map(reading.label_file(patient, source), scheme)
    made = [
        replace(surface, opacity=OPACITIES.get(surface.name, 1.0))
        for surface in label_surfaces(label_map, scheme.labels, shot.mode)
    ]
    names = sorted(reading.patient(patient).images) if shot.has_brain else []
    around = [brain(*read_image(reading.image_file(patient, name))) for name in names[:1]]
    return made + [replace(surface, opacity=BRAIN_OPACITY) for surface in around]


def case_turntable(
    reading: Reading, patient: str, source: str, shot: Shot, frame_count: int
) -> list[Picture]:
    """Draw one source of a patient turning once round."""
    surfaces = drawn_surfaces(reading, patient, source, shot)
    return turntable(surfaces, VIEWS[shot.preset], frame_count=frame_count, size_px=shot.size_px)


def case_montage(reading: Reading, patient: str, sources: Sequence[str], shot: Shot) -> Picture:
    """Draw several sources of a patient, two a row, at one scale, each with its title.

    The largest component of each label fills them, not the fragments around.
    Those without a volume, or with an empty one, stay black and say so.

    Raises:
        NotInStudyError: if there is no such patient or source, or none has a volume.
        OSError: if there is nothing to draw with.
    """
    made, words = {}, {}
    for source in sources:
        found = reading.cohort.source(source)
        words[source] = found.title if found else source
        try:
            made[source] = drawn_surfaces(reading, patient, source, shot)
        except NotInStudyError:
            if found is None or patient not in reading.patients:
                raise
            words[source] += ": no volume"
        else:
            words[source] += "" if _has_labels(reading, made[source]) else ": no voxel has a label"
    if not made:
        raise NotInStudyError(f"No method has a volume of {patient}.")
    box = main_bounds_mm([surface for surfaces in made.values() for surface in surfaces])
    width, height = shot.size_px
    strip = round(_STRIP_SHARE * height)
    views = [
        _titled(
            picture(made.get(source, []), VIEWS[shot.preset], size_px=(width, height - strip), box_mm=box),
            words[source],
            strip,
        )
        for source in sources
    ]
    if len(views) == 1:
        return views[0]
    if len(views) % 2:
        views.append(np.zeros_like(views[0]))
    return montage([views[row : row + 2] for row in range(0, len(views), 2)])


def _has_labels(reading: Reading, surfaces: Sequence[Surface]) -> bool:
    """Say whether anything but the brain is drawn."""
    names = {label.name for label in reading.study.scheme.labels}
    return any(surface.name in names and not surface.mesh.is_empty for surface in surfaces)


def _titled(view: Picture, title: str, strip: int) -> Picture:
    """Set a title into a strip above a view, where nothing lies behind it."""
    whole = np.concatenate([np.zeros((strip, *view.shape[1:]), np.uint8), view])
    image = Image.fromarray(whole)
    height = len(whole)
    font = ImageFont.load_default(max(10.0, _TITLE_SHARE * height))
    place = round(_MARGIN_SHARE * height), strip // 2
    ImageDraw.Draw(image).text(place, title, font=font, fill=(232, 237, 242), anchor="lm")
    return np.asarray(image)
