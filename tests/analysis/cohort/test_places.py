"""A URL and a path are used alike, and nothing takes the one for the other."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.cohort.atomic import keep_all, temporary_beside, write_bytes_atomically
from analysis.cohort.layouts import LABEL_PATTERNS, detect_label_pattern, find_files
from analysis.cohort.places import (
    PlaceError,
    below,
    content_mark,
    is_put_at_once,
    is_remote,
    named_from,
    place,
    put_bytes,
    reason_of,
    stamp,
)
from analysis.cohort.trees import tree
from tests.remote_store import empty_memory, marked_memory


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    with empty_memory():
        yield


@pytest.mark.parametrize("name", ["study", "/data/study", "a b/ü", "./x", "C:weird"])
def test_a_path_is_a_path(name: str) -> None:
    assert place(name) == Path(name)
    assert not is_remote(place(name))


def test_the_home_folder_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place("~/study") == tmp_path / "study"


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    assert place(f"file://{tmp_path}/study") == tmp_path / "study"


def test_a_remote_place_can_not_be_taken_for_a_local_file() -> None:
    with pytest.raises(TypeError):
        os.fspath(place("memory://study"))


def test_a_place_is_named_as_it_was_typed() -> None:
    assert str(place("memory://study/a b")) == "memory://study/a b"
    assert place(place("memory://study")) == place("memory://study")


def test_an_unknown_protocol_is_one_sentence() -> None:
    with pytest.raises(PlaceError, match=r"^nowhere:// is no place that is known here"):
        place("nowhere://study")


def test_a_protocol_whose_library_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_protocol: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("fsspec.get_filesystem_class", missing)
    with pytest.raises(PlaceError, match=r"s3:// can't be read yet: .*pip install 'glioscope\[remote\]'"):
        place("s3://bucket/study")


@pytest.mark.parametrize("folder", ["/data/study", "memory://study"])
def test_what_a_study_names_is_relative_absolute_or_a_url(folder: str) -> None:
    study = place(folder)
    assert str(below(study, "images")) == f"{folder}/images"
    assert below(study, "") == study
    assert below(study, "/elsewhere/images") == Path("/elsewhere/images")
    assert str(below(study, "memory://other/images")) == "memory://other/images"


@pytest.mark.parametrize("folder", ["/data/study", "memory://study"])
def test_a_name_leads_back_to_the_place(folder: str) -> None:
    study = place(folder)
    for target in (study / "images", study, place("/elsewhere/images"), place("memory://other/images")):
        assert below(study, named_from(study, target)) == target
    assert named_from(study, study / "images") == "images"


def test_bytes_are_put_whole_and_read_back() -> None:
    path = place("memory://bucket/deep/er/file")
    write_bytes_atomically(path, b"one")
    write_bytes_atomically(path, b"other")
    assert path.read_bytes() == b"other"
    assert is_put_at_once(path)


def test_a_store_that_does_not_put_at_once_gets_a_file_beside_and_a_move(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("analysis.cohort.places._PUT_AT_ONCE", frozenset())
    path = place("memory://bucket/file")
    moves: list[tuple[str, str]] = []
    move = type(path.fs).mv

    def noted(store: object, source: str, target: str, **options: object) -> None:
        assert not path.exists(), "the final name was there before the move"
        moves.append((source, target))
        move(store, source, target, **options)

    monkeypatch.setattr(type(path.fs), "mv", noted)
    put_bytes(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert len(moves) == 1
    assert [child.name for child in path.parent.iterdir()] == ["file"]


def test_a_library_writes_a_local_file_that_is_then_put(tmp_path: Path) -> None:
    path = place("memory://bucket/table.parquet")
    with temporary_beside(path) as temporary:
        temporary.write_bytes(b"table")
        assert temporary.suffix == ".parquet"
        assert not is_remote(temporary)
        keep_all({temporary: path})
    assert path.read_bytes() == b"table"
    assert not temporary.exists()


def test_a_mark_follows_the_content() -> None:
    with marked_memory():
        one, other = place("memory://bucket/one"), place("memory://bucket/other")
        put_bytes(one, b"labels")
        put_bytes(other, b"labels")
        first = content_mark(one)
        assert first == content_mark(other) != ""
        put_bytes(one, b"LABELS")
        assert content_mark(one) != first


def test_a_store_that_knows_only_a_time_gives_no_mark() -> None:
    path = place("memory://bucket/one")
    put_bytes(path, b"labels")
    assert content_mark(path) == ""


@pytest.mark.parametrize("remote", [False, True])
def test_a_stamp_is_empty_without_a_file_and_changes_with_it(tmp_path: Path, *, remote: bool) -> None:
    path = place("memory://bucket/file") if remote else tmp_path / "file"
    assert stamp(path) == ()
    write_bytes_atomically(path, b"one")
    first = stamp(path)
    assert first == stamp(path) != ()
    write_bytes_atomically(path, b"longer")
    assert stamp(path) != first


@pytest.mark.parametrize("pattern", LABEL_PATTERNS)
def test_files_are_found_alike_on_a_disk_and_behind_a_url(pattern: str, tmp_path: Path) -> None:
    found = []
    for folder in (tmp_path / "root", place("memory://root")):
        for patient in ("P-1", "P-2"):
            name = pattern.replace("{patient}", patient).replace("{fold}", "3")
            write_bytes_atomically(folder / name, b"")
        write_bytes_atomically(folder / "readme.txt", b"")
        assert detect_label_pattern(folder) == pattern
        files = find_files(folder, pattern)
        found.append([(str(one.path).rpartition("root/")[2], one.patient, one.fold) for one in files])
    assert found[0] == found[1]
    assert len(found[0]) == 2


def test_what_is_not_there_is_empty() -> None:
    folder = place("memory://nothing/here")
    assert list(tree(folder).children(folder)) == []
    assert not tree(folder).exists(folder / "file")
    assert find_files(folder, "{patient}.nii.gz") == []


def test_a_folder_behind_a_url_is_listed_once_however_many_patterns_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = place("memory://root")
    write_bytes_atomically(folder / "P-1" / "P-1.nii.gz", b"")
    find = type(folder.fs).find
    listings: list[str] = []

    def noted(store: object, path: str, **options: object) -> object:
        listings.append(path)
        return find(store, path, **options)

    monkeypatch.setattr(type(folder.fs), "find", noted)
    assert detect_label_pattern(folder) == "{patient}/{patient}.nii.gz"
    assert len(listings) == 1


def test_a_reason_leaves_out_the_name_that_was_said_and_no_other() -> None:
    error = PermissionError(13, "Permission denied", "/data/scan.nii.gz")
    assert reason_of(error, Path("/data/scan.nii.gz")) == "Permission denied"
    assert reason_of(error, Path("/out/case.png")) == "[Errno 13] Permission denied: '/data/scan.nii.gz'"
    assert reason_of(ValueError("no volume"), Path("x")) == "no volume"
