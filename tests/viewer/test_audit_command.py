import json
from pathlib import Path

import pytest

from viewer.command_line import run

RANKINGS = {
    "rows": [
        {"patient_id": "BraTS-GLI-00048-001", "fold": "1"}
        | {
            method: {f"{kind}_{region}": 1.0 for kind in ("dice", "hd95") for region in ("WT", "TC", "ET")}
            for method in ("baseline", "distmap", "fusion")
        }
    ]
}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    (tmp_path / "tables" / "data").mkdir(parents=True)
    (tmp_path / "tables" / "data" / "rankings.json").write_text(json.dumps(RANKINGS))
    return tmp_path / "tables"


def test_the_audit_prints_its_findings_and_names_absent_tables(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "--published", str(published), "--quick"]) == 0
    out, err = capsys.readouterr()
    assert "  NO  scans: printed 1196, recomputed 1\n" in out
    assert "  ok  00048-001, fold: printed 1, recomputed 1\n" in out
    assert "fragments_topological_cv.csv (components and fragments of NCR, ED and ET)" in err


def test_the_audit_speaks_json(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--published", str(published), "--quick", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    scans = next(row for row in document["findings"] if row["quantity"] == "scans")
    assert (scans["printed"], scans["recomputed"], scans["verdict"]) == ("1196", 1, "disagrees")
    assert "sweep.csv" in document["absent"]


def test_the_audit_writes_its_tables(published: Path, tmp_path: Path) -> None:
    assert run(["audit", "--published", str(published), "--quick", "-o", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "findings.csv",
        "findings.md",
        "findings.tex",
    }
    assert (
        (tmp_path / "out" / "findings.csv")
        .read_text()
        .startswith("section,quantity,printed,recomputed,tolerance")
    )


def test_a_folder_without_tables_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--published", str(tmp_path)]) == 2
    assert "no rankings.json here, in data/ or in analysis/" in capsys.readouterr().err


def test_a_folder_that_is_no_study_is_bad_usage(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "--published", str(published), "--quick", str(tmp_path)]) == 2
    assert "is no study" in capsys.readouterr().err
