"""A rule tried on the whole cohort: a job of its own process, whose state is files.

    key ── rule, methods, and what the results were made from
    cache/trials/<key>/  request.json   what is tried
                         rows.jsonl     a line a patient, appended when done: a stopped job goes on here
                         progress.json  state, patients done and failed, and when the worker last moved
                         watched        touched by every look at the job: a worker that nobody watches ends
                         cancel         there once somebody wants it to end

Any server process can start, look at, cancel and read a job. One worker runs at a time for a study: it holds
a lock that the system releases whatever happens to it.
"""

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import viewer
from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.results import read_provenance
from analysis.cohort.study import Study
from analysis.consensus import ConsensusRule
from viewer.preparation.program import source_digest
from viewer.preparation.recipe import digest_of
from viewer.trial import Trial

RUNNING, DONE, STOPPED, FAILED = "running", "done", "stopped", "failed"
PATIENCE_S = 60.0  # without a sign of life a worker counts as dead
UNWATCHED_S = 45.0
_LOCK = "trials.lock"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        state: `running`, `done`, `stopped` or `failed`.
        done: patients with a row.
        total: patients to do.
        failures: a sentence for each patient that could not be done.
        words: why it stopped or failed.
        moved: seconds since the epoch when the worker last wrote.
    """

    state: str
    done: int = 0
    total: int = 0
    failures: tuple[str, ...] = ()
    words: str = ""
    moved: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """One rule on one cohort as it was prepared.

    Attributes:
        folder: of its files.
        trial: what is tried, without turned verdicts.
    """

    folder: Path
    trial: Trial

    def progress(self) -> Progress | None:
        """Look how far it is; None where it never ran. A worker that died counts as stopped."""
        try:
            found = json.loads((self.folder / "progress.json").read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        progress = Progress(**{**found, "failures": tuple(found["failures"])})
        if progress.state == RUNNING and time.time() - progress.moved > PATIENCE_S:
            return replace(progress, state=STOPPED, words="The worker gave no sign of life.")
        return progress

    def watch(self) -> None:
        """Tell the worker that somebody looks."""
        if self.folder.is_dir():
            (self.folder / "watched").touch()

    def cancel(self) -> None:
        """Have the worker end after the patient it is at."""
        if self.folder.is_dir():
            (self.folder / "cancel").touch()

    def rows(self) -> list[dict[str, Any]]:
        """Read what is done, a row a patient; a line that a killed worker left half is left out."""
        try:
            lines = (self.folder / "rows.jsonl").read_text("utf-8").split("\n")
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines[:-1]]

    def mend_rows(self) -> None:
        """Cut off the half of a line that a killed worker left."""
        path = self.folder / "rows.jsonl"
        if path.is_file():
            whole = path.read_bytes()
            kept = whole[: whole.rfind(b"\n") + 1]
            if kept != whole:
                write_bytes_atomically(path, kept)

    def write_progress(self, progress: Progress) -> None:
        """Write how far it is, now."""
        text = json.dumps(asdict(replace(progress, moved=time.time())))
        write_bytes_atomically(self.folder / "progress.json", text.encode())

    @property
    def is_unwanted(self) -> str:
        """Say why the worker should end; empty while it should go on."""
        if (self.folder / "cancel").exists():
            return "Cancelled."
        try:
            unwatched_s = time.time() - (self.folder / "watched").stat().st_mtime
        except FileNotFoundError:
            return ""
        return "Nobody was looking any more." if unwatched_s > UNWATCHED_S else ""


def job_of(study: Study, trial: Trial) -> Job:
    """Name the job of a rule on the cohort as the results have it."""
    alone = replace(trial, flips=())
    provenance = read_provenance(study, "patients")
    content = [
        _document(alone),
        "" if provenance is None else provenance.inputs,
        source_digest("viewer.cohort_trial_worker"),
        [study.scheme.names, dict(study.scheme.regions), list(study.scheme.dice_average)],
    ]
    return Job(study.cache_folder / "trials" / digest_of(content), alone)


def start(study: Study, job: Job) -> None:
    """Start the worker of a job, unless it is done or at work; another job of the study is told to end.

    Raises:
        OSError: if the folder can't be written or no process started.
    """
    progress = job.progress()
    if progress is not None and progress.state in (RUNNING, DONE):
        return
    for other in job.folder.parent.glob("*/progress.json"):
        if other.parent != job.folder:
            Job(other.parent, job.trial).cancel()
    job.folder.mkdir(parents=True, exist_ok=True)
    (job.folder / "cancel").unlink(missing_ok=True)
    write_bytes_atomically(job.folder / "request.json", json.dumps(_document(job.trial)).encode())
    job.watch()
    job.write_progress(Progress(RUNNING, total=len(study.patients()), done=len(job.rows())))
    _spawn(study, job)


def _spawn(study: Study, job: Job) -> None:
    places = (str(Path(viewer.__file__).parents[1]), os.environ.get("PYTHONPATH"))
    named = (str(study.folder.absolute()), str(job.folder))
    with (job.folder / "errors.txt").open("wb") as errors:
        worker = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "viewer.cohort_trial_worker", *named],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))},
        )
    # The worker outlives neither its watchers nor its job; somebody must only take note of its end.
    threading.Thread(target=worker.wait, daemon=True).start()


def requested(folder: Path) -> Job:
    """Read the job of a folder."""
    document = json.loads((folder / "request.json").read_text("utf-8"))
    rule = document["rule"]
    labels = None if rule["labels"] is None else tuple(rule["labels"])
    return Job(
        folder, Trial(ConsensusRule(**{**rule, "labels": labels}), document["filtered"], document["veto"])
    )


@contextmanager
def alone(folder: Path, patience_s: float) -> Iterator[bool]:
    """Hold the lock of a study's trials; gives False where another worker does not let go of it in time."""
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience_s
    with (folder / _LOCK).open("a+") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    yield False
                    return
                time.sleep(0.1)
            else:
                yield True
                return


def _document(trial: Trial) -> dict[str, Any]:
    return {"rule": asdict(trial.rule), "filtered": trial.filtered, "veto": trial.veto}
