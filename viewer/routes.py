"""The routes that serve bytes. Every id is looked up in the study: no path of a request reaches the disk."""

import gzip
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Flask, Response, request

from analysis.cohort.nifti import NiftiError
from meshing.recipes import DEFAULT
from viewer import case_bytes, case_description, comparison, exports, overlays, trial_bytes
from viewer.case_bytes import Made
from viewer.cohort_view import REFERENCE
from viewer.comparison import Pair
from viewer.open_study import NotInStudyError, OpenStudy
from viewer.refusals import sentence_of
from viewer.thumbnails import thumbnail
from viewer.view_state import ViewState, read_query
from viewer.what_if import WhatIfs


def add_routes(server: Flask, study: OpenStudy, whatifs: WhatIfs) -> None:
    """Serve the meshes, volumes and descriptions of a study's cases."""
    routes = Blueprint("bytes", __name__)

    @routes.get("/mesh/<patient>/<source>/<mode>.packed")
    def mesh(patient: str, source: str, mode: str) -> Response:
        return sent(study, lambda: case_bytes.mesh(study.read(), patient, source, mode))

    @routes.get("/mesh/<patient>/brain.packed")
    def brain(patient: str) -> Response:
        return sent(study, lambda: case_bytes.brain(study.read(), patient))

    @routes.get("/image/<patient>/<contrast>.r8")
    def packed_image(patient: str, contrast: str) -> Response:
        return sent(study, lambda: case_bytes.image_residuals(study.read(), patient, contrast))

    @routes.get("/thumbnail/<patient>.png")
    def small(patient: str) -> Response:
        source = request.args.get("source", REFERENCE)
        return sent(study, lambda: thumbnail(study.read(), patient, source))

    _add_volumes(routes, study)
    _add_comparisons(routes, study)

    @routes.get("/case/<patient>.json")
    def case(patient: str) -> Response:
        return sent(study, lambda: case_description.described(study.read(), patient, study.cache))

    @routes.get("/export/<patient>/<source>.<form>")
    def export(patient: str, source: str, form: str) -> Response:
        mode = request.args.get("mode", DEFAULT)
        order = exports.Order(patient, source, mode)
        return sent_file(
            study, lambda: exports.offered(study.read(), order, form), f"{patient}_{source}_{mode}.{form}"
        )

    _add_trial_routes(routes, study, whatifs)
    server.register_blueprint(routes)


def _add_trial_routes(routes: Blueprint, study: OpenStudy, whatifs: WhatIfs) -> None:
    def tried(patient: str, mode: str) -> ViewState:
        return replace(
            read_query(request.query_string.decode(errors="replace"))[0], patient=patient, mode=mode
        )

    @routes.get("/what-if/<patient>/<mode>.packed")
    def changed_mesh(patient: str, mode: str) -> Response:
        return sent(study, lambda: trial_bytes.trial_mesh(whatifs, study.read(), tried(patient, mode)))

    @routes.get("/what-if/<patient>/comparison.packed")
    def changed_comparison(patient: str) -> Response:
        return sent(
            study, lambda: trial_bytes.trial_comparison(whatifs, study.read(), tried(patient, "voxel"))
        )

    @routes.get("/what-if/<patient>/labels.u8")
    def changed_labels(patient: str) -> Response:
        return sent(study, lambda: trial_bytes.trial_labels(whatifs, study.read(), tried(patient, "voxel")))


def _add_volumes(routes: Blueprint, study: OpenStudy) -> None:
    @routes.get("/labels/<patient>/<source>.u8")
    def labels(patient: str, source: str) -> Response:
        return sent(study, lambda: case_bytes.label_volume(study.read(), patient, source))

    @routes.get("/image/<patient>/<contrast>.u8")
    def image(patient: str, contrast: str) -> Response:
        return sent(study, lambda: case_bytes.image_volume(study.read(), patient, contrast))

    @routes.get("/image/<patient>/<contrast>.json")
    def scale(patient: str, contrast: str) -> Response:
        return sent(study, lambda: case_bytes.image_scale(study.read(), patient, contrast))

    @routes.get("/map/<patient>/<source>/<name>.u8")
    def scalar_map(patient: str, source: str, name: str) -> Response:
        return sent(study, lambda: overlays.map_volume(study.read(), patient, source, name))


def _add_comparisons(routes: Blueprint, study: OpenStudy) -> None:
    """Serve what compares a method with the reference."""

    @routes.get("/errors/<patient>/<method>/<region>.packed")
    def errors(patient: str, method: str, region: str) -> Response:
        return sent(study, lambda: comparison.error_surfaces(study.read(), Pair(patient, method, region)))

    @routes.get("/distance/<patient>/<method>/<region>.packed")
    def distance(patient: str, method: str, region: str) -> Response:
        return sent(study, lambda: comparison.distance_surface(study.read(), Pair(patient, method, region)))


def sent(study: OpenStudy, offer: Callable[[], Made]) -> Response:
    """Send what is offered, or one sentence that says why not."""
    try:
        made = offer()
        if request.if_none_match.contains(made.key):
            return _tagged(Response(status=304), made)
        packed = made.compressed(study.cache)
    except (NotInStudyError, FileNotFoundError) as error:
        return _refused(404, sentence_of(error))
    except PermissionError as error:
        return _refused(403, sentence_of(error))
    except NiftiError as error:
        return _refused(422, f"The file can't be read: {error}")
    return _tagged(_encoded(packed, made), made)


def sent_file(study: OpenStudy, offer: Callable[[], Made], name: str) -> Response:
    """Send what is offered as a file to keep, under a name made of ids that the study has."""
    answer = sent(study, offer)
    if answer.status_code == 200:
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _encoded(packed: bytes, made: Made) -> Response:
    if request.accept_encodings["gzip"] > 0:
        return Response(packed, mimetype=made.mimetype, headers={"Content-Encoding": "gzip"})
    return Response(gzip.decompress(packed), mimetype=made.mimetype)


def _tagged(response: Response, made: Made) -> Response:
    response.set_etag(made.key)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Accept-Encoding")
    return response


def _refused(status: int, sentence: str) -> Response:
    return Response(sentence + "\n", status=status, mimetype="text/plain")
