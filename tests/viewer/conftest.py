"""Lets the viewer's tests import the hand-made cohorts beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prepared import prepared_study
from studies import write_volumes

from analysis.cohort.study import Study
from viewer.export_routes import add_export_routes
from viewer.open_study import OpenStudy


@pytest.fixture(scope="session")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The prepared study of boxes; tests leave it as it is."""
    return prepared_study(tmp_path_factory.mktemp("boxes") / "study")


@pytest.fixture
def volumes(tmp_path: Path) -> OpenStudy:
    """A study of label maps and one MRI, written anew for each test."""
    write_volumes(tmp_path / "study")
    return OpenStudy(tmp_path / "study")


@pytest.fixture
def exports(volumes: OpenStudy) -> FlaskClient:
    """Asks for the exports of `volumes`."""
    server = Flask("test")
    add_export_routes(server, volumes)
    return server.test_client()
