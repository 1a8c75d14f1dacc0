"""What a request gets that can't be answered: one sentence and a status below 500, whatever it says.

Dash answers a call that it does not know, or whose values have the wrong kind, with an error of its own. So
calls are looked at before they reach it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Response, request

from analysis.cohort.nifti import NiftiError
from viewer.names import Id
from viewer.open_study import NotInStudyError
from viewer.table_query import QueryError

CALLS = "/_dash-update-component"
_TEXTS = ("data", "search")
_TIMES = (Id.NOTES_CHANGED, Id.COHORT_CHANGED)  # say when something changed, so that callbacks wake
_OBJECTS = ("getRowsRequest", "selection")


class CallError(ValueError):
    """A call that the page would never make; the message is a sentence."""


def refuse_rubbish(app: Dash) -> None:
    """Answer what makes no sense with a sentence: errors that mean the request, and calls that are none.

    Args:
        app: with all its callbacks.
    """
    server: Flask = app.server
    for kind, status in _STATUS.items():
        server.register_error_handler(kind, _refusing(status))

    @server.before_request
    def check_call() -> Response | None:
        if request.path != CALLS or request.method != "POST":
            return None
        try:
            check(_body(request.get_data()), app.callback_map)
        except CallError as error:
            return _refused(400, error)
        return None


def check(body: object, callbacks: Mapping[str, Mapping[str, Any]]) -> None:
    """Hold a call against the callbacks that the page has.

    Args:
        body: of the request, as JSON gives it.
        callbacks: Dash's own map, by their outputs.

    Raises:
        CallError: if it asks for no callback of ours, or gives it what it does not take.
    """
    if not isinstance(body, dict):
        raise CallError("A call is sent as a JSON object.")
    output = body.get("output")
    known = callbacks.get(output) if isinstance(output, str) else None
    if known is None or "callback" not in known:
        raise CallError(f"The page has no callback for {str(output)[:60]!r}.")
    for part in ("inputs", "state"):
        _check_values(body.get(part, []), known[part], part)
    _check_outputs(body.get("outputs"), str(output))
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
        raise CallError("changedPropIds should be a list of texts.")


def _body(data: bytes) -> object:
    try:
        body: object = json.loads(data)
        if b"\\ud" in data.lower():
            json.dumps(body, ensure_ascii=False).encode()  # half a character can't be written again
    except (ValueError, RecursionError) as error:
        raise CallError("A call is sent as JSON.") from error
    return body


def _check_values(given: object, wanted: Sequence[Mapping[str, Any]], part: str) -> None:
    names = [(one["id"], one["property"]) for one in wanted]
    if not isinstance(given, list) or [_name(one) for one in given] != names:
        raise CallError(f"The {part} of this callback are {', '.join('.'.join(name) for name in names)}.")
    for one in given:
        is_text = one["property"] in _TEXTS and one["id"] not in _TIMES
        kind = str if is_text else dict if one["property"] in _OBJECTS else object
        value = one.get("value")
        if value is not None and not isinstance(value, kind):
            raise CallError(f"{one['id']}.{one['property']} can't be {str(value)[:40]!r}.")


def _check_outputs(given: object, output: str) -> None:
    names = [tuple(name.rsplit(".", 1)) for name in output.removeprefix("..").removesuffix("..").split("...")]
    listed = given if output.startswith("..") else [given]
    if not isinstance(listed, list) or [_name(one) for one in listed] != names:
        raise CallError("The outputs of a call are those that its callback has.")


def _name(one: object) -> tuple[object, object] | None:
    return (one.get("id"), one.get("property")) if isinstance(one, dict) else None


_STATUS: Mapping[type[Exception], int] = {
    NotInStudyError: 404,
    FileNotFoundError: 404,
    DependencyException: 404,
    PermissionError: 403,
    NiftiError: 422,
    QueryError: 400,
}


def _refusing(status: int) -> Any:  # noqa: ANN401 - a handler of Flask's
    return lambda error: _refused(status, error)


def _refused(status: int, error: Exception) -> Response:
    return Response(f"{sentence_of(error)}\n", status, mimetype="text/plain")


def sentence_of(error: Exception) -> str:
    """Say in one line what an error means that answers a request."""
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} has disappeared since the study was read."
    if isinstance(error, PermissionError):
        return f"This server may not open {error.filename}."
    return next(iter(str(error.args[0]).splitlines()), "")  # Dash's own go on with lists of what there is
