"""Training, read from top to bottom: `fit` trains one fold of one recipe, and goes on where it was killed."""

import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from analysis.cohort.usage import UsageError
from training.config import ConfigError, TrainingConfig
from training.curves import plot_curves
from training.dataset import Dataset
from training.devices import choose_device, out_of_memory_named, training_memory
from training.journal import Journal, Report, cut_log
from training.networks import Network, NetworkSpec, build_network, has_distance_head
from training.objectives import Objective
from training.patches import Batch, Patches, Sampling, batches
from training.regression_losses import bin_edges
from training.runs import (
    DESCRIPTION,
    LATEST,
    Checkpoint,
    describe_run,
    read_checkpoint,
    read_description,
    write_checkpoint,
)
from training.surface_losses import class_weights

POLY_POWER = 0.9
EMA = 0.9
GRADIENT_NORM = 12.0
"""nnU-Net's bound on the length of the gradient."""


class DivergenceError(UsageError, FloatingPointError):
    """Training that went astray: a loss is infinite or no number."""


@dataclass
class Progress:
    """What a run has reached.

    Attributes:
        epoch: epochs that are done.
        dice_ema: moving average of the mean validation Dice, NaN before the first epoch.
        best: its highest value.
    """

    epoch: int = 0
    dice_ema: float = math.nan
    best: float = -math.inf


@dataclass
class Run:
    """All parts of a run that change while it trains."""

    config: TrainingConfig
    network: Network
    optimizer: torch.optim.Optimizer
    objective: Objective
    device: torch.device
    progress: Progress = field(default_factory=Progress)


def fit(config: TrainingConfig, dataset: Dataset, folder: Path, *, report: Report = print) -> Path:
    """Train one fold and write checkpoints, a log and curves into `folder`.

    A folder with a checkpoint of the same config is continued, and its losses are those of an uninterrupted
    run (bit for bit on a CPU). At most one epoch is lost whenever it is killed.

    Args:
        config: what to train.
        dataset: a prepared study.
        folder: of the run; made if missing.
        report: takes sentences for people.

    Returns:
        The checkpoint of the last epoch.

    Raises:
        ConfigError: the run could not work: no GPU where one is asked for, a patch that the network can't
            take, targets that were not prepared, a folder that holds another run.
    """
    run = start(config, dataset)
    _check_same_patients(folder, config, dataset)
    _resume(run, folder, report)
    describe_run(folder, config, dataset.summary, run.network)
    if config.recipe.surface == "generalized-surface":
        report("the Generalized Surface Loss hardly sees small lesions (see its documentation)")
    training, validation = samples(config, dataset)
    per_epoch = config.iterations * config.batch
    ahead = batches(
        training, range(run.progress.epoch * per_epoch, config.epochs * per_epoch), workers=config.workers
    )
    step = _step_function(run)
    journal = Journal(folder, config, dataset.summary.label_names, report)
    with out_of_memory_named(*training_memory(config)), journal.bar(run.progress.epoch) as bar:
        for epoch in range(run.progress.epoch, config.epochs):
            started = time.perf_counter()
            rate = _set_learning_rate(run, epoch)
            terms = _train_epoch(run, step, islice(ahead, config.iterations), bar)
            dice = _validate(run, validation)
            run.objective.end_epoch(terms)
            _advance(run.progress, dice)
            seconds = time.perf_counter() - started
            row = _row(run, {"terms": terms, "learning_rate": rate, "dice": dice, "seconds": seconds})
            # The row first: one without its checkpoint is dropped when the run goes on.
            journal.add(row)
            _keep(run, folder)
            journal.tell(row, bar)
    plot_curves(folder)
    return folder / LATEST


def check(config: TrainingConfig, dataset: Dataset) -> torch.device:
    """Check all that can be checked before hours are spent, and say where the run will compute.

    Raises:
        ConfigError: see `fit`.
        DatasetError: the fold leaves nobody to train on, or to validate with.
        NetworkError: there is no such network, or not with these options.
    """
    device = choose_device(config.device)
    dataset.patients(config.fold, held_out=True)
    recipe = config.recipe
    if recipe.needs_distances and recipe.target not in dataset.summary.targets:
        raise ConfigError(
            f"recipe {recipe.name} needs the target {recipe.target}: prepare it with --target {recipe.target}"
        )
    Objective(recipe, epochs=config.epochs)
    _try_patch(config, network_spec(config, dataset))
    return device


def start(config: TrainingConfig, dataset: Dataset) -> Run:
    """Check a run and build its network, optimizer and objective.

    Raises:
        ConfigError: see `check`, as for the others.
    """
    device = check(config, dataset)
    recipe = config.recipe
    spec = network_spec(config, dataset)
    torch.manual_seed(config.seed)
    network = build_network(spec).to(device)
    if config.channels_last:
        network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay, eps=1e-4
    )
    weights = (
        class_weights(dataset.voxel_counts(config.fold)) if recipe.surface == "generalized-surface" else None
    )
    objective = Objective(recipe, epochs=config.epochs, class_weights=weights)
    if recipe.distance == "bins":
        objective.edges = _edges(config, dataset)
    return Run(config, network, optimizer, objective, device)


