import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
from published_folder import rankings_row, write_features, write_fragments, write_rankings

from analysis.audit.against_study import Agreement, compare_study
from analysis.audit.claim import Claim, Finding, judge, printed_value, rounding_tolerance
from analysis.audit.evidence import Evidence
from analysis.audit.paper import audit_paper, paper_claims
from analysis.audit.text import agreement_text, audit_sentence, audit_text
from analysis.published import read_published

ALL = {"B": 0.8, "D": 0.9, "F": 0.7}
ONE = "BraTS-GLI-00048-001"


@pytest.mark.parametrize(
    ("printed", "value", "tolerance"),
    [
        ("0.9354", 0.9354, 5e-5),
        ("+0.006 pp", 0.006, 5e-4),
        ("-0.10 mm", -0.1, 5e-3),
        ("5.7e-14", 5.7e-14, 5e-16),
        ("p < 1e-189", 1e-189, 5e-190),
        ("602", 602, 0),
        ("-66 %", -66, 0.5),
        ("38.7 %", 38.7, 0.05),
        ("x1.5", 1.5, 0.05),
    ],
)
def test_a_printed_number_is_known_to_half_its_last_digit(
    printed: str, value: float, tolerance: float
) -> None:
    assert printed_value(printed) == value
    assert rounding_tolerance(printed) == pytest.approx(tolerance, rel=1e-12)


def test_a_claim_without_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="no number in 'none'"):
        printed_value("none")


def as_table(rows: Sequence[Finding] | Sequence[Agreement]) -> pd.DataFrame:
    return pd.DataFrame([asdict(row) for row in rows])


def claim(printed: str, value: float, **more: object) -> Claim:
    return Claim("5.1", "a number", printed, lambda _: value, ("rankings.json",), "How.", **more)  # type: ignore[arg-type]


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    write_rankings(tmp_path, [rankings_row(ONE, 1, ALL)])
    return Evidence(read_published(tmp_path))


@pytest.mark.parametrize(
    ("printed", "recomputed", "relation", "verdict"),
    [
        ("0.90", 0.9049999, "equals", "agrees"),
        ("0.90", 0.9051, "equals", "disagrees"),
        ("0.5", 0.55, "equals", "agrees"),
        ("12", 12.0, "equals", "agrees"),
        ("12", 13.0, "equals", "disagrees"),
        ("p < 1e-3", 0.9e-3, "below", "agrees"),
        ("p < 1e-3", 1e-3, "below", "disagrees"),
        ("p > 0.25", 0.26, "above", "agrees"),
        ("1.0", math.nan, "equals", "disagrees"),
    ],
)
def test_a_verdict_follows_from_the_rounding(
    evidence: Evidence, printed: str, recomputed: float, relation: str, verdict: str
) -> None:
    assert judge(claim(printed, recomputed, relation=relation), evidence).verdict == verdict


def test_a_disagreement_is_explained_by_the_paper_or_by_the_tables(evidence: Evidence) -> None:
    assert judge(claim("1", 2.0, why="Because."), evidence).explanation == "How. Because."
    assert judge(claim("1", 2.0), evidence).explanation.startswith(
        "How. These tables do not give the printed number"
    )
    assert judge(claim("1", 1.0, why="Because."), evidence).explanation == "How."


def test_a_claim_whose_table_is_absent_names_it(evidence: Evidence) -> None:
    needing = Claim("5.2", "a number", "1", lambda _: 1.0, ("fragments_topological_cv.csv",), "How.")
    finding = judge(needing, evidence)
    assert (finding.verdict, finding.explanation) == (
        "not checked",
        "fragments_topological_cv.csv is absent.",
    )
    assert math.isnan(finding.recomputed)


def test_a_quick_audit_says_what_it_left_out(evidence: Evidence) -> None:
    finding = judge(claim("1", 1.0, is_slow=True), evidence, with_selectors=False)
    assert (finding.verdict, finding.explanation) == (
        "not checked",
        "No classifiers were fitted in this run.",
    )


def test_every_claim_has_its_own_name_and_a_sentence() -> None:
    claims = paper_claims()
    assert len({(one.section, one.quantity) for one in claims}) == len(claims) > 150
    for one in claims:
        assert one.how.endswith(".")
        assert not one.why or one.why.endswith(".")
        assert printed_value(one.printed) is not None


