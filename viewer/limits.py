"""Limits on what one process does at once: many requests make it slow for some, not dead for all."""

import threading
from collections.abc import Collection
from dataclasses import dataclass

from flask import Flask, Response, g, request

from viewer.preparation.executors import available_jobs

LARGEST_BODY_BYTES = 8 * 2**20
RETRY_S = 2
# What reads volumes and makes surfaces. Of the threads of `viewer.server` two are always left for the page
# and its callbacks. A browser asks for six things at once; what it no longer waits for is still being made
# beside the next six, so one visitor alone is not refused. As many at work as there are processors: of four
# surfaces the first is then drawn while the others are made, where else all would come together at the end.
HEAVY = ("/mesh/", "/labels/", "/image/", "/map/", "/export/", "/snapshot/", "/what-if/")
AT_WORK = max(2, min(4, available_jobs()))
IN_LINE = 14 - AT_WORK


class BusyError(RuntimeError):
    """Too much is under way; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets a few in, has a few more wait, and refuses the rest at once.

    Attributes:
        working: free places to work in.
        places: free places to work or to wait in.
        patience_s: longest wait.
    """

    working: threading.BoundedSemaphore
    places: threading.BoundedSemaphore
    patience_s: float

    @classmethod
    def of(cls, at_work: int, in_line: int, patience_s: float = 300.0) -> "Gate":
        """Make a gate with so many places."""
        return cls(
            threading.BoundedSemaphore(at_work), threading.BoundedSemaphore(at_work + in_line), patience_s
        )

    def enter(self) -> None:
        """Take a place; `leave` gives it back.

        Raises:
            BusyError: if even the line is full, or nobody left in time.
        """
        if not self.places.acquire(blocking=False):
            raise BusyError("The server is busy making surfaces and volumes; try again in a moment.")
        if not self.working.acquire(timeout=self.patience_s):
            self.places.release()
            raise BusyError(f"The server was busy for {self.patience_s:g} s; try again in a moment.")

    def leave(self) -> None:
        """Give the place back."""
        self.working.release()
        self.places.release()


def limit_work(server: Flask, gate: Gate | None = None, heavy: Collection[str] = HEAVY) -> None:
    """Let only so many heavy requests be answered at once; the others are told when to come again.

    Args:
        server: the application.
        gate: the places; by default those that fit `viewer.server.THREADS`.
        heavy: how the paths of heavy requests begin.
    """
    places = gate or Gate.of(AT_WORK, IN_LINE)

    @server.before_request
    def enter() -> Response | None:
        if not request.path.startswith(tuple(heavy)):
            return None
        try:
            places.enter()
        except BusyError as error:
            return _busy(error)
        g.place = places
        return None

    @server.teardown_request
    def leave(_error: BaseException | None) -> None:
        place = g.pop("place", None)
        if place is not None:
            place.leave()


def limit_bodies(server: Flask, largest_bytes: int = LARGEST_BODY_BYTES) -> None:
    """Refuse requests whose body is too large, before it is read."""
    server.config["MAX_CONTENT_LENGTH"] = largest_bytes

    @server.before_request
    def check_length() -> Response | None:
        if (request.content_length or 0) <= largest_bytes:
            return None
        return Response(
            f"The body has {request.content_length} bytes; at most {largest_bytes} are read.\n",
            413,
            mimetype="text/plain",
        )


def _busy(error: BusyError) -> Response:
    answer = Response(f"{error}\n", 503, mimetype="text/plain")
    answer.headers["Retry-After"] = str(RETRY_S)
    answer.headers["Cache-Control"] = "no-store"
    return answer
