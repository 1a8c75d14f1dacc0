"""Fixtures for every package's tests."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.cohort_on_disk import CohortOnDisk, write_cohort

# the extra `cluster` is not part of the extra `test`
collect_ignore = [] if find_spec("distributed") else ["viewer/test_preparation_cluster.py"]

settings.register_profile(
    "glioscope",
    deadline=None,
    max_examples=50,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("glioscope")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real scans and published tables, named by GLIOSCOPE_TEST_DATA."""
    name = os.environ.get("GLIOSCOPE_TEST_DATA")
    if not name:
        pytest.skip("GLIOSCOPE_TEST_DATA is not set: tests on real scans and published tables are skipped")
    folder = Path(name)
    assert folder.is_dir(), f"GLIOSCOPE_TEST_DATA names {folder}, which is not a folder"
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Turn a skip into a failure where the real data is there: nothing may hide behind it."""
    report = yield
    if report.skipped and os.environ.get("GLIOSCOPE_TEST_DATA") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although GLIOSCOPE_TEST_DATA is set: {report.longrepr}"
    return report


@pytest.fixture
def cohort(tmp_path: Path) -> CohortOnDisk:
    """The small cohort, written anew for each test."""
    return write_cohort(tmp_path / "cohort")
