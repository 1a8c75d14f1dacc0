"""`glioscope train sweep`: recipes and weights side by side, Dice and fragments per label."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd


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
    epochs: Annotated[int, typer.Option(help="Epochs of each run; the paper's sweep has 100.")] = 100,
    iterations: Annotated[int, typer.Option(help="Steps an epoch.")] = 250,
    batch: Annotated[int, typer.Option(help="Patches a step.")] = 2,
    patch: Annotated[str | None, typer.Option(help="Patch z,y,x.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Of the network, NAME=JSON. Repeatable.")] = None,
    learning_rate: Annotated[float, typer.Option(help="At the start.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="Of every run.")] = 42,
    workers: Annotated[int, typer.Option(help="Processes that make patches ahead.")] = 4,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Train each recipe at each weight and report Dice and fragments per label on the held-out patients.

    The paper's appendix A reports Dice alone and appendix C asks for fragments: does their number grow with
    lambda? Writes sweep.csv and sweep.png; finished runs are not repeated.
    """
    from training.commands.asked import need, numbers, options_of, patch_of, say, use_threads

    need("torch", "batchgeneratorsv2")
    import pandas as pd

    from training.config import TrainingConfig
    from training.dataset import open_dataset
    from training.devices import choose_device
    from training.evaluation import score_held_out
    from training.loop import fit
    from training.models import load_models
    from training.prediction import PredictionOptions
    from training.recipes import recipe, with_changes

    use_threads()
    dataset = open_dataset(data)
    parts = []
    for name in recipes.split(","):
        for weight in numbers(weights, "weights"):
            chosen = with_changes(recipe(name), distance_weight=weight)
            config = TrainingConfig(
                recipe=chosen, fold=fold, epochs=epochs, iterations=iterations, batch=batch, patch=patch_of(patch),
                learning_rate=learning_rate, seed=seed, workers=workers, device=device,
                network_options=options_of(option), channels_last=choose_device(device).type == "cpu",
            )  # fmt: skip
            folder = output / f"{name}_{weight:g}"
            say(f"{name} at weight {weight:g}")
            fit(config, dataset, folder, report=say)
            options = PredictionOptions(device=str(choose_device(device)))
            scores = score_held_out(load_models(folder)[0], dataset, fold, options)
            parts.append(scores.assign(recipe=name, weight=weight))
    table = pd.concat(parts, ignore_index=True)
    table.to_csv(output / "sweep.csv", index=False)
    typer.echo(summarise(table).to_string(index=False))
    draw(summarise(table), output / "sweep.png")


def summarise(table: "pd.DataFrame") -> "pd.DataFrame":
    """Average Dice and fragments over patients, one row a recipe, weight and label."""
    by = table.groupby(["recipe", "weight", "label"], sort=False)
    return by.agg(
        dice=("dice", "mean"), fragments=("fragments", "mean"), patients=("patient", "size")
    ).reset_index()


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
