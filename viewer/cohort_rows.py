"""The rows of the table of patients, column by column, and those of them that an address shows."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from viewer import planes, table_query
from viewer.cohort_state import CohortState
from viewer.cohort_view import CohortView
from viewer.disagreement import Roles, classify
from viewer.planes import Scene
from viewer.quantities import Quantity
from viewer.selections import Mask
from viewer.table_query import Column, Columns, Places

MOST_CLIENT_ROWS = 3000
"""The browser holds so many rows; a larger cohort stays on the server and is sent page by page."""

_KEPT = 8
T = TypeVar("T")
PatientsOfPieces = Callable[[str], set[str] | None]


def is_served_by_page(cohort: CohortView) -> bool:
    """Say whether the rows of a cohort stay on the server."""
    return len(cohort.patients) > MOST_CLIENT_ROWS


def extra_quantities(scene: Scene) -> list[Quantity]:
    """List the quantities whose columns the address adds: metrics, then regions, then methods."""
    state = scene.state
    if not state.columns:
        return []
    columns = scene.columns()
    found = []
    for metric in columns.metrics():
        if metric in state.columns:
            regions = columns.regions(metric)
            found += [
                Quantity(metric, region, method)
                for region in regions
                if region in (state.regions or regions) or not region
                for method in columns.methods(metric, region)
                if not state.methods or method in state.methods
            ]
    if "features" in state.columns:
        found += [Quantity(name) for name in columns.features()]
    return found


def table_columns(cohort: CohortView, eps: float, words: Columns | None = None) -> dict[str, Column]:
    """Make the usual columns: floats with NaN, or objects with None, one row a patient.

    Args:
        cohort: the patients.
        eps: materiality threshold of the classes.
        words: what `word_columns` gives, where it is at hand.
    """
    patients = cohort.patients
    columns: dict[str, Column] = {
        "patient": _texts(patients["patient"]),
        "fold": patients["fold"].astype("Float64").to_numpy(dtype=float, na_value=np.nan),
    }
    columns |= {
        method.score_column: cohort.averages(method).to_numpy(dtype=float) for method in cohort.methods
    }
    scores, roles = cohort.scores(), cohort.roles
    if scores is not None and roles is not None:
        points = classify(scores, eps)
        columns["x"], columns["y"] = (points[name].to_numpy(dtype=float) for name in ("x", "y"))
        columns["winner"] = _texts(points["winner"].map(winner_words(roles)))
        columns["order"] = _texts(points["order"])
    for region in cohort.scheme.regions:
        name = f"volume_ml_{region}"
        if name in patients:
            columns[name] = patients[name].to_numpy(dtype=float)
    return columns | dict(word_columns(cohort) if words is None else words)


def word_columns(cohort: CohortView) -> dict[str, Column]:
    """Make the columns of words that depend on nothing but the patients."""
    return {"siblings": siblings(cohort), "note": notes(cohort)}


def winner_words(roles: Roles) -> Mapping[str, str]:
    """Name the winners."""
    return {"B": roles.baseline, "D": roles.distmap, "tie": "tie"}


def siblings(cohort: CohortView) -> Column:
    """Name the other scans of each patient's subject, with their fold where it is another one."""
    patients = cohort.patients
    said = np.full(len(patients), None, dtype=object)
    places = np.flatnonzero(patients["subject"].duplicated(keep=False))
    again = patients.iloc[places]
    scans: dict[object, list[tuple[int, object, object]]] = {}
    for place, subject, name, fold in zip(
        places.tolist(), again["subject"], again["patient"], again["fold"], strict=True
    ):
        scans.setdefault(subject, []).append((place, name, fold))
    for members in scans.values():
        for place, _, fold in members:
            others = [f"{name}{_other_fold(fold, other)}" for at, name, other in members if at != place]
            said[place] = ", ".join(others)
    return said


def _other_fold(own: object, other: object) -> str:
    if pd.isna(own) or pd.isna(other) or own == other:  # type: ignore[call-overload] # one value each
        return ""
    return f" (fold {other})"


def notes(cohort: CohortView) -> Column:
    """Say what each patient lacks: a failure, or volumes."""
    failures, has_volumes = cohort.patients["failure"], cohort.patients["has_volumes"]
    return np.array(
        [
            str(failure) if isinstance(failure, str) and failure else None if there else "no volumes"
            for failure, there in zip(failures, has_volumes, strict=True)
        ],
        dtype=object,
    )