def test_a_tiny_cohort_is_audited_to_the_end(tmp_path: Path) -> None:
    other = "BraTS-GLI-00050-000"
    write_rankings(
        tmp_path, [rankings_row(ONE, 1, ALL), rankings_row(other, 0, {"B": 0.5, "D": 0.5, "F": 0.5})]
    )
    write_fragments(tmp_path, {ONE: (4, 6, 2)}, fold=1)
    write_features(tmp_path, {ONE: (100, 50, 20)}, fold=1)
    table = as_table(audit_paper(read_published(tmp_path), with_selectors=False)).set_index("quantity")
    assert table.loc["fragments of ED, DistMap over Baseline", "recomputed"] == 1.5
    assert table.loc["scans", "verdict"] == "disagrees"
    assert math.isnan(table.loc["01437-000, fold", "recomputed"])
    rule = table.loc["Dice average, one-feature rule, same scans"]
    assert rule["verdict"] == "not checked"
    assert rule["explanation"] == "2 scans are too few to fit a policy; at least 50 are needed."


def published_copy(test_data: Path, folder: Path) -> Path:
    for path in (test_data / "published").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def found(test_data: Path) -> list[Finding]:
    return audit_paper(read_published(test_data / "published"), with_selectors=False)


@pytest.fixture
def findings(found: list[Finding]) -> pd.DataFrame:
    return as_table(found)


EXPECTED_DISAGREEMENTS = {
    ("Abstract", "fragments of NCR, DistMap over Baseline"),
    ("4.1", "scans of fold 0"),
    ("4.1", "subjects whose scans lie in more than one fold"),
    ("5.1", "Dice WT, DistMap - Baseline in percentage points"),
    ("5.1", "Dice TC, DistMap - Baseline in percentage points"),
    ("5.1", "Dice ET, DistMap - Baseline in percentage points"),
    ("5.1", "Dice average, DistMap - Baseline in percentage points"),
    ("5.1", "p of Dice WT, DistMap > Baseline"),
    ("5.1", "p of the Dice average, DistMap > Baseline"),
    ("5.2", "fragments of NCR, baseline"),
    ("5.2", "fragments of NCR, distmap"),
    ("5.2", "fragments of ET, DistMap - Baseline"),
    ("5.2", "p of fragments of ET, consensus < baseline"),
    ("5.3", "fragments of NCR, DistMap over Baseline"),
    ("5.3", "fragments of ED, CC-Consensus against DistMap in percent"),
    ("5.3", "share of C5 with a Dice difference above 0.001"),
    ("5.3", "share of C6 with a Dice difference above 0.001"),
    ("5.3", "HD95 ET, consensus"),
    ("5.3", "p of HD95 TC, CC-Consensus against DistMap, two-sided"),
    ("5.3", "p of HD95 ET, CC-Consensus against DistMap, two-sided"),
    ("5.3", "Baseline scans whose HD95 of ET is not the same in the two tables the section joins"),
    ("5.3", "gain of Baseline only over CC-Consensus"),
    ("5.5", "mean Dice of ET that the scans without ET add (CC-Consensus)"),
    ("5.5", "points of Dice average above the winners' range (0.87 to 0.89)"),
    ("6.4", "scans without ET in the ground truth that score Dice 1 (CC-Consensus)"),
}


def test_the_published_tables_disagree_with_the_paper_exactly_where_it_errs(findings: pd.DataFrame) -> None:
    wrong = findings[findings["verdict"] == "disagrees"]
    assert set(zip(wrong["section"], wrong["quantity"], strict=True)) == EXPECTED_DISAGREEMENTS
    assert not wrong["explanation"].str.contains("These tables do not give").any()


def test_the_published_aggregates_are_found_again(findings: pd.DataFrame) -> None:
    agrees = (
        findings[findings["verdict"] == "agrees"].set_index(["section", "quantity"])["recomputed"].to_dict()
    )
    assert agrees["5.3", "p of HD95 NCR, CC-Consensus < DistMap"] == pytest.approx(5.67e-14, rel=1e-3)
    assert agrees["5.3", "scans in the HD95 of NCR"] == 1153
    assert agrees["5.3", "Dice average, oracle per class"] == pytest.approx(0.91391, abs=1e-5)
    assert agrees["Appendix B", "Dice average, one-feature rule, 5-fold"] == pytest.approx(0.908014, abs=1e-6)
    assert [agrees["5.3", f"scans of {case}"] for case in ("C1", "C2", "C3", "C5", "C6")] == [
        602,
        593,
        390,
        463,
        157,
    ]


def test_absent_tables_leave_their_claims_unchecked(findings: pd.DataFrame) -> None:
    unchecked = findings[findings["verdict"] == "not checked"]
    named = unchecked["explanation"].str.extract(r"^(\S+) is absent")[0].dropna()
    assert set(named) == {"hd95_regions_medpy.csv", "sweep.csv"}


