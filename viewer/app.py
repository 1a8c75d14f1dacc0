"""The web application of one study. A factory: two processes that call it give the same page."""

from collections.abc import Collection
from pathlib import Path

from dash.development.base_component import Component
from flask import Flask

from analysis.cohort.places import place
from viewer import __version__
from viewer.access import Access, require_token
from viewer.cohort_columns import ColumnStore
from viewer.cohort_trial_routes import add_cohort_trials
from viewer.cohort_trial_wiring import wire_cohort_trials
from viewer.content_cache import DEFAULT_CACHE_MB
from viewer.export_routes import add_export_routes
from viewer.limits import limit_bodies, limit_work
from viewer.markup_component import folded
from viewer.notes_routes import add_notes
from viewer.notes_wiring import notes_of, wire_notes
from viewer.observing import Write, add_health, observe
from viewer.open_study import OpenStudy, Reading
from viewer.page import page
from viewer.page_files import Page
from viewer.precompressed import precompress
from viewer.refusals import refuse_rubbish
from viewer.routes import add_routes
from viewer.same_origin import refuse_cross_site
from viewer.security import LOCAL_NAMES, content_security_policy, secure
from viewer.static_files import missing_files
from viewer.what_if import WhatIfs
from viewer.wiring import wire


class FrontEndMissingError(RuntimeError):
    """The bundled scripts are not there: the package was not installed."""


def create_app(
    study_path: Path | str,
    *,
    state: Path | None = None,
    allowed_hosts: Collection[str] | None = LOCAL_NAMES,
    access: Access | None = None,
    cache_mb: int = DEFAULT_CACHE_MB,
    log: Write | None = None,
) -> Page:
    """Build the application that serves a study.

    Args:
        study_path: the study's folder.
        state: where derived files and notes go; the study's own folder by default.
        allowed_hosts: host names the server answers to; None answers to any.
        access: the token that every visitor must show; None asks for none.
        cache_mb: how much of a disk derived files may take, in millions of bytes.
        log: takes a line about each answer; None writes nothing.

    Raises:
        StudyError: if the folder is no study.
        FrontEndMissingError: if the scripts have not been built.
    """
    _require_front_end()
    study = OpenStudy(place(study_path), state, cache_mb=cache_mb)
    server = Flask("viewer")
    observe(server, log)  # before Dash asks to be called first
    app = Page(
        server,
        f"{study.read().cohort.name} · glioscope",
        [
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "generator", "content": f"glioscope {__version__}"},
        ],
    )
    whatifs, notes = WhatIfs(), notes_of(study)
    columns = ColumnStore(study.cache.folder / "columns")
    app.layout = lambda: _layout(study.read())
    wire(app, study, whatifs)
    wire_notes(app, study, notes)
    wire_cohort_trials(app, study, columns)
    add_routes(app.server, study, whatifs)
    add_notes(app.server, study, notes)
    add_cohort_trials(app.server, study, columns)
    add_health(app.server, study)
    add_export_routes(app.server, study)
    precompress(app.server, study.cache)
    _guard(app, allowed_hosts, access)
    return app


def _layout(reading: Reading) -> Component:
    return folded(page(reading.cohort, reading.study))


def _guard(app: Page, allowed_hosts: Collection[str] | None, access: Access | None) -> None:
    """Check each request: by which name it comes, how long it is, who sends it, what it costs."""
    secure(app.server, content_security_policy(app.csp_hashes()), allowed_hosts)
    refuse_cross_site(app.server)
    limit_bodies(app.server)
    if access is not None:
        require_token(app.server, access)
    refuse_rubbish(app)
    limit_work(app.server)


def _require_front_end() -> None:
    missing = missing_files()
    if missing:
        raise FrontEndMissingError(
            f"the front end is not built, it lacks {missing[0]}; run: pip install -e ."
        )
