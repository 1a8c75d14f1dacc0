import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from scenes import PATCH
from typer.testing import CliRunner, Result

pytest.importorskip(
    "batchgeneratorsv2", reason="batchgeneratorsv2 is not installed: pip install 'glioscope[training]'"
)

from analysis.cohort.nifti import read_label_map
from analysis.cohort.sources import Method
from analysis.cohort.study import Study, write_study
from analysis.cohort.usage import UsageError
from training.commands import asked
from training.commands.predict import predict
from training.commands.settings import config_with
from training.commands.train import app
from training.dataset import Dataset, open_dataset
from training.evaluation import label_scores
from training.recipes import recipes

SMALL = [
    *("--set", "epochs=1", "--set", "iterations=2", "--set", "validation_iterations=1", "--set", "workers=0"),
    *("--set", f"patch={','.join(map(str, PATCH))}", "--set", "device=cpu", "--set", "network.channels=4"),
    *("--set", "network.blocks=[1,1,1,1,1,1,1,1,1]", "--set", "network.expansion=[2,2,2,2,2,2,2,2,2]"),
]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def run_predict(*arguments: str | Path) -> Result:
    program = typer.Typer()
    program.command()(predict)
    return CliRunner().invoke(program, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def prepared(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands") / "prepared"
    answer = run("prepare", study.folder, "--output", folder)
    assert answer.exit_code == 0, answer.output
    return folder


def test_prepare_makes_a_data_set_that_opens(prepared: Path) -> None:
    summary = open_dataset(prepared).summary
    assert len(summary.patients) == 6
    assert summary.targets == ("signed",)
    assert {one.fold for one in summary.patients} == set(range(5))


@pytest.mark.slow
def test_fit_predict_and_vote_make_methods_of_a_study(prepared: Path, study: Study, tmp_path: Path) -> None:
    """The whole way: two models, out-of-fold label maps with probabilities, and their vote."""
    for name in ("baseline", "distmap"):
        answer = run("fit", prepared, "--output", tmp_path / name, "--recipe", name, *SMALL)
        assert answer.exit_code == 0, answer.output
        answer = run_predict(
            study.folder,
            tmp_path / name,
            "--method",
            name,
            "--no-mirror",
            "--device",
            "cpu",
            "--also",
            "probabilities",
            "--ensemble",
        )
        assert answer.exit_code == 0, answer.output
    methods = tuple(Method(name, folder=f"predictions/{name}") for name in ("baseline", "distmap"))
    write_study(replace(study, methods=methods))
    answer = run("vote", study.folder)
    assert answer.exit_code == 0, answer.output
    table = pd.read_csv(study.folder / "voting.csv")
    assert len(table) == 6 * 3
    for column in ("dice_first", "dice_second", "dice_voted"):
        assert table[column].between(0, 1).all()
    assert (study.folder / "voting.png").is_file()
    voted = read_label_map(
        study.folder / "predictions" / "voted" / f"{study.patients()[0].id}.nii.gz", study.scheme
    )
    assert voted.shape == (36, 40, 34)
    write_study(study)


@pytest.mark.slow
def test_one_command_says_whether_a_distance_loss_creates_fragments(prepared: Path, tmp_path: Path) -> None:
    """Two recipes and two seeds; the one without a distance loss is not trained once a weight."""
    weights = ("--weights", "0,1", "--recipes", "baseline,distmap", "--seeds", "1,2")
    answer = run("sweep", prepared, "--output", tmp_path, *weights, *SMALL)
    assert answer.exit_code == 0, answer.output
    table = pd.read_csv(tmp_path / "sweep.csv")
    trained = table[["recipe", "weight", "seed"]].drop_duplicates()
    assert trained["recipe"].value_counts().to_dict() == {"baseline": 2, "distmap": 4}
    assert set(table["label"]) == {"NCR", "ED", "ET"}
    assert table["dice"].between(0, 1).all()
    assert (table["fragments"] >= 0).all()
    alike = table[(table["recipe"] == "baseline") | (table["weight"] == 0)]
    assert alike.groupby(["seed", "patient", "label"])["fragments"].nunique().eq(1).all()
    compared = pd.read_csv(tmp_path / "comparison.csv")
    assert set(compared["first"]) == {"distmap 0", "distmap 1"}
    assert set(compared["second"]) == {"baseline"}
    assert (tmp_path / "sweep.png").is_file()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("scores.csv")}
    assert len(before) == 6
    assert run("sweep", prepared, "--output", tmp_path, *weights, *SMALL).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("scores.csv")} == before
    assert pd.read_csv(tmp_path / "sweep.csv").equals(table)


@pytest.mark.parametrize(
    ("sentence", "options"),
    [
        ("fold 9 leaves no patients on one side", ["--folds", "0,9"]),
        ("recipe sing needs the target sing", ["--recipes", "baseline,sing"]),
        ("folds are whole numbers separated by commas, found '0.5'", ["--folds", "0.5"]),
        ("weights are not negative", ["--weights", "1,-1"]),
    ],
)
def test_a_sweep_whose_last_run_can_not_work_trains_none(
    sentence: str, options: list[str], prepared: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=sentence):
        raise run("sweep", prepared, "--output", tmp_path, *options, *SMALL).exception  # type: ignore[misc]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("sentence", "options"),
    [
        ("a target is signed or sing, found 'far'", ["--target", "far"]),
        ("nnU-Net's trainers take signed distance maps alone", ["--engine", "nnunet", "--target", "sing"]),
        ("--regions is for --engine nnunet", ["--regions"]),
        ("--patch is for --engine nnunet", ["--patch", "32"]),
        (r"larger than 16 along one axis, found \(16, 16, 16\)", ["--engine", "nnunet", "--patch", "16"]),
    ],
)
def test_an_option_of_prepare_that_would_be_passed_over_is_refused(
    sentence: str, options: list[str], study: Study, tmp_path: Path
) -> None:
    if "nnunet" in options:
        pytest.importorskip("nnunetv2", reason="nnU-Net is not installed: pip install 'glioscope[nnunet]'")
    with pytest.raises(UsageError, match=sentence):
        raise run("prepare", study.folder, "--output", tmp_path, *options).exception  # type: ignore[misc]


