import threading

import pytest
from flask import Flask

from viewer.limits import AT_WORK, IN_LINE, BusyError, Gate, limit_bodies, limit_work
from viewer.server import THREADS


class Slow:
    """A server whose heavy requests end when they are told to."""

    def __init__(self, gate: Gate) -> None:
        self.started, self.end = threading.Semaphore(0), threading.Event()
        self.server = Flask("test")
        self.server.add_url_rule("/mesh/x", view_func=self._heavy)
        self.server.add_url_rule("/light", view_func=lambda: "light")
        limit_work(self.server, gate)
        self.threads: list[threading.Thread] = []
        self.statuses: list[int] = []

    def _heavy(self) -> str:
        self.started.release()
        assert self.end.wait(10)
        return "heavy"

    def ask(self) -> None:
        thread = threading.Thread(target=lambda: self.statuses.append(self.get().status_code))
        thread.start()
        self.threads.append(thread)

    def get(self, path: str = "/mesh/x"):
        return self.server.test_client().get(path)

    def finish(self) -> None:
        self.end.set()
        for thread in self.threads:
            thread.join(10)


def wait_in_line(gate: Gate, places_left: int) -> None:
    """Wait until a request stands in line; the semaphore's own count says so."""
    for _ in range(10_000):
        if gate.places._value == places_left:
            return
        threading.Event().wait(0.001)
    raise AssertionError("nobody got in line")


def test_who_finds_the_line_full_is_told_when_to_come_again():
    gate = Gate.of(1, 1)
    slow = Slow(gate)
    slow.ask()
    assert slow.started.acquire(timeout=10)
    slow.ask()
    wait_in_line(gate, 0)
    answer = slow.get()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.text == "The server is busy making surfaces and volumes; try again in a moment.\n"
    assert slow.get("/light").status_code == 200
    slow.finish()
    assert slow.statuses == [200, 200]
    assert slow.get().status_code == 200


def test_who_waits_too_long_is_told_so():
    gate = Gate.of(1, 1, patience_s=0.01)
    gate.enter()
    with pytest.raises(BusyError, match=r"busy for 0\.01 s"):
        gate.enter()
    gate.leave()
    gate.enter()


def test_a_heavy_request_that_fails_gives_its_place_back():
    server = Flask("test")

    def fail() -> str:
        raise ValueError("no surface")

    server.add_url_rule("/mesh/x", view_func=fail)
    limit_work(server, Gate.of(1, 0))
    client = server.test_client()
    assert [client.get("/mesh/x").status_code for _ in range(3)] == [500, 500, 500]
    assert client.get("/mesh/absent").status_code == 404


def test_one_visitor_who_changes_the_case_at_once_is_not_refused():
    gate = Gate.of(AT_WORK, IN_LINE)
    slow = Slow(gate)
    for _ in range(12):  # what a browser asks of one host at once, and again for the next case
        slow.ask()
    wait_in_line(gate, 2)
    slow.finish()
    assert slow.statuses == [200] * 12


def test_threads_are_left_for_the_page_when_the_line_is_full():
    assert THREADS - (AT_WORK + IN_LINE) >= 2


def test_a_body_too_large_is_refused_in_one_sentence():
    server = Flask("test")
    server.add_url_rule("/", view_func=lambda: "read", methods=["POST"])
    limit_bodies(server, 100)
    client = server.test_client()
    assert client.post("/", data=b"x" * 100).text == "read"
    answer = client.post("/", data=b"x" * 101)
    assert answer.status_code == 413
    assert answer.text == "The body has 101 bytes; at most 100 are read.\n"


def test_who_waited_in_vain_gives_the_place_in_line_back():
    gate = Gate.of(1, 1, patience_s=0.01)
    gate.enter()
    for _ in range(3):  # more often than the line has places
        with pytest.raises(BusyError, match=r"was busy for 0\.01 s"):
            gate.enter()
    gate.leave()
    gate.enter()
