"""The routes of a trial on the cohort: start, cancel, take the numbers away."""

from flask import Blueprint, Flask, Response, jsonify, request

from viewer.cohort_columns import ColumnStore
from viewer.cohort_trial import DONE, Job, job_of, start
from viewer.cohort_trial_card import as_csv, compared
from viewer.open_study import OpenStudy
from viewer.trial import tried
from viewer.view_state import read_query

_NO_ROLES = "There is no rule to try: study.toml gives the roles to no methods.\n"


def add_cohort_trials(server: Flask, study: OpenStudy, store: ColumnStore) -> None:
    """Serve trials on the cohort."""
    routes = Blueprint("cohort-trial", __name__, url_prefix="/cohort-trial")

    @routes.post("/start")
    def begin() -> Response:
        job = _job(study)
        if job is None:
            return Response(_NO_ROLES, 404, mimetype="text/plain")
        try:
            start(study.read().study, job)
        except OSError as error:
            return Response(f"The trial can't be started: {error}\n", 503, mimetype="text/plain")
        return jsonify({"job": job.folder.name})

    @routes.post("/cancel")
    def cancel() -> Response:
        job = _job(study)
        if job is not None:
            job.cancel()
        return jsonify({})

    @routes.get("/result.csv")
    def result() -> Response:
        job = _job(study)
        progress = None if job is None else job.progress()
        if job is None or progress is None or progress.state != DONE:
            return Response("This rule has not been tried on the cohort.\n", 404, mimetype="text/plain")
        text = as_csv(compared(store.of(study.read()), job.rows()))
        headers = {
            "Content-Disposition": 'attachment; filename="glioscope-rule.csv"',
            "Cache-Control": "no-store",
        }
        return Response(text, mimetype="text/csv", headers=headers)

    server.register_blueprint(routes)


def _job(study: OpenStudy) -> Job | None:
    view, _ = read_query(request.query_string.decode())
    reading = study.read()
    trial = tried(reading.study, view)
    return None if trial is None else job_of(reading.study, trial)
