"""The wiring of the cohort's charts and table; the drawing of the whole is in viewer/wiring.py."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from viewer import chart_parts, charts, cohort_table, number_format
from viewer.atlas_routes import ATLAS_URL, add_atlas_routes
from viewer.cohort_columns import ColumnStore
from viewer.cohort_routes import add_cohort_routes
from viewer.cohort_rows import RowSource, extra_quantities, is_served_by_page, records
from viewer.cohort_state import joined, read_cohort_query
from viewer.column_chooser import column_chooser
from viewer.fragment_atlas import AtlasSource
from viewer.markup_component import Markup
from viewer.names import Id
from viewer.notes_card import flags_of_patients
from viewer.notes_store import NotesUnavailableError
from viewer.notes_wiring import notes_of
from viewer.open_study import OpenStudy, Reading
from viewer.planes import Scene
from viewer.table_query import read_row_request
from viewer.view_state import read_query

_SELECTION = ("lasso", "on", "pieces")
_COLUMNS = ("columns", "regions", "methods")
COHORT_SHARES: dict[Id, tuple[str, ...]] = {
    Id.CHART: ("chart", "x", "y", "metric", "area", "pair", "form", "density", "zoom", *_SELECTION),
    Id.CLASSES: (*_SELECTION, *_COLUMNS),
    Id.COLUMNS: _COLUMNS,
}


def wire_cohort(app: Dash, study: OpenStudy) -> None:
    """Connect the charts and the table, and serve what they need beside their pages."""
    store = ColumnStore(study.cache.folder / "columns")
    atlas = AtlasSource()
    rows = RowSource(lambda text: atlas.patients_of(study.read(), text), lambda: _flags(study))
    _wire_chart(app, study, store, rows)
    _wire_columns(app, study, store)
    _wire_rows(app, study, store, rows)
    _wire_atlas(app)
    add_cohort_routes(app.server, study, store, rows)
    add_atlas_routes(app.server, study, atlas)
    for function, *ends in _ON_CHANGE:
        app.clientside_callback(ClientsideFunction("cohort", function), *ends, prevent_initial_call=True)


def _flags(study: OpenStudy) -> Mapping[str, str]:
    """Say what is flagged; where the notes can't be read, nothing is, and the list of notes says why."""
    try:
        return flags_of_patients(notes_of(study).current())
    except NotesUnavailableError:
        return {}


def scene_of(reading: Reading, store: ColumnStore, share: str) -> Scene:
    """Take what a share of the address says about the cohort."""
    return Scene(reading.cohort, lambda: store.of(reading), read_query(share)[0], read_cohort_query(share)[0])


def _wire_chart(app: Dash, study: OpenStudy, store: ColumnStore, rows: RowSource) -> None:
    @app.callback(
        Output(Id.SCATTER, "figure"),
        Output(Id.CHART_FRAME, "hidden"),
        Output(Id.CHART_TABS, "children"),
        Output(Id.CHART_SWITCHES, "children"),
        Output(Id.LEGEND, "children"),
        Output(Id.CHART_SAID, "children"),
        Output(Id.EPS_TEXT, "children"),
        Output(Id.EXPLORER, "className"),
        Input(Id.CHART, "data"),
        State(Id.RINGED, "data"),
        prevent_initial_call=True,
    )
    def draw(share: str, ringed: str | None) -> tuple[Any, ...]:
        scene = scene_of(study.read(), store, joined(share, ringed or ""))
        drawn = charts.chart(scene, rows.mask(scene))
        name = charts.open_chart(scene)
        return (
            no_update if drawn.figure is None else charts.marked(drawn, scene, share),
            drawn.figure is None,
            Markup(chart_parts.chart_tabs(name, charts.offered(scene.cohort))),
            Markup(drawn.controls),
            Markup(drawn.legend),
            Markup(drawn.said),
            number_format.threshold(scene.view.eps),
            f"explorer explorer-{name}",
        )

    @app.callback(
        Output(Id.RINGS, "data"),
        Input(Id.RINGED, "data"),
        State(Id.CHART, "data"),
        prevent_initial_call=True,
    )
    def ring(ringed: str, share: str | None) -> dict[str, Any]:
        reading, share = study.read(), share or ""
        nobodys = scene_of(reading, store, share)
        kept = reading.once(("chart", share), lambda: charts.chart(nobodys, rows.mask(nobodys)))
        places = charts.rings_among_points(kept, read_query(ringed)[0].patient)
        if places is None:
            scene = scene_of(reading, store, joined(share, ringed))
            places = charts.rings(charts.chart(scene, rows.mask(scene)))
        return {"share": share, "x": places[0], "y": places[1]}


