import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scenes import NAMES, PATCH, TINY, make_study, scan, tiny_config

pytest.importorskip("nnunetv2", reason="nnU-Net is not installed: pip install 'glioscope[nnunet]'")
from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import read_label_map, write_image, write_label_map
from analysis.cohort.study import Study
from analysis.cohort.usage import UsageError
from training.commands.settings import check_settings
from training.config import ConfigError
from training.folds import grouped_folds
from training.mednext import MedNeXtConfig
from training.models import load_models
from training.nnunet.checkpoints import trainers_path
from training.nnunet.dataset import (
    check_same_labels,
    dataset_json,
    preprocess_dataset,
    splits,
    usable_patients,
    write_dataset,
)
from training.nnunet.plans import CONFIGURATION, mednext_plans, plain_2024_plans
from training.nnunet.running import DATASET, SETTINGS, _run, check_fold, train_fold, trainer_name
from training.prediction import PredictionOptions, predict_patient
from training.preprocessing import ImageError
from training.recipes import recipe

pytestmark = pytest.mark.filterwarnings("ignore")  # nnU-Net and what it imports warn of their own

NAME = "Dataset901_Test"
CONFIG = MedNeXtConfig(**TINY)  # type: ignore[arg-type]


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


def test_an_entry_of_the_splits_is_the_fold_of_its_number_even_where_one_is_empty() -> None:
    sides = splits({"a": 0, "b": 2, "c": 2})
    assert [one["val"] for one in sides] == [["a"], [], ["b", "c"]]
    assert sides[1]["train"] == ["a", "b", "c"]


def test_a_fold_that_the_study_has_not_is_refused_and_not_split_at_random(tmp_path: Path) -> None:
    (tmp_path / "splits_final.json").write_text(json.dumps(splits({"a": 0, "b": 2, "c": 2})))
    check_fold(tmp_path, 2)
    for fold in (1, 3):
        with pytest.raises(ConfigError, match=rf"no fold {fold} .*; there are folds \[0, 2\]"):
            check_fold(tmp_path, fold)


def test_what_nnunet_would_train_on_without_a_word_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    study = make_study(tmp_path, NAMES[:5])
    images, labels = scan(0)
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, 3] = -10
    broken, odd = images[0].copy(), labels.copy()
    broken[5, 5, 5:8], odd[18, 18, 18] = np.nan, 7
    patients = study.patients()
    write_image(patients[0].images["t1n"], broken, affine)
    write_label_map(tmp_path / "reference" / f"{NAMES[1]}.nii.gz", LabelMap(odd, affine))
    patients[2].images["t2f"].unlink()
    write_label_map(tmp_path / "reference" / f"{NAMES[3]}.nii.gz", LabelMap(scan(3)[1], np.eye(4)))
    said: list[str] = []
    good, spacing_mm = usable_patients(study.patients(), study.scheme, tmp_path / "none", said.append)
    assert [one.id for one in good] == [NAMES[4]]
    assert spacing_mm == (1, 1, 1)
    expected = ("3 voxels of t1n are NaN", "holds label 7", "no t2f image", "mm off the images' grid")
    assert all(part in line for part, line in zip(expected, said, strict=True)), said


def test_a_plan_has_the_studys_median_spacing_and_keeps_it(study: Study, tmp_path: Path) -> None:
    """nnU-Net plans so; at 1 mm scans of 2 mm would be trained on as eight times the voxels."""
    for_two_mm = make_study(tmp_path / "study", NAMES[:1], voxel_mm=(1.0, 2.0, 3.0))
    found = usable_patients(for_two_mm.patients(), study.scheme, tmp_path, print)[1]
    assert found == (3, 2, 1)
    plans = mednext_plans(NAME, 4, patch=PATCH, config=CONFIG, spacing_mm=found)
    (tmp_path / f"{plans['plans_name']}.json").write_text(json.dumps(plans))
    assert usable_patients(study.patients(), study.scheme, tmp_path, print)[1] == (3, 2, 1)


def test_regions_are_not_prepared_over_labels(
    study: Study, described: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "dataset.json").write_text(json.dumps(described))
    check_same_labels(tmp_path, described)
    with pytest.raises(ImageError, match=r"was prepared with background, NCR, ED, ET, now it would be .*WT"):
        check_same_labels(tmp_path, dataset_json(study.patients(), study.scheme, regions=True))


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


# --- the Dynamic Weight Average, and going on


def built(name: str, plans: dict[str, Any], described: dict[str, Any], fold: int = 0) -> Any:
    """A trainer that has built its network, on the CPU."""
    from training.nnunet import trainers

    copies = (json.loads(json.dumps(one)) for one in (plans, described))
    trainer = getattr(trainers, name)(next(copies), CONFIGURATION, fold, next(copies), torch.device("cpu"))
    trainer.plot_network_architecture = lambda: None
    trainer.num_epochs, trainer.num_iterations_per_epoch, trainer.num_val_iterations_per_epoch = 3, 1, 1
    trainer.initialize()
    return trainer


