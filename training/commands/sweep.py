"""`glioscope train sweep`: recipes and weights side by side, Dice and fragments per label."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from training.config import TrainingConfig
    from training.dataset import Dataset, Summary

    Key = tuple[str, float, int, int]
    """Recipe, weight (NaN without a distance loss), seed, fold."""


def sweep(
    data: Annotated[Path, typer.Argument(help="A prepared data set.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the runs, the tables and the figure.")
    ],
    weights: Annotated[
        str, typer.Option(help="Lambdas of the distance loss; a recipe without one is trained once.")
    ] = "0,0.1,0.5,1,2,5,6,7,8,9,10",
    recipes: Annotated[
        str, typer.Option(help="Recipes, e.g. distmap,bins for bins against MSE. The first is compared with.")
    ] = "distmap",
    folds: Annotated[str, typer.Option(help="Folds to hold out, e.g. 0,1, or all.")] = "0",
    seeds: Annotated[str, typer.Option(help="Seeds to train each configuration with, e.g. 42,43.")] = "42",
    settings: Settings = None,
) -> None:
    """Train recipes alike but for their losses and report Dice and fragments per label on held-out patients.

    "Does a distance loss create fragments?" is
    glioscope train sweep DATA -o OUT --recipes baseline,distmap --weights 1 --folds all --seeds 42,43.
    The paper's appendix A reports Dice alone over lambda and appendix C asks for fragments.

    Writes sweep.csv (a row a run, patient and label), summary.csv, comparison.csv (paired tests against the
    first configuration) and sweep.png, and prints the means. What was trained and scored is not done again.
    """
    from training.commands.asked import need, numbers, use_threads
    from training.commands.settings import config_with, data_folder

    need("torch", "batchgeneratorsv2")
    data_folder(data)
    from training.dataset import open_dataset

    use_threads()
    dataset = open_dataset(data)
    configs = {
        (name, weight, seed, fold): config_with(
            name, fold, [*(settings or []), f"seed={seed}"], distance_weight=_if_any(weight)
        )
        # Configurations last: a sweep that is stopped halfway has trained them all on the same patients.
        for fold in _folds(folds, dataset.summary)
        for seed in _whole(seeds, "seeds")
        for name, weight in _configurations(recipes.split(","), numbers(weights, "weights"))
    }
    from training.loop import check

    for config in configs.values():  # a fault of the last must not show after the others' hours
        check(config, dataset)
    table = _train_all(configs, dataset, output)
    _write(table, dataset, output)


def _train_all(configs: "dict[Key, TrainingConfig]", dataset: "Dataset", output: Path) -> "pd.DataFrame":
    import pandas as pd

    from training.commands.asked import say
    from training.comparison import title

    parts = []
    for (name, weight, seed, fold), config in configs.items():
        say(f"{title(name, weight)}, seed {seed}, fold {fold}")
        folder = output / title(name, weight).replace(" ", "_") / f"seed_{seed}" / f"fold_{fold}"
        scores = train_and_score(config, dataset, folder)
        parts.append(scores.assign(recipe=name, weight=weight, seed=seed, fold=fold))
    return pd.concat(parts, ignore_index=True)


def train_and_score(config: "TrainingConfig", dataset: "Dataset", folder: Path) -> "pd.DataFrame":
    """Train one run, or go on with it, and score the patients that it holds out; keep the scores."""
    import pandas as pd

    from analysis.cohort.atomic import write_bytes_atomically
    from training.commands.asked import say
    from training.devices import choose_device
    from training.evaluation import score_held_out
    from training.loop import fit
    from training.models import load_models
    from training.prediction import PredictionOptions

    last = fit(config, dataset, folder, report=say)
    kept = folder / "scores.csv"
    if kept.is_file() and kept.stat().st_mtime_ns >= last.stat().st_mtime_ns:
        return pd.read_csv(kept)
    options = PredictionOptions(device=str(choose_device(config.device)))
    scores = score_held_out(load_models(folder)[0], dataset, config.fold, options)
    write_bytes_atomically(kept, scores.to_csv(index=False).encode())
    return scores


def _write(table: "pd.DataFrame", dataset: "Dataset", output: Path) -> None:
    from training.comparison import compare, draw, summarise

    table.to_csv(output / "sweep.csv", index=False)
    summary = summarise(table)
    summary.to_csv(output / "summary.csv", index=False)
    compared = compare(table, {one.id: one.subject for one in dataset.summary.patients})
    draw(table, output / "sweep.png")
    typer.echo(summary.to_string(index=False, float_format="%.3f"))
    if len(compared):
        compared.to_csv(output / "comparison.csv", index=False)
        shown = ["first", "second", "region", "metric", "mean_difference", "pairs_in", "p_value", "p_holm"]
        typer.echo("\n" + compared[shown].to_string(index=False, float_format="%.3f"))


def _configurations(recipes: "Sequence[str]", weights: "Sequence[float]") -> "Iterator[tuple[str, float]]":
    """Pair recipes with weights; one without a distance loss has nothing to weigh."""
    from training.recipes import recipe

    for name in recipes:
        for weight in weights if recipe(name).distance != "none" else [float("nan")]:
            yield name, weight


def _folds(text: str, summary: "Summary") -> list[int]:
    return sorted({one.fold for one in summary.patients}) if text == "all" else _whole(text, "folds")


def _whole(text: str, what: str) -> list[int]:
    from analysis.cohort.usage import UsageError
    from training.commands.asked import numbers

    found = numbers(text, what)
    if any(one % 1 for one in found):
        raise UsageError(f"{what} are whole numbers separated by commas, found {text!r}")
    return [int(one) for one in found]


def _if_any(weight: float) -> float | None:
    return None if math.isnan(weight) else weight
