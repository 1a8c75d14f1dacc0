import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scenes import PATCH, TINY, tiny_config

pytest.importorskip("nnunetv2", reason="nnU-Net is not installed: pip install 'glioscope[nnunet]'")
from analysis.cohort.nifti import read_label_map
from analysis.cohort.study import Study
from training.config import ConfigError
from training.dataset import Dataset
from training.folds import grouped_folds
from training.loop import fit
from training.mednext import MedNeXt, MedNeXtConfig
from training.models import ModelError, UntrustedCheckpointError, load_models, read_nnunet_checkpoint
from training.nnunet.checkpoints import export_to_nnunet, trainers_path
from training.nnunet.dataset import dataset_json, preprocess_dataset, splits, write_dataset
from training.nnunet.plans import CONFIGURATION, mednext_plans, plain_2024_plans
from training.prediction import PredictionOptions, predict_patient
from training.recipes import recipe

pytestmark = pytest.mark.filterwarnings("ignore")  # nnU-Net and what it imports warn of their own

NAME = "Dataset901_Test"
CONFIG = MedNeXtConfig(**TINY)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """nnU-Net's three folders, named in its environment variables."""
    root = tmp_path_factory.mktemp("nnunet")
    values = {f"nnUNet_{kind}": str(root / kind) for kind in ("raw", "preprocessed", "results")}
    values |= {"nnUNet_n_proc_DA": "0", "nnUNet_def_n_proc": "1", "nnUNet_compile": "f"}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in values.items():
            patched.setenv(name, value)
        yield {kind: root / kind for kind in ("raw", "preprocessed", "results")}


@pytest.fixture(scope="module")
def described(study: Study) -> dict[str, Any]:
    return dataset_json(study.patients(), study.scheme)


@pytest.fixture(scope="module")
def plans() -> dict[str, Any]:
    return mednext_plans(NAME, 4, patch=PATCH, config=CONFIG)


@pytest.fixture(scope="module")
def preprocessed(
    folders: dict[str, Path], described: dict[str, Any], plans: dict[str, Any], study: Study
) -> Path:
    folds = grouped_folds([patient.id for patient in study.patients()])
    write_dataset(folders["raw"], folders["preprocessed"], described, plans, folds)
    return preprocess_dataset(folders["preprocessed"], described, plans)


def test_the_data_set_lists_paths_and_folds_keep_subjects_together(
    described: dict[str, Any], study: Study
) -> None:
    case = described["dataset"][study.patients()[0].id]
    assert [Path(path).is_file() for path in case["images"]] == [True] * 4
    assert described["labels"] == {"background": 0, "NCR": 1, "ED": 2, "ET": 3}
    folds = grouped_folds(described["dataset"])
    for fold, side in enumerate(splits(folds)):
        assert set(side["val"]) == {name for name, own in folds.items() if own == fold}
        assert not set(side["train"]) & set(side["val"])


def test_regions_are_painted_whole_tumour_first(study: Study) -> None:
    described = dataset_json(study.patients(), study.scheme, regions=True)
    assert described["labels"] == {"background": 0, "WT": [1, 2, 3], "TC": [1, 3], "ET": [3]}
    assert described["regions_class_order"] == [2, 1, 3]


def test_a_plan_whose_patch_does_not_fit_the_network_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"divisible by 16, found \(56, 64, 56\)"):
        mednext_plans(NAME, 4, patch=(56, 64, 56))


@pytest.mark.slow
def test_nnunets_own_trainer_builds_both_plans() -> None:
    from nnunetv2.utilities.get_network_from_plans import get_network_from_plans

    for plan, outputs, expected in (
        (mednext_plans(NAME, 4), 4, 10_530_324 + 99),
        (plain_2024_plans(NAME, 4), 5, 30_791_001),
    ):
        architecture = plan["configurations"][CONFIGURATION]["architecture"]
        network = get_network_from_plans(
            *(architecture[word] for word in ("network_class_name", "arch_kwargs", "_kw_requires_import")),
            4, outputs, deep_supervision=True,
        )  # fmt: skip
        assert sum(one.numel() for one in network.parameters()) == expected


def train(name: str, plans: dict[str, Any], described: dict[str, Any], iterations: int = 2) -> Any:
    """One epoch of a trainer, in this process, without looking it up by name."""
    from training.nnunet import trainers

    plain = json.loads(json.dumps({**described, "dataset": described["dataset"]}))
    trainer = getattr(trainers, name)(
        json.loads(json.dumps(plans)), CONFIGURATION, 0, plain, torch.device("cpu")
    )
    trainer.num_epochs, trainer.num_iterations_per_epoch, trainer.num_val_iterations_per_epoch = (
        1,
        iterations,
        1,
    )
    trainer.plot_network_architecture = lambda: None
    trainer.run_training()
    return trainer


@pytest.fixture(scope="module")
def trained(
    preprocessed: Path, plans: dict[str, Any], described: dict[str, Any], folders: dict[str, Path]
) -> Path:
    """A result folder of the DistMap trainer."""
    trainer = train("nnUNetTrainerMedNeXtDistMap", plans, described)
    shutil.copy(folders["preprocessed"] / NAME / "splits_final.json", trainer.output_folder_base)
    return Path(trainer.output_folder_base)


