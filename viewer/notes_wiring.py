"""Notes on the page: 64-notes.js sends them, these callbacks list them anew."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from viewer import notes_card
from viewer.markup_component import Markup
from viewer.names import Id
from viewer.notes_store import NoteStore, NotesUnavailableError
from viewer.open_study import OpenStudy
from viewer.view_state import read_query


def notes_of(study: OpenStudy) -> NoteStore:
    """Say where the notes of a served study are kept: with the study, or where its state is."""
    return NoteStore(study.read().study.notes_path)


def wire_notes(app: Dash, study: OpenStudy, store: NoteStore) -> None:
    """List notes when a case is opened and when one is written."""

    @app.callback(
        Output(Id.NOTES_LIST, "children"),
        Output(Id.NOTES_COUNT, "children"),
        Output(Id.FLAGS, "data"),
        Input(Id.CASE, "data"),
        Input(Id.NOTES_CHANGED, "data"),
        prevent_initial_call=True,
    )
    def list_notes(share: str | None, _changed: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a time that only wakes us
        patient = read_query(share)[0].patient
        try:
            every = store.current()
            mine = [entry for entry in every if entry.patient == patient]
            history = {entry.note: store.history(entry.note) for entry in mine if entry.version > 1}
        except NotesUnavailableError as error:
            return Markup(notes_card.problem(error.args[0])), "", no_update
        flags = {
            "patients": notes_card.flags_of_patients(every),
            "components": notes_card.flags_of_components(mine),
        }
        listed = Markup(notes_card.listed(study.read().cohort, mine, history))
        return listed, str(len(mine) or ""), flags

    app.clientside_callback(
        ClientsideFunction("notes", "showFlags"),
        Output(Id.NOTES_COUNT, "title"),
        Input(Id.FLAGS, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("notes", "bringIn"),
        Output(Id.NOTES_FILE, "contents"),
        Input(Id.NOTES_FILE, "contents"),
        State(Id.NOTES_FILE, "filename"),
        prevent_initial_call=True,
    )
