"""A case in a real browser, from a click until it is drawn: `python benchmarks/page_case.py [--patients 4]`.

Serves a synthetic study without MRI to a Chromium that draws in software (Debian's, or the one that
GLIOSCOPE_CHROMIUM names) on 127.0.0.1, and prints how long a case takes that nobody has opened before (cold)
and one that was open already (warm), whether anything is drawn while nothing happens, how long the same
surfaces take as four Plotly Mesh3d figures in the same browser, and how long the page of a whole cohort takes
to open. Leaves with exit code 1 where a wish is missed. Times are of the wall: for an idle machine.
"""

import argparse
import functools
import http.server
import os
import platform
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import psutil
from load import served
from playwright.sync_api import Browser, Page
from plotly.offline import get_plotlyjs

from analysis.cohort.study import read_study
from analysis.synthetic.study import Recipe, write_synthetic_study
from benchmarks.chromium import NoChromiumError, chromium
from benchmarks.synthetic_tables import write_synthetic_tables
from meshing.memory import Memory
from meshing.recipes import DEFAULT
from viewer.case_volumes import case_volumes
from viewer.open_study import Reading, read
from viewer.preparation.executors import here
from viewer.preparation.prepare import prepare_study
from viewer.surfaces import label_surfaces

WARM_S, COLD_S, COHORT_S = 1.0, 3.0, 2.0
IDLE_S = 2.0
WARM_ROUNDS = 3
LOOK_S = 2.0
PATIENCE_MS = 300_000

_CLICK = """patient => new Promise(done => {
    const stage = document.getElementById("stage"), start = performance.now();
    const isDrawn = () => stage.dataset.case === patient && stage.dataset.state === "ready";
    const seconds = () => (performance.now() - start) / 1000;
    const look = () => requestAnimationFrame(() => isDrawn() ? done(seconds()) : look());
    document.querySelector(`#table [row-id="${patient}"] [col-id="patient"]`).click();
    look();
})"""
_OPENED = """() => {
    const plot = document.querySelector("#scatter .js-plotly-plot");
    return plot?._fullData?.length > 0 && document.querySelector("#table .ag-row .ag-cell") !== null
        && performance.now() / 1000;
}"""
_PLOTLY_PAGE = """<!DOCTYPE html><meta charset="utf-8"><script src="plotly.js"></script>
<style>body { display: flex; margin: 0 } div { width: 320px; height: 320px }</style>"""
_PLOTLY = """patient => new Promise(async done => {
    const start = performance.now();
    for (const old of document.querySelectorAll("div")) Plotly.purge(old), old.remove();
    await Promise.all([0, 1, 2, 3].map(async panel => {
        const figure = await (await fetch(`${patient}-${panel}.json`)).json();
        await Plotly.newPlot(document.body.appendChild(document.createElement("div")), figure);
    }));
    requestAnimationFrame(() => done((performance.now() - start) / 1000));
})"""


def page_of(browser: Browser) -> Page:
    """Open an empty page, as large as a small laptop's."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


@dataclass(frozen=True, slots=True)
class Drawn:
    """Cases that were drawn one after the other.

    Attributes:
        wall_s: from each click until the picture stood.
        cpu_s: of this program's descendants, browser and server, for one case.
    """

    wall_s: list[float]
    cpu_s: float


def drawn(page: Page, script: str, patients: Sequence[str], look_s: float = 0.0) -> Drawn:
    """Have a page draw cases by a script that gives the seconds each took; each is looked at for a while."""
    cpu_s = _cpu_s()
    wall_s = []
    for patient in patients:
        wall_s.append(page.evaluate(script, patient))
        page.wait_for_timeout(look_s * 1000)
    return Drawn(wall_s, (_cpu_s() - cpu_s) / len(wall_s))


def _cpu_s() -> float:
    return sum(sum(process.cpu_times()[:2]) for process in psutil.Process().children(recursive=True))


class Cases(NamedTuple):
    """Cases that were opened by clicks on their rows.

    Attributes:
        cold: opened first, one straight after the other.
        hurried: opened again, one straight after the other, while the page still works on the one before.
        warm: opened again, each looked at before the next.
        idle_frames: pictures drawn while nothing happened.
    """

    cold: Drawn
    hurried: Drawn
    warm: Drawn
    idle_frames: int


def cases_drawn(page: Page, address: str, patients: Sequence[str]) -> Cases:
    """Open cases by clicks on their rows."""
    first, *others = patients
    page.goto(f"{address}?patient={first}")
    page.wait_for_selector(f'#stage[data-case="{first}"][data-state="ready"]')
    page.wait_for_selector(f'#table [row-id="{others[-1]}"] [col-id="patient"]')
    cold, hurried = drawn(page, _CLICK, others), drawn(page, _CLICK, [*patients] * WARM_ROUNDS)
    warm = drawn(page, _CLICK, [*patients] * WARM_ROUNDS, LOOK_S)
    page.wait_for_timeout(1000)
    before = int(page.get_attribute("#stage", "data-frames") or 0)
    page.wait_for_timeout(IDLE_S * 1000)
    return Cases(cold, hurried, warm, int(page.get_attribute("#stage", "data-frames") or 0) - before)


def write_plotly(folder: Path, reading: Reading, patients: Sequence[str]) -> None:
    """Write the surfaces that our page draws as Plotly figures, a file a panel, packed as Plotly does."""
    (folder / "index.html").write_text(_PLOTLY_PAGE)
    (folder / "plotly.js").write_text(get_plotlyjs())
    for patient in patients:
        volumes = case_volumes(reading, patient, Memory(1))
        for panel, source in enumerate(reading.cohort.sources):
            label_map = volumes.on_grid(volumes.maps[source.name].labels)
            figure = go.Figure()
            for surface in label_surfaces(label_map, reading.study.scheme.labels, DEFAULT):
                mesh = surface.mesh
                corners = mesh.vertices.astype(np.float32) @ mesh.to_world[:3, :3].T + mesh.to_world[:3, 3]
                x, y, z = corners.astype(np.float32).T
                i, j, k = mesh.faces.astype(np.int32).T
                figure.add_mesh3d(x=x, y=y, z=z, i=i, j=j, k=k, color=surface.colour)
            figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, scene_aspectmode="data")
            (folder / f"{patient}-{panel}.json").write_text(figure.to_json())


@contextmanager
def files_of(folder: Path) -> Iterator[str]:
    """Serve files on a free port of this machine."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def plotly_drawn(browser: Browser, reading: Reading, patients: Sequence[str]) -> Drawn:
    """Draw cases as four Plotly figures each, the second time."""
    with tempfile.TemporaryDirectory() as name, files_of(Path(name)) as address:
        write_plotly(Path(name), reading, patients)
        page = page_of(browser)
        page.goto(address)
        drawn(page, _PLOTLY, patients)
        found = drawn(page, _PLOTLY, patients)
        page.close()
    return found