def network_spec(config: TrainingConfig, dataset: Dataset) -> NetworkSpec:
    """Say which network a config needs for a data set."""
    labels = len(dataset.summary.labels)
    return NetworkSpec(
        config.recipe.network,
        input_channels=len(dataset.summary.channels),
        class_count=labels + 1,
        distance_channels=config.recipe.distance_channels(labels),
        patch=config.patch_zyx,
        options=config.network_options,
    )


def train_step(
    run: Run, forward: Callable[[Tensor], Any], batch: Batch, weights: dict[str, float]
) -> dict[str, Tensor]:
    """Make one step and return the unweighted terms, detached and still on the device."""
    run.optimizer.zero_grad(set_to_none=True)
    with _autocast(run):
        outputs = forward(batch.images_bczyx)
    terms = run.objective.terms(outputs, batch)
    loss = torch.stack([terms[name] * weights[name] for name in terms]).sum()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(run.network.parameters(), GRADIENT_NORM)
    run.optimizer.step()
    return {"loss": loss.detach(), **{name: term.detach() for name, term in terms.items()}}


def samples(config: TrainingConfig, dataset: Dataset) -> tuple[Patches, Patches]:
    """Say which patches train and which validate: drawn from both sides of the fold."""
    target = config.recipe.target if config.recipe.needs_distances else None
    drawn = Sampling(config.patch_zyx, config.batch, target, config.augment, config.seed)
    plain = replace(drawn, augmented=False, target=None)
    return (
        Patches(dataset, dataset.patients(config.fold, held_out=False), drawn),
        Patches(dataset, dataset.patients(config.fold, held_out=True), plain),
    )


def _train_epoch(
    run: Run, step: Callable[[Batch], dict[str, Tensor]], ahead: Iterator[Batch], bar: "tqdm[Any]"
) -> dict[str, float]:
    run.network.train()
    sums: dict[str, Tensor] = defaultdict(lambda: torch.zeros((), device=run.device))
    for batch in ahead:
        for name, value in step(batch.to(run.device)).items():
            sums[name] += value.float()
        bar.update(run.config.batch)
    means = {name: float(total) / run.config.iterations for name, total in sums.items()}
    if not all(math.isfinite(value) for value in means.values()):
        bad = next(name for name, value in means.items() if not math.isfinite(value))
        raise DivergenceError(
            f"the loss is no longer a number in epoch {run.progress.epoch + 1} ({bad} is {means[bad]}): "
            "use a smaller --set learning_rate, or --set precision=fp32"
        )
    return means


@torch.no_grad()
def _validate(run: Run, patches: Patches) -> list[float]:
    """Dice of each label over all voxels of the validation patches, NaN where neither side has it."""
    run.network.eval()
    found = torch.zeros(3, len(patches.dataset.summary.labels))
    samples = range(run.config.validation_iterations * run.config.batch)
    for batch in batches(patches, samples, workers=run.config.workers):
        images = _ordered(run, batch.images_bczyx.to(run.device))
        with _autocast(run):
            outputs = run.network.outputs(images, deep=False, distances=run.config.recipe.is_regression)
        predicted = run.objective.predicted_labels(outputs).cpu()
        for index in range(found.shape[1]):
            ours, theirs = predicted == index + 1, batch.labels_bzyx == index + 1
            found[:, index] += torch.tensor([(ours & theirs).sum(), ours.sum(), theirs.sum()])
    dice: list[float] = (2 * found[0] / (found[1] + found[2])).tolist()
    return dice


def _step_function(run: Run) -> Callable[[Batch], dict[str, Tensor]]:
    outputs = run.network.outputs
    recipe = run.config.recipe

    def forward(images: Tensor) -> Any:  # noqa: ANN401 - Outputs
        return outputs(images, deep=not recipe.is_regression, distances=recipe.distance != "none")

    compiled = torch.compile(forward) if run.config.compile else forward

    def step(batch: Batch) -> dict[str, Tensor]:
        ordered = batch._replace(images_bczyx=_ordered(run, batch.images_bczyx))
        return train_step(run, compiled, ordered, run.objective.weights(run.progress.epoch))

    return step


def _ordered(run: Run, images: Tensor) -> Tensor:
    return images.contiguous(memory_format=torch.channels_last_3d) if run.config.channels_last else images


def _autocast(run: Run) -> Any:  # noqa: ANN401 - either of two context managers
    """BF16 on a GPU; a CPU gains nothing from it here and would lose the bits."""
    if run.config.precision == "bf16" and run.device.type == "cuda":
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()


