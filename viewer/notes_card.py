"""The card of notes: what is written about the open case, and where one writes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from viewer.cohort_view import CohortView
from viewer.markup import attributes, named
from viewer.names import Id
from viewer.notes_store import FLAGS, LONGEST_AUTHOR, LONGEST_TEXT, Entry

_PLAIN = "note"
_ORDER = (*FLAGS, _PLAIN)
_LARGEST_FILE_BYTES = 6 * 2**20
_FLAG_TIPS = {
    "review": "Somebody should look at it again",
    "interesting": "Worth showing",
    "error": "Something is wrong with the data or the label map",
}


def composer() -> Component:
    """Make the place where one writes; it stays as it is while cases come and go."""
    return html.Div(
        [
            _who_and_what(),
            _words(),
            html.Div(id=Id.NOTE_SAYS, className="case-says", role="status"),
        ],
        className="composer",
    )


def _who_and_what() -> Component:
    return html.Div(
        [
            named(
                "Your name",
                dcc.Input(
                    id=Id.NOTE_AUTHOR,
                    type="text",
                    placeholder="Your name",
                    maxLength=LONGEST_AUTHOR,
                    persistence=True,
                    persistence_type="local",
                    className="search search-small",
                    autoComplete="name",
                ),
            ),
            html.Div(
                [_flag(name) for name in FLAGS],
                className="segments",
                role="group",
                **attributes(aria_label="Flag"),
            ),
            html.Button(
                "About the selected component",
                id=Id.NOTE_ABOUT,
                className="button button-small",
                title="Write about the selected component, not the whole case",
                **attributes(aria_pressed="false"),
            ),
        ],
        className="rule-line",
    )


def _words() -> Component:
    return html.Div(
        [
            named(
                "Note",
                dcc.Textarea(
                    id=Id.NOTE_TEXT,
                    placeholder="What should others know? Ctrl+Enter saves.",
                    maxLength=LONGEST_TEXT,
                    className="note-text",
                ),
            ),
            html.Button("Save", id=Id.NOTE_SAVE, className="button"),
        ],
        className="note-write",
    )


def _flag(name: str) -> Component:
    return html.Button(
        [html.Span(className=f"flag-dot flag-{name}"), name],
        className="segment",
        title=_FLAG_TIPS[name],
        **attributes(data_flag=name, aria_pressed="false"),
    )


def files() -> Component:
    """Make the links that take notes away and bring them back."""
    return html.Div(
        [
            html.Span("All notes of the study:", className="group-title"),
            html.A("JSON", href="/notes/export.json", download="glioscope-notes.json"),
            html.A("CSV", href="/notes/export.csv", download="glioscope-notes.csv"),
            dcc.Upload(
                html.Button("Bring in a file", className="button button-small"),
                id=Id.NOTES_FILE,
                accept=".json,.csv",
                max_size=_LARGEST_FILE_BYTES,
            ),
        ],
        className="note-files",
    )


def listed(
    cohort: CohortView, notes: Sequence[Entry], history: Mapping[str, Sequence[Entry]]
) -> list[Component]:
    """Write the notes of a case, the latest first.

    Args:
        cohort: titles of the sources.
        notes: last version of each.
        history: note to all of its versions.
    """
    if not notes:
        return [html.P("Nothing is noted about this case.", className="told")]
    titles = {source.name: source.title for source in cohort.sources}
    return [_note(entry, history.get(entry.note, ()), titles) for entry in reversed(notes)]


def _note(entry: Entry, versions: Sequence[Entry], titles: Mapping[str, str]) -> Component:
    head: list[Component] = []
    if entry.flag:
        head.append(
            html.Span([html.Span(className=f"flag-dot flag-{entry.flag}"), entry.flag], className="flag")
        )
    if entry.component:
        head.append(_component_link(entry.component, titles))
    head.append(html.Strong(entry.author))
    head.append(html.Time(_said(entry.time_utc), dateTime=entry.time_utc, className="fact"))
    words = attributes(data_note=entry.note, data_version=str(entry.version))
    tools = html.Span(
        [
            html.Button("Edit", className="link-button", **words, **attributes(data_note_do="edit")),
            html.Button("Delete", className="link-button", **words, **attributes(data_note_do="delete")),
        ],
        className="note-tools",
    )
    body: list[Component] = [html.Div([*head, tools], className="note-head")]
    if entry.text:
        body.append(html.P(entry.text, className="note-words"))
    if len(versions) > 1:
        body.append(_earlier(versions))
    return html.Article(body, className="note", **attributes(data_text=entry.text, data_note_flag=entry.flag))


def _component_link(component: str, titles: Mapping[str, str]) -> Component:
    source, _, rest = component.partition(":")
    label, _, number = rest.partition(":")
    return html.A(
        f"{label} {number} of {titles.get(source, source)}",
        href=f"?component={component}",
        **attributes(data_go=f"component={component}&cursor=", data_quiet=""),
    )


def _earlier(versions: Sequence[Entry]) -> Component:
    count = len(versions) - 1
    lines = []
    for one in reversed(versions[:-1]):
        who = ", ".join(filter(None, (one.author, _said(one.time_utc), one.flag)))
        lines.append(html.Li(f"{who}: {one.text or '(no words)'}"))
    return html.Details([html.Summary(f"{count} earlier version{'' if count == 1 else 's'}"), html.Ul(lines)])


def _said(time_utc: str) -> str:
    return time_utc.replace("T", " ").replace("Z", " UTC")


def flags_of_patients(notes: Sequence[Entry]) -> dict[str, str]:
    """Say for each patient which flags its notes carry; one without a flag counts as `note`."""
    return _flags((entry.patient, entry.flag) for entry in notes)


def flags_of_components(notes: Sequence[Entry]) -> dict[str, str]:
    """Say the same for each component of one case, by the id of its row."""
    return _flags((entry.component, entry.flag) for entry in notes if entry.component)


def _flags(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, Counter[str]] = {}
    for about, flag in given:
        found.setdefault(about, Counter())[flag or _PLAIN] += 1
    return {
        about: ", ".join(_times(name, counts) for name in _ORDER if counts[name])
        for about, counts in found.items()
    }


def _times(name: str, counts: Counter[str]) -> str:
    return name if counts[name] == 1 else f"{name} ×{counts[name]}"


def problem(sentence: str) -> Component:
    """Say why the notes can't be shown."""
    return html.P(sentence, className="told-problem", role="alert")
