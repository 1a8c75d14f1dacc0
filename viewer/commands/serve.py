"""`glioscope serve`: browse a study."""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.commands.arguments import StateFolder, StudyFolder

if TYPE_CHECKING:
    from viewer.access import Access
    from viewer.server import Serving


class LogForm(StrEnum):
    """How answers are written down."""

    off = "off"
    text = "text"
    json = "json"


def serve(
    study: StudyFolder,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on; others than this machine's own need --allow-host and a token."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8050,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    state: StateFolder = None,
    cache_mb: Annotated[
        int, typer.Option(min=1, help="Megabytes of disk that derived meshes and volumes may take.")
    ] = 4000,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name under which browsers may reach the server. Repeatable.")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File that holds the access token; GLIOSCOPE_TOKEN does the same. Visitors enter it once."
        ),
    ] = None,
    log: Annotated[
        LogForm, typer.Option(help="Whether to write a line about each answer to stderr.")
    ] = LogForm.off,
    no_token: Annotated[
        bool, typer.Option("--no-token", help="Let in, without a token, whoever can reach the address.")
    ] = False,
) -> None:
    """Browse a study in the browser. Research use only, not for clinical decisions.

    The address goes to stdout. Nothing leaves this machine; stop with Ctrl-C. An access token travels as it
    is over http: let other machines in through an SSH tunnel or a proxy that speaks https.
    """
    from viewer.access import read_access
    from viewer.security import LOCAL_NAMES
    from viewer.server import Serving
    from viewer.study_state import require_state

    require_state(study, state)
    access = None if no_token else read_access(token_file, os.environ)
    _check_openness(host, allow_host or [], access, is_open_meant=no_token)
    hosts = (*LOCAL_NAMES, *(allow_host or []))
    answer(Serving(study, state, hosts, workers, access, cache_mb, log.value), host, port)


def _check_openness(
    host: str, allow_host: Sequence[str], access: "Access | None", *, is_open_meant: bool
) -> None:
    """Let other machines in only under a name, and only with a token or by an explicit word.

    Raises:
        UsageError: if something of that is missing.
    """
    from analysis.cohort.usage import UsageError
    from viewer.server import is_loopback

    if is_loopback(host):
        return
    missing = []
    if not allow_host:
        missing.append("under which name they may come with --allow-host NAME")
    if access is None and not is_open_meant:
        missing.append(
            "what they must know with --token-file FILE or GLIOSCOPE_TOKEN "
            "(or that they need to know nothing, with --no-token)"
        )
    if missing:
        raise UsageError(f"--host {host} lets other machines in: say {' and '.join(missing)}")


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
