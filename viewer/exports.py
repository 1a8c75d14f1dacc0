"""Files to take away: the surfaces of one source of one patient, with what they are written into them."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.cohort.labels import Label
from analysis.cohort.nifti import read_label_map
from meshing.files import surface_bytes
from meshing.recipes import RECIPES
from viewer.case_bytes import Made
from viewer.content_cache import content_key
from viewer.open_study import NotInStudyError, Reading
from viewer.surfaces import label_surfaces

NOT_CLINICAL = "Research use only, not for clinical decisions."
FORMATS = {"glb": "model/gltf-binary", "stl": "model/stl", "obj": "model/obj", "ply": "application/octet-stream"}


def offered(
    reading: Reading, patient: str, source: str, form: str, mode: str, labels: Sequence[int] | None = None
) -> Made:
    """Offer the surfaces of a source of a patient as a file.

    Args:
        reading: the study.
        patient: id.
        source: `reference` or a method's name.
        form: one of `FORMATS`.
        mode: a name in `meshing.recipes.RECIPES`.
        labels: values to take; None takes all.

    Raises:
        NotInStudyError: if there is no such patient, source, volume, format, mode or label.
    """
    path = reading.label_file(patient, source)
    if form not in FORMATS:
        raise NotInStudyError(f"No format {form[:40]!r}; there are {', '.join(FORMATS)}.")
    if mode not in RECIPES:
        raise NotInStudyError(f"No surface mode {mode[:40]!r}; there are {', '.join(RECIPES)}.")
    scheme = reading.study.scheme
    chosen = chosen_labels(scheme.labels, labels)
    digest = content_key("source", [path])
    facts = _facts(reading, patient, source, digest, mode)

    def make() -> bytes:
        made = label_surfaces(read_label_map(path, scheme), chosen, mode)
        described = [replace(surface, extras={**surface.extras, **facts}) for surface in made if not surface.mesh.is_empty]
        return surface_bytes(described, form, facts)

    key = content_key(f"export {form} {mode} {RECIPES[mode].version}", [path], repr(facts), repr(chosen))
    return Made(key, FORMATS[form], make)


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
        raise NotInStudyError(f"No label {missing[0]} in this study; there are {', '.join(map(str, by_value))}.")
    return tuple(by_value[value] for value in wanted)


def _facts(reading: Reading, patient: str, source: str, digest: str, mode: str) -> dict[str, object]:
    found = reading.cohort.source(source)
    return {
        "study": reading.study.name,
        "synthetic": reading.study.synthetic,
        "patient": patient,
        "method": source,
        "method_title": found.title if found else source,
        "source_sha256": digest,
        "surface_mode": mode,
        "notice": NOT_CLINICAL,
    }
