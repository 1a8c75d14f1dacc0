"""The `glioscope` command: finds its subcommands by entry point and loads only the one that is asked for."""

import sys
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from analysis.cohort.places import store_errors
from analysis.cohort.usage import UsageError

GROUP = "glioscope.commands"
NOT_CLINICAL = "Research use only, not for clinical decisions."
PURPOSE = "See what a brain-tumour segmentation got wrong: every voxel, every fragment, every patient."
NOTHING_DONE = 2
_ORDER = (
    *("demo", "synthesize", "init", "check", "add", "prepare", "serve"),
    *("export", "picture", "snapshot", "notes", "report", "audit", "doctor"),
)


class _Commands(TyperGroup):
    """A group whose members are entry points, imported when they are used."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override] # noqa: ARG002 - click's signature
        """Name every command, our own in the order of a first use, others after them."""
        return sorted(_entry_points(), key=lambda name: (_rank(name), name))

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override] # noqa: ANN401, ARG002 - likewise
        """Load one command; None where there is none of that name."""
        entry = _entry_points().get(cmd_name)
        return None if entry is None else _as_command(entry)


def run(arguments: Sequence[str]) -> int:
    """Run the command in this process.

    Args:
        arguments: what a user types after `glioscope`.

    Returns:
        The exit code: 0 all done; 1 some patients failed and the rest is done; 2 nothing could be done.
    """
    try:
        _program()(args=list(arguments), prog_name="glioscope")
    except UsageError as problem:
        typer.echo(f"glioscope: {problem}", err=True)
        return NOTHING_DONE
    except store_errors() as problem:
        typer.echo(f"glioscope: a remote store can't be used: {problem}", err=True)
        return NOTHING_DONE
    except OSError as problem:
        if problem.filename is None:
            raise
        typer.echo(f"glioscope: {problem.filename}: {problem.strerror}", err=True)
        return NOTHING_DONE
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def main() -> None:
    """Run the command that the user typed."""
    sys.exit(run(sys.argv[1:]))


def _program() -> Any:  # noqa: ANN401 - typer's command type is private
    app = typer.Typer(
        cls=_Commands,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain text: it wraps, pipes and reads aloud well
        help=f"{PURPOSE} {NOT_CLINICAL}",
    )
    app.callback()(_options_before_a_command)
    return get_command(app)


def _options_before_a_command(
    version: Annotated[  # noqa: FBT002 - typer turns it into a flag, whose callback does the work
        bool, typer.Option("--version", callback=lambda value: _show_version(is_asked=value), is_eager=True)
    ] = False,
) -> None:
    """Hold what may stand before a command."""


def _show_version(*, is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"glioscope {version('glioscope')}")
        raise typer.Exit


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _entry_points() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _as_command(entry: EntryPoint) -> Any:  # noqa: ANN401 - typer's command type is private
    loaded: typer.Typer | Callable[..., Any] = entry.load()
    if isinstance(loaded, typer.Typer):
        app = loaded
    else:
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        app.command(name=entry.name)(loaded)
    command = get_command(app)
    command.name = entry.name
    return command


if __name__ == "__main__":
    main()