def test_each_engine_says_where_its_run_goes(prepared: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="our loop needs a folder for the run"):
        raise run("fit", prepared, *SMALL).exception  # type: ignore[misc]
    pytest.importorskip("nnunetv2", reason="nnU-Net is not installed: pip install 'glioscope[nnunet]'")
    with pytest.raises(UsageError, match=r"nnU-Net writes to .*/results, and takes no --output"):
        raise run("fit", prepared, "--engine", "nnunet", "-o", tmp_path).exception  # type: ignore[misc]


def test_calibrate_prints_the_quotient_of_the_two_losses(prepared: Path) -> None:
    answer = run("calibrate", prepared, "--batches", "2", "--json", *SMALL)
    found = json.loads(answer.stdout)
    assert found["lambda"] == pytest.approx(found["region"] / found["distance"], rel=0.1)
    with pytest.raises(UsageError, match="no distance loss to calibrate"):
        raise run("calibrate", prepared, "--recipe", "baseline", *SMALL).exception  # type: ignore[misc]
    with pytest.raises(UsageError, match="recipe sing has a single loss"):
        raise run("calibrate", prepared, "--recipe", "sing", *SMALL).exception  # type: ignore[misc]


def test_trainers_path_is_a_folder_with_one_file() -> None:
    folder = Path(run("trainers-path").stdout.strip())
    assert [path.name for path in folder.glob("*.py")] == ["glioscope_trainers.py"]


def test_recipes_are_listed() -> None:
    assert "fragment-aware" in run("recipes").stdout


def test_every_training_command_and_recipe_of_the_readme_exists() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text()
    section = text[text.index("## Training") : text.index("## Systems and browsers")].replace("\\\n", " ")
    assert set(recipes()) <= set(re.findall(r"`([a-z0-9-]+)`", section))
    group = typer.main.get_command(app)
    single = typer.Typer()
    single.command()(predict)
    asked_for = re.findall(r"glioscope (train [a-z-]+|predict)([^`\n#]*)", section)
    assert len(asked_for) > 8
    for name, rest in asked_for:
        is_train = name.startswith("train ")
        command = group.commands[name.split()[1]] if is_train else typer.main.get_command(single)  # type: ignore[attr-defined]
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--?[a-z]+", rest)) <= known, name


def test_settings_reach_the_run_the_recipe_and_the_network() -> None:
    config = config_with(
        "distmap", 2, ["epochs=7", "patch=32", "distance_weight=5", "network.channels=8", "device=cpu"]
    )
    assert (config.fold, config.epochs, config.patch, config.recipe.distance_weight) == (
        2,
        7,
        (32, 32, 32),
        5,
    )
    assert config.network_options == {"channels": 8}


@pytest.mark.parametrize(("text", "value"), [("True", True), ("false", False), ("False", False)])
def test_truths_are_taken_in_pythons_and_in_jsons_spelling(text: str, value: bool) -> None:  # noqa: FBT001
    assert config_with("distmap", 0, [f"augment={text}", "device=cpu"]).augment is value


def test_a_setting_that_does_not_exist_or_has_no_value_is_refused() -> None:
    for text, sentence in (
        ("epoch=7", "no setting 'epoch'; known are augment"),
        ("epochs", "a setting is NAME=VALUE"),
        ("epochs=abc", "epochs is a whole number, found 'abc'"),
        ("distance_weight=x", "distance_weight is a number, found 'x'"),
        ("bins=1", "distances need at least 2 bins, found 1"),
    ):
        with pytest.raises(UsageError, match=sentence):
            config_with("distmap", 0, [text])


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"this needs torch: pip install 'glioscope\[training\]'"):
        asked.need("torch")


def test_importing_the_commands_imports_no_torch() -> None:
    code = "import sys, training.commands.train, training.commands.predict; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


@pytest.mark.slow
def test_a_model_of_another_scheme_is_refused(
    prepared: Path, study: Study, dataset: Dataset, tmp_path: Path
) -> None:
    assert run("fit", prepared, "--output", tmp_path / "run", "--recipe", "baseline", *SMALL).exit_code == 0
    description = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps({**description, "scheme": "brats2024-post"}))
    answer = run_predict(study.folder, tmp_path / "run", "--method", "other")
    assert "trained on label scheme brats2024-post, the study has brats2023" in str(answer.exception)


# --- scores


def test_scores_are_dice_components_beside_the_largest_and_those_that_the_other_side_lacks() -> None:
    reference = np.zeros((1, 1, 12), np.uint8)
    reference[..., :4] = reference[..., 9:11] = 1
    predicted = np.zeros_like(reference)
    predicted[..., 2:4] = predicted[..., 6] = 1
    (first, second) = label_scores("p", {1: "NCR", 2: "ED"}, reference, predicted)
    assert first.dice == 2 * 2 / (6 + 3)
    assert (first.fragments, first.reference_fragments) == (1, 1)
    assert (first.spurious, first.missed) == (1, 1)
    assert second.dice == 1
    assert (second.fragments, second.spurious, second.missed) == (0, 0, 0)
