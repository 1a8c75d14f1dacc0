"""The whole of `prepare`: look what is missing, compute it, assemble the tables."""

import errno
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from analysis.cohort.atomic import remove_leftovers
from analysis.cohort.places import is_remote
from analysis.cohort.results import read_table
from analysis.cohort.study import CONSENSUS_FOLDER, Patient, Study
from analysis.cohort.usage import UsageError
from analysis.warming import warm
from analysis.wording import counted
from viewer.preparation.assembly import Entry, assemble
from viewer.preparation.executors import Place, run, threads
from viewer.preparation.lock import locked
from viewer.preparation.parts import PARTS_FOLDER, Failure, prune_parts
from viewer.preparation.program import program_version
from viewer.preparation.progress import shown
from viewer.preparation.recipe import Recipe, recipe_of
from viewer.preparation.shared_folder import require_shared
from viewer.preparation.unit import Plan, WorkerError, plan_patient, prepare_patient

_AT_ONCE_REMOTELY = 16
_FAILURES_TOLD = 20
_NO_DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the study lies on a read-only disk",
    errno.EACCES: "the study may not be written",
}


@dataclass(frozen=True, slots=True)
class Work:
    """What `prepare` would do.

    Attributes:
        todo: patient id to the names of the groups to compute.
        kept: how many patients have everything already.
        failures: patients whose files could not be looked at.
    """

    todo: Mapping[str, tuple[str, ...]]
    kept: int
    failures: tuple[Failure, ...]

    @property
    def lines(self) -> list[str]:
        """One line a patient that would be computed."""
        return [f"{patient}: {'; '.join(groups)}" for patient, groups in self.todo.items()]

    @property
    def sentence(self) -> str:
        """The plan in one line."""
        return f"would compute {counted(len(self.todo), 'patient')} and keep {self.kept}"


@dataclass(frozen=True, slots=True)
class Summary:
    """What `prepare` did.

    Attributes:
        patients: in the study.
        computed: of them, computed in this run.
        kept: of them, found whole in the cache.
        usable: of them, in the results.
        failures: everything that is in failures.parquet now.
        wrote_results: whether the tables changed.
    """

    patients: int
    computed: int
    kept: int
    usable: int
    failures: tuple[Failure, ...]
    wrote_results: bool

    @property
    def exit_code(self) -> int:
        """0 if all went well, 1 if some patients failed, 2 if all did."""
        return 0 if not self.failures else 1 if self.usable else 2

    @property
    def failure_lines(self) -> list[str]:
        """What went wrong: the first few sentences, and of many how many each kind has."""
        told = [failure.error for failure in self.failures[:_FAILURES_TOLD]]
        if len(self.failures) <= _FAILURES_TOLD:
            return told
        kinds = Counter(
            f"{failure.stage} {failure.method}" if failure.method else failure.stage
            for failure in self.failures
        )
        each = ", ".join(f"{count} at {kind}" for kind, count in sorted(kinds.items()))
        return [*told, f"and {len(self.failures) - len(told)} more in failures.parquet; together {each}"]

    @property
    def sentence(self) -> str:
        """The run in one line."""
        failed = len({failure.patient for failure in self.failures})
        results = "results written" if self.wrote_results else "results were up to date"
        failures = f", {failed} with failures" if failed else ""
        patients = counted(self.patients, "patient")
        return f"{patients}: {self.computed} computed, {self.kept} kept{failures}; {results}"


def plan_study(study: Study, place: Place) -> Work:
    """Say what `prepare_study` would do; changes nothing.

    Raises:
        UsageError: if the study has nothing to prepare.
    """
    look = partial(plan_patient, recipe_of(study))
    plans, failures = _carried_out(study, _looking(study, place), look, _patients(study), "look")
    todo = {name: plan.missing for name, plan in sorted(plans.items()) if plan.missing}
    return Work(todo, len(plans) - len(todo), tuple(failures))


