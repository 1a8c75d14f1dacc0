"""A case as one HTML file that opens without a server: stage, scores and components, and all bytes in it.

    props of the stage ─┐
    surfaces, volumes ──┼─► one text, in which frontend/src/snapshot finds everything by its address
    React, our bundle ──┘

The file asks nobody for anything: its policy allows no request but for what lies in it.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import dash

from viewer import __version__, case_bytes, ledger, panels, scores
from viewer.case_bytes import Made, grid
from viewer.component_html import html_of
from viewer.content_cache import ContentCache, content_key
from viewer.exports import NOT_CLINICAL
from viewer.open_study import NotInStudyError, Reading
from viewer.snapshot_tables import ledger_table
from viewer.static_files import BUILT, assets_folder
from viewer.view_state import ViewState

_SCRIPTS = ("react", "react-dom")


@dataclass(frozen=True, slots=True)
class _Held:
    """A file that lies in the page.

    Attributes:
        url: the address under which the stage asks for it.
        made: its bytes.
    """

    url: str
    made: Made


def snapshot(reading: Reading, view: ViewState, cache: ContentCache) -> Made:
    """Offer a case as one page.

    Args:
        reading: the study.
        view: which patient, and how it is looked at.
        cache: where derived bytes are kept.

    Raises:
        NotInStudyError: if there is no such patient, or no source has a volume of it.
    """
    patient = view.patient or ""
    files = _files(reading, patient, view)
    told = _told(reading, patient, view, cache, {held.url for held in files})
    parts = [*_scripts(), _style(), json.dumps(told), *(held.made.key for held in files)]
    key = content_key(f"snapshot 1 {__version__}", [], *parts, reading.study.name, _tables(reading, patient))
    return Made(key, "text/html", lambda: _page(reading, patient, told, files, cache).encode())


def _files(reading: Reading, patient: str, view: ViewState) -> list[_Held]:
    """Collect the surfaces, label volumes and the one image that the page shows."""
    reading.patient(patient)
    shown = panels.panels(reading, patient, view.mode)
    there = [panel for panel in shown if panel["meshUrl"]]
    if not there:
        raise NotInStudyError(f"No source has a volume of {patient}: there is nothing to take along.")
    found = [
        _Held(panel["meshUrl"], case_bytes.mesh(reading, patient, panel["key"], view.mode)) for panel in there
    ]
    found += [
        _Held(_labels_url(panel), case_bytes.label_volume(reading, patient, panel["key"])) for panel in there
    ]
    brain_url, contrast = panels.brain_url(reading, patient), _contrast(reading, patient, view)
    if brain_url is not None and contrast is not None:
        found.append(_Held(brain_url, case_bytes.brain(reading, patient)))
        found.append(_Held(f"image:{contrast}", case_bytes.image_volume(reading, patient, contrast)))
        found.append(_Held(f"scale:{contrast}", case_bytes.image_scale(reading, patient, contrast)))
    return found


def _labels_url(panel: Mapping[str, Any]) -> str:
    return f"labels:{panel['key']}"


def _contrast(reading: Reading, patient: str, view: ViewState) -> str | None:
    known = panels.contrasts(reading, patient)
    return view.contrast if view.contrast in known else next(iter(known), None)


def _told(
    reading: Reading, patient: str, view: ViewState, cache: ContentCache, held: set[str]
) -> dict[str, Any]:
    """Write what the stage is told, in the words of `CaseStage`; addresses are those of the files held."""
    found = grid(reading, patient, cache)
    names = [label.name for label in reading.cohort.scheme.labels] + ["brain"]
    brain_url = panels.brain_url(reading, patient)
    chosen = (
        ledger.selection(patient, reading.ledger(patient), reading.cohort.scheme, found, view.component)
        if view.component
        else None
    )
    crosshair = view.cursor or (chosen["mm"] if chosen else None)
    return {
        "id": "stage",
        "caseKey": patient,
        "panels": [{**panel, "exportUrl": None} for panel in panels.panels(reading, patient, view.mode)],
        "brainUrl": brain_url if brain_url in held else None,
        "labels": [
            {"name": one.name, "title": one.title, "value": one.value, "colour": one.colour}
            for one in reading.cohort.scheme.labels
        ],
        "layers": {name: name not in view.off for name in names},
        "theme": view.theme,
        "view": {"preset": view.preset, "nonce": 1},
        "camera": _camera(view),
        "cursor": crosshair,
        "selection": chosen,
        "linked": not view.unlinked,
        "maximized": view.alone,
        "order": list(view.panels),
        "opacity": {name: percent / 100 for name, percent in view.opacity},
        "isCut": view.cut,
        "slices": _slices(reading, patient, view, cache, held),
    }


def _camera(view: ViewState) -> dict[str, Any] | None:
    if view.camera is None:
        return None
    own = {str(name): _stand(turn) for name, *turn in view.cameras}
    return _stand(view.camera) | ({"own": own} if own else {})


def _stand(turn: Sequence[Any]) -> dict[str, Any]:
    azimuth, elevation, zoom, *target = turn
    stand: dict[str, Any] = {"azimuth": azimuth, "elevation": elevation, "zoom": zoom}
    return stand | ({"target": target} if target else {})


def _slices(
    reading: Reading, patient: str, view: ViewState, cache: ContentCache, held: set[str]
) -> dict[str, Any] | None:
    """Describe the slices as the page does, but with the files held and nothing computed by a server."""
    shown = replace(view, plane="axial") if view.plane == "none" else view
    told = panels.slices(reading, patient, shown, grid(reading, patient, cache))
    if told is None:
        return None
    image = f"image:{_contrast(reading, patient, view)}"
    kept = (
        "case",
        "shape",
        "affine",
        "fileAffine",
        "contrast",
        "greys",
        "plane",
        "convention",
        "window",
        "fill",
    )
    scale = f"scale:{_contrast(reading, patient, view)}"
    return {name: told[name] for name in kept if name in told} | {
        "imageUrl": image if image in held else None,
        "scaleUrl": scale if scale in held else None,
        "ruler": told["ruler"],
        "labelUrls": {
            source.name: f"labels:{source.name}" if f"labels:{source.name}" in held else None
            for source in reading.cohort.sources
        },
    }


def _page(
    reading: Reading, patient: str, told: Mapping[str, Any], files: list[_Held], cache: ContentCache
) -> str:
    held = "\n".join(_holder(one, cache) for one in files)
    scripts = [*_scripts()]
    size_bytes = len(held) + sum(len(script) for script in scripts)
    body = _BODY.format(
        title=escape(patient),
        study=escape(reading.study.name),
        mark='<span class="mark">Synthetic</span>' if reading.study.synthetic else "",
        notice=escape(NOT_CLINICAL),
        made=f"Made by glioscope {escape(__version__)}; about {size_bytes / 1e6:.1f} MB, of which "
        f"{len(held) / 1e6:.1f} MB are surfaces, label maps and one image.",
        tables=_tables(reading, patient),
    )
    # "<" would end the element where a text of the study says so
    case = json.dumps(told).replace("<", "\\u003c")
    return _SHELL.format(
        policy=_policy(scripts),
        title=f"{escape(patient)} · {escape(reading.study.name)} · glioscope",
        theme=told["theme"],
        style=_style(),
        body=body,
        case=case,
        files=held,
        scripts="\n".join(f"<script>{script}</script>" for script in scripts),
    )


def _holder(held: _Held, cache: ContentCache) -> str:
    text = base64.b64encode(held.made.compressed(cache)).decode("ascii")
    url, kind = escape(held.url, quote=True), escape(held.made.mimetype, quote=True)
    return f'<script type="text/plain" data-url="{url}" data-type="{kind}">{text}</script>'


def _tables(reading: Reading, patient: str) -> str:
    score = html_of(scores.scores_table(reading.cohort, reading.metrics(patient)))
    return _TABLES.format(scores=score, ledger=ledger_table(reading.cohort, reading.ledger(patient)))


def _scripts() -> list[str]:
    """React as Dash ships it, the stage's bundle, and what opens the page; safe to stand within <script>."""
    folder = Path(dash.__file__).parent / "deps"
    version = max(
        (path.name.split("@")[1].removesuffix(".min.js") for path in folder.glob("react@*.min.js")),
        key=lambda text: [int(number) for number in text.split(".")],
    )
    files = [folder / f"{name}@{version}.min.js" for name in _SCRIPTS]
    files += [BUILT / "case_stage.min.js", BUILT / "snapshot.min.js", assets_folder() / "66-definitions.js"]
    # both would change how a browser reads the rest; in a script they can only stand in texts
    return [
        file.read_text("utf-8").replace("</script", "<\\/script").replace("<!--", "<\\!--") for file in files
    ]


