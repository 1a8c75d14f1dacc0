"""Serving the application: one listening socket, one or several processes behind it."""

import ipaddress
import logging
import multiprocessing
import multiprocessing.connection
import signal
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

from pyarrow import ArrowInvalid
from waitress import create_server

from analysis.cohort.places import place
from analysis.cohort.study import StudyError
from meshing.warm import warm_up
from viewer.access import Access
from viewer.app import create_app
from viewer.cohort_columns import ColumnStore
from viewer.content_cache import DEFAULT_CACHE_MB
from viewer.limits import LARGEST_BODY_BYTES
from viewer.observing import LogFormat, writer
from viewer.open_study import OpenStudy
from viewer.parent import end_with_parent
from viewer.security import LOCAL_NAMES

THREADS = 16


@dataclass(frozen=True, slots=True)
class Serving:
    """How a study is served.

    Attributes:
        study: the study's folder.
        state: where derived files go; None for the study's own folder.
        allowed_hosts: names the server answers to.
        workers: processes that answer.
        access: the token that visitors must show; None asks for none.
        cache_mb: how much of a disk derived files may take, in millions of bytes.
        log: how answers are written down on stderr.
    """

    study: Path
    state: Path | None = None
    allowed_hosts: Collection[str] = LOCAL_NAMES
    workers: int = 1
    access: Access | None = None
    cache_mb: int = DEFAULT_CACHE_MB
    log: LogFormat = "off"


def is_loopback(host: str) -> bool:
    """Say whether an address is this machine's own, unreachable from others."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket.

    Args:
        host: address or name.
        port: 0 takes a free one.

    Raises:
        OSError: if the address is taken or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=256)
    listening.setblocking(False)
    return listening


def address(listening: socket.socket) -> str:
    """Write the address of the page."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve_on(listening: socket.socket, serving: Serving, on_ready: Callable[[], None]) -> None:
    """Answer requests until the process is told to stop.

    With several workers each is a process with its own copy of the application, and all accept from the one
    socket. If one ends, the others are stopped too: half a server is worse than none.

    Args:
        listening: from `listen`.
        serving: what is served and how.
        on_ready: called once requests are accepted.
    """
    threading.Thread(target=get_ready, args=(serving,), name="getting ready", daemon=True).start()
    if serving.workers == 1:
        server = _server(serving, listening)
        on_ready()
        server.run()
        return
    # a study that can't be served is found before processes start
    create_app(serving.study, state=serving.state)
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_work, args=(serving, listening), daemon=True) for _ in range(serving.workers)
    ]
    _run_together(processes, on_ready)


def get_ready(serving: Serving) -> None:
    """Do what takes long the first time before somebody waits for it; workers find it on the disk.

    The tables of a large cohort are turned for the charts (seconds at 100,000 patients), and on a new machine
    the meshing is compiled (half a minute).
    """
    study = OpenStudy(place(serving.study), serving.state, cache_mb=serving.cache_mb)
    with suppress(StudyError, OSError, ArrowInvalid):  # whoever asks for the charts is told what is wrong
        ColumnStore(study.cache.folder / "columns").of(study.read())
    warm_up()


def _server(serving: Serving, listening: socket.socket):  # type: ignore[no-untyped-def]  # noqa: ANN202 - waitress is untyped
    app = create_app(
        serving.study,
        state=serving.state,
        allowed_hosts=serving.allowed_hosts,
        access=serving.access,
        cache_mb=serving.cache_mb,
        log=writer(serving.log),
    )
    # a request that waits a moment for a thread is nothing to tell the operator
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return create_server(
        app.server,
        sockets=[listening],
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
        max_request_body_size=2
        * LARGEST_BODY_BYTES,  # the application says the sentence, this ends what goes on
    )


def _work(serving: Serving, listening: socket.socket) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    end_with_parent()
    _server(serving, listening).run()


def _run_together(processes: Sequence[BaseProcess], on_ready: Callable[[], None]) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    for process in processes:
        process.start()
    try:
        on_ready()
        multiprocessing.connection.wait([process.sentinel for process in processes])
    finally:
        signal.signal(signal.SIGTERM, before)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