def change_json(folder: Path) -> None:
    path = folder / "rankings.json"
    data = json.loads(path.read_text())
    row = next(row for row in data["rows"] if row["patient_id"] == ONE)
    row["distmap"]["dice_TC"] = 0.95
    path.write_text(json.dumps(data))


def change_fragments(folder: Path) -> None:
    path = folder / "fragments_topological_cv.csv"
    table = pd.read_csv(path)
    table.loc[table["patient_id"] == ONE, "frags_F_ED"] += 600
    table.to_csv(path, index=False)


def change_distance(folder: Path) -> None:
    path = folder / "hd95_per_class_cv.csv"
    table = pd.read_csv(path)
    complete = table.dropna(subset=["hd95_NCR_B", "hd95_NCR_D", "hd95_NCR_F"]).index
    table.loc[complete[0], "hd95_NCR_F"] += 30.0
    table.to_csv(path, index=False)


@pytest.mark.parametrize(
    ("change", "quantity"),
    [
        (change_json, "00048-001, Dice average of distmap"),
        (change_fragments, "fragments of ED, consensus"),
        (change_distance, "HD95 NCR, consensus"),
    ],
)
def test_one_changed_cell_flips_a_verdict(
    test_data: Path, tmp_path: Path, findings: pd.DataFrame, change: Callable[[Path], None], quantity: str
) -> None:
    before = findings[findings["quantity"] == quantity].iloc[-1]
    assert before["verdict"] == "agrees"
    change(published_copy(test_data, tmp_path))
    after = as_table(audit_paper(read_published(tmp_path), with_selectors=False))
    changed = after[after["quantity"] == quantity].iloc[-1]
    assert changed["verdict"] == "disagrees"
    assert "These tables do not give the printed number" in changed["explanation"]


@pytest.mark.slow
def test_the_classifiers_of_the_paper_score_what_it_prints(test_data: Path) -> None:
    findings = as_table(audit_paper(read_published(test_data / "published")))
    fitted = findings[findings["section"] == "Appendix B"].set_index("quantity")["verdict"]
    by_patient = "Dice average, logistic regression by patient, "
    assert fitted[f"{by_patient}20 shape features"] == "agrees"
    assert fitted[f"{by_patient}31 features"] == "disagrees"
    for family in ("forest", "logistic", "boosting"):
        assert fitted[f"Dice average, {family} by region"] == "agrees"


def test_the_text_explains_what_disagrees_and_names_absent_tables(found: list[Finding]) -> None:
    text = audit_text(found)
    assert "  NO  p of fragments of ET, consensus < baseline: printed 1.4e-3, recomputed 1.4243e-30" in text
    assert "The exponent lost its zero in print" in text
    sentence = audit_sentence(found, ("sweep.csv",))
    assert sentence.endswith("Absent tables: sweep.csv (Dice of the consensus under six size thresholds).")
    assert f"{len(found)} printed numbers" in sentence


def test_a_study_is_compared_scan_by_scan(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 1, ALL)])
    write_features(tmp_path, {ONE: (100, 50, 20)}, fold=1)
    tables = read_published(tmp_path)
    features = pd.DataFrame({"patient": [ONE, "other"], "vol_WT": [100, 7], "vol_TC": [51, 7], "own": [1, 2]})
    metrics = pd.DataFrame(
        [(ONE, "baseline", "WT", "dice", 0.8000004), (ONE, "distmap", "WT", "dice", math.nan)],
        columns=["patient", "method", "region", "metric", "value"],
    )
    agreements = compare_study(tables, metrics, features)
    table = as_table(agreements).set_index("quantity")
    assert table["verdict"].to_dict() == {
        "vol_WT": "agrees",
        "vol_TC": "disagrees",
        "baseline WT dice": "agrees",
        "distmap WT dice": "disagrees",
    }
    assert table.loc["vol_TC", ["largest_difference", "patient"]].tolist() == [1.0, ONE]
    assert table.loc["distmap WT dice", "one_sided"] == 1
    text = agreement_text(agreements)
    assert f"  NO  vol_TC: 0 of 1 equal; largest difference 1 ({ONE})" in text
    assert "  NO  distmap WT dice: 0 of 0 equal, 1 on one side only" in text


def test_a_study_of_other_scans_has_nothing_to_compare(tmp_path: Path) -> None:
    write_rankings(tmp_path, [rankings_row(ONE, 1, ALL)])
    write_features(tmp_path, {ONE: (100, 50, 20)}, fold=1)
    none = pd.DataFrame(
        {"patient": ["x"], "method": ["a"], "region": ["WT"], "metric": ["dice"], "value": [1.0]}
    )
    features = pd.DataFrame({"patient": ["x"], "vol_WT": [1]})
    assert compare_study(read_published(tmp_path), none, features) == []
