"""Routes about all patients: the table as CSV, where a patient stands in it, ids that resemble a word."""

import json
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, request

from viewer import cohort_table
from viewer.cohort_columns import ColumnStore
from viewer.cohort_rows import RowSource, csv_lines, extra_quantities
from viewer.cohort_state import read_cohort_query
from viewer.cohort_view import resembling
from viewer.open_study import OpenStudy
from viewer.planes import Scene
from viewer.table_query import QueryError
from viewer.view_state import read_query

_MOST_IDS = 50


def scene_of_request(study: OpenStudy, store: ColumnStore) -> Scene:
    """Take what the query of a request says; it is that of the page's address."""
    query = urlencode(list(request.args.items()))
    reading = study.read()
    return Scene(reading.cohort, lambda: store.of(reading), read_query(query)[0], read_cohort_query(query)[0])


def add_cohort_routes(server: Flask, study: OpenStudy, store: ColumnStore, rows: RowSource) -> None:
    """Serve what the table of patients needs beside its pages."""
    routes = Blueprint("cohort", __name__)

    @routes.get("/cohort/patients.csv")
    def patients_csv() -> Response:
        scene = scene_of_request(study, store)
        try:
            shown = rows.shown(scene)
        except QueryError as error:
            return _refused(str(error))
        titles = cohort_table.csv_titles(scene.cohort, extra_quantities(scene))
        lines = csv_lines(shown.columns, shown.places, titles)
        name = "attachment; filename=glioscope-patients.csv"
        return Response(lines, mimetype="text/csv", headers={"Content-Disposition": name})

    @routes.get("/cohort/place.json")
    def place() -> Response:
        """Say where a patient stands among the rows shown, or which stands some steps further."""
        scene = scene_of_request(study, store)
        try:
            shown = rows.shown(scene)
        except QueryError as error:
            return _refused(str(error))
        ids = shown.columns["patient"][shown.places]
        at = (ids == scene.view.patient).nonzero()[0]
        here = int(at[0]) if len(at) else None
        step = request.args.get("step", 0, type=int)
        wanted = _stepped(here, step, len(ids))
        return _json({"place": here, "patient": None if wanted is None else str(ids[wanted])})

    @routes.get("/cohort/ids.json")
    def ids() -> Response:
        like = request.args.get("like", "")[:80]
        return _json(resembling(like, study.read().cohort.ids, _MOST_IDS) if like else [])

    server.register_blueprint(routes)


def _stepped(here: int | None, step: int, count: int) -> int | None:
    """Step through the rows without leaving them; from nowhere to the first or the last."""
    if not count:
        return None
    if here is None:
        return 0 if step >= 0 else count - 1
    return max(0, min(count - 1, here + step))


def _json(value: object) -> Response:
    return Response(json.dumps(value), mimetype="application/json", headers={"Cache-Control": "no-store"})


def _refused(sentence: str) -> Response:
    return Response(sentence + "\n", status=400, mimetype="text/plain")
