"""Routes of the atlas: its bytes, and the components of a selection as CSV."""

from flask import Blueprint, Flask, Response, request

from viewer.fragment_atlas import AtlasSource, atlas_csv, made_atlas, read_pieces, taken
from viewer.open_study import OpenStudy
from viewer.routes import sent

ATLAS_URL = "/cohort/components.bin"
EVERYTHING = "distance***outcome"


def add_atlas_routes(server: Flask, study: OpenStudy, atlas: AtlasSource) -> None:
    """Serve the components of the whole cohort."""
    routes = Blueprint("atlas", __name__)

    @routes.get(ATLAS_URL)
    def components() -> Response:
        return sent(study, lambda: made_atlas(study.read()))

    @routes.get("/cohort/components.csv")
    def components_csv() -> Response:
        text = request.args.get("pieces", EVERYTHING)
        try:
            pieces = read_pieces(text)
        except ValueError:
            sentence = f"The selection {text[:60]!r} means nothing here.\n"
            return Response(sentence, status=400, mimetype="text/plain")
        whole = atlas.of(study.read())
        name = "attachment; filename=glioscope-components.csv"
        lines = atlas_csv(whole, taken(whole, pieces))
        return Response(lines, mimetype="text/csv", headers={"Content-Disposition": name})

    server.register_blueprint(routes)
