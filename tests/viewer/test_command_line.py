"""The command loads one subcommand, prints one sentence when it can't begin, and says how it ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from viewer import command_line
from viewer.command_line import run


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("glioscope 0.")


def test_run_as_a_module_it_is_the_same_command() -> None:
    program = [sys.executable, "-m", "viewer.command_line", "check", "nowhere"]
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 2
    assert done.stderr.startswith("glioscope: nowhere is no study")


def test_help_names_every_command_in_the_order_of_a_first_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    places = [out.index(f"\n  {name} ") for name in ("init", "check", "add", "prepare", "doctor")]
    assert places == sorted(places)
    assert command_line.NOT_CLINICAL in " ".join(out.split())


def test_no_line_of_the_help_is_cut_at_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines[lines.index("Commands:") :] if line.endswith("...")]


def test_an_unknown_command_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["perpare"]) == 2
    assert "Error: No such command 'perpare'." in capsys.readouterr().err


def test_a_missing_argument_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prepare"]) == 2
    assert "Error: Missing argument 'STUDY'." in capsys.readouterr().err


def test_init_loads_neither_the_page_nor_the_kernels(tmp_path: Path) -> None:
    code = (
        "import sys; from viewer.command_line import run; run(['init', sys.argv[1]]);"
        "print([name for name in ('dash', 'numba', 'torch', 'vtk', 'plotly') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "[]\n"
    assert done.stderr == (
        "glioscope: init needs either --reference with the ground truth, or --published with tables\n"
    )
