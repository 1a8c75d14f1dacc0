"""Figures 2 to 7 of a report: the six pinned patients in 3D, four panels each, as the paper shows them."""

from collections.abc import Iterable, Iterator, Sequence

from tqdm import tqdm

from analysis.cohort.nifti import NiftiError
from analysis.cohort.study import Study
from meshing.pictures import png_bytes
from viewer.case_pictures import Shot, case_montage
from viewer.cohort_view import REFERENCE, Pin
from viewer.open_study import NotInStudyError, Reading, read
from viewer.report_page import Drawing

#: The figure of each case in the paper.
FIGURES = {"C1": 2, "C2": 3, "C3": 4, "C4": 5, "C5": 6, "C6": 7}
_QUIET_S = 2.0


def case_drawings(study: Study, shot: Shot | None = None) -> list[Drawing]:
    """Draw every pinned case: ground truth, Baseline, DistMap and consensus from the left on black.

    Args:
        study: with results; one without volumes has no such figures.
        shot: how; by default volume-true, as the page opens.
    """
    if not study.has_volumes:
        return []
    reading = read(study.folder)
    sources = [REFERENCE, *(method.name for method in reading.cohort.methods if method.role != "absent")]
    pins = [pin for pin in reading.cohort.pins if pin.tag in FIGURES]
    bar = tqdm(
        sorted(pins, key=lambda pin: pin.tag),
        desc="cases in 3D",
        unit="figure",
        delay=_QUIET_S,
        disable=None,
        leave=False,
    )
    return list(_drawings(reading, bar, sources, shot or Shot()))


def _drawings(reading: Reading, pins: Iterable[Pin], sources: Sequence[str], shot: Shot) -> Iterator[Drawing]:
    for pin in pins:
        number = FIGURES[pin.tag]
        title = f"Figure {number}: {pin.tag}, {pin.title}: {pin.patient}"
        titles = [found.title for name in sources if (found := reading.cohort.source(name))]
        shows = (
            f"Surfaces ({shot.mode}) of {', '.join(titles)}, two a row, seen from the {shot.preset} on black."
        )
        try:
            data = png_bytes(case_montage(reading, pin.patient, sources, shot))
        except (NotInStudyError, NiftiError, OSError) as problem:
            yield Drawing(f"figure_{number}", title, shows, {}, str(problem))
        else:
            yield Drawing(f"figure_{number}", title, shows, {"png": data})
