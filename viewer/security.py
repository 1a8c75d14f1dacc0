"""Headers and checks that keep the page private: nothing from outside, nothing to outside."""

from collections.abc import Collection, Sequence

from flask import Flask, Response, request

LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """Write the policy: everything from this server alone.

    Args:
        script_hashes: of Dash's inline scripts.
    """
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *script_hashes],
        "style-src": ["'self'", "'unsafe-inline'"],  # plotly and ag-grid write style elements
        "img-src": ["'self'", "data:", "blob:"],  # pictures that the page itself makes
        "font-src": ["'self'", "data:"],  # ag-grid's icons are a data: font
        "connect-src": ["'self'", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def secure(server: Flask, policy: str, allowed_hosts: Collection[str] | None) -> None:
    """Check every request's host and put the headers on every answer.

    Args:
        server: the application.
        policy: from `content_security_policy`.
        allowed_hosts: names the server answers to, without port; None answers to any (a proxy checks).
    """

    @server.before_request
    def check_host() -> Response | None:
        # A page of another site can point its own name at 127.0.0.1; then the host header betrays it.
        if allowed_hosts is None or _without_port(request.host) in allowed_hosts:
            return None
        return Response(
            f"This server does not answer to {request.host[:100]!r}.\n", 400, mimetype="text/plain"
        )

    @server.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() else host
