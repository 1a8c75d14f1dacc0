"""Lets the viewer's tests import the hand-made cohorts beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from prepared import prepared_study

from analysis.cohort.study import Study


@pytest.fixture(scope="session")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The prepared study of boxes; tests leave it as it is."""
    return prepared_study(tmp_path_factory.mktemp("boxes") / "study")
