"""`glioscope serve`: browse a study."""

from pathlib import Path
from typing import Annotated

import typer


def serve(
    study: Annotated[Path, typer.Argument(help="The study's folder.")],
    host: Annotated[str, typer.Option(help="Address to listen on; others than this machine need --allow-host.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8050,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    state: Annotated[
        Path | None, typer.Option(help="Folder for notes and derived files, where the study can't be written to.")
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name under which browsers may reach the server. Repeatable.")
    ] = None,
) -> None:
    """Browse a study in the browser. Research use only, not for clinical decisions.

    The address goes to stdout. Nothing leaves this machine; stop with Ctrl-C.
    """
    from analysis.cohort.study import StudyError
    from viewer.app import FrontEndMissingError
    from viewer.command_line import UsageProblem
    from viewer.security import LOCAL_NAMES
    from viewer.server import Serving, address, is_loopback, listen
    from viewer.server import serve as answer

    names = [*LOCAL_NAMES, *(allow_host or [])]
    if not is_loopback(host) and not allow_host:
        raise UsageProblem(
            f"--host {host} lets other machines in: say under which name they may come with --allow-host NAME"
        )
    try:
        listening = listen(host, port)
    except OSError as error:
        raise UsageProblem(f"can't listen on {host} port {port}: {error.strerror}; try another --port") from error
    try:
        answer(Serving(study, state, names, workers), listening, lambda: typer.echo(address(listening)))
    except (StudyError, FrontEndMissingError) as error:
        raise UsageProblem(str(error)) from error
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
    finally:
        listening.close()