def _style() -> str:
    files = (BUILT / "case_stage.css", BUILT / "snapshot.css", assets_folder() / "35-definitions.css")
    return "".join(file.read_text("utf-8") for file in files)


def _policy(scripts: list[str]) -> str:
    """Allow what lies in the page and nothing else."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'sha256-{_digest(_style())}'; "
        "img-src data: blob:; connect-src blob:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


_SHELL = """<!DOCTYPE html>
<html lang="en" data-theme="{theme}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
<script type="application/json" id="case">{case}</script>
{files}
{scripts}
</body>
</html>
"""

_BODY = """<header>
<h1>{title}</h1>
<span class="muted">{study}</span>
{mark}
<p class="notice">{notice}</p>
</header>
<main>
<h2 class="visually-hidden">Panels of this case</h2>
<div id="stage-frame"><p class="muted">Opening the case …</p></div>
{tables}
</main>
<footer>{made} It holds everything it shows and asks nobody for anything.</footer>"""

_TABLES = """<section class="tables" aria-labelledby="scores-title">
<h2 id="scores-title">Scores of this case</h2>
<div class="scroll" tabindex="0" role="group" aria-labelledby="scores-title">{scores}</div>
</section>
<section class="tables" aria-labelledby="components-title">
<h2 id="components-title">Components of this case</h2>
<div class="scroll" tabindex="0" role="group" aria-labelledby="components-title">{ledger}</div>
</section>"""
