import json
import math
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from scenes import PATCH, TINY, tiny_config

pytest.importorskip(
    "batchgeneratorsv2", reason="batchgeneratorsv2 is not installed: pip install 'glioscope[training]'"
)

from analysis.cohort.usage import UsageError
from training import loop
from training.config import ConfigError, TrainingConfig, config_from
from training.dataset import Dataset, DatasetError
from training.journal import cut_log
from training.loop import fit
from training.mednext import Outputs
from training.networks import NetworkError
from training.objectives import Objective, at_scale, in_millimetres, scale_weights
from training.patches import Batch
from training.recipes import Recipe, RecipeError, recipe, recipes
from training.runs import BEST, LATEST, LOG, read_checkpoint


def quiet(_sentence: str) -> None:
    """Say nothing."""


def log_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / LOG).read_text().splitlines()]


def losses(folder: Path) -> list[float]:
    return [row["terms"]["loss"] for row in log_of(folder)]


# --- recipes and objectives


def test_every_recipe_of_the_file_is_whole() -> None:
    assert {
        "baseline",
        "distmap",
        "bins",
        "sing",
        "sing-head",
        "gsl",
        "boundary",
        "hausdorff",
        "fragment-aware",
        "plain-2024",
    } <= set(recipes())
    assert recipe("distmap").distance_weight == 1
    assert recipe("plain-2024").patch == (128, 160, 112)
    assert recipe("bins").distance_channels(3) == 48


def test_a_recipe_that_does_not_exist_or_makes_no_sense_is_refused() -> None:
    with pytest.raises(RecipeError, match="no recipe 'distmaps'; known are baseline, distmap"):
        recipe("distmaps")
    with pytest.raises(RecipeError, match="distance of a recipe is one of none, mse"):
        Recipe(distance="l1")  # type: ignore[arg-type]
    with pytest.raises(RecipeError, match="not negative, found -1"):
        Recipe(distance_weight=-1)
    with pytest.raises(RecipeError, match="needs the target `signed`"):
        Recipe(surface="boundary", target="sing")
    with pytest.raises(RecipeError, match="target `sing` must be regressed"):
        Recipe(region="none", distance="mse")
    with pytest.raises(RecipeError, match="need class scores, and so a region loss"):
        replace(recipe("sing"), fragment_weight=1.0)
    with pytest.raises(RecipeError, match="needs two losses, and there is one"):
        replace(recipe("sing"), weighting="dwa")


def answer(classes: int = 4, distances: int = 3) -> tuple[Outputs, Batch]:
    random = torch.Generator().manual_seed(0)
    logits = [
        torch.randn(2, classes, *(size // 2**scale for size in PATCH), generator=random) for scale in range(3)
    ]
    labels = torch.randint(0, classes, (2, *PATCH), generator=random)
    maps = torch.rand(2, 3, *PATCH, generator=random) * 2 - 1
    head = torch.randn(2, distances, *PATCH, generator=random)
    reach_mm = torch.tensor([[5.0, 50.0]] * 3).expand(2, 3, 2)
    return Outputs(logits, head), Batch(torch.zeros(2, 4, *PATCH), labels, maps, reach_mm)


@pytest.mark.parametrize("name", list(recipes()))
def test_every_recipe_gives_finite_terms_each_with_a_weight(name: str) -> None:
    chosen = recipe(name)
    objective = Objective(chosen, epochs=10)
    terms = objective.terms(*answer(distances=chosen.distance_channels(3)))
    assert all(math.isfinite(term.item()) for term in terms.values())
    for epoch in (0, 9):
        weights = objective.weights(epoch)
        assert set(terms) <= set(weights)
    assert ("region" in terms) == (name != "sing")
    assert ("distance" in terms) == (chosen.distance != "none")
    assert ("surface" in terms) == (chosen.surface != "none")


def test_a_surface_recipe_moves_all_weight_from_region_to_surface() -> None:
    objective = Objective(recipe("boundary"), epochs=10)
    first, last = objective.weights(0), objective.weights(9)
    assert (first["region"], first["surface"]) == (1, 0)
    assert (last["region"], last["surface"]) == pytest.approx((0, 1))
    beside = Objective(recipe("hausdorff"), epochs=10).weights(5)
    assert (beside["region"], beside["surface"]) == (1, 1)


def test_dynamic_weights_multiply_the_recipes_own() -> None:
    objective = Objective(replace(recipe("distmap"), weighting="dwa", distance_weight=5.0), epochs=10)
    assert objective.weights(0)["distance"] == 5
    objective.end_epoch({"region": 0.5, "distance": 0.4, "loss": 1.0})
    objective.end_epoch({"region": 0.4, "distance": 0.1, "loss": 1.0})
    weights = objective.weights(2)
    assert weights["region"] > 1
    assert weights["distance"] < 5


def test_all_scales_weigh_half_of_the_one_before_and_sum_to_one() -> None:
    assert scale_weights(3).tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])