def _set_learning_rate(run: Run, epoch: int) -> float:
    rate: float = run.config.learning_rate * (1 - epoch / run.config.epochs) ** POLY_POWER
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    return rate


def _advance(progress: Progress, dice: list[float]) -> None:
    progress.epoch += 1
    known = [value for value in dice if not math.isnan(value)]
    if known:  # else no validation patch holds any label, and nothing was learnt about the network
        mean, before = sum(known) / len(known), progress.dice_ema
        progress.dice_ema = mean if math.isnan(before) else EMA * before + (1 - EMA) * mean
    progress.best = max(progress.best, progress.dice_ema)


def _keep(run: Run, folder: Path) -> None:
    """Write the checkpoint of the epoch that ended, and keep it as the best if it is."""
    state = {
        "network": run.network.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "average": run.objective.average.state_dict(),
        "edges": run.objective.edges,
        "random": torch.get_rng_state(),
        "progress": vars(run.progress),
        "config": run.config.as_json(),
    }
    write_checkpoint(folder / LATEST, state)
    if run.progress.best == run.progress.dice_ema:
        write_checkpoint(folder / LATEST.replace("latest", "best"), state)


def _resume(run: Run, folder: Path, report: Report) -> None:
    if not (folder / LATEST).is_file():
        return
    found: Checkpoint = read_checkpoint(folder / LATEST)
    _check_same(found["config"], run.config, folder)
    run.network.load_state_dict(found["network"])
    run.optimizer.load_state_dict(found["optimizer"])
    run.objective.average = type(run.objective.average).from_state(found["average"])
    run.objective.edges = found["edges"]
    run.progress = Progress(**found["progress"])
    torch.set_rng_state(found["random"])
    cut_log(folder, run.progress.epoch)
    report(f"continuing {folder} after epoch {run.progress.epoch}")


def _check_same(stored: dict[str, Any], config: TrainingConfig, folder: Path) -> None:
    """Where it runs may change between two starts, what is trained may not."""
    free = {"workers", "device", "compile", "channels_last"}
    now = json.loads(json.dumps(config.as_json()))
    before = json.loads(json.dumps(stored))
    now, before = ({**one, **one.pop("recipe")} for one in (now, before))
    different = [name for name in now if name not in free and now[name] != before.get(name)]
    if different:
        name = min(different, key=lambda one: one != "name")
        said = "recipe" if name == "name" else name
        changed = f"{said} was {before.get(name)!r}, is {now[name]!r}"
        raise ConfigError(f"{folder} holds another run: {changed}; say another folder")


def _check_same_patients(folder: Path, config: TrainingConfig, dataset: Dataset) -> None:
    """Refuse to go on where the folds were dealt anew: who is held out now may have been trained on."""
    if not (folder / DESCRIPTION).is_file():
        return
    before = set(read_description(folder)["held_out"])
    moved = sorted(before ^ {one.id for one in dataset.patients(config.fold, held_out=True)})
    if moved:
        raise ConfigError(
            f"{folder} holds a run on other folds: patient {moved[0]} "
            f"{'was' if moved[0] in before else 'was not'} held out; prepare with those folds, or say "
            "another folder"
        )


def _row(run: Run, values: dict[str, Any]) -> dict[str, Any]:
    """What the log keeps of the epoch that ended."""
    progress = run.progress
    return {
        "epoch": progress.epoch,
        "dice_ema": progress.dice_ema,
        "weights": run.objective.weights(progress.epoch - 1),
        "peak_gpu_bytes": torch.cuda.max_memory_allocated() if run.device.type == "cuda" else 0,
        **values,
    }


def _edges(config: TrainingConfig, dataset: Dataset) -> Tensor:
    """Bin edges from the patches that training will see first."""
    patches = samples(replace(config, augment=False), dataset)[0]
    maps = [patches[number].distances_bczyx for number in range(8 * config.batch)]
    values = torch.cat([one.flatten()[::97] for one in maps if one is not None])
    return bin_edges(values, config.recipe.bins)


def _try_patch(config: TrainingConfig, spec: NetworkSpec) -> None:
    """Find out on shapes alone whether the network can be built, has the head, and takes the patch."""
    with torch.device("meta"):
        network = build_network(spec).eval()
    if config.recipe.distance != "none" and not has_distance_head(network):
        raise ConfigError(f"network {spec.name} has no full-resolution features for a distance head")
    try:
        with torch.device("meta"), torch.no_grad():
            images = torch.empty(1, spec.input_channels, *config.patch_zyx)
            network.outputs(images, deep=False, distances=False)
    except (ValueError, RuntimeError) as error:
        raise ConfigError(f"network {spec.name} can't take a patch of {config.patch_zyx}: {error}") from error
