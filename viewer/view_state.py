"""What the page shows, as one value: it lives in the URL's query and nowhere else.

Only what differs from the default is written, so a link stays short; a value that makes no sense falls
back to the default and is named, so a stale link says what it lost.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from meshing.recipes import DEFAULT, RECIPES

MODES = tuple(RECIPES)
PRESETS = ("oblique", "axial", "coronal", "sagittal")
THEMES = ("dark", "light")
PARTITIONS = ("winner", "order")
SCALES = ("symlog", "linear")
PLANES = ("axial", "coronal", "sagittal", "none")
CONVENTIONS = ("radiological", "neurological")
TABS = ("scores", "what-if", "rule", "notes")
CONNECTIVITIES = (6, 18, 26)
SHOWS = ("labels", "errors", "distance")
BRIGHTEST = 255
EPS_STEPS = (0.0, 0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)

_LONGEST_VALUE = 400
_LONGEST_LIST = 6000
_LISTS = ("flip", "cameras")
_MOST_FLIPS = 200
_FAR_MM = 10_000.0
_FULL_TURN, _QUARTER_TURN = 360.0, 90.0
_ZOOMS = (0.01, 1000.0)
_WIDEST = 10.0  # Dice differences lie within -1 and 1; a box may be drawn around them


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything that decides what the page shows.

    Attributes:
        patient: id of the open case; None opens the study's first.
        mode: how surfaces are made.
        off: layers that are hidden, by label name, and `brain`.
        preset: the direction of the shared camera.
        camera: where a hand has turned it since: azimuth, elevation (degrees), zoom, and the point it looks
            at (RAS mm); without a point it looks at the middle.
        cameras: the same of panels whose camera stands apart from it, each after its source.
        eps: materiality threshold of the case classes, in Dice.
        colour: the partition that colours the scatter.
        scale: axes of the scatter.
        box: a rectangle of the scatter that the table is limited to: lowest and highest x, lowest and
            highest y, in Dice.
        theme: dark or light.
        plane: the slice under each 3D view, or none.
        contrast: the image under the slices; None takes the first there is.
        overlay: the map over the slices (`p-ET`), by its name; None lays nothing there.
        strength: how opaque it is, 0 to 1.
        convention: which side of the screen shows the patient's right.
        component: the selected component as `source:label:number`.
        cursor: the crosshair in RAS mm, to a tenth.
        alone: the panel that fills the stage, by source.
        unlinked: whether each panel has its own camera.
        isolated: whether all but the selected component and its counterparts is hidden in 3D.
        tab: which card lies beside the components.
        ledger: quick filters of the components: methods, labels, outcomes and `NUMBER+` for voxels.
        flip: components whose verdict is turned round, as `source:label:number`.
        connectivity: of the rule that is tried out; None, here and below, is as the study has it.
        overlap: voxels that a component needs in the vetoing method.
        share: and the share of its own voxels, 0 to 1.
        cap: components of more voxels are never removed; infinity removes at any size.
        spared: labels whose components are never removed.
        filtered: the method whose components are judged.
        veto: the method that confirms them.
        story: tag of the pinned case that is being told.
        panels: the panels on the stage, by source, in their order; empty for all of them.
        opacity: how solid labels are drawn, in percent, by label name; others as their tissue is by default.
        show: labels, errors against the reference, or distances to it.
        region: the region or label that errors and distances speak of; None takes the first there is.
        cut: whether the 3D views are cut open at the slice.
        window: the grey values of the image that are shown black and white, of 0 to 255; None shows all.
        fill: how solid labels lie over the slices, in percent.
        ruler: the two ends of the ruler in RAS mm, to a tenth.
    """

    patient: str | None = None
    mode: str = DEFAULT
    off: tuple[str, ...] = ()
    preset: str = "oblique"
    camera: tuple[float, ...] | None = None
    cameras: tuple[tuple[str | float, ...], ...] = ()
    eps: float = 0.0
    colour: str = "winner"
    scale: str = "symlog"
    box: tuple[float, float, float, float] | None = None
    theme: str = "dark"
    plane: str = "axial"
    contrast: str | None = None
    overlay: str | None = None
    strength: float = 0.6
    convention: str = "radiological"
    component: tuple[str, str, int] | None = None
    cursor: tuple[float, float, float] | None = None
    alone: str | None = None
    unlinked: bool = False
    isolated: bool = False
    tab: str = "scores"
    ledger: tuple[str, ...] = ()
    flip: tuple[tuple[str, str, int], ...] = ()
    connectivity: int | None = None
    overlap: int | None = None
    share: float | None = None
    cap: float | None = None
    spared: tuple[str, ...] = ()
    filtered: str | None = None
    veto: str | None = None
    story: str | None = None
    panels: tuple[str, ...] = ()
    opacity: tuple[tuple[str, int], ...] = ()
    show: str = "labels"
    region: str | None = None
    cut: bool = False
    window: tuple[int, int] | None = None
    fill: int = 30
    ruler: tuple[float, ...] | None = None

    def query(self) -> str:
        """Write the state as a query string, with its question mark; the default state is empty."""
        pairs = [
            (field.name, _written(getattr(self, field.name)))
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        return "?" + urlencode(pairs, quote_via=quote, safe=",:") if pairs else ""

    def only(self, *names: str) -> "ViewState":
        """Keep some attributes and let the others be as by default: what one part of the page depends on."""
        return ViewState(**{name: getattr(self, name) for name in names})


def read_query(search: str | None) -> tuple[ViewState, tuple[str, ...]]:
    """Read a state from a query string.

    Args:
        search: as `location.search` gives it, with or without the question mark.

    Returns:
        The state, and a sentence for each value that was not understood. Unknown names are ignored:
        they may belong to a proxy.
    """
    given = dict(parse_qsl((search or "").removeprefix("?"), keep_blank_values=False))
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, read in _READERS.items():
        if name not in given:
            continue
        try:
            values[name] = read(given[name][: _LONGEST_LIST if name in _LISTS else _LONGEST_VALUE])
        except ValueError:
            problems.append(f"The link says {name}={given[name][:40]}, which means nothing here.")
    return ViewState(**values), tuple(problems)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        is_named = isinstance(value[0], str) and not isinstance(value[-1], str)
        separator = ":" if is_named or isinstance(value[-1], int) else ","
        return separator.join(_written(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return read


def _threshold(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise ValueError(text)
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(sorted({name for name in text.split(",") if name}))


def _ordered(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in text.split(",") if name))


def _percent(text: str) -> int:
    value = _count(text)
    if value > 100:
        raise ValueError(text)
    return value


def _percents(text: str) -> tuple[tuple[str, int], ...]:
    pairs = dict(part.split(":") for part in text.split(","))
    return tuple(sorted((name, _percent(value)) for name, value in pairs.items() if name))


def _window(text: str) -> tuple[int, int]:
    low, high = (_count(part) for part in text.split(":"))
    if not low < high <= BRIGHTEST:
        raise ValueError(text)
    return low, high


def _ruler(text: str) -> tuple[float, ...]:
    parts = text.split(",")
    if len(parts) != 6:
        raise ValueError(text)
    return (*_point(",".join(parts[:3])), *_point(",".join(parts[3:])))


def _point(text: str) -> tuple[float, float, float]:
    x, y, z = (float(part) for part in text.split(","))
    if not all(math.isfinite(value) and abs(value) < _FAR_MM for value in (x, y, z)):
        raise ValueError(text)
    return x, y, z


def _camera(text: str) -> tuple[float, ...]:
    azimuth, elevation, zoom, *target = (float(part) for part in text.split(","))
    is_turn = (
        abs(azimuth) <= _FULL_TURN and abs(elevation) <= _QUARTER_TURN and _ZOOMS[0] <= zoom <= _ZOOMS[1]
    )
    if not is_turn or len(target) not in (0, 3) or not all(abs(value) < _FAR_MM for value in target):
        raise ValueError(text)
    return azimuth, elevation, zoom, *target


def _cameras(text: str) -> tuple[tuple[str | float, ...], ...]:
    parts = [part.partition(":") for part in text.split(",")]
    found = {name: _camera(numbers.replace(":", ",")) for name, _, numbers in parts}
    return tuple((name, *stand) for name, stand in sorted(found.items()))


def _box(text: str) -> tuple[float, float, float, float]:
    x0, x1, y0, y1 = (float(part) for part in text.split(","))
    if not (-_WIDEST <= x0 <= x1 <= _WIDEST and -_WIDEST <= y0 <= y1 <= _WIDEST):
        raise ValueError(text)
    return x0, x1, y0, y1


def _component(text: str) -> tuple[str, str, int]:
    source, label, number = text.split(":")
    return source, label, _count(number)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise ValueError(text)
    return int(text)


def _components(text: str) -> tuple[tuple[str, str, int], ...]:
    found = tuple(sorted({_component(part) for part in text.split(",") if part}))
    if not found or len(found) > _MOST_FLIPS:
        raise ValueError(text)
    return found


def _connectivity(text: str) -> int:
    return int(_one_of(tuple(str(known) for known in CONNECTIVITIES))(text))


def _cap(text: str) -> float:
    voxels = float(text)
    if not voxels >= 0:
        raise ValueError(text)
    return voxels


def _switch(text: str) -> bool:
    return _one_of(("0", "1"))(text) == "1"


_READERS: Mapping[str, Callable[[str], object]] = {
    "patient": str,
    "mode": _one_of(MODES),
    "off": _names,
    "preset": _one_of(PRESETS),
    "camera": _camera,
    "cameras": _cameras,
    "eps": _threshold,
    "colour": _one_of(PARTITIONS),
    "scale": _one_of(SCALES),
    "box": _box,
    "theme": _one_of(THEMES),
    "plane": _one_of(PLANES),
    "contrast": str,
    "overlay": str,
    "strength": _threshold,
    "convention": _one_of(CONVENTIONS),
    "component": _component,
    "cursor": _point,
    "alone": str,
    "unlinked": _switch,
    "isolated": _switch,
    "tab": _one_of(TABS),
    "ledger": _names,
    "flip": _components,
    "connectivity": _connectivity,
    "overlap": _count,
    "share": _threshold,
    "cap": _cap,
    "spared": _names,
    "filtered": str,
    "veto": str,
    "story": str,
    "panels": _ordered,
    "opacity": _percents,
    "show": _one_of(SHOWS),
    "region": str,
    "cut": _switch,
    "window": _window,
    "fill": _percent,
    "ruler": _ruler,
}
