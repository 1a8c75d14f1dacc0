"""Pieces of HTML: attributes whose names are no Python names, names, terms, and what is written once."""

import json
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder


def attributes(**values: str) -> dict[str, Any]:
    """Write attributes such as `aria-label` and `data-go` with underscores for their hyphens."""
    return {name.replace("_", "-"): value for name, value in values.items()}


def named(name: str, field: Component) -> Component:
    """Give a field a name that only screen readers show."""
    return html.Label([html.Span(name, className="visually-hidden"), field])


def plain(component: Component | Sequence[Component]) -> Any:  # noqa: ANN401 - JSON of any kind
    """Turn components into the JSON that Dash would send, so that what is sent often is turned once."""
    return json.loads(json.dumps(component, cls=PlotlyJSONEncoder))


def term(words: str, definition: str) -> Component:
    """Write a term that says what it means: to a resting pointer, a screen reader, and whoever presses it."""
    return html.Button(words, className="define", title=definition)
