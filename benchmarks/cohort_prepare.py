"""What a whole cohort costs: `python benchmarks/cohort_prepare.py [--patients 100,300,1196] [--grid small]`.

Makes a synthetic cohort (no person's scan), prepares growing parts of it from nothing, each in a process of
its own with one and with two workers, and prints patients per second, CPU seconds per stage, peak memory and
bytes on disk. Leaves with exit code 1 where the cost does not grow linearly, a worker needs too much memory,
or two workers are not worth it. While other work is under way on the machine, CPU time decides.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cohort_run

from analysis.cohort.study import read_study
from analysis.synthetic.study import Recipe, write_synthetic_study

SEED = 1
LINEAR_WITHIN = 0.10
TWO_WORKERS = 1.7
WORKER_MB = 1000
COHORT = 1196
_IDLE_LOAD = 0.5
Run = dict[str, Any]


def part_of(whole: Path, folder: Path, recipe: Recipe) -> Path:
    """Make a study of the first patients of a larger one, of the same files on disk."""
    known = read_study(whole)
    for patient in known.patients()[: recipe.patients]:
        for path in (patient.reference, *patient.predictions.values()):
            if path is not None and not path.is_relative_to(whole / "consensus"):
                target = folder / path.relative_to(whole)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, target)
    for _ in write_synthetic_study(folder, recipe):
        pass
    return folder


def measured(study: Path, *options: str) -> Run:
    """Start one measurement."""
    command = [sys.executable, str(Path(__file__).with_name("cohort_run.py")), str(study), *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own script
    found: Run = json.loads(done.stdout)
    return found


def print_run(run: Run, jobs: int) -> None:
    """Print what one preparation took."""
    cpu_s = run["main_cpu_s"] + run["worker_cpu_s"]
    count = run["patients"]
    print(f"\n{count} patients, {jobs} worker{'s' if jobs > 1 else ''}, {run['failures']} failures")
    print(f"  {run['wall_s']:8.1f} s    on the wall, {count / run['wall_s']:.2f} patients a second")
    print(f"  {cpu_s:8.1f} s    CPU, {cpu_s / count * 1000:.1f} ms a patient")
    print(f"  {run['start_cpu_s']:8.1f} s    CPU before, once a process: loading compiled code")
    peak_mb = run["worker_peak_mb"] if jobs > 1 else run["main_peak_mb"]
    print(f"  {peak_mb:8.0f} MB   peak of a worker; {run['main_peak_mb']:.0f} MB of the process that leads")
    disk = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in run["disk_bytes"].items())
    print(f"  {disk}; {sum(run['disk_bytes'].values()) / count / 1000:.0f} kB a patient")
    for title, seconds in sorted(run["stages_cpu_s"].items(), key=lambda one: -one[1]):
        print(f"    {seconds:8.2f} s CPU {seconds / count * 1000:8.2f} ms a patient   {title}")


def missed(runs: dict[tuple[int, int], Run]) -> Iterator[str]:
    """Hold the measurements to what is wanted; names each gate that is missed."""
    alone = [run for (_, jobs), run in sorted(runs.items()) if jobs == 1]
    costs = [run["main_cpu_s"] / run["patients"] for run in alone]
    if len(costs) > 1:
        growth = max(abs(cost / costs[0] - 1) for cost in costs)
        shown = " / ".join(f"{cost * 1000:.1f}" for cost in costs)
        print(f"\n{shown} ms CPU a patient: within {growth:.1%} (wanted: {LINEAR_WITHIN:.0%})")
        if growth > LINEAR_WITHIN:
            yield "linear growth"
    # Two processes take a second and a half to start, which is a fifth of a run of 100 patients: the largest
    # cohort counts.
    both = [count for count, jobs in sorted(runs) if jobs == 2 and (count, 1) in runs]
    enough = [is_fast_enough(runs[count, 1], runs[count, 2]) for count in both]
    if both and not enough[-1]:
        yield f"two workers on {both[-1]} patients"
    largest_mb = max(max(run["worker_peak_mb"], run["main_peak_mb"]) for run in runs.values())
    print(f"{largest_mb:.0f} MB at most in one process (wanted: {WORKER_MB})")
    if largest_mb > WORKER_MB:
        yield "memory"


def is_fast_enough(one: Run, two: Run) -> bool:
    """Compare one worker with two, on the wall if the machine has nothing else to do, else by CPU time."""
    wall = one["wall_s"] / two["wall_s"]
    by_cpu = one["main_cpu_s"] / (two["main_cpu_s"] + two["worker_cpu_s"] / 2)
    is_idle = two["load"] < _IDLE_LOAD
    counted = "the wall counts" if is_idle else f"CPU counts, as the load was {two['load']:.1f}"
    print(
        f"two workers on {one['patients']} patients: {wall:.2f}x on the wall, {by_cpu:.2f}x by CPU time; "
        f"{counted} (wanted: {TWO_WORKERS}x)"
    )
    return (wall if is_idle else by_cpu) >= TWO_WORKERS


def print_sample(sample: Run, grid: str) -> None:
    """Print what one patient costs in parts, and what the published cohort's size would."""
    print(f"\nOne patient, grid {grid}, CPU; and {COHORT} of them on two cores that do nothing else")
    whole = sample["all metrics"] + sample[cohort_run.SMOOTH]
    for title, seconds in (*sample.items(), ("all metrics and volume-true meshes", whole)):
        print(f"  {seconds:8.3f} s   {seconds * COHORT / 2 / 60:6.1f} min   {title}")


