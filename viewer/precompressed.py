"""Scripts and style sheets are compressed once and kept by content, as the bytes of cases are."""

import hashlib
from contextlib import suppress

from flask import Flask, Response, request

from viewer.content_cache import ContentCache

# Dash's own scripts, ours, and the style sheets; what a callback answers differs nearly every time.
STATIC = ("/_dash-component-suites/", "/assets/")
_TEXTS = ("javascript", "css", "json")
_SMALLEST_BYTES = 1000


def precompress(server: Flask, cache: ContentCache) -> None:
    """Send static texts compressed to whoever can read that, under a tag of their content.

    Args:
        server: the application.
        cache: keeps the compressed bytes; a study's own, so that workers share them.
    """

    @server.after_request
    def pack(response: Response) -> Response:
        if request.method != "GET" or response.status_code != 200 or not request.path.startswith(STATIC):
            return response
        if "Content-Encoding" in response.headers or not (response.mimetype or "").endswith(_TEXTS):
            return response
        response.direct_passthrough = False
        data = response.get_data()
        if len(data) < _SMALLEST_BYTES:
            return response
        key = hashlib.sha256(b"static 1" + data).hexdigest()
        response.vary.add("Accept-Encoding")
        response.set_etag(key)
        if request.if_none_match.contains(key):
            response.set_data(b"")
            response.status_code = 304
        elif request.accept_encodings["gzip"] > 0:
            with suppress(OSError):  # a full disk must not take the page away
                response.set_data(cache.compressed(key, lambda: data))
                response.headers["Content-Encoding"] = "gzip"
        return response
