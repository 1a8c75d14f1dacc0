"""The tables of study.toml, read with every key checked, and written back."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from typing import Any, TypeVar

from analysis.cohort.labels import SCHEMES, Label, LabelScheme
from analysis.cohort.layouts import is_patient_id
from analysis.cohort.sources import Images, Method, Pin, Reference, StudyError

Document = dict[str, Any]
_Value = TypeVar("_Value")


class Table:
    """One table of study.toml; every key must be asked for, so that none is misspelt in silence."""

    def __init__(self, values: object, place: str) -> None:
        if not isinstance(values, dict):
            raise StudyError(f"{place} must be a table, found {values!r}")
        self._values: Document = dict(values)
        self._asked: list[str] = []
        self.place = place

    def take(self, key: str, kind: type[_Value], default: _Value | None = None) -> _Value:
        """Read a key of a given type; without a default it is required.

        Raises:
            StudyError: if it is missing or of another type.
        """
        self._asked.append(key)
        value = self._values.get(key, default)
        if value is None:
            raise StudyError(f"{self.place} lacks {key!r}")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise StudyError(f"{self.place}: {key!r} must be {_KINDS[kind]}, found {value!r}")
        return value

    def has(self, key: str) -> bool:
        """Say whether a key is there."""
        return key in self._values

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        unknown = sorted(set(self._values) - set(self._asked))
        if unknown:
            known = ", ".join(sorted(self._asked))
            raise StudyError(f"{self.place} has the unknown key {unknown[0]!r}; known are {known}")


_KINDS = {
    str: "a text",
    int: "a whole number",
    float: "a decimal number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
}


def parse_scheme(document: Table) -> LabelScheme:
    """Read `scheme`, a name or a table of its own, and `dice_average`."""
    if isinstance(document.take("scheme", object, "brats2023"), str):
        scheme = _named_scheme(document.take("scheme", str, "brats2023"))
    else:
        scheme = _own_scheme(Table(document.take("scheme", dict), "[scheme]"))
    average = document.take("dice_average", list, list(scheme.dice_average))
    return replace(scheme, dice_average=tuple(str(region) for region in average))


def _named_scheme(name: str) -> LabelScheme:
    if name not in SCHEMES:
        raise StudyError(f"scheme {name!r} must be one of {', '.join(SCHEMES)}, or a table [scheme]")
    return SCHEMES[name]


def _own_scheme(table: Table) -> LabelScheme:
    labels = [_label(Table(one, "[[scheme.labels]]")) for one in table.take("labels", list)]
    regions = {name: tuple(members) for name, members in table.take("regions", dict).items()}
    scheme = LabelScheme(
        name=table.take("name", str, "own"),
        labels=tuple(labels),
        regions=regions,
        dice_average=tuple(table.take("dice_average", list, list(regions))),
        read_as={int(stored): meant for stored, meant in table.take("read_as", dict, {}).items()},
    )
    table.finish()
    return scheme


def _label(table: Table) -> Label:
    name = table.take("name", str)
    label = Label(
        table.take("value", int), name, table.take("title", str, name), table.take("colour", str, "#c9ced6")
    )
    table.finish()
    return label


def parse_reference(values: object) -> Reference:
    """Read the table [reference]."""
    table = Table(values, "[reference]")
    reference = Reference(
        title=table.take("title", str, Reference().title),
        folder=table.take("folder", str, ""),
        pattern=table.take("pattern", str, ""),
        files=_files(table),
    )
    table.finish()
    return reference


def parse_method(values: object) -> Method:
    """Read one table [[methods]]."""
    table = Table(values, "[[methods]]")
    name = table.take("name", str)
    table.place = f"method {name}"
    method = Method(
        name=name,
        title=table.take("title", str, name),
        folder=table.take("folder", str, ""),
        pattern=table.take("pattern", str, ""),
        files=_files(table),
        role=table.take("role", str) if table.has("role") else None,  # type: ignore[arg-type] # Method checks it
        probabilities=table.take("probabilities", str, ""),
        responses=table.take("responses", str, ""),
    )
    table.take("role", object, "")
    table.finish()
    return method


def parse_images(values: object) -> Images:
    """Read the table [images]."""
    table = Table(values, "[images]")
    images = Images(folder=table.take("folder", str), pattern=table.take("pattern", str, ""))
    table.finish()
    return images


def parse_pin(values: object) -> Pin:
    """Read one table [[pins]]."""
    table = Table(values, "[[pins]]")
    pin = Pin(
        tag=table.take("tag", str), patient=table.take("patient", str), title=table.take("title", str, "")
    )
    table.finish()
    return pin


def parse_folds(values: Document) -> dict[str, int]:
    """Read the table [folds]: patient id to a whole number."""
    for patient, fold in values.items():
        if not is_patient_id(patient) or not isinstance(fold, int) or isinstance(fold, bool):
            raise StudyError(f"[folds]: {patient!r} = {fold!r} must be a patient's id and a whole number")
    return dict(values)


def _files(table: Table) -> dict[str, str]:
    files = table.take("files", dict, {})
    for patient, path in files.items():
        if not is_patient_id(patient) or not isinstance(path, str):
            raise StudyError(
                f"{table.place}: files: {patient!r} = {path!r} must be a patient's id and a path"
            )
    return dict(files)


def format_part(part: Reference | Method | Images | Pin) -> Document:
    """Write one table, without what is empty and need not be there."""
    values = {one.name: getattr(part, one.name) for one in fields(part)}
    required = {one.name for one in fields(part) if one.default is MISSING and one.default_factory is MISSING}
    kept = {key: value for key, value in values.items() if value or key in required}
    return {key: dict(value) if isinstance(value, Mapping) else value for key, value in kept.items()}


def format_scheme(scheme: LabelScheme) -> str | Document:
    """Write a scheme: its name if we know it, else a table."""
    known = SCHEMES.get(scheme.name)
    if known is not None and replace(known, dice_average=scheme.dice_average) == scheme:
        return scheme.name
    return {
        "name": scheme.name,
        "labels": [{one.name: getattr(label, one.name) for one in fields(label)} for label in scheme.labels],
        "regions": {name: list(members) for name, members in scheme.regions.items()},
        "read_as": {str(stored): meant for stored, meant in scheme.read_as.items()},
    }
