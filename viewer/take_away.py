"""More files to take away than one source's surfaces: all sources side by side, and one component alone."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import Label
from analysis.cohort.nifti import read_label_map
from analysis.components import label_components
from meshing import scene
from meshing.files import surface_bytes
from meshing.recipes import RECIPES
from viewer import exports
from viewer.case_bytes import Made, has_label_file
from viewer.content_cache import content_key
from viewer.exports import FORMATS, Order
from viewer.open_study import NotInStudyError, Reading
from viewer.surfaces import label_surfaces


@dataclass(frozen=True, slots=True)
class ComponentOrder:
    """One component to take away.

    Attributes:
        patient: id.
        source: `reference` or a method's name.
        label: name of the label, such as `NCR`.
        number: of the component, 1 for the largest of its label.
        mode: a name in `meshing.recipes.RECIPES`.
    """

    patient: str
    source: str
    label: str
    number: int
    mode: str


def side_by_side(reading: Reading, patient: str, mode: str, form: str) -> Made:
    """Offer the surfaces of every source that has the patient, in one file, from left to right.

    Each source is moved along R by what its nodes name in `shift_mm`: subtracting it gives the place in the
    scan back.

    Raises:
        NotInStudyError: if there is no such patient, format or mode, or no source has the patient.
    """
    reading.patient(patient)
    titles = {
        one.name: one.title for one in reading.cohort.sources if has_label_file(reading, patient, one.name)
    }
    if not titles:
        raise NotInStudyError(f"No source has a volume of {patient}.")
    orders = [Order(patient, name, mode) for name in titles]
    paths = [exports.checked(reading, order)[0] for order in orders]
    _require_format(form)
    facts = _shared_facts(reading, patient, mode)

    def make() -> bytes:
        panels = {titles[order.source]: exports.described_surfaces(reading, order) for order in orders}
        return surface_bytes(scene.side_by_side(panels), form, facts)

    key = content_key(f"side by side 2 {form} {RECIPES[mode].version}", paths, repr(facts), repr(titles))
    return Made(key, FORMATS[form], make)


def component(reading: Reading, order: ComponentOrder, form: str) -> Made:
    """Offer one component as a file, in its place in the scan.

    Raises:
        NotInStudyError: if there is no such patient, source, volume, format, mode or label; when it is made,
            if there is no such component.
    """
    path, _ = exports.checked(reading, Order(order.patient, order.source, order.mode))
    label = _label(reading, order.label)
    _require_format(form)
    facts = _shared_facts(reading, order.patient, order.mode) | {"method": order.source}

    def make() -> bytes:
        alone = _alone(read_label_map(path, reading.study.scheme), label, order)
        surfaces = label_surfaces(alone, [label], order.mode)
        named = [replace(one, extras={**one.extras, **facts, "component": order.number}) for one in surfaces]
        return surface_bytes(named, form, facts)

    what = f"component 1 {form} {RECIPES[order.mode].version}"
    return Made(content_key(what, [path], repr(facts), repr(order)), FORMATS[form], make)


def _alone(label_map: LabelMap, label: Label, order: ComponentOrder) -> LabelMap:
    """Keep only the voxels of one component, numbered as the ledger numbers them."""
    numbers = label_components(label_map.labels, affine=label_map.affine).numbers
    chosen = (label_map.labels == label.value) & (numbers == order.number)
    if not chosen.any():
        raise NotInStudyError(
            f"{order.source[:40]} has no component {order.number} of {label.name} in {order.patient}."
        )
    return LabelMap(np.where(chosen, label_map.labels, 0).astype(np.uint8), label_map.affine)


def _label(reading: Reading, name: str) -> Label:
    for label in reading.study.scheme.labels:
        if label.name == name:
            return label
    known = ", ".join(label.name for label in reading.study.scheme.labels)
    raise NotInStudyError(f"No label {name[:20]!r} in this study; there are {known}.")


def _require_format(form: str) -> None:
    if form not in FORMATS:
        raise NotInStudyError(f"No format {form[:40]!r}; there are {', '.join(FORMATS)}.")


def _shared_facts(reading: Reading, patient: str, mode: str) -> dict[str, object]:
    return {
        "study": reading.study.name,
        "synthetic": reading.study.synthetic,
        "patient": patient,
        "surface_mode": mode,
        "surface_says": RECIPES[mode].says,
        "notice": exports.NOT_CLINICAL,
    }
