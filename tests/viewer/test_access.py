import re
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from studies import write_volumes

from analysis.cohort.usage import UsageError
from viewer.access import Access, read_access, require_token
from viewer.app import create_app
from viewer.command_line import run

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105 - of this test alone
HTML = {"Accept": "text/html,*/*;q=0.8"}
PATIENT = "P-00001-000"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("access") / "study"
    write_volumes(folder)
    return create_app(folder, access=Access(TOKEN)).server


@pytest.fixture
def client(server):
    return server.test_client()


def entered(client):
    answer = client.post("/login", data={"token": TOKEN})
    assert answer.status_code == 303
    return client


EVERYTHING = [
    ("get", "/"),
    ("get", "/?patient=P-00001-000"),
    ("get", "/_dash-layout"),
    ("get", "/_dash-dependencies"),
    ("post", "/_dash-update-component"),
    ("get", f"/mesh/{PATIENT}/reference/voxel.packed"),
    ("get", f"/labels/{PATIENT}/reference.u8"),
    ("get", f"/image/{PATIENT}/t1c.u8"),
    ("get", f"/case/{PATIENT}.json"),
    ("get", f"/export/{PATIENT}/reference.glb"),
    ("get", "/assets/60-navigation.js"),
    ("get", "/assets/page.js"),
    ("get", "/nothing-is-here"),
]


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
def test_nothing_is_answered_to_a_stranger(client, method, path):
    answer = getattr(client, method)(path)
    assert answer.status_code == 401
    assert "access token" in answer.text
    assert "P-00002" not in answer.text


def test_every_route_of_the_application_asks_for_the_token(client):
    for rule in client.application.url_map.iter_rules():
        if rule.rule in ("/login", "/health"):
            continue
        path = re.sub(r"<[^>]*>", "x", rule.rule)
        for method in rule.methods - {"OPTIONS"}:
            assert client.open(path, method=method).status_code == 401, (method, path)


@pytest.mark.parametrize(("method", "path"), [one for one in EVERYTHING if one[0] == "get"][:-1])
def test_everything_is_answered_to_who_has_entered(client, method, path):
    with entered(client).get(path) as answer:
        assert answer.status_code == 200


