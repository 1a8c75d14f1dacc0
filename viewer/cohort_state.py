"""What the cohort's charts and table show, as one value: the part of the address that is about all patients.

Like `viewer.view_state`, which holds what is about one case and how things look: only what differs from
the default is written, and what makes no sense is named.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from viewer.quantities import Quantity, read_quantity

CHARTS = ("disagreement", "axes", "distributions", "paired", "atlas")
FORMS = ("box", "violin", "ecdf")
SCALES = ("symlog", "linear")
DIRECTIONS = ("asc", "desc")
LONGEST_VALUE = 4000

_FEWEST_VERTICES, _MOST_VERTICES = 3, 64
_FAR = 1e7


@dataclass(frozen=True, slots=True)
class Lasso:
    """A polygon drawn in a chart.

    Attributes:
        scale: `symlog` or `linear`: the axes it was drawn on; its edges are straight there.
        vertices: x and y as positions on those axes.
    """

    scale: str
    vertices: tuple[tuple[float, float], ...]

    @property
    def text(self) -> str:
        """Write it as addresses do: the scale, then all numbers."""
        return ",".join((self.scale, *(f"{number:g}" for vertex in self.vertices for number in vertex)))


@dataclass(frozen=True, slots=True)
class CohortState:
    """Everything that decides what the cohort's charts and table show.

    Attributes:
        chart: which one is open.
        x: what lies along the axes chart; None for its first choice.
        y: what stands up in it.
        metric: of the distributions and the pairs.
        area: the region of the pairs and the ECDF.
        pair: the two methods of the paired plot.
        form: how a distribution is drawn.
        density: whether counts a cell lie under the points.
        zoom: the window of a chart of many patients, as axis positions: lowest and highest x, then y.
        lasso: a polygon that the table is limited to.
        on: the two quantities of the chart that the lasso was drawn in; None for the disagreement.
        pieces: the atlas: its axes, brushes and polygon, as the atlas writes them.
        columns: metrics, and `features`, whose columns the table has beside the usual ones.
        regions: regions of those columns; empty for those of the Dice average.
        methods: methods of those columns; empty for all.
        find: what the rows must contain.
        filter: the table's column filters as ag-grid's JSON; empty for none.
        sort: columns and directions by which the table is sorted, most important first.
    """

    chart: str = "disagreement"
    x: Quantity | None = None
    y: Quantity | None = None
    metric: str = ""
    area: str = ""
    pair: tuple[str, ...] = ()
    form: str = "box"
    density: bool = False
    zoom: tuple[float, ...] = ()
    lasso: Lasso | None = None
    on: tuple[Quantity, ...] = ()
    pieces: str = ""
    columns: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    find: str = ""
    filter: str = ""
    sort: tuple[tuple[str, str], ...] = ()

    def query(self) -> str:
        """Write the state as a query string with its question mark; the default state is empty."""
        pairs = [
            (field.name, _WRITERS[field.name](getattr(self, field.name)))
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        return "?" + urlencode(pairs, quote_via=quote, safe=",:") if pairs else ""

    def only(self, *names: str) -> "CohortState":
        """Keep some attributes and let the others be as by default."""
        return CohortState(**{name: getattr(self, name) for name in names})

    @property
    def filters(self) -> dict[str, Any]:
        """The table's column filters."""
        return dict(json.loads(self.filter)) if self.filter else {}


def read_cohort_query(search: str | None) -> tuple[CohortState, tuple[str, ...]]:
    """Read a state from a query string.

    Returns:
        The state, and a sentence for each value that was not understood.
    """
    given = dict(parse_qsl((search or "").removeprefix("?"), keep_blank_values=False))
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, read in _READERS.items():
        if name not in given:
            continue
        try:
            values[name] = read(_short(given[name]))
        except ValueError:
            problems.append(f"The link says {name}={given[name][:40]}, which means nothing here.")
    return CohortState(**values), tuple(problems)


def joined(*queries: str) -> str:
    """Make one query string of several."""
    parts = [query.removeprefix("?") for query in queries if query]
    return "?" + "&".join(parts) if parts else ""


def _short(text: str) -> str:
    if len(text) > LONGEST_VALUE:
        raise ValueError(text[:40])
    return text


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return read


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in text.split(",") if name))


def _pair(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if len(names) != 2 or not all(names):
        raise ValueError(text)
    return names


def _quantities(text: str) -> tuple[Quantity, ...]:
    return tuple(read_quantity(part) for part in _pair(text))


def _numbers(text: str) -> tuple[float, ...]:
    numbers = tuple(float(part) for part in text.split(","))
    if not all(math.isfinite(number) and abs(number) < _FAR for number in numbers):
        raise ValueError(text)
    return numbers


def _window(text: str) -> tuple[float, ...]:
    window = _numbers(text)
    if len(window) != 4 or window[0] >= window[1] or window[2] >= window[3]:
        raise ValueError(text)
    return window


def _lasso(text: str) -> Lasso:
    scale, _, rest = text.partition(",")
    numbers = _numbers(rest)
    count = len(numbers) // 2
    if scale not in SCALES or len(numbers) % 2 or not _FEWEST_VERTICES <= count <= _MOST_VERTICES:
        raise ValueError(text)
    return Lasso(scale, tuple(zip(numbers[::2], numbers[1::2], strict=True)))


def _filters(text: str) -> str:
    filters = json.loads(text)  # its error is a ValueError
    if not isinstance(filters, dict) or not all(isinstance(one, dict) for one in filters.values()):
        raise ValueError(text)
    return json.dumps(filters, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if filters else ""


def _sort(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.rpartition(":") for part in text.split(",")]
    if not all(name and direction in DIRECTIONS for name, _, direction in pairs):
        raise ValueError(text)
    return tuple((name, direction) for name, _, direction in pairs)


def _switch(text: str) -> bool:
    return _one_of(("0", "1"))(text) == "1"


_READERS: Mapping[str, Callable[[str], object]] = {
    "chart": _one_of(CHARTS),
    "x": read_quantity,
    "y": read_quantity,
    "metric": str,
    "area": str,
    "pair": _pair,
    "form": _one_of(FORMS),
    "density": _switch,
    "zoom": _window,
    "lasso": _lasso,
    "on": _quantities,
    "pieces": str,
    "columns": _names,
    "regions": _names,
    "methods": _names,
    "find": str,
    "filter": _filters,
    "sort": _sort,
}


def _written_names(names: tuple[str, ...]) -> str:
    return ",".join(names)


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    **dict.fromkeys(("chart", "metric", "area", "form", "pieces", "find", "filter"), str),
    **dict.fromkeys(("x", "y", "lasso"), lambda value: str(value.text)),
    **dict.fromkeys(("pair", "columns", "regions", "methods"), _written_names),
    "density": lambda value: "1" if value else "0",
    "zoom": lambda window: ",".join(f"{number:g}" for number in window),
    "on": lambda plane: ",".join(one.text for one in plane),
    "sort": lambda pairs: ",".join(f"{name}:{direction}" for name, direction in pairs),
}
