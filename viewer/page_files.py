"""Which files the page loads, joined where they are ours and asked for before they are needed."""

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from dash import Dash
from flask import Flask, Response

from viewer.static_files import assets_folder

#: Scripts that Dash puts on every page and this one has no use for: for browsers without promises or `fetch`,
#: in which WebGL2 would not run either, and of Dash's own table.
_UNUSED = ("/dash/deps/polyfill@", "/dash/dash_table/")

#: What the scripts ask for once they run; without a word before, the page would wait for each.
_SOON_SCRIPTS = (
    "_dash-component-suites/dash_ag_grid/async-community.js",
    "_dash-component-suites/dash/dcc/async-graph.js",
    "_dash-component-suites/dash/dcc/async-upload.js",
)
_SOON_ANSWERS = ("_dash-layout", "_dash-dependencies")

_SCRIPT = re.compile(r'<script src="([^"]*)"></script>')


_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{metas}
<title>{title}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
{css}
<link rel="stylesheet" href="{styles}">
{early}
</head>
<body>
{app_entry}
{config}
{scripts}
<script src="{own_scripts}"></script>
{renderer}
</body>
</html>
"""


class Page(Dash):
    """A Dash application whose page loads what it needs, early and in few files, and nothing else."""

    def __init__(self, server: Flask, title: str, metas: Sequence[dict[str, str]]) -> None:
        super().__init__(
            "viewer",
            server=server,  # type: ignore[arg-type] # Dash takes an application, too
            assets_folder=str(assets_folder()),
            include_assets_files=False,
            title=title,
            update_title="",
            meta_tags=metas,
            serve_locally=True,
        )
        self._styles = add_joined(
            server, "assets/page.css", sorted(assets_folder().glob("*.css")), "text/css"
        )
        self._scripts = add_joined(
            server, "assets/page.js", sorted(assets_folder().glob("*.js")), "text/javascript"
        )

    def interpolate_index(self, **pieces: str) -> str:  # type: ignore[override] # as Dash's documentation has it
        """Put the page together out of Dash's pieces."""
        early = [f'<link rel="preload" as="script" href="/{path}">' for path in _SOON_SCRIPTS]
        early += [f'<link rel="preload" as="fetch" crossorigin href="/{path}">' for path in _SOON_ANSWERS]
        used = _SCRIPT.sub(_if_used, pieces["scripts"])
        title = html.escape(pieces["title"])
        ours = {
            "title": title,
            "styles": self._styles,
            "early": "\n".join(early),
            "own_scripts": self._scripts,
        }
        return _INDEX.format(**{**pieces, "scripts": used, **ours})


def _if_used(script: re.Match[str]) -> str:
    return "" if any(unused in script[1] for unused in _UNUSED) else script[0]


def add_joined(server: Flask, address: str, files: Iterable[Path], kind: str) -> str:
    """Serve files as one, one after the other; its address changes with what is in them.

    Returns:
        The address under which browsers may keep it for good.
    """
    joined = "\n".join(file.read_text(encoding="utf-8") for file in files)

    @server.get(f"/{address}", endpoint=address)
    def send() -> Response:
        answer = Response(joined, mimetype=kind)
        answer.cache_control.private = True
        answer.cache_control.max_age = 365 * 24 * 3600
        answer.cache_control.immutable = True
        return answer

    return f"/{address}?m={hashlib.sha256(joined.encode()).hexdigest()[:16]}"
