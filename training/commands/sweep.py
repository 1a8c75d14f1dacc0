"""`glioscope train sweep`: recipes and weights side by side, Dice and fragments per label."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from training.config import TrainingConfig
    from training.dataset import Dataset


def sweep(
    data: Annotated[Path, typer.Argument(help="A prepared data set.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the runs, the table and the figure.")
    ],
    weights: Annotated[
        str, typer.Option(help="Lambdas of the distance loss.")
    ] = "0,0.1,0.5,1,2,5,6,7,8,9,10",
    recipes: Annotated[
        str, typer.Option(help="Recipes, e.g. distmap,bins for bins against MSE.")
    ] = "distmap",
    fold: Annotated[int, typer.Option(help="Which fold is held out.")] = 0,
    settings: Settings = None,
) -> None:
    """Train each recipe at each weight and report Dice and fragments per label on the held-out patients.

    The paper's appendix A reports Dice alone and appendix C asks for fragments: does their number grow with
    lambda? Writes sweep.csv (patients) and sweep.png, prints the means; finished runs are not repeated.
    """
    from training.commands.asked import need, numbers, say, use_threads
    from training.commands.settings import config_with, data_folder

    need("torch", "batchgeneratorsv2")
    data_folder(data)
    import pandas as pd

    from training.dataset import open_dataset

    use_threads()
    dataset = open_dataset(data)
    configs = {
        (name, weight): config_with(name, fold, settings, distance_weight=weight)
        for name in recipes.split(",")
        for weight in numbers(weights, "weights")
    }
    parts = []
    for (name, weight), config in configs.items():
        say(f"{name} at weight {weight:g}")
        scores = train_and_score(config, dataset, output / f"{name}_{weight:g}")
        parts.append(scores.assign(recipe=name, weight=weight))
    table = pd.concat(parts, ignore_index=True)
    table.to_csv(output / "sweep.csv", index=False)
    draw(summarise(table), output / "sweep.png")
    typer.echo(summarise(table).to_string(index=False))


def train_and_score(config: "TrainingConfig", dataset: "Dataset", folder: Path) -> "pd.DataFrame":
    """Train one run, or go on with it, and score the patients that it holds out."""
    from training.commands.asked import say
    from training.devices import choose_device
    from training.evaluation import score_held_out
    from training.loop import fit
    from training.models import load_models
    from training.prediction import PredictionOptions

    fit(config, dataset, folder, report=say)
    options = PredictionOptions(device=str(choose_device(config.device)))
    return score_held_out(load_models(folder)[0], dataset, config.fold, options)


def summarise(table: "pd.DataFrame") -> "pd.DataFrame":
    """Average Dice and fragments over patients, one row a recipe, weight and label."""
    by = table.groupby(["recipe", "weight", "label"], sort=False)
    means = by.agg(
        dice=("dice", "mean"),
        fragments=("fragments", "mean"),
        reference_fragments=("reference_fragments", "mean"),
        patients=("patient", "size"),
    )
    return means.reset_index()


def draw(summary: "pd.DataFrame", path: Path) -> None:
    """Draw mean Dice and mean fragments over the weight, a line a recipe and label."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.5), layout="constrained")
    for axes, column in zip(figure.subplots(1, 2), ("dice", "fragments"), strict=True):
        for (recipe, label), rows in summary.groupby(["recipe", "label"], sort=False):
            axes.plot(rows["weight"], rows[column], marker="o", label=f"{recipe} {label}")
        axes.set_xlabel("weight of the distance loss")
        axes.set_ylabel(f"mean {column} of a patient")
        axes.legend()
    figure.savefig(path, dpi=120)