def _wire_columns(app: Dash, study: OpenStudy, store: ColumnStore) -> None:
    @app.callback(
        Output(Id.TABLE, "columnDefs"),
        Output(Id.COLUMN_CHOOSER, "children"),
        Input(Id.COLUMNS, "data"),
        prevent_initial_call=True,
    )
    def choose(share: str) -> tuple[Any, ...]:
        scene = scene_of(study.read(), store, share)
        quantities = extra_quantities(scene)
        return cohort_table.columns(scene.cohort, quantities), Markup(column_chooser(scene, quantities))


def _wire_rows(app: Dash, study: OpenStudy, store: ColumnStore, rows: RowSource) -> None:
    @app.callback(
        Output(Id.TABLE, "rowData"),
        Output(Id.LEAVE_BOX, "hidden"),
        Input(Id.CLASSES, "data"),
        prevent_initial_call=True,
    )
    def fill(share: str) -> tuple[Any, bool]:
        scene = scene_of(study.read(), store, share)
        shown = rows.shown(scene)
        is_paged = is_served_by_page(scene.cohort)
        return no_update if is_paged else records(shown.columns, shown.places), not shown.is_limited

    @app.callback(
        Output(Id.TABLE, "getRowsResponse"),
        Input(Id.TABLE, "getRowsRequest"),
        State(Id.ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def page(request: dict[str, Any] | None, search: str | None) -> Any:  # noqa: ANN401 - or no_update
        if request is None:
            return no_update
        scene, wanted = scene_of(study.read(), store, search or ""), read_row_request(request)
        asked = replace(scene.state, filter=json.dumps(wanted.filters, sort_keys=True), sort=wanted.sort)
        shown = rows.shown(replace(scene, state=asked))
        places = shown.places[wanted.piece]
        return {"rowData": records(shown.columns, places), "rowCount": len(shown.places)}


def _wire_atlas(app: Dash) -> None:
    @app.callback(
        Output(Id.ATLAS, "url"),
        Output(Id.ATLAS, "pieces"),
        Output(Id.ATLAS, "theme"),
        Output(Id.ATLAS, "csvUrl"),
        Input(Id.CHART, "data"),
        prevent_initial_call=True,
    )
    def show(share: str) -> tuple[Any, ...]:
        view, state = read_query(share)[0], read_cohort_query(share)[0]
        if state.chart != "atlas":
            return None, no_update, no_update, no_update
        csv = f"/cohort/components.csv{state.only('pieces').query()}"
        return ATLAS_URL, state.pieces, view.theme, csv


# What needs no server. What only writes the address has no output of its own: it is given a property that
# nobody else uses.
_ON_CHANGE: tuple[tuple[Any, ...], ...] = (
    (
        "keepSelection",
        Output(Id.SCATTER, "selectedData"),
        Input(Id.SCATTER, "selectedData"),
        State(Id.SCATTER, "figure"),
    ),
    (
        "keepZoom",
        Output(Id.CHART_FRAME, "title"),
        Input(Id.SCATTER, "relayoutData"),
        State(Id.SCATTER, "figure"),
    ),
    ("ringOpen", Output(Id.CHART_SAID, "title"), Input(Id.RINGS, "data"), Input(Id.SCATTER, "figure")),
    ("findRows", Output(Id.QUICK_FILTER, "title"), Input(Id.QUICK_FILTER, "value")),
    ("followTable", Output(Id.ROW_COUNT, "title"), Input(Id.CLASSES, "data"), Input(Id.CASE, "data")),
    (
        "markCase",
        Output(Id.TABLE, "selectedRows"),
        Output(Id.TABLE, "scrollTo"),
        Input(Id.CASE, "data"),
    ),
    ("openPiece", Output(Id.CHART_TABS, "title"), Input(Id.ATLAS, "picked")),
    ("keepPieces", Output(Id.LEGEND, "title"), Input(Id.ATLAS, "pieces")),
)