@pytest.mark.slow
def test_dynamic_weights_change_after_two_epochs_and_go_on_from_the_checkpoint(
    preprocessed: Path, plans: dict[str, Any], described: dict[str, Any], tmp_path: Path
) -> None:
    trainer = built("nnUNetTrainerMedNeXtDistMapDWA", plans, described)
    trainer.on_train_start()
    loader = trainer.get_dataloaders()[0]
    for epoch in range(2):
        trainer.current_epoch = epoch
        assert trainer.objective.weights(epoch)["distance"] == 1
        trainer.on_train_epoch_end([trainer.train_step(next(loader))])
    weights = trainer.objective.weights(2)
    assert weights["region"] + weights["distance"] == pytest.approx(2)
    assert weights["distance"] != 1
    trainer.save_checkpoint(str(tmp_path / "checkpoint_latest.pth"))
    again = built("nnUNetTrainerMedNeXtDistMapDWA", plans, described)
    again.load_checkpoint(str(tmp_path / "checkpoint_latest.pth"))
    assert again.objective.weights(2) == weights


@pytest.mark.slow
def test_baseline_never_trains_the_distance_head_and_distmap_does(
    preprocessed: Path, plans: dict[str, Any], described: dict[str, Any]
) -> None:
    """A gradient that never comes stops a training on several GPUs."""
    for name, learns in (("nnUNetTrainerMedNeXtBaseline", False), ("nnUNetTrainerMedNeXtDistMap", True)):
        trainer = built(name, plans, described)
        trainer.on_train_start()
        trainer.network.train()
        trainer.train_step(next(trainer.get_dataloaders()[0]))
        head = trainer.network.distance_head.weight
        assert head.requires_grad is learns
        assert (head.grad is not None) is learns
        assert all(one.grad is not None for one in trainer.network.parameters() if one.requires_grad)


def test_the_command_goes_on_from_nnunets_last_checkpoint(tmp_path: Path) -> None:
    trainer = Interrupted(tmp_path / "run")
    _run(trainer)
    assert trainer.calls == ["train", "validate"]
    for name in ("latest", "final"):
        (trainer.output_folder / f"checkpoint_{name}.pth").touch()
        trainer.calls.clear()
        _run(trainer)
        expected = ["load checkpoint_latest.pth", "train", "validate"]
        assert trainer.calls == (expected if name == "latest" else ["load checkpoint_final.pth", "validate"])


class Interrupted:
    """What `_run` asks of a trainer, written down."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.output_folder, self.calls = folder, list[str]()

    def load_checkpoint(self, path: str) -> None:
        self.calls.append(f"load {Path(path).name}")

    def run_training(self) -> None:
        self.calls.append("train")

    def perform_actual_validation(self, *, save_probabilities: bool) -> None:
        assert save_probabilities
        self.calls.append("validate")


@pytest.mark.slow
def test_a_fold_is_trained_and_its_held_out_cases_predicted_with_probabilities(
    folders: dict[str, Path], described: dict[str, Any], study: Study, tmp_path: Path
) -> None:
    """What the command runs, to its end: nnU-Net compares the predictions with references that are links."""
    folds = grouped_folds([patient.id for patient in study.patients()])
    own = mednext_plans(DATASET, 4, patch=PATCH, config=CONFIG)
    write_dataset(tmp_path / "raw", tmp_path / "preprocessed", described, own, folds)
    preprocess_dataset(tmp_path / "preprocessed", described, own)
    config = tiny_config(epochs=1, iterations=1, validation_iterations=1)
    with pytest.MonkeyPatch.context() as patched:
        for kind in folders:  # what the command sets in its own process, undone afterwards
            patched.setenv(f"nnUNet_{kind}", str(tmp_path / kind))
        result = train_fold(tmp_path, config, torch.device("cpu"))
    held_out = [name for name, fold in folds.items() if fold == 0]
    for name in held_out:
        assert (result / "fold_0" / "validation" / f"{name}.nii.gz").is_file()
        assert (result / "fold_0" / "validation" / f"{name}.npz").is_file()
    assert load_models(result)[0].held_out == set(held_out)


def test_every_weighting_of_a_recipe_has_its_trainer_and_other_recipes_have_none() -> None:
    assert trainer_name(recipe("baseline")) == "nnUNetTrainerMedNeXtBaseline"
    assert trainer_name(recipe("distmap")) == "nnUNetTrainerMedNeXtDistMap"
    assert trainer_name(replace(recipe("distmap"), weighting="dwa")) == "nnUNetTrainerMedNeXtDistMapDWA"
    with pytest.raises(ConfigError, match="trainers for the recipes baseline, distmap, not 'gsl'"):
        trainer_name(recipe("gsl"))


def test_a_setting_that_nnunet_would_pass_over_is_refused() -> None:
    check_settings(["epochs=2", "weighting=dwa"], SETTINGS, "nnU-Net's trainers")
    with pytest.raises(UsageError, match="nnU-Net's trainers take no setting 'patch', only epochs"):
        check_settings(["patch=64"], SETTINGS, "nnU-Net's trainers")


@pytest.mark.slow
def test_nnunet_finds_every_trainer_through_the_folder_in_a_fresh_process() -> None:
    code = (
        "import torch\n"
        "lib = torch.library.Library('torchvision', 'DEF')\n"
        "for name in ('nms', 'qnms'):\n"
        "    lib.define(name + '(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')\n"
        "from nnunetv2.utilities.find_objects import recursive_find_trainer_class_by_name as find\n"
        "names = ('Baseline', 'DistMap', 'DistMapDWA')\n"
        "print([find(f'nnUNetTrainerMedNeXt{name}').__name__ for name in names])\n"
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
    names = [f"nnUNetTrainerMedNeXt{name}" for name in ("Baseline", "DistMap", "DistMapDWA")]
    assert str(names) in answer.stdout
