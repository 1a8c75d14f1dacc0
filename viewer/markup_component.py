"""The Dash component for HTML that only the browser has to know: drawn by `viewer/frontend/src/Markup.tsx`.

Dash tells every component on the page of every change anywhere, some hundred times when a case is opened. So
an element that no callback reads or writes had better be no component of Dash.
"""

from collections.abc import Sequence
from itertools import groupby

from dash.development.base_component import Component

from viewer.drawn_component import DrawnComponent
from viewer.names import Id

Content = Component | str | int | float | dict[str, object] | Sequence["Content"] | None
"""What stands in an element: elements of `dash.html`, the JSON that `viewer.markup.plain` makes, text."""


class Markup(DrawnComponent):
    """Elements of `dash.html` that Dash takes for one component; no callback can reach them.

    Goes in:
        content: elements, texts, or a list of them.

    Raises:
        TypeError: if there is an element in it that is none of `dash.html`.
    """

    properties = ("id", "content")
    _children_props: list[str] = []  # noqa: RUF012 - an instance attribute to Dash, read from the class
    _namespace = "viewer"
    _type = "Markup"

    def __init__(self, content: Content) -> None:
        super().__init__(content=_written(content))


def folded(part: Component) -> Component:
    """Make Markup of what no callback knows in a part: elements without an id of `viewer.names.Id`."""
    children = _members(getattr(part, "children", None))
    if not any(isinstance(child, Component) for child in children):
        return part
    parts: list[Content] = []
    for is_html, group in groupby(children, _is_html):
        members = list(group)
        if not is_html:
            parts += [folded(member) if isinstance(member, Component) else member for member in members]
        elif any(isinstance(member, Component) for member in members):
            parts.append(Markup(members))
        else:
            parts += members
    part.children = parts
    return part


def _members(children: Content) -> list[Content]:
    if children is None:
        return []
    return list(children) if isinstance(children, (list, tuple)) else [children]


def _is_html(part: Content) -> bool:
    if not isinstance(part, Component):
        return True
    if part._namespace != "dash_html_components" or isinstance(getattr(part, "id", None), Id):  # noqa: SLF001 - Dash's own name for it
        return False
    return all(_is_html(child) for child in _members(getattr(part, "children", None)))


def _written(content: Content) -> Content:
    """Write elements as Dash writes them into JSON; it refuses components anywhere but in `children`."""
    if isinstance(content, Component):
        element = content.to_plotly_json()
        if element["namespace"] != "dash_html_components":
            raise TypeError(f"{element['type']} is no element of HTML")
        inner = _written(element["props"].get("children"))
        return {"type": element["type"], "props": {**element["props"], "children": inner}}
    return [_written(part) for part in content] if isinstance(content, (list, tuple)) else content
