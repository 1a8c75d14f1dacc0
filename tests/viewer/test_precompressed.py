"""Scripts and style sheets travel compressed, under a tag of their content, and are compressed once."""

import errno
import gzip
import re

import pytest
from flask import Flask, Response
from studies import write_volumes

from viewer.app import create_app
from viewer.content_cache import ContentCache
from viewer.precompressed import precompress

SCRIPT = b"let words = 'as many as it takes';\n" * 100
LOCAL = {"Host": "127.0.0.1"}
PACKED = {"Accept-Encoding": "gzip"}


@pytest.fixture
def cache(tmp_path):
    return ContentCache(tmp_path / "cache")


@pytest.fixture
def client(cache):
    server = Flask("test", static_folder=None)
    server.add_url_rule(
        "/assets/<name>.js", "script", lambda name: Response(SCRIPT, mimetype="text/javascript")
    )
    server.add_url_rule("/assets/<name>.png", "image", lambda name: Response(SCRIPT, mimetype="image/png"))
    server.add_url_rule("/assets/short.css", "short", lambda: Response(b"a{}", mimetype="text/css"))
    server.add_url_rule("/other.js", "other", lambda: Response(SCRIPT, mimetype="text/javascript"))
    precompress(server, cache)
    return server.test_client()


def test_a_script_is_sent_compressed_to_who_can_read_that_and_plain_to_others(client):
    packed, plain = client.get("/assets/a.js", headers=PACKED), client.get("/assets/a.js")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == SCRIPT
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in packed.vary
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(SCRIPT) / 10


def test_equal_content_has_one_tag_and_is_not_sent_to_who_has_it(client):
    tag = client.get("/assets/a.js", headers=PACKED).headers["ETag"]
    assert client.get("/assets/b.js").headers["ETag"] == tag
    again = client.get("/assets/a.js", headers={**PACKED, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_script_is_compressed_once(client, cache, monkeypatch):
    first = client.get("/assets/a.js", headers=PACKED).data
    monkeypatch.setattr(gzip, "compress", lambda *_, **__: pytest.fail("compressed again"))
    assert client.get("/assets/a.js", headers=PACKED).data == first
    assert len(list(cache.folder.rglob("*.gz"))) == 1


@pytest.mark.parametrize(
    "address", ["/assets/a.png", "/assets/short.css", "/other.js", "/assets/none.js.map"]
)
def test_pictures_short_texts_and_other_answers_are_left_alone(client, address):
    assert "Content-Encoding" not in client.get(address, headers=PACKED).headers


def test_a_full_disk_does_not_take_the_page_away(client, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("viewer.content_cache.write_bytes_atomically", full)
    answer = client.get("/assets/a.js", headers=PACKED)
    assert (answer.status_code, answer.data) == (200, SCRIPT)


def test_every_script_and_style_sheet_of_the_page_is_compressed_and_tagged(tmp_path):
    client = create_app(write_volumes(tmp_path / "study").folder).server.test_client()
    page = client.get("/", headers=LOCAL).text
    addresses = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css)[^"]*)"', page)
    assert len(addresses) > 12
    plain = {one: client.get(one, headers=LOCAL, buffered=True) for one in addresses}
    packed = {one: client.get(one, headers=LOCAL | PACKED, buffered=True) for one in addresses}
    large = [packed[one] for one, answer in plain.items() if len(answer.data) >= 1000]
    assert len(large) > 12
    assert all(
        answer.headers.get("Content-Encoding") == "gzip" and answer.headers["ETag"] for answer in large
    )
    sizes = [sum(len(answer.data) for answer in answers.values()) for answers in (packed, plain)]
    assert 3 * sizes[0] < sizes[1]
