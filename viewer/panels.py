"""What the stage is told about a case: one panel a source, the addresses of the bytes, the line above it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import numpy as np
from dash import html
from dash.development.base_component import Component

from viewer import number_format
from viewer.case_bytes import WINDOW_PERCENTILES, Grid, has_label_file
from viewer.cohort_view import REFERENCE, Source
from viewer.markup import attributes
from viewer.open_study import Reading
from viewer.overlays import overlays
from viewer.view_state import ViewState

_FAVOURED_CONTRASTS = ("t1c", "t2f", "t1n", "t2w")


def panels(reading: Reading, patient: str, mode: str) -> list[dict[str, Any]]:
    """Describe the panels of a case: the reference, then every method of the study."""
    scores = reading.cohort.row(patient) or {}
    return [_panel(reading, patient, scores, source, mode) for source in reading.cohort.sources]


def _panel(
    reading: Reading, patient: str, scores: Mapping[str, object], source: Source, mode: str
) -> dict[str, Any]:
    there = has_label_file(reading, patient, source.name)
    stem = f"{quote(patient, safe='')}/{quote(source.name, safe='')}"
    return {
        "key": source.name,
        "title": source.title,
        "subtitle": _subtitle(reading, scores, source),
        "meshUrl": f"/mesh/{stem}/{mode}.packed" if there else None,
        "exportUrl": f"/export/{stem}.glb?mode={mode}" if there else None,
        "note": None if there else _absence(reading, source),
    }


def _subtitle(reading: Reading, scores: Mapping[str, object], source: Source) -> str:
    if source.name == REFERENCE:
        return "reference"
    value = scores.get(source.score_column)
    known = isinstance(value, float) and math.isfinite(value)
    n = len(reading.cohort.scheme.dice_average)
    return f"Dice {number_format.dice(value)}, n = {n}" if known else "Dice unknown"  # type: ignore[arg-type]


def _absence(reading: Reading, source: Source) -> str:
    if not reading.study.has_volumes:
        return "This study holds results only, no volumes."
    return f"{source.title} has no volume of this patient."


def brain_url(reading: Reading, patient: str) -> str | None:
    """Say where the brain's surface comes from; None where there is no image to take it from."""
    return f"/mesh/{quote(patient, safe='')}/brain.packed" if contrasts(reading, patient) else None


def contrasts(reading: Reading, patient: str) -> list[str]:
    """Name the images of a patient, the most useful for a glioma first."""
    there = reading.patient(patient).images
    favoured = [name for name in _FAVOURED_CONTRASTS if name in there]
    return favoured + sorted(name for name in there if name not in favoured)


def slices(reading: Reading, patient: str, view: ViewState, grid: Grid | None) -> dict[str, Any] | None:
    """Describe the slices of a case; None where there is no volume or the view wants none."""
    if grid is None or view.plane == "none":
        return None
    known = contrasts(reading, patient)
    contrast = view.contrast if view.contrast in known else (known[0] if known else None)
    who = quote(patient, safe="")
    low, high = WINDOW_PERCENTILES
    return {
        "case": patient,
        "shape": list(grid.shape),
        "affine": [list(row) for row in grid.affine],
        "fileAffine": [list(row) for row in grid.file_affine],
        "imageUrl": f"/image/{who}/{quote(contrast, safe='')}.r8" if contrast else None,
        "labelUrls": {
            source.name: f"/labels/{who}/{quote(source.name, safe='')}.u8"
            if has_label_file(reading, patient, source.name)
            else None
            for source in reading.cohort.sources
        },
        "scaleUrl": f"/image/{who}/{quote(contrast, safe='')}.json" if contrast else None,
        "overlays": overlays(reading, patient, view.overlay, view.strength),
        "contrast": contrast,
        "greys": f"grey from percentile {low:g} to {high:g}",
        "plane": view.plane,
        "convention": view.convention,
        "window": list(view.window) if view.window else None,
        "fill": view.fill / 100,
        "ruler": list(view.ruler) if view.ruler else None,
    }


def order(reading: Reading, view: ViewState) -> list[str]:
    """Name the panels on the stage in their order: those asked for that the study has, or all."""
    known = [source.name for source in reading.cohort.sources]
    return [name for name in view.panels if name in known] or known


def case_line(reading: Reading, patient: str) -> list[Component | str]:
    """Write the line that says which case is open."""
    row = reading.cohort.row(patient) or {}
    words: list[Component | str] = [html.Span(patient, className="case-id")]
    fold = row.get("fold")
    if isinstance(fold, (int, np.integer)):
        words.append(html.Span(f"fold {fold}", className="fact"))
    volume = row.get("volume_ml_WT")
    if isinstance(volume, float) and math.isfinite(volume):
        words.append(html.Span(f"WT {number_format.volume_ml(volume)}", className="fact"))
    siblings = reading.cohort.siblings(patient)
    if siblings:
        words.append(html.Span(["same subject: ", *_sibling_links(siblings)], className="fact"))
    if row.get("failure"):
        words.append(html.Span(str(row["failure"]), className="fact fact-failure"))
    return words


def _sibling_links(siblings: Sequence[str]) -> list[Component]:
    return [
        html.A(
            other,
            href=ViewState(patient=other).query(),
            **attributes(data_go=f"patient={other}&component=&cursor="),
        )
        for other in siblings[:3]
    ]
