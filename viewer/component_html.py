"""Dash's parts of a page as HTML text, for pages that nobody serves."""

from collections.abc import Sequence
from html import escape

from dash.development.base_component import Component

_NAMES = {"className": "class", "colSpan": "colspan", "rowSpan": "rowspan", "htmlFor": "for"}
# What only the served page acts on, and styles, which the policy of a page with inline parts forbids.
_LEFT_OUT = frozenset({"children", "id", "style", "n_clicks"})
_VOID = frozenset({"br", "hr", "img", "input"})


def html_of(part: Component | str | float | Sequence[object] | None) -> str:
    """Write a part and what is in it; text is escaped.

    Args:
        part: made of `dash.html` components, texts and numbers.

    Raises:
        TypeError: if a component is none of `dash.html`.
    """
    if part is None:
        return ""
    if isinstance(part, Component):
        return _element(part)
    if isinstance(part, (str, int, float)):
        return escape(str(part))
    return "".join(html_of(member) for member in part)  # type: ignore[arg-type] # whatever is in it is checked there


def _element(part: Component) -> str:
    described = part.to_plotly_json()
    if described["namespace"] != "dash_html_components":
        raise TypeError(f"{described['type']} can't be written as HTML")
    tag = described["type"].lower()
    attributes = "".join(_attribute(name, value) for name, value in sorted(described["props"].items()))
    if tag in _VOID:
        return f"<{tag}{attributes}>"
    return f"<{tag}{attributes}>{html_of(described['props'].get('children'))}</{tag}>"


def _attribute(name: str, value: object) -> str:
    if name in _LEFT_OUT or value is None or value is False or name.startswith("data-"):
        return ""
    return f' {_NAMES.get(name, name)}="{escape(str(value), quote=True)}"'
