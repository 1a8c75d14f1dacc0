"""The wiring of the cohort's charts and table; the drawing of the whole is in viewer/wiring.py."""

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from viewer import chart_parts, charts, cohort_table, number_format, planes
from viewer.cohort_columns import ColumnStore
from viewer.cohort_state import read_cohort_query
from viewer.names import Id
from viewer.open_study import OpenStudy, Reading
from viewer.planes import Scene
from viewer.view_state import read_query

_SELECTION = ("lasso", "on", "pieces")
COHORT_SHARES: dict[Id, tuple[str, ...]] = {
    Id.CHART: ("chart", "x", "y", "metric", "region", "pair", "form", "density", "zoom", *_SELECTION),
    Id.CLASSES: _SELECTION,
}


def wire_cohort(app: Dash, study: OpenStudy) -> None:
    """Connect the charts and the table."""
    store = ColumnStore(study.cache.folder / "columns")
    _wire_chart(app, study, store)
    _wire_table(app, study, store)
    for function, target, *given in _ON_CHANGE:
        app.clientside_callback(
            ClientsideFunction("cohort", function), target, *given, prevent_initial_call=True
        )


def scene_of(reading: Reading, store: ColumnStore, share: str) -> Scene:
    """Take what a share of the address says about the cohort."""
    return Scene(reading.cohort, lambda: store.of(reading), read_query(share)[0], read_cohort_query(share)[0])


def _no_pieces(_pieces: str) -> set[str]:
    return set()


PatientsOfPieces = Callable[[str], set[str]]


def _wire_chart(app: Dash, study: OpenStudy, store: ColumnStore) -> None:
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
        prevent_initial_call=True,
    )
    def draw(share: str) -> tuple[Any, ...]:
        scene = scene_of(study.read(), store, share)
        drawn = charts.chart(scene, planes.chosen(scene, _no_pieces))
        name = charts.open_chart(scene)
        return (
            no_update if drawn.figure is None else charts.marked(drawn, scene),
            drawn.figure is None,
            chart_parts.chart_tabs(name, charts.offered(scene.cohort)),
            drawn.controls,
            drawn.legend,
            drawn.said,
            number_format.threshold(scene.view.eps),
            f"explorer explorer-{name}",
        )


def _wire_table(app: Dash, study: OpenStudy, store: ColumnStore) -> None:
    @app.callback(
        Output(Id.TABLE, "rowData"),
        Output(Id.LEAVE_BOX, "hidden"),
        Input(Id.CLASSES, "data"),
        prevent_initial_call=True,
    )
    def fill(share: str) -> tuple[list[dict[str, Any]], bool]:
        scene = scene_of(study.read(), store, share)
        mask = planes.chosen(scene, _no_pieces)
        return cohort_table.rows(scene.cohort, scene.view.eps, mask), mask is None

    @app.callback(
        Output(Id.TABLE, "selectedRows"),
        Output(Id.TABLE, "scrollTo"),
        Input(Id.CASE, "data"),
        prevent_initial_call=True,
    )
    def mark(share: str) -> tuple[Any, ...]:
        patient = read_query(share)[0].patient
        if patient is None:
            return [], no_update
        return {"ids": [patient]}, {"rowId": patient, "rowPosition": "middle"}


# What only writes the address has no output of its own: it is given a property that nobody else uses.
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
)
