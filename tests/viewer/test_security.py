import pytest
from flask import Flask

from viewer.security import LOCAL_NAMES, content_security_policy, secure


def served(allowed_hosts=LOCAL_NAMES):
    server = Flask("test")
    server.add_url_rule("/", view_func=lambda: "here")
    secure(server, content_security_policy(["'sha256-x'"]), allowed_hosts)
    return server.test_client()


def test_the_policy_names_no_other_host():
    words = content_security_policy(["'sha256-x'"]).replace(";", " ").split()
    assert not any("://" in word or "*" in word for word in words)
    assert "'unsafe-eval'" not in words


def test_scripts_run_only_from_here_or_by_their_hash():
    rules = dict(rule.strip().split(" ", 1) for rule in content_security_policy(["'sha256-x'"]).split(";"))
    assert rules["script-src"] == "'self' 'sha256-x'"


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost:8050", "localhost", "[::1]:8050"])
def test_this_machine_is_answered(host):
    assert served().get("/", headers={"Host": host}).text == "here"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", ""])
def test_a_name_pointed_at_this_machine_is_refused(host):
    answer = served().get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "does not answer" in answer.text


def test_behind_a_proxy_any_name_is_answered():
    assert served(None).get("/", headers={"Host": "lab.example"}).text == "here"


def test_refusals_carry_the_headers_too():
    for host in ("localhost", "evil.example"):
        headers = served().get("/", headers={"Host": host}).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in headers["Content-Security-Policy"]
