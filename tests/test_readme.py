"""The README is a promise: its table and its commands are those of the code."""

import re
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path

from analysis.empty_masks import EMPTY_VALUES
from analysis.metric_definitions import readme_rows
from viewer import command_line

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def cell(metric: str, value: float | None) -> str:
    if value is None:
        return "protocol" if metric.startswith("lesion") else "formula"
    return "NaN" if value != value else f"{value:g}"  # noqa: PLR0124 - only NaN differs from itself


def test_the_readme_holds_the_table_of_empty_masks_that_the_code_uses() -> None:
    rows = [
        f"| `{name}` | {' | '.join(cell(name, v) for v in values)} |" for name, values in EMPTY_VALUES.items()
    ]
    table = README.split("<!-- empty-masks", 1)[1].split("\n\n", 1)[0]
    assert table.splitlines()[3:] == rows


def test_the_readme_defines_every_metric_as_the_page_does() -> None:
    table = README.split("<!-- definitions", 1)[1].split("\n\n", 1)[0]
    assert table.splitlines()[3:] == readme_rows()


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"^(?:.*`)?glioscope ([a-z]+)\b", README, re.MULTILINE))
    commands = {entry.name for entry in entry_points(group="glioscope.commands")}
    assert named
    assert named <= commands


def test_every_option_that_the_readme_gives_a_command_exists() -> None:
    joined = README.replace("\\\n", " ")
    lines = re.findall(r"^ *glioscope ([^`\n]+)$|`glioscope ([^`]+)`", joined, re.MULTILINE)
    typed = [(plain or quoted).split("#")[0].split() for plain, quoted in lines]
    commands = [
        words for words in typed if words[0].isidentifier() and words[0].islower()
    ]  # not COMMAND, not --help
    given = {
        (*_command_path(words), option.split("=")[0])
        for words in commands
        for option in words
        if option.startswith("-")
    }
    assert len(given) > 20
    unknown = [" ".join(one) for one in sorted(given) if one[-1] not in _options(one[:-1])]
    assert unknown == []


def _command_path(words: list[str]) -> list[str]:
    """The command and, of a group, its member: `train fit`."""
    return words[:2] if words[0] in ("train", "notes") else words[:1]


@lru_cache
def _options(path: tuple[str, ...]) -> set[str]:
    command = command_line._program()
    for name in path:
        command = command.get_command(None, name)
        assert command is not None, name
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


def test_every_make_target_that_the_readme_names_exists() -> None:
    makefile = (Path(__file__).parent.parent / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE)) <= targets
