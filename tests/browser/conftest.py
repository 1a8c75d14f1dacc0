"""A real browser on a served study: one Chromium and one synthetic study for all tests."""

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from waitress import create_server

from analysis.cohort.study import Method, Study, read_study, write_study
from analysis.synthetic.study import Recipe, write_synthetic_study
from benchmarks.chromium import NoChromiumError
from benchmarks.chromium import chromium as start_chromium
from meshing.warm import warm_up
from viewer.access import Access
from viewer.app import create_app
from viewer.preparation.executors import threads
from viewer.preparation.prepare import prepare_study

sys.path.insert(0, str(Path(__file__).parent))

SLOW_MACHINE_MS = 60_000

expect.set_options(timeout=SLOW_MACHINE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of all tests."""
    try:
        with start_chromium() as browser:
            yield browser
    except NoChromiumError as fault:
        pytest.skip(str(fault))


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Twelve synthetic patients on the small grid, prepared; all six cases are pinned."""
    folder = tmp_path_factory.mktemp("browser") / "study"
    for _ in write_synthetic_study(folder, Recipe(12, 1, "small", with_images=True), jobs=1):
        pass
    warm_up()  # else the first page would wait for the compiler
    found = read_study(folder)
    summary = prepare_study(found, threads(1))
    assert summary.failures == ()
    return found


@contextmanager
def serving(folder: Path, access: Access | None = None, state: Path | None = None) -> Iterator[str]:
    """Serve a study on a free port of this machine."""
    app = create_app(folder, state=state, access=access)
    server = create_server(app.server, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def address(study: Study) -> Iterator[str]:
    """Where the synthetic study is served."""
    with serving(study.folder) as url:
        yield url


@pytest.fixture(scope="session")
def five_methods(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same study without MRI and with two more methods, copies of the first two, not prepared again."""
    folder = tmp_path_factory.mktemp("five") / "study"
    shutil.copytree(study.folder, folder, ignore=shutil.ignore_patterns("cache"))
    copies = (
        Method("copy-of-baseline", "Baseline again", "predictions/baseline"),
        Method("copy-of-distmap", "DistMap again", "predictions/distmap"),
    )
    write_study(replace(read_study(folder), methods=(*study.methods, *copies), images=None))
    with serving(folder) as url:
        yield url


class Watched:
    """A page whose requests and complaints are kept."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.route("**/*", self._guard)
        page.on("console", lambda line: line.type == "error" and self.complaints.append(line.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _guard(self, route: Route) -> None:
        if route.request.url.startswith(("http://127.0.0.1:", "blob:", "data:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()


@pytest.fixture(scope="session")
def watched(chromium: Browser) -> Iterator[Watched]:
    """One page for all tests that do not need a fresh one."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    watched = Watched(context.new_page())
    yield watched
    context.close()


@pytest.fixture
def page(watched: Watched) -> Iterator[Page]:
    """The shared page; afterwards it must have asked nobody outside and complained of nothing."""
    watched.outside.clear()
    watched.complaints.clear()
    yield watched.page
    assert watched.outside == []
    assert watched.complaints == []


@pytest.fixture
def elsewhere(chromium: Browser) -> Iterator[Page]:
    """A page in a browser that has never been here."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
