"""`doctor` names what is there, what is missing with its remedy, and what a cache holds."""

import json
from pathlib import Path

import pytest

from tests.cohort_on_disk import CohortOnDisk
from viewer import health, static_files
from viewer.app import FrontEndMissingError, create_app
from viewer.command_line import run


def test_a_missing_package_comes_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["numpy>=2", "no-such-package<3,>=1", "no-such-extra!=2.9.*; extra == 'training'"]
    monkeypatch.setattr(health, "_requirements", lambda: lines)
    found = {piece.name: piece for piece in health.pieces()}
    assert found["numpy"].found
    assert not found["numpy"].remedy
    assert found["no-such-package"] == health.Piece(
        "no-such-package", "glioscope", "", "pip install glioscope"
    )
    assert found["no-such-extra"].remedy == "pip install 'glioscope[training]'"
    assert health.report(None).exit_code == 1


def test_missing_extras_are_no_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in static_files.NEEDED:
        (tmp_path / name).touch()
    monkeypatch.setattr(static_files, "BUILT", tmp_path)
    monkeypatch.setattr(health, "_requirements", lambda: ["no-such-extra; extra == 'cluster'"])
    assert health.report(None).exit_code == 0


def test_a_page_that_lacks_a_script_is_a_fault_and_is_not_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in static_files.NEEDED[1:]:
        (tmp_path / name).touch()
    monkeypatch.setattr(static_files, "BUILT", tmp_path)
    monkeypatch.setattr(health, "_requirements", list)
    assert health.report(None).exit_code == 1
    with pytest.raises(FrontEndMissingError, match=r"it lacks plotly.min.js; run: pip install"):
        create_app(tmp_path)


def test_the_cache_is_counted_and_emptied_but_the_results_stay(
    cohort: CohortOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study"
    run(cohort.study_arguments(study))
    run(["prepare", str(study), "--jobs=1"])
    capsys.readouterr()
    run(["doctor", str(study), "--json"])
    (folder,) = json.loads(capsys.readouterr().out)["cache"]
    assert (folder["name"], folder["files"]) == ("parts", 3)
    assert folder["size_bytes"] == sum(path.stat().st_size for path in study.rglob("*.part"))
    results = {path: path.read_bytes() for path in (study / "results").iterdir()}
    run(["doctor", str(study), "--empty-cache", "--json"])
    assert json.loads(capsys.readouterr().out)["cache"] == []
    assert {path: path.read_bytes() for path in (study / "results").iterdir()} == results
    run(["prepare", str(study), "--jobs=1"])
    assert {path: path.read_bytes() for path in (study / "results").iterdir()} == results


def test_emptying_needs_a_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--empty-cache"]) == 2
    assert capsys.readouterr().err == "glioscope: --empty-cache needs the study whose cache to empty\n"


@pytest.mark.parametrize(
    ("size_bytes", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.34e13, "2.34e+04 GB")]
)
def test_sizes_are_written_in_the_unit_that_fits(size_bytes: int, text: str) -> None:
    assert health.size_text(size_bytes) == text
