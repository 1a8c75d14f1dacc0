import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest
from studies import write_volumes

from viewer import server
from viewer.command_line import run
from viewer.server import address, is_loopback, listen


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]"])
def test_this_machine_is_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "lab.example", ""])  # noqa: S104 - asked about, not bound
def test_others_are_not(host):
    assert not is_loopback(host)


def test_a_free_port_is_taken_and_named():
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert address(listening) == f"http://127.0.0.1:{port}/"


def test_a_taken_port_is_said_in_one_sentence(tmp_path, capsys):
    write_volumes(tmp_path / "study")
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert run(["serve", str(tmp_path / "study"), "--port", str(port)]) == 2
    assert f"can't listen on 127.0.0.1 port {port}" in capsys.readouterr().err


def test_others_are_let_in_only_by_name(tmp_path, capsys):
    write_volumes(tmp_path / "study")
    assert run(["serve", str(tmp_path / "study"), "--host", "0.0.0.0"]) == 2  # noqa: S104 - refused
    assert "--allow-host" in capsys.readouterr().err


def test_a_folder_without_a_study_can_not_be_served(tmp_path, capsys):
    assert run(["serve", str(tmp_path), "--port", "0"]) == 2
    assert "is no study" in capsys.readouterr().err


def test_a_server_turns_the_tables_for_the_charts_before_somebody_asks(boxes, tmp_path, monkeypatch):
    monkeypatch.setattr(server, "warm_up", lambda: None)
    server.get_ready(server.Serving(boxes.folder, state=tmp_path))
    assert list(tmp_path.glob("cache/served/columns/*.npy"))


def test_a_damaged_table_does_not_keep_a_server_from_starting(boxes, tmp_path, monkeypatch):
    called = []
    monkeypatch.setattr(server, "warm_up", lambda: called.append(1))
    study = tmp_path / "study"
    shutil.copytree(boxes.folder, study)
    (study / "results" / "metrics.parquet").write_bytes(b"no table")
    server.get_ready(server.Serving(study))
    assert called


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_served_study_answers_until_it_is_told_to_stop(tmp_path, workers):
    study = write_volumes(tmp_path / "study")
    command = [
        sys.executable,
        "-c",
        "from viewer.command_line import main; main()",
        "serve",
        str(study.folder),
    ]
    with subprocess.Popen(
        [*command, "--port", "0", "--workers", str(workers)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as server:
        try:
            url = server.stdout.readline().strip()
            page = answered(url)
            assert b"glioscope" in page
            assert answered(f"{url}labels/P-00001-000/reference.u8") == answered(
                f"{url}labels/P-00001-000/reference.u8"
            )
        finally:
            server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0


@pytest.mark.slow
def test_the_workers_of_a_killed_server_end_with_it(tmp_path):
    study = write_volumes(tmp_path / "study")
    command = [sys.executable, "-c", "from viewer.command_line import main; main()", "serve"]
    with subprocess.Popen(
        [*command, str(study.folder), "--port=0", "--workers=2"], stdout=subprocess.PIPE, text=True
    ) as server:
        answered(server.stdout.readline().strip())
        workers = psutil.Process(server.pid).children(recursive=True)
        server.kill()
        assert len(workers) >= 2
        assert psutil.wait_procs(workers, timeout=30)[1] == []


def answered(url):
    """Ask until the server accepts: with several workers each needs a moment to start."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - this machine's own server
                return answer.read()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")
