import gzip
import multiprocessing
import os
import random
import time

import numpy as np
import pytest

from viewer.content_cache import ContentCache, content_key, gzipped
from viewer.eviction import Eviction


@pytest.fixture
def cache(tmp_path):
    return ContentCache(tmp_path / "cache")


def forbidden():
    raise AssertionError("made again although it was kept")


def test_what_was_made_is_kept(cache):
    assert cache.plain("ab12", lambda: b"mesh") == b"mesh"
    assert cache.plain("ab12", forbidden) == b"mesh"


def test_a_damaged_entry_is_made_again(cache):
    cache.plain("ab12", lambda: b"mesh")
    path = next(cache.folder.rglob("*.gz"))
    path.write_bytes(path.read_bytes()[:-3])
    assert cache.plain("ab12", lambda: b"mesh") == b"mesh"
    assert cache.plain("ab12", forbidden) == b"mesh"


def test_an_empty_entry_is_made_again(cache):
    cache.plain("ab12", lambda: b"mesh")
    next(cache.folder.rglob("*.gz")).write_bytes(b"")
    assert cache.plain("ab12", lambda: b"mesh") == b"mesh"


def test_runs_are_packed_as_small_as_anything_and_unpacked_the_same(cache):
    chance = np.random.default_rng(0)
    labels = np.repeat(chance.integers(0, 4, 4000).astype(np.uint8), chance.integers(1, 2000, 4000)).tobytes()
    packed = cache.compressed("ab12", lambda: labels, has_runs=True)
    assert packed == gzipped(labels, has_runs=True)
    assert gzip.decompress(packed) == labels
    assert len(packed) < 1.1 * len(gzipped(labels))


def test_equal_bytes_are_compressed_equally(cache):
    one, other = (cache.compressed(key, lambda: b"mesh" * 100) for key in ("ab12", "cd34"))
    assert one == other
    assert gzip.decompress(one) == b"mesh" * 100


def test_a_key_follows_the_content_not_the_name_or_time(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"labels")
    other.write_bytes(b"labels")
    assert content_key("mesh 1", [one]) == content_key("mesh 1", [other])
    other.write_bytes(b"label5")
    assert content_key("mesh 1", [one]) != content_key("mesh 1", [other])


def test_a_key_follows_the_recipe_and_its_options(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"labels")
    keys = {content_key("mesh 1", [file]), content_key("mesh 2", [file]), content_key("mesh 1", [file], "x")}
    keys |= {content_key("mesh 1", [file], "x", "y"), content_key("mesh 1", [file], "xy")}
    assert len(keys) == 5


KB = 1000


def entry(folder, name, size_bytes, used_s_ago):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size_bytes))
    used = time.time() - used_s_ago
    os.utime(path, (used, used))
    return path


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_was_not_used_the_longest_goes_first_and_only_as_much_as_must(tmp_path):
    for number, age_s in enumerate((500, 400, 300, 200, 100)):
        entry(tmp_path, f"{number % 2}/{number}", 25 * KB, age_s)
    Eviction(tmp_path, 100 * KB).added(0)
    # 125 kB are 25 too many, and 10 more make room for a while: two files
    assert names(tmp_path) == ["2", "3", "4"]


def test_a_use_saves_an_old_entry(tmp_path):
    eviction = Eviction(tmp_path, 100 * KB)
    oldest = entry(tmp_path, "oldest", 60 * KB, 500)
    entry(tmp_path, "newer", 60 * KB, 400)
    eviction.used(oldest)
    eviction.added(0)
    assert names(tmp_path) == ["oldest"]


def test_below_the_limit_nothing_goes(tmp_path):
    entry(tmp_path, "one", 100 * KB, 500)
    Eviction(tmp_path, 100 * KB).added(0)
    assert names(tmp_path) == ["one"]


def test_an_unfinished_file_goes_only_if_its_writer_must_be_dead(tmp_path):
    for name, age_s in ((".part-dead", 4000), (".part-alive", 3000)):
        entry(tmp_path, name, 10 * KB, age_s)
    Eviction(tmp_path, 1 * KB).added(0)
    assert names(tmp_path) == [".part-alive"]


def test_to_use_what_is_gone_does_not_bring_it_back(tmp_path):
    Eviction(tmp_path, KB).used(tmp_path / "gone")
    assert names(tmp_path) == []


def test_a_cache_never_grows_far_beyond_its_limit(tmp_path):
    cache = ContentCache(tmp_path / "cache", size_mb=1)
    noise = random.Random(0)  # noqa: S311 - repeatable, not secret
    largest_bytes = 0
    for number in range(60):
        data = noise.randbytes(40 * KB)
        assert cache.plain(f"{number:04x}", lambda data=data: data) == data
        size_bytes = sum(path.stat().st_size for path in cache.folder.rglob("*.gz"))
        largest_bytes = max(largest_bytes, size_bytes)
    assert 1_000_000 < largest_bytes < 1_000_000 * (1 + 1 / 16) + 41 * KB


def fill(folder, seed):
    cache = ContentCache(folder, size_mb=1)
    noise = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(400):
        key = noise.randrange(100)
        data = random.Random(key).randbytes(30 * KB)  # noqa: S311 - repeatable, not secret
        assert cache.plain(f"{key:04x}", lambda data=data: data) == data


@pytest.mark.slow
def test_processes_that_share_a_cache_read_the_right_bytes_while_each_deletes(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=fill, args=(tmp_path, seed)) for seed in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    size_bytes = sum(path.stat().st_size for path in tmp_path.rglob("*.gz"))
    assert size_bytes < 1_000_000 * (1 + 3 / 16) + 3 * 31 * KB
    assert not list(tmp_path.rglob(".part-*"))
