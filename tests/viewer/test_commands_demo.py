import signal
import subprocess
import sys
import urllib.request

import pytest

from viewer.command_line import run

PROGRAM = [sys.executable, "-c", "from viewer.command_line import main; main()"]


def demo_page(folder):
    """Start the demo, take its page and its words, stop it as Ctrl-C does."""
    command = [*PROGRAM, "demo", str(folder), "--patients", "1", "--port", "0", "--jobs", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        try:
            url = demo.stdout.readline().strip()
            with urllib.request.urlopen(f"{url}_dash-layout", timeout=60) as answer:  # noqa: S310 - its own server
                page = answer.read().decode()
        finally:
            demo.send_signal(signal.SIGINT)
        words = demo.stderr.read()
        assert demo.wait(timeout=30) == 0
    return page, words


@pytest.mark.slow
def test_the_demo_makes_a_study_once_and_serves_it(tmp_path):
    folder = tmp_path / "demo"
    page, words = demo_page(folder)
    assert "Synthetic" in page
    assert [line[:6] for line in words.splitlines() if " of 3" in line] == ["1 of 3", "2 of 3", "3 of 3"]
    assert "1 patient: 1 computed" in words
    before = {path: path.stat().st_mtime_ns for path in (folder / "ground_truth").iterdir()}
    _, again = demo_page(folder)
    assert "0 computed" in again
    assert {path: path.stat().st_mtime_ns for path in (folder / "ground_truth").iterdir()} == before


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("do not touch")
    assert run(["demo", str(tmp_path)]) == 2
    assert "choose another folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
