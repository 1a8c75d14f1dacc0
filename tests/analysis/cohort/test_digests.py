"""A digest that is remembered is that of the file's bytes, whatever happens to the file."""

import hashlib
import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.cohort.digests import SETTLED_S, FileDigests
from analysis.cohort.places import place, put_bytes
from tests.remote_store import marked_memory

LATER_S = 1000.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"labels")
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every file that is read."""
    paths: list[Path] = []
    read_bytes = Path.read_bytes

    def counted(path: Path) -> bytes:
        paths.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    return paths


def _later() -> float:
    return time.time() + LATER_S


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def test_a_file_that_has_settled_is_read_once(file: Path, reads: list[Path]) -> None:
    digests = FileDigests(_later)
    assert [digests.digest(file) for _ in range(3)] == [_digest(b"labels")] * 3
    assert reads == [file]


def test_a_file_that_was_just_written_is_read_each_time(file: Path, reads: list[Path]) -> None:
    digests = FileDigests()
    for _ in range(3):
        digests.digest(file)
    assert reads == [file] * 3


def test_a_rewrite_under_the_same_size_and_time_of_content_is_seen(file: Path) -> None:
    digests = FileDigests(_later)
    before = file.stat()
    digests.digest(file)
    time.sleep(0.02)
    file.write_bytes(b"LABELS")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert digests.digest(file) == _digest(b"LABELS")


def test_a_rewrite_within_one_step_of_a_coarse_clock_is_seen(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that tells even seconds only, both writes have the same stamp: the first must not count."""
    now_s = 1_000_000_001.5
    monkeypatch.setattr(Path, "stat", lambda path: _coarse(path, now_s, step_s=2))
    digests = FileDigests(lambda: now_s)
    assert digests.digest(file) == _digest(b"labels")
    file.write_bytes(b"LABELS")
    assert digests.digest(file) == _digest(b"LABELS")


def _coarse(path: Path, now_s: float, step_s: int) -> SimpleNamespace:
    told_s = now_s // step_s * step_s
    told_ns = int(told_s * 1e9)
    return SimpleNamespace(
        st_size=os.stat(path).st_size,  # noqa: PTH116 - Path.stat is what this test replaces
        st_ino=1,
        st_dev=1,
        st_mtime=told_s,
        st_ctime=told_s,
        st_mtime_ns=told_ns,
        st_ctime_ns=told_ns,
    )


def test_a_file_from_the_future_is_never_taken_on_trust(file: Path, reads: list[Path]) -> None:
    digests = FileDigests(lambda: file.stat().st_mtime - LATER_S)
    for _ in range(2):
        digests.digest(file)
    assert reads == [file] * 2


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_bytes = Path.read_bytes

    def read_then_change(path: Path) -> bytes:
        content = read_bytes(path)
        path.write_bytes(b"changed")
        return content

    digests = FileDigests(_later)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", read_then_change)
        assert digests.digest(file) == _digest(b"labels")
    assert digests.digest(file) == _digest(b"changed")


def test_a_remote_file_that_changes_while_it_is_read_and_back_again_is_not_mistaken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A store gives the first content's mark again: the second's digest must not be remembered under it."""
    with marked_memory():
        path = place("memory://bucket/file")
        put_bytes(path, b"first")
        read_bytes = type(path).read_bytes

        def changed_then_read(remote: Path) -> bytes:
            put_bytes(remote, b"second")
            return bytes(read_bytes(remote))

        digests = FileDigests()
        with monkeypatch.context() as patch:
            patch.setattr(type(path), "read_bytes", changed_then_read)
            assert digests.digest(path) == _digest(b"second")
        put_bytes(path, b"first")
        assert digests.digest(path) == _digest(b"first")


def test_a_replaced_file_is_seen(file: Path) -> None:
    digests = FileDigests(_later)
    digests.digest(file)
    other = file.with_name("other")
    other.write_bytes(b"LABELS")
    other.replace(file)
    assert digests.digest(file) == _digest(b"LABELS")


def test_a_deleted_file_is_missed_not_remembered(file: Path) -> None:
    digests = FileDigests(_later)
    digests.digest(file)
    file.unlink()
    with pytest.raises(FileNotFoundError):
        digests.digest(file)


def test_no_step_of_a_clock_is_longer_than_the_time_to_settle() -> None:
    fat_s = 2.0
    assert fat_s < SETTLED_S
