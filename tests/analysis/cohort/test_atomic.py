"""A file is whole or absent."""

import tempfile
from pathlib import Path

import pytest

from analysis.cohort.atomic import keep, remove_leftovers, temporary_beside, write_bytes_atomically


def test_a_written_file_is_there_with_its_folders_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b ü" / "c.nii.gz"
    write_bytes_atomically(path, b"one")
    write_bytes_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_an_error_while_writing_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    write_bytes_atomically(path, b"old")
    with pytest.raises(TypeError), temporary_beside(path) as temporary:
        temporary.write_bytes("not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / ".part-x"))

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(PermissionError) as caught:
        write_bytes_atomically(tmp_path / "x.bin", b"new")
    assert caught.value.filename == str(tmp_path / "x.bin")


def test_a_temporary_file_keeps_the_endings_that_libraries_look_at(tmp_path: Path) -> None:
    with temporary_beside(tmp_path / "x.nii.gz") as temporary:
        assert temporary.name.endswith(".nii.gz")
        keep(temporary, tmp_path / "x.nii.gz")
    assert (tmp_path / "x.nii.gz").exists()


def test_leftovers_of_killed_writers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/.part-x1.nii.gz").touch()
    (tmp_path / ".part-y").touch()
    (tmp_path / "kept.part").touch()
    assert remove_leftovers(tmp_path) == 2
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["deep", "kept.part"]
    assert remove_leftovers(tmp_path / "nowhere") == 0
