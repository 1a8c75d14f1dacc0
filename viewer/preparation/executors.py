"""Where the work runs: in this process, in a pool of processes, or on a Dask cluster."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from analysis.cohort.usage import UsageError
from viewer.parent import end_with_parent

Item = TypeVar("Item")
Result = TypeVar("Result")

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_ATTEMPTS_ALONE = 2  # the first death may have been the neighbour's fault, a second one the machine's
_PRELOADED = ["viewer.preparation.unit"]


class ClusterError(UsageError):
    """A cluster that can't be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to run work.

    Attributes:
        title: for people.
        workers: how many units run at once.
        start: opens an executor; called again if its workers die.
        is_remote: whether the workers may be on other machines.
    """

    title: str
    workers: int
    start: Callable[[], AbstractContextManager[Executor]]
    is_remote: bool = False


@dataclass(frozen=True, slots=True)
class Done(Generic[Item, Result]):
    """One unit that ended.

    Attributes:
        item: what was asked for.
        result: what came of it, if nothing went wrong.
        error: what went wrong.
    """

    item: Item
    result: Result | None
    error: BaseException | None


def available_jobs() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chosen(jobs: int, address: str) -> AbstractContextManager[Place]:
    """Choose a place as `--jobs` and `--cluster` say; no jobs means one a processor.

    Raises:
        ClusterError: if both are given, or the cluster can't be used.
    """
    if jobs and address:
        raise ClusterError("--jobs and --cluster exclude each other: a cluster has its own workers")
    return cluster(address) if address else nullcontext(here(jobs or available_jobs()))


def here(jobs: int) -> Place:
    """Work on this machine: one job in this process, more in a pool of processes with one thread each."""
    if jobs == 1:
        return threads(1)
    return Place(f"{jobs} processes", jobs, lambda: _pool(jobs))


def threads(count: int) -> Place:
    """Work in this process, for what waits for disks more than it computes."""
    return Place("this process", count, lambda: ThreadPoolExecutor(count))


def cluster(address: str) -> AbstractContextManager[Place]:
    """Work on a Dask cluster, or on `local:N` workers that are started for the occasion.

    Raises:
        ClusterError: if `distributed` is not installed, or no scheduler answers.
    """
    try:
        import distributed
    except ImportError as error:
        raise ClusterError("--cluster needs Dask: pip install 'glioscope[cluster]'") from error
    return _cluster(address, distributed)


def run(
    place: Place, function: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Done[Item, Result]]:
    """Run a function on every item and hand out each as it ends, in any order.

    Few units are under way at a time, whatever their number. If a worker dies, those that were under way
    run again one by one; one whose worker dies twice more ends with a `BrokenExecutor` error, and the rest
    goes on.
    """
    waiting = deque(items)
    while waiting:
        suspects: list[Item] = []
        yield from _until_broken(place, function, waiting, suspects)
        for suspect in suspects:
            yield from _alone(place, function, suspect)


def _alone(place: Place, function: Callable[[Item], Result], item: Item) -> Iterator[Done[Item, Result]]:
    """Run a unit with nothing beside it, so that it is known who killed a worker that dies."""
    for _ in range(_ATTEMPTS_ALONE):
        crashed: list[Item] = []
        yield from _until_broken(place, function, deque([item]), crashed)
        if not crashed:
            return
    yield Done(item, None, BrokenExecutor("its worker died: killed, out of memory, or crashed"))


def _until_broken(
    place: Place, function: Callable[[Item], Result], waiting: deque[Item], broken: list[Item]
) -> Iterator[Done[Item, Result]]:
    """Run what waits until all is done or the executor breaks; then `broken` gets what was under way."""
    with place.start() as executor:
        under_way: dict[Future[Result], Item] = {}
        while (waiting or under_way) and not broken:
            while waiting and len(under_way) < 2 * place.workers:
                item = waiting.popleft()
                try:
                    under_way[executor.submit(function, item)] = item
                except BrokenExecutor:
                    broken.append(item)
                    break
            for future in wait(under_way, return_when=FIRST_COMPLETED).done if under_way else ():
                item = under_way.pop(future)
                if isinstance(future.exception(), BrokenExecutor):
                    broken.append(item)
                else:
                    yield _done(item, future)
        broken.extend(under_way.values())


def _done(item: Item, future: Future[Result]) -> Done[Item, Result]:
    error = future.exception()
    return Done(item, None if error else future.result(), error)


@contextmanager
def _pool(jobs: int) -> Iterator[Executor]:
    for variable in _ONE_THREAD:
        os.environ.setdefault(variable, "1")  # inherited by the workers; here all libraries are loaded
    context = multiprocessing.get_context(_start_method())
    if _start_method() == "forkserver":
        context.set_forkserver_preload(_PRELOADED)
    executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=end_with_parent)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _start_method() -> str:
    return "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


@contextmanager
def _cluster(address: str, distributed: Any) -> Iterator[Place]:  # noqa: ANN401 - distributed has no types
    local = address.removeprefix("local:") if address.startswith("local:") else ""
    if address.startswith("local:") and not (local.isdigit() and int(local)):
        raise ClusterError(f"--cluster {address}: write local:N with N workers")
    options = {"n_workers": int(local), "threads_per_worker": 1, "dashboard_address": None} if local else {}
    try:
        client = distributed.Client(**options) if local else distributed.Client(address, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(f"--cluster {address}: no Dask scheduler answers there ({error})") from error
    with client:
        workers = max(1, sum(client.nthreads().values()))

        @contextmanager
        def start() -> Iterator[Executor]:
            yield client.get_executor(pure=False)

        yield Place(f"{workers} workers of {address}", workers, start, is_remote=True)
