"""The page of a report: every table and figure, shown and linked; one file without scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from analysis.report.contents import Part
from analysis.statistics.tables import cell
from viewer.exports import NOT_CLINICAL

_ROWS_SHOWN = 30
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #6b7680; --accent: #0b6e4f; }
@media (prefers-color-scheme: dark) { :root { --quiet: #9aa5ad; --accent: #5fd0a5; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 1.5rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .2rem; }
p { margin: .3rem 0; } .quiet { color: var(--quiet); } a { color: var(--accent); }
.notice { border: 1px solid var(--line); border-left: 4px solid #c8385a; padding: .5rem .8rem; }
nav ul { columns: 20rem; margin: 1.2rem 0 0; padding-left: 1.2rem; } nav li { break-inside: avoid; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; margin: .5rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .6rem; text-align: left; white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
tbody tr:hover { background: var(--line); } section:target h2 { color: var(--accent); }
img { background: #fff; padding: .6rem; box-sizing: border-box; max-width: 100%; height: auto; }
img { border-radius: 6px; }
""".strip()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure of the report.

    Attributes:
        name: of its files.
        title: for people.
        alternative: what it shows, in words.
        files: PNG and SVG bytes by suffix; empty where the study lacks what it needs.
        lacking: then this says what.
    """

    name: str
    title: str
    alternative: str
    files: Mapping[str, bytes]
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What the page says at its top.

    Attributes:
        name: of the study.
        is_synthetic: whether its patients are made up.
        lines: sentences about the study and how the numbers were made.
        needs_volumes: what a study without volumes can't show; empty with volumes.
    """

    name: str
    is_synthetic: bool
    lines: Sequence[str]
    needs_volumes: Sequence[str]


def report_page(heading: Heading, drawings: Sequence[Drawing], parts: Sequence[Part]) -> str:
    """Write the page. Every text is escaped; nothing is loaded but the files beside it."""
    there = [part for part in parts if part.table is not None]
    body = [
        *_top(heading),
        *_contents(drawings, there),
        *(_drawing(one) for one in drawings if one.files),
        *(_part(part) for part in there),
        *_missing(heading, drawings, parts),
        f"<footer><p class='quiet'>{NOT_CLINICAL}</p></footer>",
    ]
    title = escape(heading.name)
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src 'self' file:; "
        "style-src 'unsafe-inline'\">\n"
        f"<title>{title}: report</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _top(heading: Heading) -> list[str]:
    lines = [f"<h1>{escape(heading.name)}</h1>"]
    if heading.is_synthetic:
        lines.append("<p><strong>Synthetic patients: everything here is made up by a program.</strong></p>")
    lines += [f"<p class='quiet'>{escape(line)}</p>" for line in heading.lines]
    lines.append(f"<p class='notice'>{NOT_CLINICAL}</p>")
    return lines


def _contents(drawings: Sequence[Drawing], parts: Sequence[Part]) -> list[str]:
    entries = [(one.name, one.title) for one in drawings if one.files]
    entries += [(part.name, part.title) for part in parts]
    items = "".join(f"<li><a href='#{name}'>{escape(title)}</a></li>" for name, title in entries)
    return [f"<nav aria-label='Contents'><ul>{items}</ul></nav>"]


def _drawing(one: Drawing) -> str:
    kind = "svg" if "svg" in one.files else "png"
    source, alternative = f"{one.name}.{kind}", escape(one.alternative, quote=True)
    links = ", ".join(f"<a href='{one.name}.{kind}'>{kind.upper()}</a>" for kind in one.files)
    return (
        f"<section id='{one.name}'><h2>{escape(one.title)}</h2><p>{links}</p>"
        f"<img src='{source}' alt='{alternative}'></section>"
    )


def _part(part: Part) -> str:
    links = ", ".join(f"<a href='{part.name}.{kind}'>{kind.upper()}</a>" for kind in ("csv", "md", "tex"))
    return (
        f"<section id='{part.name}'><h2>{escape(part.title)}</h2>"
        f"<p class='quiet'>{escape(part.note)}</p><p>{links}</p>{_table(part.table)}</section>"
    )


def _table(table: pd.DataFrame | None) -> str:
    if table is None:
        return ""
    head = "".join(f"<th scope='col'>{escape(_words(column))}</th>" for column in table.columns)
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in table.dtypes]
    rows = [
        "".join(_cell(value, is_number=flag) for value, flag in zip(row, numeric, strict=True))
        for row in table.head(_ROWS_SHOWN).astype(object).to_numpy()
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    more = len(table) - len(rows)
    rest = f"<p class='quiet'>{more} more rows in the files.</p>" if more > 0 else ""
    return (
        f"<div class='scroll'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{rest}"
    )


def _cell(value: object, *, is_number: bool) -> str:
    return f"<td{' class=number' if is_number else ''}>{escape(cell(value))}</td>"


def _words(column: object) -> str:
    return str(column).replace("_", " ")


def _missing(heading: Heading, drawings: Sequence[Drawing], parts: Sequence[Part]) -> list[str]:
    lacking = [(drawing.title, drawing.lacking) for drawing in drawings if drawing.lacking]
    lacking += [(part.title, part.lacking) for part in parts if part.lacking]
    items = [f"<li>{escape(title)}: {escape(reason)}</li>" for title, reason in lacking]
    items += [f"<li>{escape(sentence)}</li>" for sentence in heading.needs_volumes]
    if not items:
        return []
    return [f"<section id='missing'><h2>Not in this report</h2><ul>{''.join(items)}</ul></section>"]
