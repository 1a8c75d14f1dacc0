import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer
from scenes import PATCH, TINY, tiny_config
from typer.testing import CliRunner, Result

pytest.importorskip("nnunetv2", reason="nnU-Net is not installed: pip install 'glioscope[nnunet]'")
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import read_label_map
from analysis.cohort.study import Study
from training.commands.predict import predict
from training.dataset import Dataset
from training.loop import fit
from training.matching import check_scheme, check_together
from training.mednext import MedNeXt, MedNeXtConfig
from training.models import Model, load_models, unseen
from training.nnunet.checkpoints import export_to_nnunet, trainers_path
from training.nnunet.plans import CONFIGURATION
from training.prediction import PredictionOptions, predict_patient
from training.recipes import recipe
from training.result_folders import ModelError, UntrustedCheckpointError, read_nnunet_checkpoint

pytestmark = pytest.mark.filterwarnings("ignore")  # nnU-Net and what it imports warn of their own

NAME = "Dataset901_Test"
CONFIG = MedNeXtConfig(**TINY)  # type: ignore[arg-type]


def run_predict(*arguments: str | Path) -> Result:
    program = typer.Typer()
    program.command()(predict)
    return CliRunner().invoke(program, [*map(str, arguments), "--device", "cpu"])


@pytest.fixture(scope="module")
def exported(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run of our loop, and the same as a result folder of nnU-Net."""
    run = tmp_path_factory.mktemp("run")
    chosen = replace(recipe("distmap"), patch=PATCH)
    fit(
        tiny_config(chosen, epochs=1, iterations=30, learning_rate=5e-3),
        dataset,
        run,
        report=lambda _sentence: None,
    )
    return run, export_to_nnunet(run, tmp_path_factory.mktemp("results"), NAME)


@pytest.mark.slow
def test_nnunets_predictor_agrees_with_ours_on_a_checkpoint_of_the_loop(
    exported: tuple[Path, Path], study: Study, folders: dict[str, Path], tmp_path: Path
) -> None:
    """The whole way from files to label maps: the same on at least 99.9 % of voxels."""
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
    from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

    run, folder = exported
    patient = study.patients()[0]
    ours = read_label_map(
        predict_patient(load_models(run), patient, tmp_path, PredictionOptions()), study.scheme
    ).labels
    plans, data = (json.loads((folder / name).read_text()) for name in ("plans.json", "dataset.json"))
    manager = PlansManager(plans)
    predictor = nnUNetPredictor(
        device=torch.device("cpu"), perform_everything_on_device=False, allow_tqdm=False
    )
    weights = read_nnunet_checkpoint(folder / "fold_0" / "checkpoint_final.pth")["network_weights"]
    network = MedNeXt(CONFIG, deep_supervision=False).eval()
    predictor.manual_initialization(
        network, manager, manager.get_configuration(CONFIGURATION), [weights], data, "trainer", (0, 1, 2)
    )
    images, properties = manager.image_reader_writer_class().read_images(
        [str(patient.images[c]) for c in ("t1n", "t1c", "t2w", "t2f")]
    )
    labels, probabilities = predictor.predict_single_npy_array(
        images, properties, None, None, save_or_return_probabilities=True
    )
    theirs = labels.T
    assert len(np.unique(theirs)) > 1
    assert (theirs == ours).mean() >= 0.999
    assert np.allclose(probabilities.sum(0), 1, atol=1e-2)
    assert (probabilities.argmax(0) == labels).mean() > 0.9999


@pytest.mark.slow
def test_both_kinds_of_folder_predict_the_same(
    exported: tuple[Path, Path], study: Study, tmp_path: Path
) -> None:
    patient = study.patients()[0]
    paths = [
        predict_patient(load_models(folder), patient, tmp_path / str(index), PredictionOptions(mirror=False))
        for index, folder in enumerate(exported)
    ]
    first, second = (read_label_map(path, study.scheme).labels for path in paths)
    assert np.array_equal(first, second)


HEADS = {
    "none": {},
    "another name": {"sdt_head.0.weight": "distance_head.weight", "sdt_head.0.bias": "distance_head.bias"},
    "another kind": {"aux.0.weight": "dec_block_0.0.conv1.weight", "aux.1.weight": "distance_head.weight"},
}
"""Auxiliary heads as others may have them: each parameter and whose values it takes here."""


@pytest.mark.slow
@pytest.mark.parametrize("head", list(HEADS))
def test_a_published_folder_predicts_as_it_is_whatever_its_auxiliary_head(
    head: str, exported: tuple[Path, Path], study: Study, tmp_path: Path
) -> None:
    """nnU-Net's format, MedNeXt's public names, the original's dummy; by the command, to the same labels."""
    folder = published(exported[1], tmp_path, HEADS[head])
    first = study.patients()[0].id
    answer = run_predict(study.folder, folder, "--method", f"head-{head.replace(' ', '-')}", "--ensemble")
    assert answer.exit_code == 0, answer.output
    written = read_label_map(Path(answer.stdout.strip()) / f"{first}.nii.gz", study.scheme)
    own = predict_patient(load_models(exported[1]), study.patients()[0], tmp_path, PredictionOptions())
    assert np.array_equal(written.labels, read_label_map(own, study.scheme).labels)
    assert ("weights that are no part of MedNeXt (aux.0.weight" in answer.stderr) == (head == "another kind")
    assert load_models(folder)[0].has_distances is (head == "another name")


@pytest.mark.slow
def test_a_folder_that_does_not_say_whom_it_was_trained_on_predicts_with_a_warning(
    exported: tuple[Path, Path], study: Study, tmp_path: Path
) -> None:
    folder = published(exported[1], tmp_path, {})
    answer = run_predict(study.folder, folder, "--method", "strangers", "--no-mirror")
    assert answer.exit_code == 0, answer.output
    assert "does not say whom it was trained on (no splits_final.json)" in answer.stderr
    patients = [patient.id for patient in study.patients()]
    sides = [{"train": patients[1:], "val": patients[:1]}]
    (folder / "splits_final.json").write_text(json.dumps(sides))
    models = load_models(folder)
    assert unseen(models, patients[0]) == models
    with pytest.raises(ModelError, match="every model was trained on this subject"):
        unseen(models, patients[1])
    (folder / "fold_0").rename(folder / "fold_all")
    with pytest.raises(ModelError, match="every model was trained on this subject"):
        unseen(load_models(folder), patients[0])


def published(exported: Path, tmp_path: Path, head: dict[str, str]) -> Path:
    folder = tmp_path / "published"
    shutil.copytree(exported, folder)
    path = folder / "fold_0" / "checkpoint_final.pth"
    checkpoint = torch.load(path, weights_only=True)
    weights = checkpoint["network_weights"]
    extra = {name: weights[source] for name, source in head.items()}
    kept = {name: value for name, value in weights.items() if not name.startswith("distance_head")}
    torch.save({**checkpoint, "network_weights": {**kept, "dummy_tensor": torch.ones(1), **extra}}, path)
    return folder


class _Program:
    """Something that runs when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("executed",))


def test_a_checkpoint_that_is_a_program_is_not_run_unless_trusted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "checkpoint_final.pth"
    content = {"network_weights": {}, "init_args": {}, "trainer_name": "", "logging": _Program()}
    torch.save(content, path)
    with pytest.raises(UntrustedCheckpointError, match="runs whatever program"):
        read_nnunet_checkpoint(path)
    assert "executed" not in capsys.readouterr().out
    read_nnunet_checkpoint(path, trust=True)
    assert "executed" in capsys.readouterr().out


def test_a_checkpoint_that_is_cut_off_or_none_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint_final.pth"
    torch.save({"network_weights": {"a": torch.ones(100)}}, path)
    with pytest.raises(ModelError, match="no checkpoint of nnU-Net: it holds no init_args"):
        read_nnunet_checkpoint(path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ModelError, match="can't be read, it is cut off or no checkpoint at all"):
        read_nnunet_checkpoint(path)


def test_a_folder_whose_json_is_missing_cut_off_or_incomplete_is_refused_by_file_and_key(
    tmp_path: Path,
) -> None:
    (tmp_path / "plans.json").write_text('{"configurations": {}}')
    (tmp_path / "fold_0").mkdir()
    with pytest.raises(ModelError, match=r"no result folder of nnU-Net: dataset\.json is missing"):
        load_models(tmp_path)
    (tmp_path / "dataset.json").write_text('{"labels": ')
    with pytest.raises(ModelError, match=r"dataset\.json can't be read as JSON"):
        load_models(tmp_path)
    (tmp_path / "dataset.json").write_text("{}")
    network = MedNeXt(CONFIG).state_dict()
    state = {"network_weights": network, "trainer_name": "T", "init_args": {"configuration": "3d_lowres"}}
    torch.save(state, tmp_path / "fold_0" / "checkpoint_final.pth")
    with pytest.raises(ModelError, match=r"plans\.json has no configuration '3d_lowres'"):
        load_models(tmp_path)
    plan = {"normalization_schemes": ["ZScoreNormalization"], "patch_size": [32, 32, 32]}
    (tmp_path / "plans.json").write_text(json.dumps({"configurations": {"3d_lowres": plan}}))
    with pytest.raises(ModelError, match=r"plans\.json or dataset\.json lacks 'labels'"):
        load_models(tmp_path)


@pytest.mark.slow
def test_a_folder_whose_channels_or_labels_differ_is_refused(
    exported: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "wrong"
    shutil.copytree(exported[1], folder)
    data = json.loads((folder / "dataset.json").read_text())
    (folder / "dataset.json").write_text(
        json.dumps({**data, "channel_names": {**data["channel_names"], "0": "CT"}})
    )
    with pytest.raises(ModelError, match="calls a channel 'ct'"):
        load_models(folder)
    (folder / "dataset.json").write_text(json.dumps({**data, "labels": {"background": 0, "tumour": 1}}))
    with pytest.raises(ModelError, match=r"predicts 4 channels, dataset\.json has 2"):
        load_models(folder)
    (folder / "dataset.json").write_text(json.dumps(data))
    plans = json.loads((folder / "plans.json").read_text())
    plans["configurations"][CONFIGURATION]["patch_size"] = [56, 64, 56]
    (folder / "plans.json").write_text(json.dumps(plans))
    with pytest.raises(ModelError, match=r"does not fit MedNeXt: each axis .* multiple of 16"):
        load_models(folder)


@pytest.mark.slow
def test_modalities_in_another_order_are_fed_in_the_models_order(
    exported: tuple[Path, Path], study: Study, tmp_path: Path
) -> None:
    """`dataset.json` says the order; the same network with turned channels gives the same label map."""
    folder = tmp_path / "turned"
    shutil.copytree(exported[1], folder)
    data = json.loads((folder / "dataset.json").read_text())
    turned = {str(3 - int(index)): name for index, name in data["channel_names"].items()}
    (folder / "dataset.json").write_text(json.dumps({**data, "channel_names": turned}))
    path = folder / "fold_0" / "checkpoint_final.pth"
    checkpoint = torch.load(path, weights_only=True)
    checkpoint["network_weights"]["stem.weight"] = checkpoint["network_weights"]["stem.weight"].flip(1)
    torch.save(checkpoint, path)
    patient, options = study.patients()[0], PredictionOptions(mirror=False)
    paths = [
        predict_patient(load_models(one), patient, tmp_path / one.name, options)
        for one in (exported[1], folder)
    ]
    first, second = (read_label_map(one, study.scheme).labels for one in paths)
    assert len(np.unique(first)) > 1
    assert (first == second).mean() > 0.9999


def test_a_model_that_means_other_labels_than_the_study_is_refused() -> None:
    scheme = SCHEMES["brats2023"]
    named = {"NCR": frozenset({1}), "ED": frozenset({2}), "ET": frozenset({3})}
    model = Model("m", MedNeXt(CONFIG), PATCH, ("t1n",), (1, 2, 3), named=named)
    check_scheme(model, scheme)
    regions = {"whole tumor": frozenset({1, 2, 3}), "tumor core": frozenset({1, 3}), "ET": frozenset({3})}
    check_scheme(replace(model, labels=(2, 1, 3), is_regions=True, named=regions), scheme)
    with pytest.raises(ModelError, match="predicts labels 1, 2, 3, 4, scheme brats2023 has 1, 2, 3"):
        check_scheme(replace(model, labels=(1, 2, 3, 4)), scheme)
    swapped = {**named, "NCR": frozenset({2}), "ED": frozenset({1})}
    with pytest.raises(ModelError, match="says NCR is 2, which it is not in scheme brats2023"):
        check_scheme(replace(model, named=swapped), scheme)
    wrong = {**regions, "tumor core": frozenset({2, 3})}
    with pytest.raises(ModelError, match="says tumor core is 2, 3"):
        check_scheme(replace(model, labels=(1, 2, 3), is_regions=True, named=wrong), scheme)
    with pytest.raises(ModelError, match="trained on label scheme other"):
        check_scheme(replace(model, scheme="other"), scheme)
    with pytest.raises(ModelError, match="m and m differ in channels, labels or kind"):
        check_together([model, replace(model, is_regression=True)], scheme)


@pytest.mark.slow
def test_nnunets_own_predictor_loads_a_run_of_the_loop_from_its_folder(exported: tuple[Path, Path]) -> None:
    """As `nnUNetv2_predict` does: the trainer found by name, the network built by it, weights strictly."""
    code = (
        "import sys, torch\n"
        "lib = torch.library.Library('torchvision', 'DEF')\n"
        "for name in ('nms', 'qnms'):\n"
        "    lib.define(name + '(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')\n"
        "from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor\n"
        "one = nnUNetPredictor(device=torch.device('cpu'), perform_everything_on_device=False)\n"
        "one.initialize_from_trained_model_folder(sys.argv[1], (0,), 'checkpoint_final.pth')\n"
        "one.network.load_state_dict(one.list_of_parameters[0], strict=True)\n"
        "print(one.network.config.channels, one.allowed_mirroring_axes)\n"
    )
    root = str(Path(__file__).parents[2])
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(exported[1])],
        capture_output=True, text=True, check=False,
        env={**os.environ, "nnUNet_extTrainer": str(trainers_path()), "PYTHONPATH": root},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert "4 (0, 1, 2)" in answer.stdout
