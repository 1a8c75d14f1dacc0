from pathlib import Path

import pytest
from prepared import PATIENTS
from typer.testing import CliRunner

from analysis.cohort.usage import UsageError
from viewer.commands.notes import app
from viewer.notes_store import Draft, NoteStore


@pytest.fixture
def state(tmp_path):
    store = NoteStore(tmp_path / "state" / "notes.sqlite")
    first = store.add(Draft(PATIENTS[0], "missed\ntwo lines", "Anna", "review", "distmap:ET:1"))
    store.edit(first.note, 1, Draft("", "=seen", "Ben"))
    return tmp_path / "state"


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_what_export_writes_import_takes_in_with_every_version(boxes, state, tmp_path, ending):
    file = tmp_path / f"notes.{ending}"
    assert run("export", boxes.folder, "-o", file, "--state", state).exit_code == 0
    other = tmp_path / "other"
    assert run("import", boxes.folder, file, "--state", other).exit_code == 0
    stores = [NoteStore(folder / "notes.sqlite").history() for folder in (state, other)]
    assert stores[0] == stores[1]
    assert "0 new versions" in run("import", boxes.folder, file, "--state", other).output


def test_export_without_a_file_writes_json_to_stdout(boxes, state):
    assert '"format": "glioscope-notes"' in run("export", boxes.folder, "--state", state).output


def test_a_study_without_notes_exports_an_empty_list(boxes, tmp_path):
    assert '"entries": []' in run("export", boxes.folder, "--state", tmp_path).output


def test_a_name_that_says_no_format_is_refused(boxes, state, tmp_path):
    with pytest.raises(UsageError, match=r"must end in \.json or \.csv"):
        run("export", boxes.folder, "-o", tmp_path / "notes.txt", "--state", state)


@pytest.mark.parametrize(("content", "words"), [(None, "can't be read"), ("a,b\n", "no file of notes")])
def test_a_file_that_is_none_of_notes_is_named(boxes, tmp_path, content, words):
    file = tmp_path / "notes.csv"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError, match=words):
        run("import", boxes.folder, file, "--state", tmp_path)
    assert not Path(tmp_path / "notes.sqlite").exists()