def test_a_person_is_shown_where_to_enter_and_a_program_is_told_in_one_sentence(client):
    person = client.get("/?patient=P-00001-000", headers=HTML)
    assert 'type="password"' in person.text
    assert 'name="next" value="/?patient=P-00001-000"' in person.text
    program = client.get(f"/mesh/{PATIENT}/reference/voxel.packed")
    assert program.mimetype == "text/plain"
    assert program.text.count("\n") == 1
    assert program.headers["WWW-Authenticate"] == "Bearer"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    cookie = client.post("/login", data={"token": TOKEN}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    secure = client.post("/login", data={"token": TOKEN}, base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in secure


def test_a_wrong_token_gives_no_cookie_and_is_said(client):
    for wrong in ("", "wrong", TOKEN[:-1], TOKEN + "x", "ü" * 20):
        answer = client.post("/login", data={"token": wrong})
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers
        assert 'role="alert"' in answer.text
    assert client.get("/").status_code == 401


def test_a_link_with_the_token_is_answered_by_one_without_it(client):
    answer = client.get(f"/?patient={PATIENT}&token={TOKEN}&eps=0.01")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/?patient={PATIENT}&eps=0.01"
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(answer.headers["Location"]).status_code == 200


def test_a_link_with_a_wrong_token_opens_nothing_even_to_who_has_entered(client):
    assert entered(client).get("/?token=guessed").status_code == 401


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/\nSet-Cookie: x=1"]
)
def test_entering_never_leads_to_another_site(client, elsewhere):
    answer = client.post("/login", data={"token": TOKEN, "next": elsewhere})
    assert answer.headers["Location"] == "/"
    linked = client.get(f"//evil.example/?token={quote(TOKEN)}")
    assert linked.headers.get("Location", "/").startswith(("/?", "/")) is True
    assert not linked.headers.get("Location", "/").startswith("//")


def test_a_page_of_another_site_leads_here_by_one_step_of_our_own(client):
    away = client.get("/?patient=P&x=<b>", headers=HTML | {"Sec-Fetch-Site": "cross-site"})
    assert 'http-equiv="refresh" content="0; url=/?patient=P&amp;x=%3Cb%3E"' in away.text
    here = client.get("/", headers=HTML | {"Sec-Fetch-Site": "same-origin"})
    assert "refresh" not in here.text


def test_a_program_may_send_the_token_as_bearer(client):
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get("/", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_two_processes_know_one_anothers_visitors():
    first, second = Access(TOKEN), Access(TOKEN)
    assert second.admits(first.cookie(1000), now_s=999)
    assert first.cookie_name == second.cookie_name


def test_a_cookie_ends():
    access = Access(TOKEN)
    assert access.admits(access.cookie(1000), now_s=999.9)
    assert not access.admits(access.cookie(1000), now_s=1000)


def test_a_cookie_of_another_token_is_no_cookie():
    assert not Access(TOKEN).admits(Access(TOKEN + "2").cookie(1000), now_s=1)


@given(st.text(max_size=120))
def test_no_text_made_up_is_a_cookie(text):
    assert not Access(TOKEN).admits(text, now_s=0)


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_the_end_of_a_cookie_can_not_be_moved(ends, other):
    access = Access(TOKEN)
    _, _, signature = access.cookie(ends).partition(".")
    assert access.admits(f"{other}.{signature}", now_s=0) == (other == ends)


def test_the_token_is_written_nowhere(tmp_path, client, caplog):
    with caplog.at_level("DEBUG"):
        entered(client).get(f"/?token={TOKEN}")
        client.get("/?token=wrong-but-near")
    assert TOKEN not in repr(Access(TOKEN))
    assert TOKEN not in caplog.text


def test_what_a_visitor_shows_is_compared_in_constant_time_and_in_no_other_way(server, monkeypatch):
    compared = []

    def compare(given, ours):
        compared.append((given, ours))
        return False  # who looks for equality in another way lets the right token in

    monkeypatch.setattr("viewer.access.hmac.compare_digest", compare)
    client = server.test_client()
    access = Access(TOKEN)
    client.set_cookie(access.cookie_name, access.cookie(10**10), domain="localhost")
    assert client.get("/_dash-layout").status_code == 401
    assert client.get("/_dash-layout", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 401
    assert client.post("/login", data={"token": TOKEN}).status_code == 401
    assert client.get(f"/?token={TOKEN}").status_code == 401
    assert len(compared) >= 4
    assert all(isinstance(one, bytes) for pair in compared for one in pair)
    assert sum(ours == TOKEN.encode() for _, ours in compared) == 3


def test_a_token_comes_from_a_file_or_from_the_environment(tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    assert read_access(file, {"GLIOSCOPE_TOKEN": "another-long-enough-token"}) == Access(TOKEN)
    assert read_access(None, {"GLIOSCOPE_TOKEN": TOKEN}) == Access(TOKEN)
    assert read_access(None, {}) is None


@pytest.mark.parametrize("text", ["", "short", "with spaces in the middle", "ünprintable-and-long-enough"])
def test_a_token_that_could_be_guessed_is_refused(tmp_path, text):
    file = tmp_path / "token"
    file.write_text(text)
    with pytest.raises(UsageError, match="at least 16"):
        read_access(file, {})


def test_a_token_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="no-such-file"):
        read_access(tmp_path / "no-such-file", {})


OPEN = ["--host", "0.0.0.0", "--allow-host", "lab.example"]  # noqa: S104 - refused


def test_other_machines_are_let_in_only_with_a_token_or_by_an_explicit_word(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("GLIOSCOPE_TOKEN", raising=False)
    write_volumes(tmp_path / "study")
    assert run(["serve", str(tmp_path / "study"), *OPEN]) == 2
    said = capsys.readouterr().err
    assert "--token-file" in said
    assert "--no-token" in said


@pytest.mark.parametrize("way", ["file", "environment", "no token"])
def test_a_server_for_other_machines_starts_once_that_is_said(tmp_path, monkeypatch, way):
    monkeypatch.delenv("GLIOSCOPE_TOKEN", raising=False)
    write_volumes(tmp_path / "study")
    (tmp_path / "token").write_text(TOKEN)
    if way == "environment":
        monkeypatch.setenv("GLIOSCOPE_TOKEN", TOKEN)
    more = {"file": ["--token-file", str(tmp_path / "token")], "no token": ["--no-token"]}.get(way, [])
    served = []
    monkeypatch.setattr("viewer.commands.serve.answer", lambda serving, *_: served.append(serving))
    assert run(["serve", str(tmp_path / "study"), *OPEN, *more]) == 0
    assert served[0].access == (None if way == "no token" else Access(TOKEN))


def test_a_stranger_learns_nothing_from_a_route_that_stays_open():
    server = Flask("test")
    server.add_url_rule("/health", view_func=lambda: "well")
    require_token(server, Access(TOKEN))
    assert server.test_client().get("/health").text == "well"
