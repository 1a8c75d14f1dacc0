import re
from dataclasses import replace
from pathlib import Path

import pytest
from studies import write_tables, write_volumes

from analysis.cohort.study import Method, write_study
from viewer.command_line import run
from viewer.report_page import Drawing, Heading, report_page

LINK = re.compile(r"(?:href|src)='([^']+)'")
SECTION = re.compile(r"<section id='([^']+)'")


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    study = write_volumes(folder, ("P-00001-000",))
    consensus = Method("consensus", "CC-Consensus", "consensus", role="consensus")
    write_study(replace(study, methods=(*study.methods, consensus)))
    assert run(["prepare", str(folder), "--jobs", "1"]) == 0
    return folder


def test_a_report_links_only_files_that_are_there(prepared: Path, tmp_path: Path) -> None:
    output = tmp_path / "report"
    assert run(["report", str(prepared), "-o", str(output), "--no-selectors", "--jobs", "1"]) == 0
    page = (output / "index.html").read_text()
    found = LINK.findall(page)
    contents = [link.removeprefix("#") for link in found if link.startswith("#")]
    sections = [name for name in SECTION.findall(page) if name != "missing"]
    assert contents == sections
    links = {link for link in found if not link.startswith("#")}
    assert links == {path.name for path in output.iterdir()} - {"index.html"}
    assert {
        "table_5_1.csv",
        "table_5_2.md",
        "appendix_b_size_sweep.csv",
        "figure_8.svg",
        "figure_1.png",
    } <= links
    assert "Research use only, not for clinical decisions." in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_report_names_what_prepare_left_out(tmp_path: Path) -> None:
    study = write_volumes(tmp_path / "study", ("P-00001-000", "P-00002-000"))
    (broken,) = (study.folder / "ground_truth").glob("P-00002-000*")
    broken.write_bytes(b"no volume")
    assert run(["prepare", str(study.folder), "--jobs", "1"]) == 1
    output = tmp_path / "report"
    assert run(["report", str(study.folder), "-o", str(output), "--no-selectors", "--jobs", "1"]) == 0
    page = (output / "index.html").read_text()
    assert "1 patient, methods Baseline, DistMap." in page
    assert "Not in these numbers: patient P-00002-000: reference not a NIfTI file" in page


def test_a_report_into_a_file_is_one_sentence(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "report.html"
    output.touch()
    assert run(["report", str(prepared), "-o", str(output), "--no-selectors", "--jobs", "1"]) == 2
    assert capsys.readouterr().err.endswith(f"glioscope: {output}: File exists\n")


@pytest.mark.slow
def test_two_reports_are_the_same_bytes(prepared: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(["report", str(prepared), "-o", str(tmp_path / name), "--no-selectors", "--jobs", "1"])
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


@pytest.mark.slow
def test_a_patient_that_cannot_be_read_is_named_and_the_rest_is_done(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = next((prepared / "predictions" / "baseline").iterdir())
    broken.write_bytes(b"no volume")
    assert (
        run(["report", str(prepared), "-o", str(tmp_path / "report"), "--no-selectors", "--jobs", "1"]) == 1
    )
    assert "P-00001-000" in capsys.readouterr().err
    assert (tmp_path / "report" / "table_5_1.csv").exists()


def test_a_study_that_was_not_prepared_is_bad_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_volumes(tmp_path / "study")
    assert run(["report", str(tmp_path / "study"), "-o", str(tmp_path / "report"), "--jobs", "1"]) == 2
    assert "run `glioscope prepare` first" in capsys.readouterr().err


def test_results_of_no_patient_are_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = write_volumes(tmp_path / "study")
    write_tables(study, [])
    assert run(["report", str(study.folder), "-o", str(tmp_path / "report"), "--jobs", "1"]) == 2
    assert "there is nothing to report" in capsys.readouterr().err


@pytest.mark.slow
def test_a_tables_only_study_says_what_needs_volumes(test_data: Path, tmp_path: Path) -> None:
    assert run(["init", str(tmp_path / "study"), "--published", str(test_data / "published")]) == 0
    study = tmp_path / "study"
    assert run(["report", str(study), "-o", str(tmp_path / "report"), "--no-selectors", "--jobs", "1"]) == 0
    page = (tmp_path / "report" / "index.html").read_text()
    assert "84 of these 102 are split across folds" in page
    assert "Figures 2 to 7, the six patients in 3D, need volumes." in page
    assert "These metrics need volumes: iou, precision" in page


def test_texts_of_a_study_are_escaped_and_synthetic_patients_said_to_be() -> None:
    heading = Heading("<script>alert(1)</script>", is_synthetic=True, lines=["a & b"], needs_volumes=[])
    page = report_page(heading, [Drawing("figure_1", "F", "x", {}, "nothing <there>")], [])
    assert "<script>" not in page
    assert "a &amp; b" in page
    assert "Synthetic patients" in page
    assert "<li>F: nothing &lt;there&gt;</li>" in page
