"""The page on which a visitor shows the access token: complete in itself, as nothing else is served yet."""

from html import escape

from flask import Response


def login_page(target: str, problem: str = "", status: int = 401) -> Response:
    """Ask for the token.

    Args:
        target: address on this server to go on to.
        problem: what was wrong with the last try, in a sentence; empty for a first visit.
        status: of the answer; 401 unless the page itself was asked for.
    """
    said = f'<p role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    marks = ' aria-invalid="true" aria-describedby="problem"' if problem else ""
    return _page(_FORM.format(problem=said, marks=marks, target=escape(target, quote=True)), status)


def step_page(target: str) -> Response:
    """Make one step from a page of our own, along which the browser sends our strict cookie."""
    return _page(_STEP.format(target=escape(target, quote=True)), 200)


def _page(body: str, status: int) -> Response:
    answer = Response(_SHELL.replace("{body}", body), status, mimetype="text/html")
    answer.headers["Cache-Control"] = "no-store"
    return answer


_STEP = """<meta http-equiv="refresh" content="0; url={target}">
<main><p><a href="{target}">Go on to glioscope</a></p></main>"""

_FORM = """<main>
<h1>glioscope</h1>
<p>This server asks for its access token.</p>
{problem}
<form method="post" action="/login">
<label for="token">Access token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus{marks}>
<input type="hidden" name="next" value="{target}">
<button type="submit">Enter</button>
</form>
<p class="small">Research use only, not for clinical decisions.</p>
</main>"""

_SHELL = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Enter · glioscope</title>
<style>
:root { color-scheme: dark light; --ground: #0a0e13; --panel: #11171e; --line: #46525f; --text: #e8edf2;
  --muted: #9ba8b5; --accent: #6cb8f6; --on-accent: #07131d; --danger: #ff8f8f; }
@media (prefers-color-scheme: light) { :root {
  --ground: #eef1f4; --panel: #fff; --line: #7b8793; --text: #18212a;
  --muted: #55616d; --accent: #155f9e; --on-accent: #fff; --danger: #a3212b; } }
body { display: grid; place-content: center; min-height: 100vh; margin: 0; background: var(--ground);
  color: var(--text); font: 15px/1.5 "Inter", "Segoe UI", "DejaVu Sans", system-ui, sans-serif; }
main { width: min(380px, calc(100vw - 32px)); box-sizing: border-box; padding: 26px 28px;
  border: 1px solid var(--line); border-radius: 12px; background: var(--panel); }
h1 { margin: 0 0 6px; font-size: 19px; }
p { margin: 0 0 14px; }
a { color: var(--accent); }
label { display: block; margin-bottom: 5px; font-size: 13px; color: var(--muted); }
input[type=password] { width: 100%; box-sizing: border-box; height: 40px; padding: 0 12px; border-radius: 7px;
  border: 1px solid var(--line); background: var(--ground); color: var(--text); font: inherit; }
button { width: 100%; height: 40px; margin: 14px 0; border: 0; border-radius: 7px; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[role=alert] { color: var(--danger); }
.small { margin: 0; font-size: 12.5px; color: var(--muted); }
</style>
</head>
<body>
{body}
</body>
</html>
"""
