"""A method against the reference: where it errs, and how far its surface lies from the reference's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import numpy as np

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import LabelScheme
from analysis.cohort.nifti import read_label_map
from analysis.corner_distances import CornerDistances, corner_distances
from analysis.error_classes import error_map
from meshing.facets import facet_mesh
from meshing.glb import Surface
from meshing.mesh import Mesh
from meshing.packed import packed_glb
from meshing.voxels import label_meshes
from viewer.case_bytes import PACKED, Made, has_label_file
from viewer.cohort_view import REFERENCE
from viewer.content_cache import content_key
from viewer.open_study import NotInStudyError, Reading
from viewer.palette import DISTANCE_COLOUR, DISTANCE_STOPS, ERROR_STYLES
from viewer.view_state import ViewState

DISTANCE_ATTRIBUTE = "_DISTANCE_MM"
DISTANCE_NODE = "distance"

_Maker = Callable[[LabelMap, LabelMap, tuple[int, ...]], bytes]


@dataclass(frozen=True, slots=True)
class Pair:
    """What is compared: a method of a patient, in one region."""

    patient: str
    method: str
    region: str


def region_name(scheme: LabelScheme, view: ViewState) -> str:
    """Name the region that is compared: the one asked for, else the first of the Dice average."""
    if view.region is not None and view.region in scheme.regions:
        return view.region
    return (*scheme.dice_average, *scheme.regions)[0]


def described(reading: Reading, patient: str, view: ViewState) -> dict[str, Any] | None:
    """Describe what is compared for the stage; None where labels are shown."""
    if view.show == "labels":
        return None
    scheme = reading.cohort.scheme
    region = region_name(scheme, view)
    there = has_label_file(reading, patient, REFERENCE)
    form = f"{quote(region, safe='')}.packed"
    return {
        "case": patient,
        "show": view.show,
        "region": region,
        "members": list(scheme.regions[region]),
        "reference": REFERENCE,
        "classes": [
            {"value": int(kind), "name": style.name, "title": style.title, "colour": style.colour}
            for kind, style in ERROR_STYLES.items()
        ],
        "stops": list(DISTANCE_STOPS),
        "urls": {
            source.name: f"/{view.show}/{quote(patient, safe='')}/{quote(source.name, safe='')}/{form}"
            if there and has_label_file(reading, patient, source.name)
            else None
            for source in reading.cohort.methods
        },
    }


def error_surfaces(reading: Reading, pair: Pair) -> Made:
    """Offer the errors of a method as packed GLB: one node a kind of voxel, voxel by voxel.

    Raises:
        NotInStudyError: if there is no such patient, method, volume or region.
    """
    return _made(reading, pair, "errors 2", packed_errors)


def distance_surface(reading: Reading, pair: Pair) -> Made:
    """Offer the voxel surface of a method's region as packed GLB, with mm to the reference's at each vertex.

    Positive is outside the reference, negative inside. Where reference or method lack the region, the file
    holds an empty node.

    Raises:
        NotInStudyError: if there is no such patient, method, volume or region.
    """
    return _made(reading, pair, "distance 2", packed_distance)


def packed_errors(reference: LabelMap, prediction: LabelMap, members: tuple[int, ...]) -> bytes:
    """Mesh the errors of a label map in a region, a set of labels, by kind."""
    found = error_map(reference.labels, prediction.labels, members)
    kinds = {int(kind): [int(kind)] for kind in ERROR_STYLES}
    meshes = label_meshes(found, kinds, prediction.affine)
    return packed_glb(
        [
            Surface(style.name, meshes[kind], style.colour, {"voxels": int((found == kind).sum())})
            for kind, style in ERROR_STYLES.items()
        ]
    )


def packed_distance(reference: LabelMap, prediction: LabelMap, members: tuple[int, ...]) -> bytes:
    """Mesh a label map's region, a set of labels, with each corner's distance to the reference's."""
    masks = [np.isin(one.labels, members) for one in (reference, prediction)]
    found = corner_distances(masks[0], masks[1], prediction.spacing_mm)
    mesh = facet_mesh(masks[1] if found is not None else np.zeros_like(masks[1]), prediction.affine)
    extras: dict[str, float] = {"reference_voxels": int(masks[0].sum()), "voxels": int(masks[1].sum())}
    values = {} if found is None else {DISTANCE_ATTRIBUTE: _at_vertices(mesh, found)}
    surface = Surface(DISTANCE_NODE, mesh, DISTANCE_COLOUR, extras | _extent(found), vertex_values=values)
    return packed_glb([surface])


SURFACES_OF: Mapping[str, _Maker] = MappingProxyType({"errors": packed_errors, "distance": packed_distance})
"""What is meshed for each value of `show` but labels."""


def _made(reading: Reading, pair: Pair, recipe: str, make: _Maker) -> Made:
    scheme = reading.study.scheme
    if pair.region not in scheme.regions:
        raise NotInStudyError(f"No region {pair.region[:40]!r}; there are {', '.join(scheme.regions)}.")
    paths = [reading.label_file(pair.patient, source) for source in (REFERENCE, pair.method)]
    members = scheme.regions[pair.region]

    def read_and_make() -> bytes:
        reference, prediction = (read_label_map(path, scheme) for path in paths)
        return make(reference, prediction, members)

    key = content_key(recipe, paths, repr(scheme), pair.region)
    return Made(key, PACKED, read_and_make)


def _at_vertices(mesh: Mesh, found: CornerDistances) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(n,) distance at each vertex: both lists name the same corners, in another order."""
    vertices = mesh.vertices.astype(np.int64)
    order, places = (np.lexsort(points.T[::-1]) for points in (found.corners, vertices))
    values = np.empty(len(vertices), np.float32)
    values[places] = found.distances_mm[order]
    return values


def _extent(found: CornerDistances | None) -> dict[str, float]:
    if found is None:
        return {}
    return {"lowest_mm": float(found.distances_mm.min()), "highest_mm": float(found.distances_mm.max())}
