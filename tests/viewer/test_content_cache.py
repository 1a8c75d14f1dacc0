import gzip

import pytest

from viewer.content_cache import ContentCache, content_key


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
