import re

import pytest
from flask import Flask

from benchmarks.synthetic_tables import write_synthetic_tables
from viewer.app import create_app
from viewer.page_files import add_joined
from viewer.static_files import assets_folder


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "study"
    write_synthetic_tables(folder, 5)
    return create_app(folder).server.test_client()


@pytest.fixture(scope="module")
def index(client):
    return client.get("/").text


def addresses(index, kind):
    return re.findall(rf'<{kind} [^>]*(?:src|href)="([^"]*)"', index)


def test_everything_the_page_names_is_there(client, index):
    named = addresses(index, "script") + addresses(index, "link")
    assert len(named) > 15
    found = {}
    for name in named:
        with client.get(name) as answer:
            found[name] = answer.status_code
    assert found == dict.fromkeys(named, 200)


def test_the_name_of_a_study_stays_text(tmp_path):
    write_synthetic_tables(tmp_path / "study", 5)
    toml = tmp_path / "study" / "study.toml"
    name = re.search(r'^name = "(.*)"', toml.read_text(), re.MULTILINE)[1]
    toml.write_text(toml.read_text().replace(f'"{name}"', '"</title><b>{x}"', 1))
    index = create_app(tmp_path / "study").server.test_client().get("/").text
    assert "<title>&lt;/title&gt;&lt;b&gt;{x} · glioscope</title>" in index


def test_the_page_loads_nothing_it_has_no_use_for(index):
    scripts = " ".join(addresses(index, "script"))
    assert "/react@" in scripts
    assert "/dash_renderer" in scripts
    assert "/viewer/_static/plotly." in scripts
    assert "polyfill" not in scripts
    assert "dash_table" not in scripts


def test_what_the_scripts_ask_for_later_is_asked_for_at_once(index):
    soon = re.findall(r'<link rel="preload" [^>]*href="([^"]*)"', index)
    assert [name for name in soon if "dash-layout" in name or "dash-dependencies" in name] == [
        "/_dash-layout",
        "/_dash-dependencies",
    ]
    assert len(soon) == 5


@pytest.mark.parametrize(("kind", "start"), [("js", "script"), ("css", "link")])
def test_our_own_files_come_as_one_in_the_order_of_their_names(client, index, kind, start):
    [address] = [
        name for name in addresses(index, start) if name.startswith("/assets/page.") and f".{kind}?" in name
    ]
    sent = client.get(address)
    assert sent.text == "\n".join(file.read_text() for file in sorted(assets_folder().glob(f"*.{kind}")))
    assert sent.headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_the_address_of_joined_files_changes_with_what_is_in_them(tmp_path):
    file = tmp_path / "a.css"
    file.write_text("a {}")
    first = add_joined(Flask("one"), "joined.css", [file], "text/css")
    assert add_joined(Flask("two"), "joined.css", [file], "text/css") == first
    file.write_text("b {}")
    server = Flask("three")
    changed = add_joined(server, "joined.css", [file], "text/css")
    assert changed != first
    assert server.test_client().get(changed).text == "b {}"
