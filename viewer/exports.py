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
from viewer.case_bytes import Made
from viewer.content_cache import content_key
from viewer.open_study import NotInStudyError, Reading
from viewer.surfaces import label_surfaces

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
    """

    patient: str
    source: str
    mode: str = DEFAULT
    labels: tuple[int, ...] | None = None


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
    key = content_key(f"export {form} {RECIPES[order.mode].version}", [path], repr(facts), repr(chosen))
    return Made(key, FORMATS[form], lambda: surface_bytes(described_surfaces(reading, order), form, facts))


def write(reading: Reading, order: Order, target: Path) -> None:
    """Write an order to a file, which is whole or not there; its folder is made.

    Raises:
        NotInStudyError: as `offered`.
        ValueError: if the file's ending is no format.
    """
    path, _ = checked(reading, order)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_surfaces(target, described_surfaces(reading, order), _facts(reading, order, path))


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
    made = label_surfaces(read_label_map(path, reading.study.scheme), chosen, order.mode)
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
        "surface_says": RECIPES[order.mode].says,
        "notice": NOT_CLINICAL,
    }
