"""A Dask cluster gives the bytes of one process, also when a worker dies."""

import os
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import distributed
import pytest

from tests.cohort_on_disk import CohortOnDisk
from viewer.command_line import run
from viewer.preparation import executors, shared_folder
from viewer.preparation.executors import Place

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]


@pytest.fixture
def study(cohort: CohortOnDisk, tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    assert run(cohort.study_arguments(folder)) == 0
    return folder


def _results(study: Path) -> dict[str, bytes]:
    folders = (study / "results", study / "consensus")
    return {path.name: path.read_bytes() for folder in folders for path in sorted(folder.iterdir())}


def _expected(study: Path) -> dict[str, bytes]:
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    results = _results(study)
    for name in ("results", "cache", "consensus"):
        shutil.rmtree(study / name)
    return results


def test_workers_started_for_the_occasion_give_the_same_bytes(study: Path) -> None:
    expected = _expected(study)
    assert run(["prepare", str(study), "--cluster=local:2"]) == 0
    assert _results(study) == expected


def test_a_scheduler_at_an_address_gives_the_same_bytes_though_a_worker_dies(study: Path) -> None:
    expected = _expected(study)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        killer = threading.Thread(target=_kill_one_at_work, args=(cluster, study))
        killer.start()
        assert run(["prepare", str(study), f"--cluster={cluster.scheduler_address}"]) == 0
        killer.join()
    assert _results(study) == expected


def _kill_one_at_work(cluster: distributed.LocalCluster, study: Path) -> None:
    while not (study / "cache").exists():
        time.sleep(0.01)
    os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)


def test_a_scheduler_that_is_not_there_is_one_sentence(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["prepare", str(study), "--cluster=tcp://127.0.0.1:1"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("glioscope: --cluster tcp://127.0.0.1:1: no Dask scheduler answers there (")


@pytest.mark.parametrize("address", ["local:", "local:0", "local:x", "local:-1"])
def test_a_local_cluster_needs_a_number(
    study: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["prepare", str(study), f"--cluster={address}"]) == 2
    assert capsys.readouterr().err == f"glioscope: --cluster {address}: write local:N with N workers\n"


def test_workers_that_do_not_see_the_folder_of_the_parts_are_one_sentence(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # a worker elsewhere has another disk under the same name; in this process it is made blind
    elsewhere = Place("elsewhere", 2, lambda: ThreadPoolExecutor(2), is_remote=True)
    monkeypatch.setattr(executors, "chosen", lambda *_: nullcontext(elsewhere))
    monkeypatch.setattr(shared_folder, "sees", lambda _: False)
    capsys.readouterr()
    assert run(["prepare", str(study), "--cluster=tcp://elsewhere:1"]) == 2
    assert capsys.readouterr().err == (
        f"glioscope: {study / 'cache'} is not the same folder for every worker of the cluster: "
        "put it, or what --state names, on a disk that all its machines share\n"
    )
    assert not list((study / "cache").glob("seen-*"))


def test_workers_look_for_the_very_folder_and_leave_nothing_in_it(study: Path) -> None:
    (study / "cache").mkdir()
    with executors.chosen(0, "local:2") as place:
        shared_folder.require_shared(study / "cache", place)
        with pytest.raises(FileNotFoundError):
            shared_folder.require_shared(study / "nowhere", place)
    assert not list((study / "cache").iterdir())


def test_a_remote_study_on_a_cluster_asks_for_a_state_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prepare", "memory://lab/study", "--cluster=local:2"]) == 2
    sentence = "memory://lab/study is remote: say with --state DIR where notes and derived files go"
    assert capsys.readouterr().err == f"glioscope: {sentence}\n"
