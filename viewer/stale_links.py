"""What a link asks for that this study no longer has: said, never dropped silently."""

from collections.abc import Iterator

from viewer.open_study import Reading
from viewer.view_state import ViewState, read_query


def lost_of(reading: Reading, patient: str | None, search: str | None) -> list[str]:
    """Say which parts of an address point at nothing.

    Args:
        reading: the study.
        patient: the case that is open; None where none is, and then only that is worth saying.
        search: the address's query string.
    """
    view, _ = read_query(search)
    return [] if patient is None else [*_lost_names(reading, view), *_lost_in_case(reading, patient, view)]


def _lost_names(reading: Reading, view: ViewState) -> Iterator[str]:
    cohort = reading.cohort
    layers = {*(label.name for label in cohort.scheme.labels), "brain"}
    for name in view.off:
        if name not in layers:
            yield f"The link hides “{name[:40]}”, which is no label of this study."
    if view.alone is not None and cohort.source(view.alone) is None:
        yield f"The link enlarges “{view.alone[:40]}”, which is no method of this study."


def _lost_in_case(reading: Reading, patient: str, view: ViewState) -> Iterator[str]:
    if view.contrast is not None and view.contrast not in reading.patient(patient).images:
        yield f"The link shows {view.contrast[:40]}, an image that {patient} does not have."
    if view.component is not None and not _has_component(reading, patient, view.component):
        yield f"The link selects component {_words(view.component)}, which {patient} does not have."


def _has_component(reading: Reading, patient: str, component: tuple[str, str, int]) -> bool:
    rows = reading.ledger(patient)
    if rows is None:
        return False
    source, label, number = component
    values = [one.value for one in reading.cohort.scheme.labels if one.name == label]
    same = (rows["method"] == source) & rows["label"].isin(values) & (rows["component"] == number)
    return bool(same.any())


def _words(component: tuple[str, str, int]) -> str:
    source, label, number = component
    return f"{label[:20]} {number} of {source[:40]}"
