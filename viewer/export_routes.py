"""The routes of files to take away beyond one panel's surfaces. Every id is looked up in the study."""

from dataclasses import replace

from flask import Blueprint, Flask, Response, request

from viewer import snapshot as snapshots
from viewer import take_away
from viewer.open_study import OpenStudy
from viewer.routes import sent_file
from viewer.view_state import ViewState, read_query


def add_export_routes(server: Flask, study: OpenStudy) -> None:
    """Serve all sources side by side, one component alone, and a case as one page."""
    routes = Blueprint("exports", __name__)

    @routes.get("/export/<patient>/side-by-side/surfaces.<form>")
    def together(patient: str, form: str) -> Response:
        mode = request.args.get("mode", ViewState().mode)
        name = f"{patient}_side-by-side_{mode}.{form}"
        return sent_file(study, lambda: take_away.side_by_side(study.read(), patient, mode, form), name)

    @routes.get("/export/<patient>/<source>/<label>/<int:number>.<form>")
    def component(patient: str, source: str, label: str, number: int, form: str) -> Response:
        mode = request.args.get("mode", ViewState().mode)
        order = take_away.ComponentOrder(patient, source, label, number, mode)
        name = f"{patient}_{source}_{label}-{number}_{mode}.{form}"
        return sent_file(study, lambda: take_away.component(study.read(), order, form), name)

    @routes.get("/snapshot/<patient>.html")
    def snapshot(patient: str) -> Response:
        view, _ = read_query(request.query_string.decode("ascii", "replace"))
        wanted = replace(view, patient=patient)
        return sent_file(
            study, lambda: snapshots.snapshot(study.read(), wanted, study.cache), f"{patient}_case.html"
        )

    server.register_blueprint(routes)
