"""`glioscope serve`: browse a study."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from viewer.server import Serving


def serve(
    study: Annotated[Path, typer.Argument(help="The study's folder.")],
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine's own need --allow-host.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8050,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    state: Annotated[
        Path | None,
        typer.Option(help="Folder for notes and derived files, where the study can't be written to."),
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name under which browsers may reach the server. Repeatable.")
    ] = None,
) -> None:
    """Browse a study in the browser. Research use only, not for clinical decisions.

    The address goes to stdout. Nothing leaves this machine; stop with Ctrl-C.
    """
    from analysis.cohort.usage import UsageError
    from viewer.security import LOCAL_NAMES
    from viewer.server import Serving, is_loopback

    if not is_loopback(host) and not allow_host:
        raise UsageError(
            f"--host {host} lets other machines in: say under which name they may come with --allow-host NAME"
        )
    answer(Serving(study, state, (*LOCAL_NAMES, *(allow_host or [])), workers), host, port)


def answer(serving: "Serving", host: str, port: int) -> None:
    """Print the address and answer requests until Ctrl-C.

    Raises:
        UsageError: if the address is taken, or the folder can't be served.
    """
    from analysis.cohort.usage import UsageError
    from viewer.app import FrontEndMissingError
    from viewer.server import address, listen, serve_on

    try:
        listening = listen(host, port)
    except OSError as error:
        raise UsageError(
            f"can't listen on {host} port {port}: {error.strerror}; try another --port"
        ) from error
    try:
        serve_on(listening, serving, lambda: typer.echo(address(listening)))
    except FrontEndMissingError as error:
        raise UsageError(str(error)) from error
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
    finally:
        listening.close()
