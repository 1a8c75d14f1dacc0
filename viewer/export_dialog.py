"""The dialog in which surfaces, pictures and cases are taken away; assets/64-export.js works it."""

from dash import dcc, html
from dash.development.base_component import Component

from viewer import __version__
from viewer.cohort_view import CohortView
from viewer.exports import FORMATS, NOT_CLINICAL
from viewer.markup import attributes
from viewer.names import Id
from viewer.view_state import ViewState

SIZES = ("1280x720", "1920x1080", "2400x1800", "3840x2160")
_FORMAT_WORDS = {
    "glb": "GLB, for Blender, browsers and slides",
    "stl": "STL, for printing",
    "obj": "OBJ, with colours per label",
    "ply": "PLY, with colours per vertex",
}


def export_dialog(cohort: CohortView) -> Component:
    """Lay the dialog out; what is in it depends on the study alone."""
    return html.Dialog(
        [
            html.H2("Export", id="export-title"),
            html.P(id="export-case", className="dialog-line"),
            _surfaces(cohort),
            _picture(cohort),
            _whole_case(),
            html.P(id="export-said", className="dialog-said", role="status"),
            html.Div(html.Button("Close", id="export-close", className="button"), className="dialog-end"),
        ],
        id=Id.EXPORT,
        className="dialog export",
        **attributes(
            aria_labelledby="export-title",
            data_study=cohort.name,
            data_synthetic=str(cohort.synthetic).lower(),
            data_notice=NOT_CLINICAL,
            data_software=f"glioscope {__version__}",
            data_mode=ViewState().mode,
        ),
    )


def _surfaces(cohort: CohortView) -> Component:
    whole = [("", "All panels, side by side")] + [(one.name, one.title) for one in cohort.sources]
    return _part(
        "Surfaces",
        [
            _field(
                "Of",
                "export-what",
                [*_options(whole), html.Option("The selected component", value=":component")],
            ),
            _field("As", "export-form", _options([(form, _FORMAT_WORDS[form]) for form in FORMATS])),
            html.Button("Download surfaces", id="export-surfaces", className="button button-main"),
            html.P(id="export-surfaces-note", className="dialog-note"),
        ],
    )


def _picture(cohort: CohortView) -> Component:
    shown = [("", "The panels on the page")] + [(one.name, one.title) for one in cohort.sources]
    sizes = [(size, size.replace("x", " × ")) for size in SIZES] + [("own", "Another size")]
    own = html.Span(
        [_number("picture-width", "Width in pixels", 1600), "×", _number("picture-height", "Height", 1200)],
        id="picture-own",
        className="dialog-own",
        hidden=True,
    )
    return _part(
        "Picture",
        [
            _field("Of", "picture-what", _options(shown)),
            _field("Size", "picture-size", _options(sizes), chosen="1920x1080"),
            own,
            html.Button("Download PNG", id="picture-make", className="button button-main"),
            html.P(
                "Drawn anew at this size, with scale bars and the names of labels; the link to this view is "
                "written into the file.",
                className="dialog-note",
            ),
        ],
    )


def _whole_case() -> Component:
    return _part(
        "The whole case",
        [
            html.Button("Download one HTML file", id="export-snapshot", className="button button-main"),
            html.P(
                "The panels as they stand, slices, scores and components: it opens without a server, and "
                "holds the scan, so it is worth as much care.",
                className="dialog-note",
            ),
        ],
    )


def _part(title: str, members: list[Component]) -> Component:
    return html.Fieldset([html.Legend(title), *members], className="dialog-part")


def _field(words: str, id_: str, options: list[Component], *, chosen: str | None = None) -> Component:
    chooser = html.Select(options, id=id_, className="chooser", **attributes(data_chosen=chosen or ""))
    return html.Label([html.Span(words, className="dialog-words"), chooser], className="dialog-field")


def _options(pairs: list[tuple[str, str]]) -> list[Component]:
    return [html.Option(words, value=value) for value, words in pairs]


def _number(id_: str, name: str, value: int) -> Component:
    field = dcc.Input(
        id=id_, type="number", min=200, max=7680, step=1, value=value, className="chooser-number"
    )
    return html.Label([html.Span(name, className="visually-hidden"), field])
