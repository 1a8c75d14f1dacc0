"""Whatever dies, fills up or runs twice: nothing is lost or half written, and the results are the same."""

import errno
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest

from analysis.cohort.atomic import TEMPORARY_PREFIX
from analysis.cohort.nifti import write_label_map
from analysis.cohort.study import read_study
from tests.cohort_on_disk import CohortOnDisk, small_tumour
from viewer.command_line import run
from viewer.preparation import executors
from viewer.preparation.lock import LockedError, locked

KILLS = 20


@pytest.fixture
def study(cohort: CohortOnDisk, tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    assert run(cohort.study_arguments(folder)) == 0
    return folder


@pytest.fixture
def large_study(cohort: CohortOnDisk, study: Path) -> Path:
    """A study of enough patients for a run to be killed in its middle."""
    for number in range(3, 30):
        patient = f"BraTS-GLI-{number:05d}-000"
        write_label_map(cohort.reference_of(patient), small_tumour(number))
        for shift, method in enumerate(("baseline", "distmap"), start=1):
            write_label_map(cohort.prediction_of(method, patient), small_tumour(number, shift))
    return study


def _results(study: Path) -> dict[str, bytes]:
    folders = (study / "results", study / "consensus")
    return {path.name: path.read_bytes() for folder in folders for path in sorted(folder.iterdir())}


def _leftovers(study: Path) -> list[Path]:
    return list(study.rglob(f"{TEMPORARY_PREFIX}*"))


def _forget(study: Path) -> None:
    for name in ("results", "cache", "consensus"):
        shutil.rmtree(study / name, ignore_errors=True)


def _started(study: Path) -> subprocess.Popen[str]:
    command = [Path(sys.executable).with_name("glioscope"), "prepare", str(study), "--jobs=2"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _undisturbed(study: Path) -> dict[str, bytes]:
    process = _started(study)
    _, err = process.communicate()
    assert process.returncode == 0, err
    results = _results(study)
    _forget(study)
    return results


@pytest.mark.slow
def test_a_run_that_is_killed_twenty_times_ends_with_the_bytes_of_an_undisturbed_one(
    large_study: Path,
) -> None:
    expected = _undisturbed(large_study)
    chance = random.Random(0)  # noqa: S311 - repeatable, not secret
    killed_with_workers = 0
    for kill in range(KILLS):
        process = _started(large_study)
        _wait_for_parts(large_study, process, chance.randint(0, 4))
        time.sleep(chance.uniform(0, 0.05))
        workers = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        killed_with_workers += any(_is_worker(worker) for worker in workers)
        assert not psutil.wait_procs(workers, timeout=10)[1], f"kill {kill}: workers outlive their parent"
        process.communicate()
        if len(_parts(large_study)) > 20:
            _forget(large_study)  # from the start, or soon there would be nothing left to disturb
    assert killed_with_workers > KILLS / 2
    assert run(["prepare", str(large_study), "--jobs=1"]) == 0
    assert _results(large_study) == expected
    assert not _leftovers(large_study)


def _wait_for_parts(study: Path, process: subprocess.Popen[str], more: int) -> None:
    """Wait until a run has written some parts, or has ended."""
    before = len(_parts(study))
    while process.poll() is None and len(_parts(study)) < before + more:
        time.sleep(0.005)


def _parts(study: Path) -> list[Path]:
    return list((study / "cache").rglob("*.part"))


@pytest.mark.slow
def test_a_killed_worker_costs_no_patient(large_study: Path) -> None:
    expected = _undisturbed(large_study)
    process = _started(large_study)
    killed = 0
    while process.poll() is None and killed < 2:
        if len(list((large_study / "consensus").glob("*.nii.gz"))) > 3 * (killed + 1):
            workers = [one for one in psutil.Process(process.pid).children(recursive=True) if _is_worker(one)]
            if workers:
                workers[0].kill()
                killed += 1
        time.sleep(0.01)
    _, err = process.communicate()
    assert killed, "the run was over before a worker could be killed"
    assert process.returncode == 0, err
    assert _results(large_study) == expected


def _is_worker(process: psutil.Process) -> bool:
    """The leaves of the tree: neither the fork server nor the resource tracker."""
    try:
        return process.parent() is not None and "forkserver" in " ".join(process.parent().cmdline())
    except psutil.NoSuchProcess:
        return False


def _die_or_double(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


@pytest.mark.slow
def test_a_unit_that_kills_its_worker_fails_alone() -> None:
    done = {one.item: one for one in executors.run(executors.here(2), _die_or_double, range(8))}
    assert {item: one.result for item, one in done.items() if item != 3} == {
        n: 2 * n for n in range(8) if n != 3
    }
    assert isinstance(done[3].error, BrokenExecutor)
    assert str(done[3].error) == "its worker died: killed, out of memory, or crashed"


def _fail_at_two(number: int) -> int:
    if number == 2:
        raise ValueError("two")
    return number


def test_an_error_of_one_unit_is_kept_and_the_rest_goes_on() -> None:
    done = {one.item: one for one in executors.run(executors.here(1), _fail_at_two, range(4))}
    assert [done[number].result for number in range(4)] == [0, 1, None, 3]
    assert repr(done[2].error) == "ValueError('two')"


def test_few_units_are_under_way_at_once_however_many_there_are() -> None:
    asked: list[int] = []

    def units() -> Iterator[int]:
        for number in range(100):
            asked.append(number)
            yield number

    first = next(iter(executors.run(executors.threads(2), _fail_at_two, units())))
    assert first.item in (0, 1, 2, 3)


def test_a_second_prepare_refuses_while_the_first_is_at_work(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with locked(study / "cache"):
        capsys.readouterr()
        assert run(["prepare", str(study), "--jobs=1"]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"glioscope: {study} is being prepared by process {os.getpid()} on ")
        assert not (study / "results").exists()
        with pytest.raises(LockedError), locked(study / "cache"):
            pass
    assert run(["prepare", str(study), "--jobs=1"]) == 0


def _hold(cache: Path, ready: object) -> None:
    with locked(cache):
        ready.set()  # type: ignore[attr-defined]
        time.sleep(60)


@pytest.mark.slow
def test_the_lock_of_a_killed_holder_is_free(study: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(study / "cache", ready))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(LockedError, match=f"process {holder.pid} on"), locked(study / "cache"):
        pass
    holder.kill()
    holder.join()
    with locked(study / "cache"):
        pass


@pytest.mark.parametrize("writes", range(11))  # 3 patients with 2 files each, 5 tables
def test_a_full_disk_leaves_nothing_half_written(
    study: Path, writes: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["prepare", str(study), "--jobs=1"])
    expected = _results(study)
    _forget(study)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", partial(_full_after, [writes]))
        capsys.readouterr()
        assert run(["prepare", str(study), "--jobs=1"]) == 2
    assert capsys.readouterr().err == (
        f"glioscope: {study}: the disk is full; what is done is kept, run `glioscope prepare` again\n"
    )
    assert not _leftovers(study)
    assert not (study / "results").exists() or not list((study / "results").iterdir())
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    assert _results(study) == expected


def _full_after(left: list[int], _file: object) -> None:
    left[0] -= 1
    if left[0] < 0:
        raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def _small_disk(folder: Path) -> Iterator[bool]:
    """Mount a tmpfs of 300 kB, where we may; says whether."""
    folder.mkdir()
    mounted = os.geteuid() == 0 and _mount("-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder))
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["/bin/umount", str(folder)], check=True)


def _mount(*arguments: str) -> bool:
    return not subprocess.run(["/bin/mount", *arguments], capture_output=True, check=False).returncode


@pytest.mark.slow
def test_a_truly_full_disk_keeps_what_is_done(
    large_study: Path, cohort: CohortOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _small_disk(tmp_path / "disk") as mounted:
        if not mounted:
            return  # the same without a real disk: test_a_full_disk_leaves_nothing_half_written
        small = tmp_path / "disk" / "study"
        run(cohort.study_arguments(small))
        capsys.readouterr()
        assert run(["prepare", str(small), "--jobs=1"]) == 2
        assert "the disk is full" in capsys.readouterr().err
        assert not _leftovers(small)
        done = len(list(small.rglob("*.part")))
        assert done > 3
        assert _mount("-o", "remount,size=50m", str(tmp_path / "disk"))
        assert run(["prepare", str(small), "--jobs=1", "--json"]) == 0
        assert f'"kept": {done}' in capsys.readouterr().out


def test_a_study_that_may_not_be_written_is_one_sentence(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    capsys.readouterr()
    assert run(["prepare", str(study), "--jobs=1"]) == 2
    assert capsys.readouterr().err.startswith(f"glioscope: {study}: the study may not be written; what is ")


def test_a_clock_that_jumps_changes_nothing(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(["prepare", str(study), "--jobs=1"])
    expected = _results(study)
    for number, path in enumerate(sorted(study.parent.rglob("*"))):
        os.utime(path, (4e9 - number, 4e9 - number))
    monkeypatch.setattr(time, "time", lambda: 0.0)
    plan = read_study(study)
    assert plan.patients()
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    assert _results(study) == expected
    _forget(study)
    run(["prepare", str(study), "--jobs=1"])
    assert _results(study) == expected


def test_swapped_inputs_are_noticed_and_swapping_back_restores_the_bytes(
    cohort: CohortOnDisk, study: Path
) -> None:
    run(["prepare", str(study), "--jobs=1"])
    expected = _results(study)
    one, other = (cohort.prediction_of("distmap", patient) for patient in cohort.patients[:2])
    for _ in range(2):
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)
        before = _results(study)
        run(["prepare", str(study), "--jobs=1"])
        assert _results(study) != before
    assert _results(study) == expected


def test_leftovers_of_a_killed_run_are_cleaned_up(study: Path) -> None:
    for folder in ("cache/parts/x", "consensus", "results"):
        (study / folder).mkdir(parents=True)
        (study / folder / f"{TEMPORARY_PREFIX}abc.nii.gz").touch()
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    assert not _leftovers(study)


def test_what_a_worker_left_that_was_killed_in_the_same_run_is_cleaned_up_too(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = study / "consensus" / f"{TEMPORARY_PREFIX}abc.nii.gz"

    def leave(*_: object) -> None:  # called after the run has cleaned up at its start
        left.parent.mkdir(exist_ok=True)
        left.touch()

    monkeypatch.setattr("viewer.preparation.prepare._compile_for_workers", leave)
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    assert not _leftovers(study)


@pytest.mark.slow
def test_a_truncated_input_fails_alone_and_is_named(
    cohort: CohortOnDisk, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = cohort.prediction_of("distmap", cohort.patients[0])
    whole = broken.read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])
    capsys.readouterr()
    assert run(["prepare", str(study), "--jobs=1"]) == 1
    err = capsys.readouterr().err
    assert f"patient {cohort.patients[0]}: prediction distmap truncated: the gzip stream ends early" in err
    assert str(broken) in err
    broken.write_bytes(whole)
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    mended = _results(study)
    _forget(study)
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    assert _results(study) == mended


NOBODY = 65534


def _as_nobody(arguments: list[str]) -> None:
    """Run a command under another uid, which owns nothing of the study's inputs."""
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    os._exit(run(arguments))


@pytest.mark.slow
def test_an_input_that_another_user_may_not_read_fails_alone_and_is_named(
    cohort: CohortOnDisk, study: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may become another user")
    for folder in (study, *study.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o055)
    os.chown(study, NOBODY, NOBODY)
    closed = cohort.prediction_of("baseline", cohort.patients[1])
    closed.chmod(0o600)
    process = multiprocessing.get_context("fork").Process(
        target=_as_nobody, args=(["prepare", str(study), "--jobs=1"],)
    )
    process.start()
    process.join(120)
    assert process.exitcode == 1
    err = capfd.readouterr().err
    assert str(closed) in err
    assert "Permission denied" in err or "may not be read" in err
    assert "Traceback" not in err
    closed.chmod(0o644)
    assert run(["prepare", str(study), "--jobs=1"]) == 0


@pytest.mark.slow
def test_of_two_prepares_at_once_one_may_refuse_and_nothing_is_corrupted(large_study: Path) -> None:
    expected = _undisturbed(large_study)
    both = [_started(large_study) for _ in range(2)]
    spoken = [process.communicate()[1] for process in both]
    assert 0 in {process.returncode for process in both}
    for process, err in zip(both, spoken, strict=True):
        assert process.returncode == 0 or "is being prepared by process" in err
    assert _results(large_study) == expected
    assert not _leftovers(large_study)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a study", "Étude n° 1", "研究", "a'b\"c $(x) %20", "-dash"])
def test_spaces_and_any_letters_in_a_path_change_no_byte(
    cohort: CohortOnDisk, study: Path, tmp_path: Path, name: str
) -> None:
    run(["prepare", str(study), "--jobs=1"])
    moved = CohortOnDisk(shutil.copytree(cohort.folder, tmp_path / name / "inputs"))
    other = tmp_path / name / "study"
    assert run(moved.study_arguments(other)) == 0
    assert run(["prepare", str(other), "--jobs=1"]) == 0
    assert _results(other) == _results(study)
