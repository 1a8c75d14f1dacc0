"""Simulated browsers on a server of its own: `python benchmarks/load.py [STUDY] [--seconds 120]`.

Starts `glioscope serve` on a free port of 127.0.0.1 (on a synthetic study of its own, unless one is named),
has browsers open cases, each looking at one for a few seconds before the next, then asks for cached meshes
only, and stops the server. Prints how long a warm case takes (all requests of one change of case), throughput
and percentiles per route, errors, and what the workers' memory did. Leaves with exit code 1 after any error,
if memory grows, or if a worker sends fewer than 200 cached meshes in a second of its CPU time. How long a
warm case takes on the wall is printed, and counts with --gate-latency, for an idle machine.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from browsing import Browser, Tally
from looking import looking

from analysis.cohort.study import read_study
from analysis.synthetic.study import Recipe, write_synthetic_study
from viewer.preparation.executors import here
from viewer.preparation.prepare import prepare_study

LONGEST_S = 600.0
MESHES_A_CPU_SECOND = 200.0
CASE_P95_S = 0.100
GROWTH_MB, GROWTH_SHARE = 20.0, 0.10
THINK_S = (2.0, 6.0)  # from one case to the next, by somebody who looks at it and hurries
_MESH_SHARE = 0.25


class Watch:
    """Memory and CPU time of a server's processes."""

    def __init__(self, pid: int) -> None:
        self._processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        self.memory_mb: list[float] = []

    def cpu_s(self) -> float:
        """CPU time so far, all together."""
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)

    def look(self) -> None:
        """Remember the memory as it is now."""
        self.memory_mb.append(sum(process.memory_info().rss for process in self._processes) / 1e6)

    def growth_mb(self) -> tuple[float, float]:
        """Median memory in the second and in the last quarter."""
        quarter = max(1, len(self.memory_mb) // 4)
        return statistics.median(self.memory_mb[quarter : 2 * quarter] or self.memory_mb), statistics.median(
            self.memory_mb[-quarter:]
        )


@contextmanager
def served(study: Path, workers: int) -> Iterator[tuple[str, int]]:
    """Serve a study on a free port of this machine; gives address and process."""
    program = [sys.executable, "-c", "from viewer.command_line import main; main()", "serve", str(study)]
    with subprocess.Popen(  # noqa: S603 - our own program
        [*program, "--port=0", f"--workers={workers}"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            yield (server.stdout.readline().strip() if server.stdout else ""), server.pid
        finally:
            server.terminate()  # an interrupt is ignored by whoever was started in the background
            server.wait(timeout=60)


@contextmanager
def study_at(folder: Path | None) -> Iterator[Path]:
    """Take the study that the user names, or make a small synthetic one for the occasion."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / "synthetic"
        for _ in write_synthetic_study(made, Recipe(6, 1, "small", with_images=True)):
            pass
        prepare_study(read_study(made), here(1))
        yield made


def together(browsers: list[Browser], seconds: float, act: Callable[[Browser], None]) -> float:
    """Have all browsers do something again and again at once; gives the seconds it took."""
    start = time.perf_counter()

    def live(browser: Browser) -> None:
        while time.perf_counter() - start < seconds:
            act(browser)

    threads = [threading.Thread(target=live, args=(browser,), daemon=True) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def print_routes(tally: Tally, seconds: float) -> None:
    """Print throughput and percentiles of each route, in milliseconds."""
    total = sum(len(one) for one in tally.seconds.values())
    print(
        f"  {total / seconds:8.1f} answers a second, {tally.received_bytes / seconds / 1e6:.2f} MB a second"
    )
    print(f"  {'ms':>30}     p50     p95     p99   count")
    for route, taken in sorted(tally.seconds.items()):
        p50, p95, p99 = (_quantile(taken, share) * 1000 for share in (0.5, 0.95, 0.99))
        print(f"  {route:>30} {p50:7.1f} {p95:7.1f} {p99:7.1f} {len(taken):7d}")
    slowest = sorted(((_quantile(taken, 0.95), name) for name, taken in tally.calls.items()), reverse=True)
    if slowest:
        named = ", ".join(f"{name} {p95 * 1000:.0f}" for p95, name in slowest[:4])
        print(f"  callbacks with the largest p95, ms: {named}")
    print(f"  {len(tally.errors)} errors, {tally.waits} times asked to come again later")
    for error in tally.errors[:5]:
        print(f"    {error}")


def print_cases(tally: Tally, patients: int) -> float:
    """Print how long a change of case took, in milliseconds; gives the 95th percentile in seconds."""
    p50, p95, p99 = (_quantile(tally.cases, share) for share in (0.5, 0.95, 0.99))
    requests = sum(len(one) for one in tally.seconds.values()) / len(tally.cases)
    print(
        f"  a warm case, {requests:.0f} requests: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, "
        f"p99 {p99 * 1000:.0f} ms (n = {len(tally.cases)} of {patients} patients; "
        f"wanted: p95 below {CASE_P95_S * 1000:g})"
    )
    return p95


def _quantile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(share * (len(seconds) - 1))]


def run(address: str, pid: int, asked: argparse.Namespace) -> list[str]:
    """Warm the server, browse, fetch meshes; names the gates that are missed."""
    browsers = [Browser(address, seed) for seed in range(asked.browsers)]
    known = [one.open_page() for one in browsers]
    patients = known[0][: asked.cases]
    for browser in browsers:  # fills the cache on disk, and the memory of the worker that each comes to
        for patient in patients:
            browser.go(f"?patient={patient}")
    warmed = [error for browser in browsers for error in browser.tally.errors]
    for browser in browsers:
        browser.tally = Tally()
    watch = Watch(pid)
    with looking(watch.look, 1.0):
        cpu_s = watch.cpu_s()
        took_s = together(
            browsers, asked.seconds * (1 - _MESH_SHARE), lambda one: _look_at_one(one, patients, asked.think)
        )
        cpu_s = watch.cpu_s() - cpu_s
        browsing = _all(browsers)
        shortest_s, longest_s = asked.think
        print(
            f"\n{asked.browsers} browsers for {took_s:.0f} s, each opens a case and looks at it for "
            f"{shortest_s:g} to {longest_s:g} s"
        )
        p95_s = print_cases(browsing, len(patients))
        print(f"  {cpu_s / len(browsing.cases) * 1000:.0f} ms of the server's CPU a case")
        print_routes(browsing, took_s)
        rate = _print_meshes(browsers, asked.seconds * _MESH_SHARE, watch)
    for browser in browsers:
        browser.close()
    before_mb, after_mb = watch.growth_mb()
    print(f"  {before_mb:.0f} MB before, {after_mb:.0f} MB after, of all server processes together")
    gates = {
        "errors": bool(warmed or browsing.errors or _all(browsers).errors),
        "memory": after_mb > before_mb * (1 + GROWTH_SHARE) + GROWTH_MB,
        f"{MESHES_A_CPU_SECOND:g} cached meshes in a CPU second": rate < MESHES_A_CPU_SECOND,
        f"p95 of a warm case below {CASE_P95_S * 1000:g} ms": asked.gate_latency and p95_s > CASE_P95_S,
    }
    return [name for name, is_missed in gates.items() if is_missed]


def _look_at_one(browser: Browser, patients: list[str], think_s: tuple[float, float]) -> None:
    time.sleep(browser.chance.uniform(*think_s))  # first, so that people do not click all in the same moment
    browser.open_case(patients)


def _print_meshes(browsers: list[Browser], seconds: float, watch: Watch) -> float:
    """Fetch cached meshes without pause; gives how many a CPU second of the server."""
    for browser in browsers:
        browser.tally = Tally()
    cpu_s = watch.cpu_s()
    took_s = together(browsers, seconds, lambda browser: browser.fetch_meshes())
    cpu_s = watch.cpu_s() - cpu_s
    tally = _all(browsers)
    count = sum(len(one) for one in tally.seconds.values())
    print(f"\nCached meshes only, {took_s:.0f} s")
    print_routes(tally, took_s)
    print(
        f"  {count / cpu_s:8.1f} meshes a second of the server's CPU time (wanted: {MESHES_A_CPU_SECOND:g})"
    )
    return count / cpu_s


def _all(browsers: list[Browser]) -> Tally:
    tally = Tally()
    for browser in browsers:
        tally.add(browser.tally)
    return tally


def _two_numbers(text: str) -> tuple[float, float]:
    shortest, longest = text.split(",")
    return float(shortest), float(longest)


def main() -> None:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("study", type=Path, nargs="?", help="prepared; by default a synthetic one is made")
    parser.add_argument("--browsers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=120.0, help=f"at most {LONGEST_S:g}")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cases", type=int, default=6, help="how many different cases are opened")
    parser.add_argument(
        "--think", type=_two_numbers, default=THINK_S, help="shortest and longest look at a case, in s"
    )
    parser.add_argument("--gate-latency", action="store_true")
    asked = parser.parse_args()
    asked.seconds = min(asked.seconds, LONGEST_S)
    load = os.getloadavg()[0]
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, load before {load:.1f}, {asked.workers} workers"
    )
    with study_at(asked.study) as study, served(study, asked.workers) as (address, pid):
        missed = run(address, pid, asked)
    if missed:
        sys.exit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
