"""How a server is watched: `/health` for a supervisor, an id for each request, a line of log for each answer.

Nothing here names a patient or a visitor: a line has the route's template (`/mesh/<patient>/...`), never the
path or the query, so that logs hold no ids and no tokens.
"""

import json
import logging
import os
import re
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from flask import Flask, Response, g, got_request_exception, jsonify, request

from analysis.cohort.study import StudyError
from viewer import __version__
from viewer.open_study import OpenStudy

REQUEST_ID = "X-Request-ID"
HEALTH = "/health"
LogFormat = Literal["off", "text", "json"]
LOG_FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
Write = Callable[[dict[str, Any]], None]

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def observe(server: Flask, write: Write | None) -> None:
    """Give each request an id, time it, and write down its answer; the first thing asked of a server.

    The id is the one that a proxy sends in `X-Request-ID`, if it is a plain word, else a new one; the answer
    carries it, and so do the lines about it.

    Args:
        server: the application.
        write: takes one line as a mapping; none writes nothing.
    """

    @server.before_request
    def begin() -> None:
        given = request.headers.get(REQUEST_ID, "")
        g.request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        g.request_start_s = time.perf_counter()

    @server.after_request
    def end(response: Response) -> Response:
        response.headers[REQUEST_ID] = g.request_id
        if write is not None:
            write(_answer_line(response))
        return response

    server.logger.addFilter(_without_path if write is None else _not_about_failures)
    if write is not None:

        def failed(_sender: Flask, exception: BaseException, **_more: object) -> None:
            write(_failure_line(exception))

        got_request_exception.connect(failed, server, weak=False)


def add_health(server: Flask, study: OpenStudy) -> None:
    """Answer `/health`: 200 while the study can be read, else 503; says nothing about what is in it."""

    @server.get(HEALTH)
    def health() -> Response:
        is_readable = _is_readable(study)
        answer = jsonify(
            status="ok" if is_readable else "failing",
            version=__version__,
            study="readable" if is_readable else "unreadable",
        )
        answer.status_code = 200 if is_readable else 503
        answer.headers["Cache-Control"] = "no-store"
        return answer


def writer(form: LogFormat) -> Write | None:
    """Make what writes lines to stderr, whole lines even if several processes share it."""
    if form == "off":
        return None
    shown = json.dumps if form == "json" else _as_text

    def write(line: dict[str, Any]) -> None:
        # one call with one line: what is shorter than a pipe's buffer is never torn
        os.write(sys.stderr.fileno(), (shown({"time": _now(), **line}) + "\n").encode())

    return write


def _is_readable(study: OpenStudy) -> bool:
    try:
        study.read()
    except (StudyError, OSError):
        return False
    return True


def _answer_line(response: Response) -> dict[str, Any]:
    return {
        "event": "answered",
        "request": g.request_id,
        "process": os.getpid(),
        "method": request.method,
        "route": _route(),
        "status": response.status_code,
        "bytes": response.content_length,
        "ms": round((time.perf_counter() - g.request_start_s) * 1000, 2),
    }


def _failure_line(exception: BaseException) -> dict[str, Any]:
    """Say what went wrong and where; not the message, which may name a file and so a patient."""
    frames = traceback.extract_tb(exception.__traceback__)
    return {
        "event": "failed",
        "request": g.get("request_id", ""),
        "process": os.getpid(),
        "route": _route(),
        "error": type(exception).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _route() -> str:
    return request.url_rule.rule if request.url_rule is not None else "unmatched"


def _without_path(record: logging.LogRecord) -> bool:
    """Put the route's template where Flask's own message about a failure has the path."""
    if _is_about_a_failure(record):
        record.msg, record.args = "Exception on %s [%s]", (_route(), request.method)
    return True


def _not_about_failures(record: logging.LogRecord) -> bool:
    """Leave out Flask's own message, for which there is a line of ours."""
    return not _is_about_a_failure(record)


def _is_about_a_failure(record: logging.LogRecord) -> bool:
    return record.exc_info is not None and str(record.msg).startswith("Exception on ")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _as_text(line: dict[str, Any]) -> str:
    return " ".join(
        str(value) if name in ("time", "event") else f"{name}={value}" for name, value in line.items()
    )
