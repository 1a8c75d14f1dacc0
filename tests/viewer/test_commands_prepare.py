"""`prepare` computes what is missing, keeps what is there, and never lets one patient stop the others."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import read_label_map, write_label_map
from analysis.cohort.results import read_provenance, read_results, read_table
from analysis.cohort.study import read_study, write_study
from analysis.consensus import consensus
from tests.cohort_on_disk import CohortOnDisk, small_tumour
from viewer.command_line import run

BRATS2023 = SCHEMES["brats2023"]
Prepare = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture
def study(cohort: CohortOnDisk, tmp_path: Path) -> Path:
    folder = tmp_path / "Studie ü 1"
    assert run(cohort.study_arguments(folder)) == 0
    return folder


@pytest.fixture
def prepare(study: Path, capsys: pytest.CaptureFixture[str]) -> Prepare:
    """Run `prepare --json` in this process; gives the exit code and what it printed."""

    def run_it(*options: str) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        code = run(["prepare", str(study), "--jobs=1", "--json", *options])
        return code, json.loads(capsys.readouterr().out)

    return run_it


def _results(study: Path) -> dict[str, bytes]:
    folders = (study / "results", study / "consensus")
    return {path.name: path.read_bytes() for folder in folders for path in sorted(folder.iterdir())}


def test_every_table_is_written_and_sorted(cohort: CohortOnDisk, study: Path, prepare: Prepare) -> None:
    code, summary = prepare()
    assert code == 0
    assert summary == {
        "patients": 3, "computed": 3, "kept": 0, "usable": 3, "failures": [], "wrote_results": True,
    }  # fmt: skip
    results = read_results(read_study(study))
    for table in (results.metrics, results.components, results.features, results.patients):
        assert table["patient"].drop_duplicates().tolist() == sorted(cohort.patients)
    assert results.metrics["method"].drop_duplicates().tolist() == [
        "reference",
        "baseline",
        "distmap",
        "consensus",
    ]
    assert results.failures.empty
    assert results.patients["subject"].tolist() == ["BraTS-GLI-00001", "BraTS-GLI-00002", "BraTS-GLI-00002"]


def test_the_consensus_on_disk_is_that_of_the_rule(
    cohort: CohortOnDisk, study: Path, prepare: Prepare
) -> None:
    prepare()
    for patient in cohort.patients:
        baseline, distmap = (
            read_label_map(cohort.prediction_of(name, patient), BRATS2023) for name in ("baseline", "distmap")
        )
        found = read_label_map(study / "consensus" / f"{patient}.nii.gz", BRATS2023)
        assert np.array_equal(found.labels, consensus(distmap.labels, baseline.labels))
        assert found.same_grid(distmap, tolerance_mm=0)


def test_patients_hold_the_dice_average_and_the_scatter(study: Path, prepare: Prepare) -> None:
    prepare()
    results = read_results(read_study(study))
    dice = results.metrics[
        (results.metrics["metric"] == "dice") & results.metrics["region"].isin(["WT", "TC", "ET"])
    ]
    means = dice.groupby(["patient", "method"])["value"].mean().unstack()
    rows = results.patients.set_index("patient")
    for method in ("baseline", "distmap", "consensus"):
        assert np.allclose(rows[f"dice_average_{method}"], means[method], rtol=0, atol=1e-15)
    assert np.allclose(rows["x"], means["distmap"] - means["baseline"])
    assert np.allclose(rows["y"], means["consensus"] - means[["baseline", "distmap"]].max(axis=1))
    assert (rows["winner"] == np.where(rows["x"] > 0, "D", np.where(rows["x"] < 0, "B", "tie"))).all()
    volumes = results.metrics.query("method == 'reference' and metric == 'volume_ml' and region == 'ED'")
    assert rows["volume_ml_ED"].tolist() == volumes["value"].tolist()


def test_a_second_run_does_nothing(study: Path, prepare: Prepare) -> None:
    prepare()
    before = {
        path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in study.rglob("*") if path.is_file()
    }
    code, summary = prepare()
    assert code == 0
    assert (summary["computed"], summary["kept"], summary["wrote_results"]) == (0, 3, False)
    before.pop(study / "cache/prepare.lock")
    assert before == {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in before}


def test_two_runs_from_nothing_give_the_same_bytes(study: Path, prepare: Prepare) -> None:
    prepare()
    first = _results(study)
    for name in ("results", "cache", "consensus"):
        shutil.rmtree(study / name)
    prepare()
    assert _results(study) == first


def test_a_changed_file_redoes_its_patient_only(cohort: CohortOnDisk, study: Path, prepare: Prepare) -> None:
    prepare()
    first = _results(study)
    path = cohort.prediction_of("distmap", cohort.patients[1])
    original = path.read_bytes()
    write_label_map(path, small_tumour(9, 3))
    assert prepare()[1]["computed"] == 1
    assert _results(study)["metrics.parquet"] != first["metrics.parquet"]
    path.write_bytes(original)
    # the part of the first run is still there, but the consensus on disk is that of the second
    assert prepare()[1]["computed"] == 1
    assert _results(study) == first


def test_a_touched_file_with_the_same_bytes_redoes_nothing(
    cohort: CohortOnDisk, study: Path, prepare: Prepare
) -> None:
    prepare()
    for patient in cohort.patients:
        cohort.reference_of(patient).touch()
    assert prepare()[1]["computed"] == 0


@pytest.mark.parametrize("lost", ["results/patients.parquet", "consensus/BraTS-GLI-00001-000.nii.gz"])
def test_what_was_deleted_is_made_again(study: Path, prepare: Prepare, lost: str) -> None:
    prepare()
    first = _results(study)
    (study / lost).unlink()
    prepare()
    assert _results(study) == first


def test_a_damaged_part_is_made_again(study: Path, prepare: Prepare) -> None:
    prepare()
    first = _results(study)
    part = min(study.rglob("*.part"))
    part.write_bytes(part.read_bytes()[:-1])
    assert prepare()[1]["computed"] == 1
    assert _results(study) == first


def test_parts_of_the_past_do_not_pile_up(
    cohort: CohortOnDisk, study: Path, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in range(8):
        for module in ("recipe", "unit"):
            monkeypatch.setattr(f"viewer.preparation.{module}.code_version", lambda now=version: str(now))
        assert prepare()[1]["computed"] == 3
    for patient in cohort.patients:
        assert len(list((study / "cache/parts" / patient).glob("*.part"))) == 1 + 4
    assert prepare()[1]["computed"] == 0


def test_many_failures_are_counted_by_kind(
    cohort: CohortOnDisk, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(24):
        write_label_map(cohort.reference_of(f"new-{number:02d}"), small_tumour(5))
        broken = cohort.reference_of if number < 4 else partial(cohort.prediction_of, "distmap")
        broken(f"new-{number:02d}").write_bytes(b"broken")
    capsys.readouterr()
    assert run(["prepare", str(study), "--jobs=1"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[19].startswith("patient new-19: prediction distmap ")
    assert lines[20] == ("and 4 more in failures.parquet; together 20 at read distmap, 4 at read reference")
    assert lines[21].startswith("27 patients: 27 computed, 0 kept, 24 with failures;")


def test_an_added_method_costs_only_itself(
    cohort: CohortOnDisk, study: Path, prepare: Prepare, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare()
    parts = {path: path.stat().st_mtime_ns for path in study.rglob("*.part")}
    before = read_table(read_study(study), "metrics")
    shutil.copytree(cohort.predictions("distmap"), cohort.predictions("other"))
    run(["add", str(study), f"--method=other={cohort.predictions('other')}"])
    _, planned = prepare("--dry-run")
    assert planned["todo"] == {patient: ["other"] for patient in sorted(cohort.patients)}
    assert prepare()[1]["computed"] == 3
    assert parts == {path: path.stat().st_mtime_ns for path in parts}
    metrics = read_table(read_study(study), "metrics")
    assert metrics[metrics["method"] != "other"].reset_index(drop=True).equals(before)
    values = metrics.pivot_table(index=["patient", "region", "metric"], columns="method", values="value")
    assert values["other"].equals(values["distmap"].rename("other"))


def test_an_added_patient_costs_only_itself(cohort: CohortOnDisk, study: Path, prepare: Prepare) -> None:
    prepare()
    write_label_map(cohort.reference_of("new"), small_tumour(5))
    write_label_map(cohort.prediction_of("baseline", "new"), small_tumour(5, 1))
    _, summary = prepare()
    assert (summary["patients"], summary["computed"], summary["kept"]) == (4, 1, 3)


def test_a_title_or_a_fold_needs_no_computing(cohort: CohortOnDisk, study: Path, prepare: Prepare) -> None:
    prepare()
    read = read_study(study)
    write_study(replace(read, name="another", folds={cohort.patients[0]: 3}))
    _, summary = prepare()
    assert (summary["computed"], summary["wrote_results"]) == (0, True)
    assert read_table(read, "metrics", patient=cohort.patients[0])["fold"].unique().tolist() == [3]
    assert read_table(read, "patients")["fold"].isna().tolist() == [False, True, True]


def test_an_option_of_the_consensus_redoes_it(study: Path, prepare: Prepare) -> None:
    prepare()
    first = _results(study)
    write_study(replace(read_study(study), consensus={"never_remove_above_voxels": 0}))
    assert prepare()[1]["computed"] == 3
    assert _results(study) != first
    verdicts = read_table(read_study(study), "components")["verdict"].dropna()
    assert set(verdicts) == {"kept"}


def test_an_unknown_option_of_the_consensus_is_refused(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_study(replace(read_study(study), consensus={"tau": 3}))
    capsys.readouterr()
    assert run(["prepare", str(study)]) == 2
    assert capsys.readouterr().err.startswith(
        "glioscope: [consensus] has the unknown key 'tau'; known are connectivity"
    )


def test_a_new_version_of_the_program_redoes_everything(
    study: Path, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare()
    for module in ("recipe", "unit"):
        monkeypatch.setattr(f"viewer.preparation.{module}.code_version", lambda: "9.9")
    assert prepare()[1]["computed"] == 3


def test_a_change_of_how_tables_are_joined_computes_nothing_and_writes_them_anew(
    study: Path, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare()
    monkeypatch.setattr("viewer.preparation.prepare.program_version", lambda _: "9.9+another")
    _, summary = prepare()
    assert (summary["computed"], summary["wrote_results"]) == (0, True)
    provenance = read_provenance(read_study(study), "metrics")
    assert provenance is not None
    assert provenance.version == "9.9+another"


def test_a_worker_of_another_version_computes_nothing(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("viewer.preparation.unit.code_version", lambda: "9.9")
    capsys.readouterr()
    assert run(["prepare", str(study), "--jobs=1"]) == 2
    assert "this worker runs version 9.9, asked for is " in capsys.readouterr().err
    assert not list(study.rglob("*.part"))


def test_one_broken_patient_of_three_leaves_two_good_ones(
    cohort: CohortOnDisk, study: Path, prepare: Prepare
) -> None:
    broken = cohort.patients[1]
    cohort.reference_of(broken).write_bytes(cohort.reference_of(broken).read_bytes()[:100])
    code, summary = prepare()
    assert code == 1
    assert summary["usable"] == 2
    results = read_results(read_study(study))
    assert results.patients["patient"].tolist() == sorted({*cohort.patients} - {broken})
    (failure,) = results.failures.to_dict("records")
    assert (failure["patient"], failure["method"], failure["stage"]) == (broken, "reference", "read")
    assert failure["error"].startswith(f"patient {broken}: reference truncated")
    assert not (study / "consensus" / f"{broken}.nii.gz").exists()
    code, summary = prepare()
    assert (code, summary["computed"], summary["wrote_results"]) == (1, 0, False)


def test_a_mended_patient_joins_the_others(cohort: CohortOnDisk, study: Path, prepare: Prepare) -> None:
    prepare()
    first = _results(study)
    path = cohort.reference_of(cohort.patients[1])
    whole = path.read_bytes()
    path.write_bytes(b"")
    assert prepare()[0] == 1
    path.write_bytes(whole)
    assert prepare()[0] == 0
    assert _results(study) == first


def test_a_broken_prediction_costs_that_method_only(
    cohort: CohortOnDisk, study: Path, prepare: Prepare
) -> None:
    prepare()
    patient = cohort.patients[0]
    distmap = cohort.prediction_of("distmap", patient)
    write_label_map(distmap, replace(small_tumour(0), labels=small_tumour(0).labels[:, :, :-1]))
    code, summary = prepare()
    assert code == 1
    assert summary["failures"] == [
        {
            "patient": patient,
            "method": "distmap",
            "stage": "read",
            "error": (
                f"patient {patient}: prediction distmap grid (20, 22, 17), reference (20, 22, 18) ({distmap})"
            ),
        }
    ]
    rows = read_table(read_study(study), "metrics", patient=patient)
    dice = rows[rows["metric"] == "dice"].set_index(["method", "region"])
    assert dice.loc["baseline", "value"].notna().all()
    assert dice.loc["distmap", "value"].isna().all()
    assert (dice.loc["distmap", "reason"] == "prediction refused").all()
    assert (dice.loc["consensus", "reason"] == "needs distmap").all()
    assert not (study / "consensus" / f"{patient}.nii.gz").exists()


def test_an_absent_method_is_a_reason_and_no_failure(
    cohort: CohortOnDisk, study: Path, prepare: Prepare
) -> None:
    cohort.prediction_of("baseline", cohort.patients[0]).unlink()
    code, _ = prepare()
    assert code == 0
    rows = read_table(read_study(study), "metrics", patient=cohort.patients[0])
    reasons = rows[rows["metric"] == "dice"].groupby("method")["reason"].unique().map(list)
    assert reasons["baseline"] == ["no prediction"]
    assert reasons["consensus"] == ["needs baseline"]
    patient = read_table(read_study(study), "patients").iloc[0]
    assert np.isnan(patient["x"])
    assert patient.isna()[["winner", "order"]].all()


def test_a_consensus_of_the_users_own_is_compared_and_never_replaced(
    cohort: CohortOnDisk, tmp_path: Path
) -> None:
    shutil.copytree(cohort.predictions("baseline"), cohort.predictions("consensus"))
    cohort.prediction_of("consensus", cohort.patients[0]).unlink()
    study = tmp_path / "own"
    run([*cohort.study_arguments(study), f"--method=consensus={cohort.predictions('consensus')}"])
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    assert not (study / "consensus").exists()
    dice = read_table(read_study(study), "metrics").query("metric == 'dice'").set_index(["patient", "method"])
    assert set(dice.index.get_level_values("method")) == {"baseline", "distmap", "consensus"}
    assert dice.loc[(cohort.patients[0], "consensus"), "reason"].tolist() == ["no prediction"] * 5
    for patient in cohort.patients[1:]:
        own, copied_from = (dice.loc[(patient, name), "value"].tolist() for name in ("consensus", "baseline"))
        assert own == copied_from


def test_a_study_without_roles_has_no_consensus_and_no_scatter(cohort: CohortOnDisk, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    run(
        [
            "init",
            str(folder),
            f"--reference={cohort.reference}",
            f"--method=net={cohort.predictions('baseline')}",
        ]
    )
    assert run(["prepare", str(folder), "--jobs=1"]) == 0
    assert not (folder / "consensus").exists()
    patients = read_table(read_study(folder), "patients")
    assert patients["dice_average_net"].notna().all()
    assert patients[["x", "y", "winner", "order"]].isna().all(axis=None)


def test_a_study_whose_patients_are_all_broken_is_code_2(cohort: CohortOnDisk, prepare: Prepare) -> None:
    for patient in cohort.patients:
        cohort.reference_of(patient).write_bytes(b"")
    code, summary = prepare()
    assert (code, summary["usable"]) == (2, 0)


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    cohort: CohortOnDisk, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["prepare", str(study), "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"{patient}: reference, baseline, distmap" for patient in sorted(cohort.patients)
    ]
    assert err == "would compute 3 patients and keep 0\n"
    assert [path.name for path in study.iterdir()] == ["study.toml"]


def test_jobs_and_cluster_exclude_each_other(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["prepare", str(study), "--jobs=2", "--cluster=local:2"]) == 2
    assert capsys.readouterr().err == (
        "glioscope: --jobs and --cluster exclude each other: a cluster has its own workers\n"
    )


def test_without_dask_one_line_says_what_to_install(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    capsys.readouterr()
    assert run(["prepare", str(study), "--cluster=tcp://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err == "glioscope: --cluster needs Dask: pip install 'glioscope[cluster]'\n"


@pytest.mark.slow
def test_a_pool_of_two_gives_the_bytes_of_one(study: Path, prepare: Prepare) -> None:
    prepare()
    first = _results(study)
    for name in ("results", "cache", "consensus"):
        shutil.rmtree(study / name)
    command = [Path(sys.executable).with_name("glioscope"), "prepare", str(study), "--jobs=2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{study / 'results'}\n"), done.stderr
    assert _results(study) == first


def test_the_real_pairs_with_one_method_each(test_data: Path, tmp_path: Path) -> None:
    pairs, study = test_data / "real/pairs", tmp_path / "pairs"
    nets = ("UNet", "SegResNet", "SwinUNETR")
    methods = [f"--method={net}={pairs}/{{patient}}/{{patient}}-pred-{net}.nii.gz" for net in nets]
    assert run(["init", str(study), f"--reference={pairs}", *methods]) == 0
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    metrics = read_table(read_study(study), "metrics")
    dice = metrics[metrics["metric"] == "dice"].pivot_table(
        index=["patient", "region"], columns="method", values="value"
    )
    official = _official(test_data)
    for (scan, net), scores in official.items():
        if net in nets:
            for region in ("WT", "TC", "ET"):
                assert dice.loc[(scan, region), net] == pytest.approx(scores[region], abs=1e-9)
    assert dice.notna().sum().to_dict() == dict.fromkeys(nets, 5)


def test_the_real_patient_with_five_networks_two_of_them_in_the_roles(
    test_data: Path, tmp_path: Path
) -> None:
    real, study = test_data / "real", tmp_path / "tcga"
    nets = ("hnfnetv1", "isen", "sanet0", "scan", "yixinmpl")
    methods = [f"--method={net}={real}/{{patient}}/pred_{net}-20.nii.gz" for net in nets]
    place = f"--reference={real}/{{patient}}/fusion_simple.nii.gz"
    roles = ["--role=baseline=isen", "--role=distmap=scan"]
    images = f"--images={real}/{{patient}}/{{patient}}_{{contrast}}_bet.nii.gz"
    assert run(["init", str(study), place, *methods, *roles, images, "--scheme=brats2021"]) == 0
    assert run(["check", str(study), "--jobs=1"]) == 0
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    results = read_results(read_study(study))
    assert set(results.metrics["method"]) == {"reference", "consensus", *nets}
    dice = results.metrics.query("metric == 'dice'").set_index(["method", "region"])["value"]
    for (scan, net), scores in _official(test_data).items():
        if scan == "TCGA-FG-6692" and net in nets:
            assert [dice[net, region] for region in scores] == pytest.approx(list(scores.values()), abs=1e-9)
    assert results.patients["order"].notna().all()


def test_the_real_scan_of_2021_without_any_method(test_data: Path, tmp_path: Path) -> None:
    study = tmp_path / "2021"
    assert run(["init", str(study), f"--reference={test_data / 'real'}", "--scheme=brats2021"]) == 0
    assert run(["prepare", str(study), "--jobs=1"]) == 0
    (row,) = read_table(read_study(study), "patients").to_dict("records")
    assert row["patient"] == "BraTS2021_01479"
    assert row["volume_ml_ET"] == pytest.approx(89.546)


def _official(test_data: Path) -> dict[tuple[str, str], dict[str, float]]:
    """Dice of the official BraTS 2023 evaluation, by scan and network."""
    scores: dict[tuple[str, str], dict[str, float]] = {}
    with (test_data / "real/official_brats2023_metrics.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            scan, name = row["prediction"].split("/")
            net = name.removesuffix(".nii.gz").removesuffix("-20").replace("pred_", "pred-").split("pred-")[1]
            scores.setdefault((scan, net), {})[row["Labels"]] = float(row["Legacy_Dice"])
    return scores
