"""What lies over the slices beside labels: a method's probabilities, responses and variances, as bytes.

The maps are files of the study (`analysis.cohort.scalar_maps`); who made them does not matter here.
"""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import NiftiError, read_label_map
from analysis.cohort.scalar_maps import RANGES, Kind, ScalarMap, read_scalar_map
from analysis.component_means import component_means
from analysis.components import label_components
from viewer.canonical import to_ras, x_fastest_bytes
from viewer.case_bytes import Made
from viewer.content_cache import ContentCache, content_key
from viewer.ledger import row_id
from viewer.open_study import NotInStudyError, Reading

STRENGTHS = ("0.3", "0.6", "0.9")
_SEQUENTIAL = ("#3b0f70", "#8c2981", "#de4968", "#fe9f6d", "#fcfdbf")
_DIVERGING = ("#2166ac", "#92c5de", "#f7f7f7", "#f4a582", "#b2182b")
_LOOK: Mapping[Kind, tuple[tuple[str, ...], tuple[float, ...]]] = MappingProxyType(
    {
        "probability": (_SEQUENTIAL, (0.0, 0.7, 1.0, 1.0, 1.0)),
        "distance": (_DIVERGING, (0.0, 0.6, 1.0, 1.0, 1.0)),
        "sing": (_DIVERGING, (0.0, 0.6, 1.0, 1.0, 1.0)),
        "variance": (_SEQUENTIAL, (0.0, 0.7, 1.0, 1.0, 1.0)),
    }
)
"""Colours from the low end to the high one, and how opaque each is: what says nothing hides nothing."""
_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        "probability": "probability of {}",
        "distance": "signed distance of {} as the network answers it",
        "sing": "SiNG response of {}",
        "variance": "variance of the network's answers",
    }
)


def maps_of(reading: Reading, patient: str) -> dict[str, dict[str, ScalarMap]]:
    """List a patient's maps by name, and of each the methods that have it."""
    files, found = reading.patient(patient), dict[str, dict[str, ScalarMap]]()
    for method in reading.study.methods:
        if method.name in files.predictions:
            for one in reading.study.scalar_maps(files, method.name):
                found.setdefault(one.name, {})[method.name] = one
    return found


def choices_of(found: Mapping[str, Mapping[str, ScalarMap]]) -> dict[str, tuple[str, str]]:
    """Word the maps for buttons: name to what is written and what a tip says."""
    words = {"": ("None", "Nothing over the image but the labels")}
    for name, by_method in found.items():
        one = next(iter(by_method.values()))
        about = _WORDS[one.kind].format(name.partition("-")[2])
        words[name] = (name.replace("-", " "), f"Show the {about} over the slices, where a method has it")
    return words


def overlays(reading: Reading, patient: str, name: str | None, strength: float) -> list[dict[str, Any]]:
    """Describe the chosen map to the stage; empty where nothing is chosen or no method has it."""
    by_method = maps_of(reading, patient).get(name, {}) if name else {}
    if not by_method:
        return []
    kind = next(iter(by_method.values())).kind
    (low, high), (colours, opacities) = RANGES[kind], _LOOK[kind]
    who, what = quote(patient, safe=""), quote(name or "", safe="")
    return [
        {
            "title": (name or "").replace("-", " "),
            "urls": {source: f"/map/{who}/{quote(source, safe='')}/{what}.u8" for source in by_method},
            "colours": list(colours),
            "opacities": list(opacities),
            "low": low,
            "high": high,
            "opacity": strength,
        }
    ]


def map_volume(reading: Reading, patient: str, source: str, name: str) -> Made:
    """Offer a map as uint8, RAS, x fastest: 0 nowhere, 1 to 255 from the low to the high end of its kind.

    Raises:
        NotInStudyError: if there is no such patient, method or map.
    """
    label_file, scheme = reading.label_file(patient, source), reading.study.scheme
    found = maps_of(reading, patient).get(name, {}).get(source)
    if found is None:
        raise NotInStudyError(f"{source[:80]} has no map {name[:40]!r} of {patient}.")

    def make() -> bytes:
        label_map = read_label_map(label_file, scheme)
        values = read_scalar_map(found, scheme, label_map)
        return x_fastest_bytes(to_ras(coded(values, *RANGES[found.kind]), label_map.affine)[0])

    return Made(
        content_key(f"map 1 {name}", [label_file, found.path], repr(scheme)), "application/octet-stream", make
    )


def coded(values: npt.NDArray[np.floating], low: float, high: float) -> npt.NDArray[np.uint8]:
    """Map values from `low` to `high` to 1..255, clipped; NaN becomes 0, which is nowhere."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return np.where(np.isnan(share), 0, np.rint(np.nan_to_num(share) * 254) + 1).astype(np.uint8)


def certainty(reading: Reading, patient: str, cache: ContentCache) -> Mapping[str, Mapping[str, float]]:
    """Say how sure a network was of each of its components.

    Returns:
        Row id of the ledger to `mean_p` and `mean_response`: means over the component's voxels of the
        probability of its label and of the response to it, as far as there are any.
    """
    known: dict[str, dict[str, float]] = {}
    found = maps_of(reading, patient)
    for method in reading.study.methods:
        mine = [by[method.name] for by in found.values() if method.name in by]
        about = [one for one in mine if len(one.members) == 1 and one.kind != "variance"]
        if about:
            known |= _kept(reading, patient, method.name, about, cache)
    return known


def _kept(
    reading: Reading, patient: str, method: str, maps: list[ScalarMap], cache: ContentCache
) -> dict[str, dict[str, float]]:
    try:
        label_file = reading.label_file(patient, method)
    except NotInStudyError:
        return {}
    scheme = reading.study.scheme

    def make() -> bytes:
        try:
            label_map = read_label_map(label_file, scheme)
            return json.dumps(dict(_means(reading, method, label_map, maps))).encode()
        except NiftiError:  # the route of the map says what is wrong with it
            return b"{}"

    paths = [label_file, *dict.fromkeys(one.path for one in maps)]
    names = " ".join([method, *(one.name for one in maps)])
    key = content_key(f"certainty 1 {names}", paths, repr(scheme))
    means: dict[str, dict[str, float]] = cache.facts(key, make)
    return means


def _means(
    reading: Reading, method: str, label_map: LabelMap, maps: list[ScalarMap]
) -> Iterator[tuple[str, dict[str, float]]]:
    scheme, components = reading.study.scheme, label_components(label_map.labels, affine=label_map.affine)
    rows: dict[str, dict[str, float]] = {}
    for one in maps:
        (label,) = one.members
        values = read_scalar_map(one, scheme, label_map)
        column = "mean_p" if one.kind == "probability" else "mean_response"
        for index, mean in enumerate(component_means(components, label_map.labels, label, values), 1):
            if np.isfinite(mean):
                rows.setdefault(row_id((method, scheme.names[label], index)), {})[column] = round(
                    float(mean), 4
                )
    yield from rows.items()
