"""The page's skeleton: which parts there are and what a screen reader calls them. No state, no wiring."""

from dash import dcc, html
from dash.development.base_component import Component

from analysis.cohort.study import Study
from viewer import case_card, parts, rule_card, sharing
from viewer.address import Address
from viewer.case_stage import CaseStage
from viewer.cohort_view import CohortView
from viewer.explorer import explorer
from viewer.export_dialog import export_dialog
from viewer.markup import attributes, named
from viewer.names import Id
from viewer.tour import tour
from viewer.view_state import EPS_STEPS

NOT_CLINICAL = "Research use only, not for clinical decisions."


def page(cohort: CohortView, study: Study) -> Component:
    """Lay out the whole page for one study."""
    return html.Div(
        [
            Address(id=Id.ADDRESS),
            *[dcc.Store(id=slot) for slot in (Id.CASE, Id.LOOK, Id.CHOSEN, Id.FOUND, Id.CLASSES, Id.COLUMNS)],
            *[dcc.Store(id=slot) for slot in (Id.CHART, Id.RINGED, Id.RINGS)],
            *[
                dcc.Store(id=slot)
                for slot in (Id.SHOWN, Id.TRIED, Id.RULED, Id.LISTED, Id.TOLD, Id.NOTES_CHANGED, Id.FLAGS)
            ],
            dcc.Store(id=Id.COHORT_CHANGED),
            dcc.Store(id=Id.RULE_STEPS, data=rule_card.steps(study)),
            dcc.Store(id=Id.EPS_STEPS, data=list(EPS_STEPS)),
            html.A("Skip to the case", href="#case", className="skip-link"),
            _header(cohort),
            html.Div(id=Id.NOTICES, className="notices", role="status", **attributes(aria_live="polite")),
            _study_problem(cohort),
            html.Nav(id=Id.PINS, className="pins", **attributes(aria_label="Pinned cases")),
            html.Section(
                id=Id.STORY, className="story-banner", hidden=True, **attributes(aria_label="Guided story")
            ),
            html.Main([_case(cohort), case_card.details(cohort, study), explorer(cohort)]),
            _footer(),
            _keys(),
            export_dialog(cohort),
            tour(),
        ],
        className="page",
    )


def _header(cohort: CohortView) -> Component:
    title: list[Component] = [html.H1(cohort.name, className="study-name", title=cohort.name)]
    if cohort.synthetic:
        title.append(
            html.Span(
                "Synthetic",
                className="mark mark-synthetic",
                title="These scans were made by a program, not acquired",
            )
        )
    return html.Header(
        [
            html.Span(
                [html.Span(className="brand-mark"), html.Span("glioscope", className="brand-name")],
                className="brand",
            ),
            html.Div(title, className="study"),
            html.Div(parts.cohort_means(cohort), className="means"),
            _search(),
            sharing.share_buttons(),
            html.Div(id=Id.THEME_SWITCH),
        ],
        className="top",
    )


def _search() -> Component:
    return html.Div(
        [
            named(
                "Open a patient by id",
                dcc.Input(
                    id=Id.SEARCH,
                    type="search",
                    list="patient-ids",
                    placeholder="Open a patient by id",
                    className="search",
                    autoComplete="off",
                ),
            ),
            html.Datalist(id="patient-ids"),  # the browser asks for the ids that fit what is written
        ],
        role="search",
    )


def _study_problem(cohort: CohortView) -> Component:
    return html.Div(cohort.problem, className="notice notice-warning", hidden=cohort.problem is None)


def _case(cohort: CohortView) -> Component:
    return html.Section(
        [
            html.Div(
                [
                    html.H2(id=Id.CASE_LINE, className="case-line", **attributes(aria_live="polite")),
                    html.Div(id=Id.TOOLBAR, className="toolbar"),
                ],
                className="case-bar",
            ),
            html.Div(
                CaseStage(
                    id=Id.STAGE,
                    labels=[
                        {
                            "name": label.name,
                            "title": label.title,
                            "value": label.value,
                            "colour": label.colour,
                        }
                        for label in cohort.scheme.labels
                    ],
                ),
                className="stage-frame",
            ),
        ],
        id="case",
        className="case" if cohort.patients["has_volumes"].any() else "case case-tables-only",
        **attributes(aria_label="Open case"),
    )


KEYS = {
    "j  k": "next and previous component, as the table of components is sorted",
    "x": "hide everything in 3D but the selected component and its counterparts; again shows all",
    "f": "turn the verdict on the selected component round; again lets the rule judge",
    "g": "write a note or set a flag, about the selected component if there is one",
    "w": "select the verdict that costs this case most",
    "n  p": "next and previous patient, as the table of patients is sorted and filtered",
    "1 – 6": "the pinned cases, each with its story",
    "[  ]": "slice below and above; while a story is told, the pinned case before and the next one",
    "v": "voxels, smooth surfaces, or the paper's",
    "e": "labels, errors, or distances to the reference",
    "l": "one camera for all panels, or one each",
    "z": "fit the selected component, or the tumour, into the views",
    "m": "enlarge the panel that has the focus or the pointer, or show all again",
    "<  >": "move that panel to the left or right",
    "c": "which plane is sliced",
    "u": "cut the 3D views open at the slice",
    "r": "the ruler: drag on a slice; Space sets each end at the crosshair",
    "/": "search for a patient",
    "s": "export: surfaces, a picture, the whole case",
    "y": "copy the link to this view",
    "Esc": "forget the selected component",
    "?": "this list",
    "arrows  +  −": "turn and zoom the 3D view that has the focus; with Shift, move it; Home shows all",
    "on a slice": "arrows: crosshair; Shift + arrows: window; Page Up, Down: slice; + −: zoom; Enter: select",
}


def _keys() -> Component:
    rows = [html.Tr([html.Th(html.Kbd(key), scope="row"), html.Td(words)]) for key, words in KEYS.items()]
    return html.Dialog(
        [
            html.Div(
                [
                    html.H2("Keys"),
                    html.Button("Turn single-letter keys off", id=Id.KEYS_SWITCH, className="button"),
                    html.Button("Close", id=Id.KEYS_CLOSE, className="button"),
                ],
                className="keys-head",
            ),
            html.Table(html.Tbody(rows)),
        ],
        id=Id.KEYS,
        className="keys",
        **attributes(aria_label="Keys of this page"),
    )


def _footer() -> Component:
    return html.Footer(
        [
            html.Strong(NOT_CLINICAL),
            html.Span("Everything on this page stays on the machine that serves it."),
            html.Button("Keys", id=Id.KEYS_OPEN, className="button button-small"),
            html.Button("Tour", id=Id.TOUR_OPEN, className="button button-small"),
        ],
        className="footer",
    )