def cohort_opened(browser: Browser, folder: Path, patients: int) -> float:
    """Open the page of a cohort of synthetic tables anew; seconds until scatter and table stand."""
    write_synthetic_tables(folder, patients)
    with served(folder, 1) as (address, _):
        page_of(browser).goto(address)  # the server's first page
        page = page_of(browser)
        page.goto(address, wait_until="commit")
        found: float = page.wait_for_function(_OPENED, polling=20).json_value()
        page.close()
    return found


def synthetic(folder: Path, patients: int, grid: str) -> Reading:
    """Make and prepare a synthetic study without MRI."""
    for _ in write_synthetic_study(folder, Recipe(patients, 1, grid, with_images=False)):
        pass
    prepare_study(read_study(folder), here(1))
    return read(folder)


def measured(browser: Browser, scratch: Path, asked: argparse.Namespace) -> Iterator[tuple[str, bool]]:
    """Measure one thing after the other; says each and whether it is as wished."""
    reading = synthetic(scratch / "study", asked.patients, asked.grid)
    patients = list(reading.patients)
    with served(scratch / "study", 1) as (address, _):
        cold, hurried, warm, pictures = cases_drawn(page_of(browser), address, patients)
    usual_s = statistics.median(hurried.wall_s)
    yield _line("cold case, click to drawn", cold, COLD_S), max(cold.wall_s) < COLD_S
    looked = f"warm case, click to drawn, {LOOK_S:g} s after the one before"
    yield _line(looked, warm, WARM_S), statistics.median(warm.wall_s) < WARM_S
    yield _line("warm case, clicked the moment the one before is drawn", hurried, WARM_S), usual_s < WARM_S
    yield f"pictures drawn in {IDLE_S:g} s while nothing happens: {pictures} (wanted: 0)", pictures == 0
    plotly = plotly_drawn(browser, reading, patients)
    wall, cpu = statistics.median(plotly.wall_s) / usual_s, plotly.cpu_s / hurried.cpu_s
    yield _line("the same as four Plotly Mesh3d figures, files at hand", plotly, None), True
    yield f"Plotly takes {wall:.1f} times as long as a warm case here, and {cpu:.1f} times the CPU time", True
    for count in asked.cohorts:
        took_s = cohort_opened(browser, scratch / f"tables-{count}", count)
        wish = f" (wanted: below {COHORT_S:g} s)" if count <= 1196 else ""
        yield f"page of {count} patients opens in {took_s:.2f} s{wish}", took_s < COHORT_S or not wish


def _line(title: str, found: Drawn, most_s: float | None) -> str:
    wish = "" if most_s is None else f" (wanted: below {most_s:g} s)"
    least, usual, most = (f"{of(found.wall_s):.2f}" for of in (min, statistics.median, max))
    return (
        f"{title}: {usual} s ({least} to {most}), n = {len(found.wall_s)}, "
        f"{found.cpu_s:.2f} s of CPU of browser and server{wish}"
    )


def main() -> None:
    """Do what is asked for."""
    numbers = lambda text: [int(one) for one in text.split(",")]  # noqa: E731 - argparse wants a function here
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patients", type=int, default=4, help="cases that are opened, at least 2")
    parser.add_argument("--grid", choices=("small", "full"), default="full")
    parser.add_argument("--cohorts", type=numbers, default=[1196, 100_000], help="sizes, with commas")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} processors, load before {load:.1f}, grid {asked.grid}")
    missed = 0
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        for sentence, is_met in measured(browser, Path(scratch), asked):
            print(sentence if is_met else f"{sentence}   MISSED", flush=True)
            missed += not is_met
    sys.exit(bool(missed))


if __name__ == "__main__":
    try:
        main()
    except NoChromiumError as fault:
        sys.exit(str(fault))
