"""What changes something must come from our own page, not from another one in the same browser."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

_HARMLESS = ("GET", "HEAD", "OPTIONS")
_OWN = ("same-origin", "none")  # none: the person typed it


def refuse_cross_site(server: Flask) -> None:
    """Refuse every request that may change something and comes from another site.

    A browser says where a request comes from (`Sec-Fetch-Site`, older ones `Origin`), and a page can't make
    it lie. A program that is no browser says neither and is let through.
    """

    @server.before_request
    def check_site() -> Response | None:
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if request.method in _HARMLESS or is_own(site, origin, request.host):
            return None
        return Response("This request comes from another site, and is refused.\n", 403, mimetype="text/plain")


def is_own(site: str | None, origin: str | None, host: str) -> bool:
    """Say whether a request comes from our own page.

    Args:
        site: the header Sec-Fetch-Site.
        origin: the header Origin.
        host: under which name and port we were asked.
    """
    if site is not None:
        return site in _OWN
    return origin is None or urlsplit(origin).netloc == host
