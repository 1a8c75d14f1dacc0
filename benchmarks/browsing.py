"""A simulated browser: one connection, Dash's protocol, the addresses that the page names; loopback only."""

import gzip
import http.client
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

_PIECE = re.compile(r'(?:src|href)="(/[^"]+)"')
_ADDRESS = re.compile(r"^/(mesh|labels|image|thumbnail|what-if)/")
_MOST_TRIES = 8
Props = dict[str, dict[str, Any]]


class Tally:
    """What was asked and how it went, by route.

    Attributes:
        seconds: of each answer.
        calls: seconds of each callback's answers, by the first thing it writes.
        cases: seconds from each change of case until its last answer was there.
        waits: how often a busy server asked to come again later.
        errors: answers other than 200, 204 and 304, and broken connections.
        received_bytes: all bodies together.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.calls: dict[str, list[float]] = defaultdict(list)
        self.cases: list[float] = []
        self.waits = 0
        self.errors: list[str] = []
        self.received_bytes = 0

    def add(self, other: "Tally") -> None:
        """Take another browser's in."""
        for route, seconds in other.seconds.items():
            self.seconds[route] += seconds
        for output, seconds in other.calls.items():
            self.calls[output] += seconds
        self.cases += other.cases
        self.waits += other.waits
        self.errors += other.errors
        self.received_bytes += other.received_bytes


