"""An access token for a server that other machines can reach: asked of every request, kept as a cookie.

The token itself is never stored in the browser. A visitor shows it once, on the login page or in a link with
`?token=`, and is given a cookie: the time it ends and a signature of that time under the token. Nothing is
kept in the process, so any number of workers know one another's visitors.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, request

from analysis.cohort.usage import UsageError
from viewer.login_page import login_page, step_page

VARIABLE = "GLIOSCOPE_TOKEN"
SHORTEST_TOKEN = 16
COOKIE_S = 7 * 24 * 3600
LOGIN = "/login"
# Answered without a token; what they say must tell nothing about the study.
_OPEN = frozenset({LOGIN, "/health"})
_LONGEST_FORM_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Access:
    """What a visitor must know.

    Attributes:
        token: at least `SHORTEST_TOKEN` printable ASCII characters.
    """

    token: str = field(repr=False)

    def fits(self, given: str) -> bool:
        """Compare a token with ours in a time that does not depend on where they differ."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    @property
    def cookie_name(self) -> str:
        """Name the cookie after the token, since browsers do not keep the cookies of two ports apart."""
        return f"glioscope-{self._signed('name')[:12]}"

    def cookie(self, ends_s: int) -> str:
        """Write a cookie that is good until a time, seconds since 1970."""
        return f"{ends_s}.{self._signed(f'until {ends_s}')}"

    def admits(self, cookie: str, now_s: float) -> bool:
        """Say whether a cookie was written by us and is still good."""
        ends, _, signature = cookie.partition(".")
        if not (ends.isascii() and ends.isdigit() and len(ends) < 15):
            return False
        ours = self._signed(f"until {ends}")
        return hmac.compare_digest(signature.encode(), ours.encode()) and now_s < int(ends)

    def _signed(self, words: str) -> str:
        return hmac.new(self.token.encode(), f"glioscope {words}".encode(), hashlib.sha256).hexdigest()


def read_access(token_file: Path | None, environment: Mapping[str, str]) -> Access | None:
    """Take the token from a file, or else from the variable `GLIOSCOPE_TOKEN`; None where neither is given.

    Raises:
        UsageError: if the file can't be read or the token is too short or no plain text.
    """
    if token_file is not None:
        try:
            return _checked(token_file.read_text("utf-8").strip(), str(token_file))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{token_file}: the token can't be read from it: {error}") from error
    given = environment.get(VARIABLE)
    return None if given is None else _checked(given.strip(), VARIABLE)


def _checked(token: str, where: str) -> Access:
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(
            f"{where}: a token has at least {SHORTEST_TOKEN} printable ASCII characters without spaces, "
            f"this one has {len(token)}; make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return Access(token)


def is_known(access: Access | None) -> bool:
    """Say whether the present request comes from somebody who may see the study."""
    if access is None:
        return True
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and access.fits(bearer.strip()):
        return True
    return access.admits(request.cookies.get(access.cookie_name, ""), time.time())


def require_token(server: Flask, access: Access) -> None:
    """Answer nobody who has not shown the token, whatever is asked for: page, callbacks, bytes, assets.

    Args:
        server: the application; what is registered to run before a request ahead of this may still answer.
        access: what visitors must know.
    """

    @server.before_request
    def check_token() -> Response | None:
        if request.method == "GET" and "token" in request.args:
            return _exchanged(access, request.args["token"], _address_without_token())
        if request.path in _OPEN or is_known(access):
            return None
        return _stopped()

    @server.get(LOGIN)
    def ask() -> Response:
        return login_page(_local(request.args.get("next", "/")), status=200)

    @server.post(LOGIN)
    def enter() -> Response:
        if (request.content_length or 0) > _LONGEST_FORM_BYTES:
            return login_page("/", "That is no token.")
        target = _local(request.form.get("next", "/"))
        return _exchanged(access, request.form.get("token", "").strip(), target)


def _exchanged(access: Access, given: str, target: str) -> Response:
    """Give a cookie for a token, and go on at an address that does not hold the token."""
    if not access.fits(given):
        return login_page(target, "That is not the token of this server.")
    answer = Response(status=303, headers={"Location": target})
    answer.set_cookie(
        access.cookie_name,
        access.cookie(int(time.time()) + COOKIE_S),
        max_age=COOKIE_S,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _stopped() -> Response:
    """Refuse a stranger: a person is shown where to enter, a program is told in one sentence."""
    is_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if not is_page:
        answer = Response(
            "This server asks for its access token: open its page and enter it, or send it as "
            "'Authorization: Bearer TOKEN'.\n",
            401,
            mimetype="text/plain",
        )
        answer.headers["WWW-Authenticate"] = "Bearer"
        answer.headers["Cache-Control"] = "no-store"
        return answer
    here = _address_without_token()
    # A strict cookie is not sent along a link on another site's page: one step from our own page shows it.
    is_from_elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site"
    return step_page(here) if is_from_elsewhere else login_page(here)


def _address_without_token() -> str:
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != "token"]
    return _local(request.path + (f"?{urlencode(pairs)}" if pairs else ""))


def _local(address: str) -> str:
    """Keep an address only if it leads to this server: a link must not send visitors elsewhere."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_path and not address.startswith(LOGIN) else "/"
