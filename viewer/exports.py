"""Files to take away: the surfaces of one source of one patient, with what they are written into them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.cohort.digests import file_digest
from analysis.cohort.labels import Label
from analysis.cohort.nifti import read_label_map
from meshing.files import surface_bytes, write_surfaces
from meshing.glb import Surface
from meshing.recipes import DEFAULT, RECIPES
from meshing.scene import side_by_side
from viewer.case_bytes import Made
from viewer.content_cache import content_key
from viewer.open_study import NotInStudyError, Reading
from viewer.surfaces import component_surfaces, measured_surfaces

NOT_CLINICAL = "Research use only, not for clinical decisions."
FORMATS = {
    "glb": "model/gltf-binary",
    "stl": "model/stl",
    "obj": "model/obj",
    "ply": "application/octet-stream",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What to take away: the surfaces of one source of one patient.

    Attributes:
        patient: id.
        source: `reference` or a method's name.
        mode: a name in `meshing.recipes.RECIPES`.
        labels: values to take; None takes all.
        is_parted: whether every component becomes a surface of its own.
        share: of the triangles to keep, above 0, at most 1; the voxels' own surface keeps all.
    """

    patient: str
    source: str
    mode: str = DEFAULT
    labels: tuple[int, ...] | None = None
    is_parted: bool = False
    share: float = 1.0


def offered(reading: Reading, order: Order, form: str) -> Made:
    """Offer an order as the bytes of one file.

    Args:
        reading: the study.
        order: what to take.
        form: one of `FORMATS`.

    Raises:
        NotInStudyError: if there is no such patient, source, volume, format, mode or label.
    """
    path, chosen = checked(reading, order)
    if form not in FORMATS:
        raise NotInStudyError(f"No format {form[:40]!r}; there are {', '.join(FORMATS)}.")
    facts = _facts(reading, order, path)
    recipe = f"export 2 {form} {RECIPES[order.mode].version} {order.is_parted} {order.share}"
    key = content_key(recipe, [path], repr(facts), repr(chosen))
    return Made(key, FORMATS[form], lambda: surface_bytes(described_surfaces(reading, order), form, facts))


def write(reading: Reading, orders: Sequence[Order], target: Path) -> list[Order]:
    """Write orders of one patient to a file, which is whole or not there; its folder is made.

    Args:
        reading: the study.
        orders: several are set side by side, in this order.
        target: ends in the format.

    Returns:
        The orders that put no surface into the file, since no voxel has one of their labels.

    Raises:
        NotInStudyError: as `offered`.
        NiftiError: if a label map can't be read.
        OSError: if the file can't be written; then nothing is left behind.
        ValueError: if the file's ending is no format.
    """
    panels = {order.source: described_surfaces(reading, order) for order in orders}
    facts = [_facts(reading, order, checked(reading, order)[0]) for order in orders]
    target.parent.mkdir(parents=True, exist_ok=True)
    if len(orders) == 1:
        write_surfaces(target, panels[orders[0].source], facts[0])
    else:
        titles = {str(fact["method"]): str(fact["method_title"]) for fact in facts}
        row = side_by_side({titles[source]: surfaces for source, surfaces in panels.items()})
        write_surfaces(target, row, _common(facts) | {"panels": facts})
    return [order for order in orders if not panels[order.source]]


def checked(reading: Reading, order: Order) -> tuple[Path, tuple[Label, ...]]:
    """Find the label map and the labels of an order.

    Raises:
        NotInStudyError: if there is no such patient, source, volume, mode or label.
    """
    path = reading.label_file(order.patient, order.source)
    if order.mode not in RECIPES:
        raise NotInStudyError(f"No surface mode {order.mode[:40]!r}; there are {', '.join(RECIPES)}.")
    return path, chosen_labels(reading.study.scheme.labels, order.labels)


def described_surfaces(reading: Reading, order: Order) -> list[Surface]:
    """Mesh an order; every surface says where it comes from, and empty ones are left out."""
    path, chosen = checked(reading, order)
    facts = _facts(reading, order, path)
    label_map = read_label_map(path, reading.study.scheme)
    if order.is_parted:
        made = component_surfaces(label_map, chosen, order.mode)
    else:
        made = [one.surface for one in measured_surfaces(label_map, chosen, order.mode, share=order.share)]
    return [
        replace(surface, extras={**surface.extras, **facts}) for surface in made if not surface.mesh.is_empty
    ]


def chosen_labels(known: Sequence[Label], wanted: Sequence[int] | None) -> tuple[Label, ...]:
    """Pick labels by value.

    Raises:
        NotInStudyError: if one is not in the scheme.
    """
    if wanted is None:
        return tuple(known)
    by_value = {label.value: label for label in known}
    missing = [value for value in wanted if value not in by_value]
    if missing:
        raise NotInStudyError(
            f"No label {missing[0]} in this study; there are {', '.join(map(str, by_value))}."
        )
    return tuple(by_value[value] for value in wanted)


def _common(facts: Sequence[dict[str, object]]) -> dict[str, object]:
    """Keep what is said alike of all."""
    return {key: value for key, value in facts[0].items() if all(fact[key] == value for fact in facts)}


def _facts(reading: Reading, order: Order, path: Path) -> dict[str, object]:
    found = reading.cohort.source(order.source)
    return {
        "study": reading.study.name,
        "synthetic": reading.study.synthetic,
        "patient": order.patient,
        "method": order.source,
        "method_title": found.title if found else order.source,
        "source_sha256": file_digest(path).hex(),
        "surface_mode": order.mode,
        "surface_version": RECIPES[order.mode].version,
        "surface_says": RECIPES[order.mode].says,
        "triangles_kept": order.share,
        "notice": NOT_CLINICAL,
    }