class Browser:
    """A person at the page, who opens cases one after the other.

    Args:
        address: of the server, on this machine.
        seed: of what the person chooses.
    """

    def __init__(self, address: str, seed: int) -> None:
        place = urlsplit(address)
        if place.hostname != "127.0.0.1":
            raise ValueError(f"only 127.0.0.1 is asked anything, not {place.hostname}")
        self.tally = Tally()
        self._connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=120)
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._tags: dict[str, str] = {}
        self._props: Props = {}
        self._callbacks: list[dict[str, Any]] = []

    def open_page(self) -> list[str]:
        """Load the page, its scripts and its first case.

        Returns:
            The patients that its table lists.
        """
        page = self._get("/", "/").decode()
        for address in dict.fromkeys(_PIECE.findall(page)):
            self._get(address, "scripts, styles")
        self._props = dict(_components(self._json("/_dash-layout")))
        self._callbacks = [one for one in self._json("/_dash-dependencies") if not one["clientside_function"]]
        self.go("")
        return sorted({str(row["patient"]) for row in _rows(self._props) if "patient" in row})

    def open_case(self, patients: list[str]) -> None:
        """Click on one of some patients: callbacks, then the bytes that they name, one after the other.

        A browser asks for up to six things at once, so it waits no longer than this.
        """
        start = time.perf_counter()
        self.go(f"?patient={self.chance.choice(patients)}")
        self.tally.cases.append(time.perf_counter() - start)

    def go(self, search: str) -> None:
        """Follow an address of the page."""
        self._change({("address", "search"): search})
        for address in sorted(set(_addresses(self._props.get("stage", {})))):
            self._get(address, f"/{address.split('/')[1]}/")

    def fetch_meshes(self) -> None:
        """Fetch every mesh of the open case, as if for the first time."""
        for address in sorted(set(_addresses(self._props.get("stage", {})))):
            if address.startswith("/mesh/"):
                self._tags.pop(address, None)
                self._get(address, "/mesh/")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _change(self, values: dict[tuple[str, str], Any]) -> None:
        """Set properties and call who listens to them, until nothing changes any more."""
        changed = set(values)
        for (component, name), value in values.items():
            self._props.setdefault(component, {})[name] = value
        while changed:
            due = [one for one in self._callbacks if changed & {_key(source) for source in one["inputs"]}]
            changed = set()
            for callback in due:
                changed |= self._call(callback)

    def _call(self, callback: dict[str, Any]) -> set[tuple[str, str]]:
        body = {
            "output": callback["output"],
            "outputs": _outputs(callback["output"]),
            "inputs": [self._valued(source) for source in callback["inputs"]],
            "state": [self._valued(source) for source in callback["state"]],
            "changedPropIds": [f"{source['id']}.{source['property']}" for source in callback["inputs"]],
        }
        start = time.perf_counter()
        answer = self._ask("POST", "/_dash-update-component", "callbacks", json.dumps(body).encode())
        first = callback["output"].strip(".").split("...")[0]
        self.tally.calls[first].append(time.perf_counter() - start)
        found: dict[str, dict[str, Any]] = json.loads(answer)["response"] if answer else {}
        changed = set()
        for component, props in found.items():
            self._props.setdefault(component, {}).update(props)
            changed |= {(component, name) for name in props}
        return changed

    def _valued(self, source: dict[str, Any]) -> dict[str, Any]:
        return {**source, "value": self._props.get(source["id"], {}).get(source["property"])}

    def _json(self, address: str) -> Any:  # noqa: ANN401 - whatever Dash answers
        return json.loads(self._get(address, "layout"))

    def _get(self, address: str, route: str) -> bytes:
        return self._ask("GET", address, route, None)

    def _ask(self, method: str, address: str, route: str, body: bytes | None) -> bytes:
        """Ask as a browser does: a busy server is asked again when it says so."""
        for _ in range(_MOST_TRIES):
            status, headers, content = self._once(method, address, route, body)
            if status != http.HTTPStatus.SERVICE_UNAVAILABLE:
                break
            self.tally.waits += 1
            time.sleep(float(headers.get("retry-after", "1")))
        if status not in (http.HTTPStatus.OK, http.HTTPStatus.NO_CONTENT, http.HTTPStatus.NOT_MODIFIED):
            self.tally.errors.append(f"{method} {address}: {status} {content[:200]!r}")
            return b""
        if "etag" in headers:
            self._tags[address] = headers["etag"]
        packed = headers.get("content-encoding") == "gzip" and method == "POST"
        return gzip.decompress(content) if packed else content

    def _once(
        self, method: str, address: str, route: str, body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        headers = {"Accept-Encoding": "gzip" if _ADDRESS.match(address) else "identity"}
        if address in self._tags:
            headers["If-None-Match"] = self._tags[address]
        if body is not None:
            headers["Content-Type"] = "application/json"
        start = time.perf_counter()
        try:
            self._connection.request(method, address, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (http.client.HTTPException, OSError) as error:
            self._connection.close()
            return 599, {}, str(error).encode()
        self.tally.seconds[route].append(time.perf_counter() - start)
        self.tally.received_bytes += len(content)
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def _components(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - a layout is any JSON
    """Every component of a layout that has an id, with its properties."""
    if isinstance(node, list):
        for one in node:
            yield from _components(one)
    elif isinstance(node, dict) and "props" in node:
        props = node["props"]
        if isinstance(props.get("id"), str):
            yield props["id"], {name: value for name, value in props.items() if name != "children"}
        yield from _components(props.get("children"))


def _key(source: dict[str, Any]) -> tuple[str, str]:
    return str(source["id"]), str(source["property"])


def _outputs(text: str) -> list[dict[str, str]] | dict[str, str]:
    """Read Dash's name of a callback's outputs: `a.x`, or `..a.x...b.y..`."""
    names = text.removeprefix("..").removesuffix("..").split("...")
    found = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    found = [{**one, "property": one["property"].split("@")[0]} for one in found]
    return found if text.startswith("..") else found[0]


def _addresses(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Every address of bytes in a component's properties, as the component would fetch them."""
    if isinstance(value, dict):
        for one in value.values():
            yield from _addresses(one)
    elif isinstance(value, list):
        for one in value:
            yield from _addresses(one)
    elif isinstance(value, str) and _ADDRESS.match(value):
        yield value


def _rows(props: Props) -> Iterator[dict[str, Any]]:
    for component in props.values():
        rows = component.get("rowData")
        yield from (row for row in rows or [] if isinstance(row, dict))
