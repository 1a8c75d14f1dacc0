"""A study of another user: served with a state folder of one's own, read and never written."""

import importlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.cohort.study import Study
from viewer.app import create_app
from viewer.command_line import run

NOBODY = 65534
PATIENT, OTHER = "P-00001-000", "P-00002-000"
CLOSED = f"predictions/baseline/{OTHER}.nii.gz"
ADDRESSES = (
    "/",
    "/_dash-layout",
    "/health",
    "/cohort/patients.csv",
    "/cohort/components.bin",
    f"/mesh/{PATIENT}/distmap/voxel.packed",
    f"/labels/{PATIENT}/baseline.u8",
    f"/case/{PATIENT}.json",
    f"/labels/{OTHER}/baseline.u8",
)
NOTE = {"patient": PATIENT, "text": "read only", "author": "nobody"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user"),
]


def as_nobody(act: Callable[[Path, Path], None], study: Path, state: Path) -> int | None:
    """Do something in a process of another user, who owns only the state folder; gives its exit code."""

    def child() -> None:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        act(study, state)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(240)
    return process.exitcode


def serve_and_ask(study: Path, state: Path) -> None:
    client = create_app(study, state=state).server.test_client()
    answers = {address: client.get(address) for address in ADDRESSES}
    answers["note"] = client.post("/notes/add", json=NOTE)
    found = {
        name: [one.status_code, one.text if one.status_code != 200 else ""] for name, one in answers.items()
    }
    (state / "answers.json").write_text(json.dumps(found))


def serve_without_state(study: Path, _state: Path) -> None:
    os._exit(run(["serve", str(study), "--port=0"]))


@pytest.fixture
def study(boxes: Study, tmp_path: Path) -> Path:
    """A copy that everybody may read but for one file, and only root may write."""
    folder = tmp_path / "study"
    shutil.copytree(boxes.folder, folder)
    shutil.rmtree(folder / "cache")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / CLOSED).chmod(0o600)
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o055)
    return folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    return folder


def content_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_a_read_only_study_is_served_with_a_state_folder_and_left_as_it_is(
    study: Path, state: Path, tmp_path: Path
) -> None:
    # rehearsed here first: the other user may not be able to read Python's own files, so all are imported
    shutil.copytree(study, tmp_path / "rehearsal")
    serve_and_ask(tmp_path / "rehearsal", tmp_path)
    before = content_of(study)
    assert as_nobody(serve_and_ask, study, state) == 0
    found = json.loads((state / "answers.json").read_text())
    refused = found.pop(ADDRESSES[-1])
    assert {status for status, _ in found.values()} == {200}, found
    assert refused == [403, f"This server may not open {study / CLOSED}.\n"]
    assert content_of(study) == before
    assert list(state.rglob("*.gz"))
    assert list(state.rglob("notes.sqlite"))


def test_a_read_only_study_is_not_served_without_a_state_folder(
    study: Path, state: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    importlib.import_module("viewer.server")  # see above
    assert as_nobody(serve_without_state, study, state) == 2
    err = capfd.readouterr().err
    assert (
        err
        == f"glioscope: {study} may not be written: say with --state DIR where notes and derived files go\n"
    )