@pytest.mark.slow
def test_the_distmap_trainer_trains_and_its_folder_predicts_as_it_is(
    trained: Path, study: Study, tmp_path: Path
) -> None:
    model = load_models(trained)[0]
    assert model.has_distances
    assert model.channels == ("t1n", "t1c", "t2w", "t2f")
    assert model.held_out
    patient = next(one for one in study.patients() if one.id in model.held_out)
    path = predict_patient([model], patient, tmp_path, PredictionOptions(mirror=False, responses=True))
    assert read_label_map(path, study.scheme).shape == (36, 40, 34)


@pytest.mark.slow
def test_distances_are_stored_beside_the_cases_and_not_among_them(trained: Path, preprocessed: Path) -> None:
    stored = preprocessed.with_name(preprocessed.name + "_sdt")
    codes = np.load(next(iter(stored.glob("*.npy"))))
    assert codes.dtype == np.int8
    assert codes.shape[0] == 3
    assert codes.max() == 127


@pytest.mark.slow
def test_the_loader_with_distances_gives_nnunets_images_and_labels(
    preprocessed: Path, plans: dict[str, Any], described: dict[str, Any]
) -> None:
    """The same seed draws the same patches whether distances ride along or not."""
    from training.nnunet import trainers

    batches = []
    for name in ("nnUNetTrainerMedNeXtBaseline", "nnUNetTrainerMedNeXtDistMap"):
        trainer = getattr(trainers, name)(
            json.loads(json.dumps(plans)), CONFIGURATION, 0, described, torch.device("cpu")
        )
        trainer.initialize()
        np.random.seed(5)  # noqa: NPY002 - nnU-Net's loader draws from it
        torch.manual_seed(5)
        batches.append(next(trainer.get_dataloaders()[0]))
    plain, carried = batches
    assert carried["data"].shape[1] == 7
    assert torch.equal(plain["data"], carried["data"][:, :4])
    assert all(torch.equal(one, other) for one, other in zip(plain["target"], carried["target"], strict=True))


@pytest.mark.slow
def test_regions_train_as_well(folders: dict[str, Path], study: Study, tmp_path: Path) -> None:
    described = dataset_json(study.patients(), study.scheme, regions=True)
    own = mednext_plans("Dataset902_Regions", 4, patch=PATCH, config=CONFIG)
    folds = grouped_folds([patient.id for patient in study.patients()])
    write_dataset(folders["raw"], folders["preprocessed"], described, own, folds)
    preprocess_dataset(folders["preprocessed"], described, own)
    trainer = train("nnUNetTrainerMedNeXtDistMap", own, described)
    model = load_models(Path(trainer.output_folder_base))[0]
    assert model.is_regions
    assert model.labels == (2, 1, 3)
    predict_patient([model], study.patients()[0], tmp_path, PredictionOptions(mirror=False))


# --- checkpoints change hands


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


@pytest.mark.slow
def test_published_weights_predict_without_a_head_under_public_names(
    exported: tuple[Path, Path], tmp_path: Path
) -> None:
    """A folder as others publish it: with an auxiliary head of another name, or without any."""
    folder = tmp_path / "published"
    shutil.copytree(exported[1], folder)
    path = folder / "fold_0" / "checkpoint_final.pth"
    checkpoint = torch.load(path, weights_only=True)
    weights = checkpoint["network_weights"]
    head = {name: weights.pop(name) for name in list(weights) if name.startswith("distance_head")}
    for extra, expected in (
        ({}, False),
        (
            {
                "sdt_head.0.weight": head["distance_head.weight"],
                "sdt_head.0.bias": head["distance_head.bias"],
            },
            True,
        ),
    ):
        torch.save(
            {**checkpoint, "network_weights": {**weights, "dummy_tensor": torch.ones(1), **extra}}, path
        )
        assert load_models(folder)[0].has_distances is expected


class _Program:
    """Something that runs when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("executed",))


def test_a_checkpoint_that_is_a_program_is_not_run_unless_trusted(
    exported: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "checkpoint_final.pth"
    torch.save({"network_weights": {}, "logging": _Program()}, path)
    with pytest.raises(UntrustedCheckpointError, match="runs whatever program"):
        read_nnunet_checkpoint(path)
    assert "executed" not in capsys.readouterr().out
    read_nnunet_checkpoint(path, trust=True)
    assert "executed" in capsys.readouterr().out


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


@pytest.mark.slow
def test_nnunet_finds_both_trainers_through_the_folder_in_a_fresh_process() -> None:
    code = (
        "import torch\n"
        "lib = torch.library.Library('torchvision', 'DEF')\n"
        "for name in ('nms', 'qnms'):\n"
        "    lib.define(name + '(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')\n"
        "from nnunetv2.utilities.find_objects import recursive_find_trainer_class_by_name as find\n"
        "print([find(f'nnUNetTrainerMedNeXt{name}').__name__ for name in ('Baseline', 'DistMap')])\n"
    )
    environment = {
        **os.environ,
        "nnUNet_extTrainer": str(trainers_path()),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert "['nnUNetTrainerMedNeXtBaseline', 'nnUNetTrainerMedNeXtDistMap']" in answer.stdout