def test_labels_come_to_a_coarser_scale_by_nearest_neighbour() -> None:
    labels = torch.arange(8).view(1, 2, 2, 2)
    assert at_scale(labels, torch.zeros(1, 4, 1, 1, 1)).item() == 7
    assert at_scale(labels, torch.zeros(1, 4, 2, 2, 2)) is labels


def test_distances_in_millimetres_scale_each_side_by_its_own_reach() -> None:
    maps = torch.tensor([1.0, 0.5, 0.0, -0.5]).view(1, 1, 1, 1, 4)
    found = in_millimetres(maps, torch.tensor([[[8.0, 60.0]]]))
    assert found.flatten().tolist() == [8, 4, 0, -30]


# --- the loop


@pytest.fixture(scope="module")
def finished(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DistMap run of three epochs."""
    folder = tmp_path_factory.mktemp("run")
    fit(tiny_config(recipe("distmap"), epochs=3), dataset, folder, report=quiet)
    return folder


def test_the_same_seed_gives_the_same_losses_and_another_does_not(
    dataset: Dataset, finished: Path, tmp_path: Path
) -> None:
    fit(tiny_config(recipe("distmap"), epochs=3), dataset, tmp_path / "again", report=quiet)
    fit(tiny_config(recipe("distmap"), epochs=3, seed=7), dataset, tmp_path / "other", report=quiet)
    assert losses(tmp_path / "again") == losses(finished)
    assert losses(tmp_path / "other") != losses(finished)


def test_a_resumed_run_gives_the_losses_of_an_uninterrupted_one(
    dataset: Dataset, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the second epoch was logged but before the third began; then again while logging."""
    config = tiny_config(recipe("distmap"), epochs=3)
    real = loop._train_epoch

    def dies_in_the_third(run: loop.Run, *rest: Any) -> dict[str, float]:
        if run.progress.epoch == 2:
            raise KeyboardInterrupt
        return real(run, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(loop, "_train_epoch", dies_in_the_third)
        with pytest.raises(KeyboardInterrupt):
            fit(config, dataset, tmp_path, report=quiet)
    assert losses(tmp_path) == losses(finished)[:2]
    with (tmp_path / LOG).open("a") as file:
        file.write('{"epoch": 3, "te')
    fit(config, dataset, tmp_path, report=quiet)
    assert losses(tmp_path) == losses(finished)
    assert [row["dice"] for row in log_of(tmp_path)] == [row["dice"] for row in log_of(finished)]
    first, second = (read_checkpoint(folder / LATEST)["network"] for folder in (tmp_path, finished))
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("name", [LATEST, BEST])
def test_a_run_killed_while_it_keeps_an_epoch_goes_on_to_the_same_log(
    name: str, dataset: Dataset, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An epoch is logged, and then its latest checkpoint, or only the best one, is not written any more."""
    config = tiny_config(recipe("distmap"), epochs=3)
    real, calls = loop.write_checkpoint, []

    def dies(path: Path, state: Any) -> None:
        calls.append(path.name)
        if path.name == name and calls.count(name) == (2 if name == LATEST else 1):
            raise KeyboardInterrupt
        real(path, state)

    with monkeypatch.context() as patched:
        patched.setattr(loop, "write_checkpoint", dies)
        with pytest.raises(KeyboardInterrupt):
            fit(config, dataset, tmp_path, report=quiet)
    fit(config, dataset, tmp_path, report=quiet)
    assert [row["epoch"] for row in log_of(tmp_path)] == [1, 2, 3]
    assert losses(tmp_path) == losses(finished)


def test_half_a_row_is_dropped_whatever_it_was_cut_off_at(tmp_path: Path) -> None:
    whole = ['{"epoch": 1, "dice": [0.5]}', '{"epoch": 2, "dice": [0.6]}', '{"epoch": 3, "dice": [0.7]}']
    for size in range(1, len(whole[2])):
        (tmp_path / LOG).write_text("\n".join([*whole[:2], whole[2][:size]]))
        cut_log(tmp_path, 3)
        assert (tmp_path / LOG).read_text().splitlines() == whole[:2]
    (tmp_path / LOG).write_text("\n".join(whole) + "\n")
    cut_log(tmp_path, 2)
    assert (tmp_path / LOG).read_text().splitlines() == whole[:2]


def test_without_a_terminal_each_epoch_is_a_line_with_losses_speed_and_time_left(
    dataset: Dataset, tmp_path: Path
) -> None:
    said: list[str] = []
    fit(tiny_config(), dataset, tmp_path, report=said.append)
    how = r"epoch 1 of 2: loss -?\d+\.\d+, Dice NCR \S+ ED \S+ ET \S+"
    assert re.fullmatch(how + r"; \d+ s, \d+\.\d+ images/s, 0:\d\d:\d\d left", said[0])
    assert said[1].endswith("0:00:00 left")


def test_curves_are_drawn_while_a_run_goes_and_not_only_at_its_end(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loop._train_epoch

    def dies_in_the_second(run: loop.Run, *rest: Any) -> dict[str, float]:
        if run.progress.epoch == 1:
            raise KeyboardInterrupt
        return real(run, *rest)

    monkeypatch.setattr(loop, "_train_epoch", dies_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        fit(tiny_config(), dataset, tmp_path, report=quiet)
    assert (tmp_path / "curves.png").is_file()


def test_a_run_does_not_go_on_where_folds_were_dealt_anew(
    dataset: Dataset, finished: Path, tmp_path: Path
) -> None:
    """Else patients that were trained on would be called held out."""
    shutil.copytree(finished, tmp_path / "copy")
    moved = tuple(replace(one, fold=(one.fold + 1) % 5) for one in dataset.summary.patients)
    dealt = replace(dataset, summary=replace(dataset.summary, patients=moved))
    with pytest.raises(ConfigError, match=r"a run on other folds: patient TST-.* held out"):
        fit(tiny_config(recipe("distmap"), epochs=3), dealt, tmp_path / "copy", report=quiet)


def test_validation_without_any_label_leaves_the_average_as_it_was() -> None:
    progress = loop.Progress()
    for dice in ([0.5, 0.7], [math.nan, math.nan], [math.nan, 1.0]):
        loop._advance(progress, dice)
    assert progress.dice_ema == pytest.approx(0.9 * 0.6 + 0.1 * 1.0)
    assert progress.best == progress.dice_ema
    assert progress.epoch == 3


def test_weight_zero_distmap_is_baseline_to_the_bit(dataset: Dataset, tmp_path: Path) -> None:
    for name, chosen in (
        ("base", recipe("baseline")),
        ("zero", replace(recipe("distmap"), distance_weight=0.0)),
    ):
        fit(tiny_config(chosen), dataset, tmp_path / name, report=quiet)
    base, zero = (log_of(tmp_path / name) for name in ("base", "zero"))
    assert [row["terms"]["region"] for row in base] == [row["terms"]["region"] for row in zero]
    assert [row["dice"] for row in base] == [row["dice"] for row in zero]


@pytest.mark.parametrize(
    "name",
    ["bins", "sing", "sing-head", "gsl", "fragment-aware", pytest.param("boundary", marks=pytest.mark.slow)],
)
def test_every_kind_of_recipe_trains(name: str, dataset: Dataset, tmp_path: Path) -> None:
    config = tiny_config(recipe(name), epochs=1, augment=True)
    said: list[str] = []
    assert fit(config, dataset, tmp_path, report=said.append).is_file()
    assert math.isfinite(losses(tmp_path)[0])
    assert any("small lesions" in one for one in said) == (name == "gsl")


def test_the_log_the_curves_and_both_checkpoints_are_there(finished: Path) -> None:
    rows = log_of(finished)
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert set(rows[0]["terms"]) == {"loss", "region", "distance"}
    assert rows[0]["learning_rate"] == 1e-3
    assert rows[2]["learning_rate"] == pytest.approx(1e-3 * (1 / 3) ** 0.9)
    assert len(rows[0]["dice"]) == 3
    assert (finished / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert (finished / BEST).is_file()
    description = json.loads((finished / "run.json").read_text())
    assert description["channels"] == ["t1n", "t1c", "t2w", "t2f"]
    assert description["held_out"]


def test_the_config_survives_its_checkpoint(finished: Path) -> None:
    stored = read_checkpoint(finished / LATEST)["config"]
    assert config_from(stored).as_json() == tiny_config(recipe("distmap"), epochs=3).as_json()


def test_another_run_in_the_same_folder_is_refused(dataset: Dataset, finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "copy")
    with pytest.raises(ConfigError, match="holds another run: seed was 42, is 1"):
        fit(tiny_config(recipe("distmap"), epochs=3, seed=1), dataset, tmp_path / "copy", report=quiet)


NETWORKS_THAT_CAN_NOT_BE: dict[str, dict[str, Any]] = {
    "no network 'foo'; known are mednext-s": {"recipe": replace(recipe("baseline"), network="foo")},
    "MedNeXt has no option 'foo'; known are channels": {"network_options": {"foo": 3}},
    "channels=a: channels is a whole number, found 'a'": {"network_options": {"channels": "a"}},
    "MedNeXt has nine stages, found 9 and 2": {"network_options": {"blocks": (1, 1)}},
    "segresnet can't be built with channels=4: .* unexpected keyword": {
        "recipe": replace(recipe("baseline"), network="segresnet"), "network_options": {"channels": 4},
    },
}  # fmt: skip


def test_what_can_not_work_is_said_before_it_starts(dataset: Dataset, tmp_path: Path) -> None:
    def refuse(match: str, config: TrainingConfig, data: Dataset = dataset) -> None:
        with pytest.raises(ConfigError, match=match):
            fit(config, data, tmp_path, report=quiet)

    refuse("multiple of 16", tiny_config(patch=(16, 24, 32)))
    refuse(
        "no full-resolution features",
        tiny_config(replace(recipe("distmap"), network="unet"), network_options={}),
    )
    if not torch.cuda.is_available():
        refuse("no GPU is available", tiny_config(device="cuda"))
    bare = replace(dataset, summary=replace(dataset.summary, targets=("signed",)))
    refuse("prepare it with --target sing", tiny_config(recipe("sing")), bare)
    refuse("no device 'mps': use auto, cpu or cuda", tiny_config(device="mps"))
    with pytest.raises(UsageError, match="step of an alpha schedule lies between 1 and 1 epochs, found 5"):
        loop.check(tiny_config(replace(recipe("gsl"), schedule="step")), dataset)
    for match, wrong in NETWORKS_THAT_CAN_NOT_BE.items():
        with pytest.raises(NetworkError, match=match):
            fit(tiny_config(**wrong), dataset, tmp_path, report=quiet)
    with pytest.raises(DatasetError, match="fold 9 leaves no patients on one side"):
        fit(tiny_config(fold=9), dataset, tmp_path, report=quiet)


@pytest.mark.parametrize(
    ("match", "wrong"),
    [
        ("epochs must be at least 1, found 0", {"epochs": 0}),
        ("epochs is a whole number, found 'abc'", {"epochs": "abc"}),
        ("epochs is a whole number, found 1.5", {"epochs": 1.5}),
        ("batch is a whole number, found True", {"batch": True}),
        ("augment is true or false, found 'no'", {"augment": "no"}),
        ("compile is true or false, found 1", {"compile": 1}),
        ("learning_rate is a number, found nan", {"learning_rate": math.nan}),
        ("learning_rate must be above 0, found -1", {"learning_rate": -1}),
        ("workers can't be negative, found -3", {"workers": -3}),
        ("precision is bf16 or fp32, found 'fp16'", {"precision": "fp16"}),
    ],
)
def test_a_setting_of_another_kind_is_refused_in_one_sentence(match: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(match)}"):
        tiny_config(**wrong)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), "out of GPU memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "out of memory"),
    ],
)
def test_memory_that_runs_out_is_one_sentence_that_says_what_to_change(
    error: RuntimeError, what: str, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def runs_out(*_anything: Any) -> dict[str, float]:
        raise error

    monkeypatch.setattr(loop, "_train_epoch", runs_out)
    expected = rf"{what} with batch 2 of patch \(16, 16, 32\): use a smaller --set batch"
    with pytest.raises(ConfigError, match=expected):
        fit(tiny_config(), dataset, tmp_path, report=quiet)


def test_a_checkpoint_that_is_cut_off_is_refused_by_name(tmp_path: Path, finished: Path) -> None:
    path = tmp_path / LATEST
    path.write_bytes((finished / LATEST).read_bytes()[:1000])
    with pytest.raises(ConfigError, match="can't be read as a checkpoint"):
        read_checkpoint(path)


def test_a_loss_that_is_no_number_stops_the_run(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(FloatingPointError, match="no longer a number in epoch"):
        fit(tiny_config(learning_rate=1e30, epochs=2, iterations=4), dataset, tmp_path, report=quiet)


def by_heart(chosen: Recipe, dataset: Dataset) -> tuple[loop.Run, Batch, Outputs]:
    """60 steps on the same two patches, and the answer to them."""
    options = {"channels": 8, "expansion": TINY["expansion"], "blocks": TINY["blocks"]}
    config = tiny_config(chosen, patch=(32, 32, 32), network_options=options, learning_rate=4e-3)
    run = loop.start(config, dataset)
    patches, _ = loop.samples(config, dataset)
    one, two = (patches[number] for number in (1, 3))
    batch = Batch(*(torch.stack(parts) for parts in zip(one, two, strict=True)))
    weights = run.objective.weights(0)
    for _ in range(60):
        loop.train_step(run, run.network.outputs, batch, weights)
    with torch.no_grad():
        outputs = run.network.outputs(batch.images_bczyx, deep=False)
    return run, batch, outputs


def label_dice(predicted: torch.Tensor, batch: Batch) -> list[float]:
    pairs = [(predicted == label, batch.labels_bzyx == label) for label in (1, 2, 3)]
    return [float(2 * (ours & theirs).sum() / (ours.sum() + theirs.sum())) for ours, theirs in pairs]


@pytest.mark.slow
@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_two_patches_are_learnt_by_heart(weight: float, dataset: Dataset) -> None:
    """Dice above 0.95 for each label, and the distances follow where they are weighed."""
    run, batch, outputs = by_heart(replace(recipe("distmap"), distance_weight=weight), dataset)
    assert min(label_dice(outputs.logits[0].argmax(1), batch)) > 0.95
    distances = run.objective.predicted_distances(outputs)
    assert distances is not None
    error = (distances - batch.distances_bczyx).square().mean()
    assert (error < 0.12) == (weight > 0)


@pytest.mark.slow
def test_regressing_the_sing_transform_alone_segments_two_patches(dataset: Dataset) -> None:
    """SiNGR: no class scores are trained, and the signs of the regressed maps are the labels."""
    run, batch, outputs = by_heart(recipe("sing"), dataset)
    dice = label_dice(run.objective.predicted_labels(outputs), batch)
    assert min(dice) > 0.9, dice
    assert max(label_dice(outputs.logits[0].argmax(1), batch)) < 0.5
