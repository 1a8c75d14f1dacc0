"""One measured preparation in a process of its own, as JSON; `cohort_prepare.py` starts it and reads that."""

import argparse
import json
import os
import resource
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from looking import looking

import analysis.patient
import viewer.preparation.prepare
import viewer.preparation.unit
from analysis.cohort.checks import check_files, read_files
from analysis.cohort.study import Patient, Study, read_study
from analysis.metrics import Families
from analysis.patient import AnalysisOptions, PatientVolumes, analyse_patient
from analysis.warming import warm
from meshing.glb import browser_glb
from viewer.preparation.executors import here
from viewer.surfaces import label_surfaces

SMOOTH = "meshes of every label map, volume-true"
_PERIOD_S = 0.2
_PREPARE, _UNIT, _PATIENT = viewer.preparation.prepare, viewer.preparation.unit, analysis.patient
# What is timed: a function under the name by which its caller knows it. Inner ones are taken off outer ones.
_STAGES = (
    (_PREPARE, "plan_patient", "look: digests of files and parts"),
    (_UNIT, "read_files", "read files"),
    (_UNIT, "check_files", "unpack and check"),
    (_UNIT, "analyse_patient", "crop, components, consensus"),
    (_PATIENT, "_metrics_table", "metrics"),
    (_PATIENT, "_features_table", "31 features"),
    (_PATIENT, "_components_table", "component ledger"),
    (_UNIT, "_with_consensus", "write consensus"),
    (_UNIT, "write_part", "write part"),
    (_PREPARE, "assemble", "assemble five tables"),
)
_BORDERS = AnalysisOptions(families=Families(surface_elements=False, lesion_wise=False))


class Stopwatch:
    """CPU seconds of functions, each without those of the others it calls; per thread."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner = threading.local()

    def timed(self, function: Callable[..., Any], title: str) -> Callable[..., Any]:
        """Wrap a function."""

        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the function takes
            before = getattr(self._inner, "seconds", 0.0)
            self._inner.seconds, start = 0.0, time.thread_time()
            try:
                return function(*arguments, **options)
            finally:
                taken = time.thread_time() - start
                self.seconds[title] += taken - self._inner.seconds
                self._inner.seconds = before + taken

        return call


class Workers:
    """CPU time and peak memory of this process's descendants, looked at a few times a second."""

    def __init__(self) -> None:
        self.cpu_s: dict[int, float] = {}
        self.peak_mb: dict[int, float] = {}

    def look(self) -> None:
        """Note what each descendant has used by now; one that ends meanwhile keeps what was noted."""
        for process in psutil.Process().children(recursive=True):
            try:
                times = process.cpu_times()
                self.peak_mb[process.pid] = _peak_mb(process.pid)
            except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                continue
            self.cpu_s[process.pid] = times.user + times.system


def prepared(study: Study, jobs: int) -> dict[str, Any]:
    """Prepare a study from nothing and say what it took."""
    start_cpu_s = time.process_time()
    warm()
    start_cpu_s = time.process_time() - start_cpu_s
    stopwatch, workers = Stopwatch(), Workers()
    if jobs == 1:
        for module, name, title in _STAGES:
            setattr(module, name, stopwatch.timed(getattr(module, name), title))
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    with looking(workers.look, _PERIOD_S):
        summary = _PREPARE.prepare_study(study, here(jobs))
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    return {
        "patients": summary.usable,
        "failures": len(summary.failures),
        "start_cpu_s": start_cpu_s,
        "wall_s": wall_s,
        "main_cpu_s": cpu_s,
        "worker_cpu_s": sum(workers.cpu_s.values()),
        "stages_cpu_s": dict(stopwatch.seconds),
        "main_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "worker_peak_mb": max(workers.peak_mb.values(), default=0.0),
        "disk_bytes": {
            name: _size_bytes(study.folder / name) for name in ("results", "consensus", "cache/parts")
        },
    }


def sampled(study: Study, count: int) -> dict[str, float]:
    """Measure CPU seconds a patient of what `prepare` leaves out or puts together: families and meshes."""
    warm()
    patients = study.patients()[:count]
    _sampled(study, patients[0])  # compiles what meshing needs
    found = [_sampled(study, patient) for patient in patients]
    return {title: sum(one[title] for one in found) / len(found) for title in found[0]}


def _sampled(study: Study, patient: Patient) -> dict[str, float]:
    volumes, labels = _volumes(study, patient), study.scheme.labels
    consensus = analyse_patient(volumes, study.scheme).consensus
    maps = [volumes.reference, *volumes.predictions.values(), *([] if consensus is None else [consensus])]

    def analysed(options: AnalysisOptions) -> Callable[[], object]:
        return lambda: analyse_patient(volumes, study.scheme, options)

    def meshed(mode: str) -> Callable[[], object]:
        return lambda: [browser_glb(label_surfaces(one, labels, mode)) for one in maps]

    return {
        "border distances only": _cpu_s(analysed(_BORDERS)),
        "all metrics": _cpu_s(analysed(AnalysisOptions())),
        "meshes of every label map, voxel": _cpu_s(meshed("voxel")),
        SMOOTH: _cpu_s(meshed("volume-true")),
    }


def _volumes(study: Study, patient: Patient) -> PatientVolumes:
    methods = [method.name for method in study.methods if not method.is_computed]
    checked = check_files(read_files(patient, methods), study.scheme, study.tolerance_mm)
    if checked.reference is None:
        raise SystemExit("; ".join(finding.sentence for finding in checked.findings))
    roles = {str(method.role): method.name for method in study.methods if method.role is not None}
    return PatientVolumes(patient.id, None, checked.reference, checked.predictions, {}, roles)


def _cpu_s(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--sample", type=int, default=0, help="instead time the parts of so many patients")
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    study = read_study(asked.study)
    found = sampled(study, asked.sample) if asked.sample else prepared(study, asked.jobs)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
