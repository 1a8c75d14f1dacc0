"""The routes that keep notes: written as JSON from the page, taken away and brought back as files."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from viewer.notes_files import as_csv, as_json, read_notes
from viewer.notes_store import (
    COLUMNS,
    Draft,
    Entry,
    NoteError,
    NoteStore,
    NotesUnavailableError,
    StaleNoteError,
    is_text,
)
from viewer.open_study import NotInStudyError, OpenStudy
from viewer.view_state import read_query

LONGEST_FORM_BYTES = 64 * 1024


def add_notes(server: Flask, study: OpenStudy, store: NoteStore) -> None:
    """Serve a study's notes."""
    routes = Blueprint("notes", __name__, url_prefix="/notes")

    @routes.post("/add")
    def add() -> Response:
        return _kept(lambda form: store.add(_draft(study, form)))

    @routes.post("/edit")
    def edit() -> Response:
        return _kept(
            lambda form: store.edit(_text(form, "note"), _number(form, "version"), Draft("", *_words(form)))
        )

    @routes.post("/delete")
    def delete() -> Response:
        return _kept(
            lambda form: store.delete(_text(form, "note"), _number(form, "version"), _text(form, "author"))
        )

    @routes.post("/import")
    def bring() -> Response:
        return _answer(lambda: {"new": store.take_in(read_notes(_file()))})

    @routes.get("/export.json")
    def as_json_file() -> Response:
        return _file_of(
            lambda: as_json(study.read().cohort.name, store.history()), "json", "application/json"
        )

    @routes.get("/export.csv")
    def as_csv_file() -> Response:
        return _file_of(lambda: as_csv(store.history()), "csv", "text/csv")

    server.register_blueprint(routes)


def _kept(write: Callable[[dict[str, Any]], Entry]) -> Response:
    def answer() -> dict[str, Any]:
        entry = write(_form())
        return {name: getattr(entry, name) for name in COLUMNS}

    return _answer(answer)


def _answer(make: Callable[[], dict[str, Any]]) -> Response:
    """Answer with JSON, or with one sentence that says why not."""
    try:
        return jsonify(make())
    except StaleNoteError as error:
        return _refused(409, error)
    except NoteError as error:
        return _refused(400, error)
    except NotInStudyError as error:
        return _refused(404, error)
    except NotesUnavailableError as error:
        return _refused(503, error)


def _refused(status: int, error: Exception) -> Response:
    return Response(f"{error.args[0]}\n", status, mimetype="text/plain")


def _file_of(make: Callable[[], str], ending: str, mimetype: str) -> Response:
    try:
        text = make()
    except NotesUnavailableError as error:
        return _refused(503, error)
    answer = Response(text, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="glioscope-notes.{ending}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _form() -> dict[str, Any]:
    if (request.content_length or 0) > LONGEST_FORM_BYTES:
        raise NoteError(f"A note has at most {LONGEST_FORM_BYTES} bytes.")
    try:
        form = request.get_json(silent=True)
    except RecursionError:
        form = None
    if not isinstance(form, dict):
        raise NoteError("A note is sent as a JSON object.")
    return form


def _file() -> str:
    try:
        return request.get_data().decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError("This is no file of notes: it is not UTF-8 text.") from error


def _draft(study: OpenStudy, form: dict[str, Any]) -> Draft:
    patient, component = _text(form, "patient"), _text(form, "component")
    study.read().patient(patient)
    if component and read_query(f"component={component}")[0].component is None:
        raise NoteError(f"There can be no component {component[:60]!r}: it is written source:label:number.")
    return Draft(patient, *_words(form), component)


def _words(form: dict[str, Any]) -> tuple[str, str, str]:
    return _text(form, "text"), _text(form, "author"), _text(form, "flag")


def _text(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or not is_text(value):
        raise NoteError(f"{name} should be text.")
    return value


def _number(form: dict[str, Any], name: str) -> int:
    value = form.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise NoteError(f"{name} should be a whole number.")
    return value
