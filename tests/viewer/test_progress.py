import io
import sys

import pytest

from viewer.preparation.progress import line, lines, shown


class Clock:
    """Ten seconds a look."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        self.now_s += 10.0
        return self.now_s - 10.0


def test_in_a_log_a_line_a_minute_says_count_rate_and_time_left(capsys):
    assert list(lines(iter(range(13)), 13, "prepare", Clock())) == list(range(13))
    assert capsys.readouterr().err.splitlines() == [
        "prepare: 6 of 13 patients, 0.1 a second, about 70 s left",
        "prepare: 12 of 13 patients, 0.1 a second, about 10 s left",
    ]


@pytest.mark.parametrize(
    ("done", "elapsed_s", "text"),
    [
        (240, 80.0, "prepare: 240 of 1196 patients, 3 a second, about 5 min left"),
        (1196, 400.0, "prepare: 1196 of 1196 patients, 3 a second, about 0 s left"),
        (1, 60.0, "prepare: 1 of 1196 patients, 0.017 a second, about 1195 min left"),
    ],
)
def test_the_time_left_is_what_the_rate_so_far_promises(done, elapsed_s, text):
    assert line("prepare", done, 1196, elapsed_s) == text


def test_of_the_last_step_nothing_is_said_for_the_summary_follows(capsys):
    assert list(lines(iter(range(6)), 6, "prepare", Clock())) == list(range(6))
    assert list(lines(iter("a"), 1, "compile", iter((0.0, 90.0)).__next__)) == ["a"]
    assert capsys.readouterr().err == ""


def test_what_is_quick_says_nothing_in_a_log(capsys):
    assert list(shown(iter("abc"), 3, "prepare")) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_a_bar_and_no_lines(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("viewer.preparation.progress._QUIET_S", 0.0)
    list(shown(iter("abc"), 3, "prepare"))
    assert "prepare" in terminal.getvalue()
    assert "a second" not in terminal.getvalue()