def prepare_study(study: Study, place: Place) -> Summary:
    """Compute what is missing and write the results.

    May be killed at any moment: what is done stays, and the next run goes on from there.

    Raises:
        UsageError: if there is nothing to prepare, somebody else prepares the study, the disk is full, or the
            workers of a cluster do not share it.
    """
    patients = _patients(study)
    recipe = recipe_of(study)
    try:
        with locked(study.cache_folder):
            require_shared(study.cache_folder, place)
            return _prepare(study, recipe, patients, place)
    except OSError as error:
        raise _disk_error(study, error) from error


def _prepare(study: Study, recipe: Recipe, patients: Sequence[Patient], place: Place) -> Summary:
    _remove_leftovers(study)
    look, compute = partial(plan_patient, recipe), partial(prepare_patient, recipe)
    plans, failures = _carried_out(study, _looking(study, place), look, patients, "look")
    todo = [patient for patient in patients if patient.id in plans and plans[patient.id].missing]
    _compile_for_workers(place, todo)
    done, failed = _carried_out(study, place, compute, todo, "prepare")
    _remove_leftovers(study)  # of workers that were killed in this very run
    ready = {name: plan for name, plan in plans.items() if not plan.missing} | done
    entries = [
        Entry(patient.id, patient.fold, ready[patient.id].keys) for patient in patients if patient.id in ready
    ]
    wrote = assemble(study, entries, (*failures, *failed), program_version("viewer.preparation.assembly"))
    for name, plan in done.items():
        prune_parts(study.cache_folder, name, plan.keys)
    table = read_table(study, "failures")
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return Summary(
        patients=len(patients),
        computed=len(done),
        kept=len(ready) - len(done),
        usable=len(read_table(study, "patients", columns=["patient"])),
        failures=tuple(Failure(**{str(key): value for key, value in row.items()}) for row in rows),
        wrote_results=wrote,
    )


def _remove_leftovers(study: Study) -> None:
    """Delete what killed processes left half written, but in cache/served, where a server may be writing."""
    for folder in (study.folder / CONSENSUS_FOLDER, study.cache_folder / PARTS_FOLDER, study.results_folder):
        remove_leftovers(folder)


def _compile_for_workers(place: Place, todo: Sequence[Patient]) -> None:
    """Fill the cache of compiled code once, where else each new process would do it for itself."""
    if todo and place.workers > 1 and not place.is_remote:
        for compile_all in shown(iter([warm]), 1, "compile", unit="step"):
            compile_all()


def _patients(study: Study) -> tuple[Patient, ...]:
    if not study.has_volumes:
        raise UsageError(
            f"{study.folder} holds published tables without volumes: there is nothing to prepare"
        )
    patients = study.patients()
    if not patients:
        folder = study.path(study.reference.folder if study.reference else "")
        raise UsageError(f"{study.folder}: no patient has a label map in {folder}")
    return patients


def _looking(study: Study, place: Place) -> Place:
    """Reading and digesting files needs no processes of its own; a cluster does it where the files are.

    What lies behind a URL is asked for by many at once: each waits for answers nearly all the time.
    """
    if place.is_remote:
        return place
    return threads(_AT_ONCE_REMOTELY if is_remote(study.folder) else place.workers)


def _carried_out(
    study: Study,
    place: Place,
    function: Callable[[Patient], Plan],
    patients: Sequence[Patient],
    title: str,
) -> tuple[dict[str, Plan], list[Failure]]:
    """Run a function on patients; a patient that fails is a failure, a full disk ends everything."""
    plans: dict[str, Plan] = {}
    failures: list[Failure] = []
    for done in shown(run(place, function, patients), len(patients), title):
        if isinstance(done.error, OSError) and done.error.errno in _NO_DISK:
            raise _disk_error(study, done.error)
        if isinstance(done.error, WorkerError):
            raise UsageError(str(done.error)) from done.error
        if done.result is None:
            name = done.item.id
            text = f"patient {name}: {type(done.error).__name__}: {done.error}"
            failures.append(Failure(name, None, "work", text))
        else:
            plans[done.item.id] = done.result
    return plans, failures


def _disk_error(study: Study, error: OSError) -> Exception:
    """Say what is wrong with the disk; anything else is a fault of ours and stays what it is."""
    reason = _NO_DISK.get(error.errno or 0)
    if reason is None:
        return error
    return UsageError(f"{study.folder}: {reason}; what is done is kept, run `glioscope prepare` again")
