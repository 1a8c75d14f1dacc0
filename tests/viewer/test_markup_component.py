"""HTML that Dash takes for one component says the same, and only what no callback knows is folded into it."""

import json

import pytest
from dash import dcc, html
from plotly.utils import PlotlyJSONEncoder

from viewer.markup import plain
from viewer.markup_component import Markup, folded
from viewer.names import Id


def content(part):
    return json.loads(json.dumps(part, cls=PlotlyJSONEncoder))["props"]["content"]


def test_elements_are_written_with_what_they_hold_and_how_they_look():
    written = content(Markup(html.P(["Two ", html.Strong("words", className="loud")], hidden=True)))
    inner = {"type": "Strong", "props": {"children": "words", "className": "loud"}}
    assert written == {"type": "P", "props": {"children": ["Two ", inner], "hidden": True}}


def test_attributes_with_hyphens_are_kept():
    written = content(Markup(html.Button("Go", **{"data-go": "plane=axial", "aria-pressed": "true"})))
    assert written["props"] == {"children": "Go", "data-go": "plane=axial", "aria-pressed": "true"}


def test_what_was_turned_to_json_before_stays_as_it_is():
    part = plain(html.P("once"))
    assert content(Markup([part, None, "text"])) == [part, None, "text"]


@pytest.mark.parametrize("part", [dcc.Input(id="x"), html.Div([html.P(dcc.Store(id="y"))])])
def test_only_html_can_be_markup(part):
    with pytest.raises(TypeError, match=r"is no element of HTML"):
        Markup(part)


def test_neighbours_without_a_callback_become_one_component_in_their_order():
    page = folded(html.Div([html.P("a"), "b", html.P("c"), html.P(id=Id.NOTICES), html.P("d")], id="page"))
    first, known, last = page.children
    assert [part if isinstance(part, str) else part["props"]["children"] for part in content(first)] == [
        "a",
        "b",
        "c",
    ]
    assert known.id == Id.NOTICES
    assert content(last)[0]["props"]["children"] == "d"


def test_a_callbacks_element_is_found_however_deep_it_lies():
    page = folded(html.Div(html.Section([html.H2("Head"), html.Div(html.Span(id=Id.ROW_COUNT))])))
    section = page.children[0]
    assert isinstance(section, html.Section)
    assert isinstance(section.children[0], Markup)
    assert section.children[1].children[0].id == Id.ROW_COUNT


def test_text_alone_needs_no_component():
    assert folded(html.P("text")).children == "text"