def records(columns: Columns, places: Places | Sequence[int]) -> list[dict[str, Any]]:
    """Write rows as ag-grid takes them; what is unknown is None.

    Args:
        columns: of the table.
        places: of the rows, in their order.
    """
    at = np.asarray(places, dtype=np.int64)
    listed = {name: _plain(column[at]) for name, column in columns.items()}
    return [dict(zip(listed, row, strict=True)) for row in zip(*listed.values(), strict=True)]


def _plain(column: Column) -> list[Any]:
    if column.dtype == object:
        return [None if one is None else str(one) for one in column]
    return [None if one != one else int(one) if one.is_integer() else one for one in column.tolist()]  # noqa: PLR0124 - only NaN differs from itself


def csv_lines(columns: Columns, places: Places, titles: Mapping[str, str]) -> Iterator[str]:
    """Write rows as CSV, numbers with all their digits, so that reading gives the very values back.

    Args:
        columns: of the table.
        places: of the rows, in their order.
        titles: column to its head; only these are written.

    Yields:
        Lines with their ends; texts are quoted, numbers are not, and what is unknown is empty.
    """
    yield ",".join(_quoted(title) for title in titles.values()) + "\r\n"
    for row in records({name: columns[name] for name in titles}, places):
        yield ",".join(_cell(row[name]) for name in titles) + "\r\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The rows that an address shows.

    Attributes:
        columns: all columns of all patients.
        places: of the rows shown, in their order.
        is_limited: whether a box, a lasso or the atlas limits them.
    """

    columns: Columns
    places: Places
    is_limited: bool


class RowSource:
    """Gives the rows of addresses, and keeps the latest few: scrolling asks for the same ones again.

    What is kept is made from the study alone, so that any number of processes give the same rows.
    """

    def __init__(self, patients_of_pieces: PatientsOfPieces, flags: Callable[[], Mapping[str, str]]) -> None:
        self._patients_of_pieces = patients_of_pieces
        self._flags = flags
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], object] = OrderedDict()

    def shown(self, scene: Scene) -> Shown:
        """Find the rows of an address: selection, filters, words, order.

        Raises:
            QueryError: if a filter means nothing.
        """
        state = scene.state
        flags = self._flags()
        key = (*self._key(scene), state.filter, state.sort, state.find, tuple(sorted(flags.items())))
        return self._keep(key, lambda: self._shown(scene, flags))

    def columns(self, scene: Scene) -> Columns:
        """Make all columns of all patients."""
        words = self._keep(("words", scene.cohort), lambda: word_columns(scene.cohort))
        return self._keep(("columns", *self._key(scene)), lambda: _all_columns(scene, words))

    def mask(self, scene: Scene) -> Mask | None:
        """Find the patients that box, lasso and atlas leave."""
        return self._keep(("mask", *self._key(scene)), lambda: planes.chosen(scene, self._patients_of_pieces))

    def _shown(self, scene: Scene, flags: Mapping[str, str]) -> Shown:
        columns, mask, state = dict(self.columns(scene)), self.mask(scene), scene.state
        ids = columns["patient"]
        columns["flagged"] = np.full(len(ids), None, dtype=object)
        for patient, said in flags.items():
            columns["flagged"][ids == patient] = said
        places = table_query.ordered(columns, state.filters, state.sort, state.find)
        return Shown(columns, places if mask is None else places[mask[places]], mask is not None)

    def _key(self, scene: Scene) -> tuple[object, ...]:
        """Name what the columns and the mask depend on."""
        view, state = scene.view, scene.state
        own = CohortState(
            lasso=state.lasso,
            on=state.on,
            pieces=state.pieces,
            columns=state.columns,
            regions=state.regions,
            methods=state.methods,
        )
        return (scene.cohort, view.eps, view.box, own)

    def _keep(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast("T", self._kept[key])
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made


def _all_columns(scene: Scene, words: Columns) -> dict[str, Column]:
    columns = table_columns(scene.cohort, scene.view.eps, words)
    for quantity in extra_quantities(scene):
        columns[quantity.text] = scene.columns().values(quantity)
    return columns


def _texts(column: pd.Series) -> npt.NDArray[np.object_]:
    texts = column.astype(object).to_numpy(copy=True)
    texts[column.isna().to_numpy()] = None
    return texts
