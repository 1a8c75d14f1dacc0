"""Filtering, sorting and searching the rows of a table as ag-grid does, but on the server."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Column = npt.NDArray[Any]
Columns = Mapping[str, Column]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


class QueryError(ValueError):
    """A filter or a sort that means nothing; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class RowRequest:
    """A piece of a sorted and filtered table, as ag-grid asks for it.

    Attributes:
        piece: places of the rows in the whole.
        filters: column to filter model.
        sort: names and directions, most important first.
    """

    piece: slice
    filters: Mapping[str, Mapping[str, Any]]
    sort: tuple[tuple[str, str], ...]


def read_row_request(request: Mapping[str, Any]) -> RowRequest:
    """Read ag-grid's `getRowsRequest`.

    Raises:
        QueryError: if it has no such form.
    """
    start, stop = (request.get(name) for name in ("startRow", "endRow"))
    filters, sort = request.get("filterModel") or {}, request.get("sortModel") or []
    if not (_is_count(start) and _is_count(stop)):
        raise QueryError("Rows are asked for by whole numbers: startRow and endRow.")
    if not isinstance(filters, dict) or not all(isinstance(one, dict) for one in filters.values()):
        raise QueryError("The filterModel should give each column a filter.")
    if not isinstance(sort, list) or not all(isinstance(one, dict) for one in sort):
        raise QueryError("The sortModel should be a list of columns and directions.")
    return RowRequest(
        slice(start, stop), filters, tuple((str(one.get("colId")), str(one.get("sort"))) for one in sort)
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def ordered(
    columns: Columns, filters: Mapping[str, Any], sort: Sequence[tuple[str, str]], find: str = ""
) -> Places:
    """Say which rows are shown, and in which order.

    Args:
        columns: name to (n,) floats, NaN where empty, or (n,) objects, strings or None.
        filters: ag-grid's filter model; a column that is not there filters nothing.
        sort: names and directions, most important first; empty values come first when it rises.
        find: words that must all stand in the texts of a row, whatever their case.

    Returns:
        Places of the rows.

    Raises:
        QueryError: if a filter has a type that ag-grid has not.
    """
    shown = np.ones(_length(columns), dtype=bool)
    for name, model in filters.items():
        if name in columns:
            shown &= _filtered(columns[name], model)
    if find.strip():
        shown &= _found(columns, find)
    places = np.flatnonzero(shown)
    for name, direction in reversed(sort):
        if name in columns:
            places = _sorted(columns[name], places, is_falling=direction == "desc")
    return places


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values()))) if columns else 0


def _filtered(column: Column, model: Mapping[str, Any]) -> Mask:
    conditions = model.get("conditions")
    if conditions is None:
        return _condition(column, model)
    if not isinstance(conditions, list) or not all(isinstance(one, dict) for one in conditions):
        raise QueryError("The conditions of a filter should be a list of filters.")
    if not conditions:
        return np.ones(len(column), dtype=bool)
    masks = [_condition(column, one) for one in conditions]
    together = np.logical_or if model.get("operator") == "OR" else np.logical_and
    return np.asarray(together.reduce(masks), dtype=bool)


def _condition(column: Column, model: Mapping[str, Any]) -> Mask:
    kind = str(model.get("type"))
    if column.dtype == object:
        return _text_condition(column, kind, str(model.get("filter") or ""))
    return _number_condition(column, kind, model)


_ORDERS: Mapping[str, Callable[[Column, float], Mask]] = {
    "equals": np.equal,
    "notEqual": np.not_equal,
    "lessThan": np.less,
    "lessThanOrEqual": np.less_equal,
    "greaterThan": np.greater,
    "greaterThanOrEqual": np.greater_equal,
}


def _number_condition(column: Column, kind: str, model: Mapping[str, Any]) -> Mask:
    """Compare numbers; an empty cell passes nothing but `blank`."""
    is_blank = np.isnan(column)
    if kind in ("blank", "notBlank"):
        return is_blank if kind == "blank" else ~is_blank
    try:
        bounds = [float(model[name]) for name in ("filter", "filterTo") if model.get(name) is not None]
    except (TypeError, ValueError, OverflowError) as error:
        compared = str(model.get("filter"))[:40]
        raise QueryError(f"A filter compares with {compared!r}, which is no number.") from error
    if kind == "inRange" and len(bounds) == 2:
        return np.asarray((column > bounds[0]) & (column < bounds[1]))
    if kind in _ORDERS and bounds:
        return np.asarray(_ORDERS[kind](column, bounds[0]) & ~is_blank)
    raise QueryError(f"A filter of numbers has the type {kind[:40]!r}, which means nothing here.")


def _text_condition(column: Column, kind: str, wanted: str) -> Mask:
    """Compare texts whatever their case; an empty cell passes `blank` and what denies."""
    texts = _arrow(column)
    if kind in ("blank", "notBlank"):
        is_blank = _mask(pc.equal(pc.fill_null(texts, ""), ""))
        return is_blank if kind == "blank" else ~is_blank
    matches: Mapping[str, Callable[[], Any]] = {
        "contains": lambda: pc.match_substring(texts, wanted, ignore_case=True),
        "startsWith": lambda: pc.starts_with(texts, wanted, ignore_case=True),
        "endsWith": lambda: pc.ends_with(texts, wanted, ignore_case=True),
        "equals": lambda: pc.equal(pc.utf8_lower(texts), wanted.lower()),
    }
    denied = {"notContains": "contains", "notEqual": "equals"}
    if kind in denied:
        return ~_mask(matches[denied[kind]]())
    if kind not in matches:
        raise QueryError(f"A filter of texts has the type {kind[:40]!r}, which means nothing here.")
    return _mask(matches[kind]())


def _found(columns: Columns, find: str) -> Mask:
    texts = [_arrow(column) for column in columns.values() if column.dtype == object]
    masks = []
    for word in find.split():
        hits = [_mask(pc.match_substring(text, word, ignore_case=True)) for text in texts]
        masks.append(functools.reduce(np.logical_or, hits, np.zeros(_length(columns), dtype=bool)))
    return np.asarray(np.logical_and.reduce(masks), dtype=bool)


def _arrow(column: Column) -> pa.Array:
    return pa.array(column, pa.string())


def _mask(found: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), dtype=bool)


def _sorted(column: Column, places: Places, *, is_falling: bool) -> Places:
    """Sort places by a column; equal ones keep their order in both directions."""
    values = column[places]
    if column.dtype == object:
        words, codes = np.unique(
            np.array(["" if one is None else one for one in values]), return_inverse=True
        )
        keys = codes.astype(np.float64) if len(words) else np.zeros(len(values))
    else:
        keys = np.where(np.isnan(values), -np.inf, values)
    return places[np.argsort(-keys if is_falling else keys, kind="stable")]