@contextmanager
def place(folder: Path | None) -> Iterator[Path]:
    """Keep the cohort where the user says, or else only as long as it is needed."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def run_all(folder: Path, asked: argparse.Namespace) -> dict[tuple[int, int], Run]:
    """Make the cohort and prepare each part of it with each number of workers."""
    whole = folder / f"synthetic-{asked.grid}"
    for _ in write_synthetic_study(
        whole, Recipe(max(asked.patients), SEED, asked.grid, False), jobs=asked.makers
    ):
        pass
    runs: dict[tuple[int, int], Run] = {}
    for count in asked.patients:
        for jobs in asked.jobs:
            part = folder / f"part-{asked.grid}-{count}-{jobs}"
            shutil.rmtree(part, ignore_errors=True)
            part_of(whole, part, Recipe(count, SEED, asked.grid, False))
            load = os.getloadavg()[0]
            runs[count, jobs] = measured(part, "--jobs", str(jobs)) | {"load": load}
            print_run(runs[count, jobs], jobs)
            if asked.folder is None:
                shutil.rmtree(part)
    if asked.sample:
        print_sample(measured(whole, "--sample", str(asked.sample)), asked.grid)
    return runs


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure a cohort as the user asks."""
    numbers = lambda text: [int(one) for one in text.split(",")]  # noqa: E731 - argparse wants a function here
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patients", type=numbers, default=[100, 300, COHORT], help="sizes, with commas")
    parser.add_argument("--jobs", type=numbers, default=[1, 2], help="numbers of workers, with commas")
    parser.add_argument("--grid", choices=("small", "full"), default="small")
    parser.add_argument("--folder", type=Path, help="where to keep the cohort; otherwise it is deleted")
    parser.add_argument(
        "--sample", type=int, default=6, help="patients whose metrics and meshes are timed apart"
    )
    parser.add_argument("--makers", type=int, default=2, help="processes that make the cohort")
    asked = parser.parse_args(arguments)
    system = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    print(f"{system}, grid {asked.grid}")
    with place(asked.folder) as folder:
        lost = list(missed(run_all(folder, asked)))
    if lost:
        sys.exit(f"missed: {', '.join(lost)}")


if __name__ == "__main__":
    main()
