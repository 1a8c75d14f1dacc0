"""The `glioscope` command: finds its subcommands by entry point and loads only the one that is asked for."""

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click
import typer
from typer.core import TyperGroup
from typer.main import get_command

GROUP = "glioscope.commands"
NOT_CLINICAL = "Research use only, not for clinical decisions."
_ORDER = ("demo", "synthesize", "init", "check", "add", "prepare", "serve", "export", "report", "audit", "doctor")


class UsageProblem(click.ClickException):
    """Nothing could be done: bad usage or input, said in one clear sentence. Exit code 2."""

    exit_code = 2


class _Commands(TyperGroup):
    """A group whose members are entry points, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, our own in the order of a first use, others after them."""
        found = _entry_points()
        return sorted(found, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        entry = _entry_points().get(cmd_name)
        return None if entry is None else _as_command(entry)


def _entry_points() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _as_command(entry: EntryPoint) -> click.Command:
    loaded: typer.Typer | Callable[..., Any] = entry.load()
    if isinstance(loaded, typer.Typer):
        app = loaded
    else:
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command(name=entry.name)(loaded)
    command = get_command(app)
    command.name = entry.name
    return command


def _show_version(value: bool) -> None:  # noqa: FBT001 - typer passes the flag's value so
    if value:
        from importlib.metadata import version

        typer.echo(f"glioscope {version('glioscope')}")
        raise typer.Exit


def program() -> click.Command:
    """Build the whole command, for `main` and for tests that call it in process."""
    app = typer.Typer(
        cls=_Commands,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help=f"See what a brain-tumour segmentation got wrong: every voxel, every fragment, every patient. {NOT_CLINICAL}",
    )

    @app.callback()
    def glioscope(
        version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),  # noqa: FBT001
    ) -> None:
        """Hold the options that come before a command."""

    return get_command(app)


def main() -> None:
    """Run the command that the user typed."""
    sys.exit(program()())
