"""`glioscope train fit`: train one fold of one recipe."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from analysis.cohort.usage import UsageError
from training.commands.settings import Settings


def fit(
    data: Annotated[Path, typer.Argument(help="A prepared data set (glioscope train prepare).")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of the run of our loop; continued if it exists."),
    ] = None,
    recipe: Annotated[str, typer.Option(help="Losses and network: see glioscope train recipes.")] = "distmap",
    fold: Annotated[int, typer.Option(help="Which fold is held out.")] = 0,
    engine: Annotated[Literal["loop", "nnunet"], typer.Option(help="Our loop, or nnU-Net.")] = "loop",
    settings: Settings = None,
) -> None:
    """Train one fold of one recipe, or go on where a killed run stopped.

    Writes checkpoints, log.jsonl and curves.png into the run's folder and prints the last checkpoint's path.
    With nnU-Net, results go to DATA/results, and of the settings it takes epochs, iterations,
    validation_iterations, learning_rate, weight_decay, device, distance_weight and weighting.
    """
    from training.commands.asked import need, say, use_threads
    from training.commands.settings import check_settings, config_with, data_folder

    need("torch", "batchgeneratorsv2", *(["nnunetv2"] if engine == "nnunet" else []))
    data_folder(data)
    if engine == "nnunet" and output is not None:
        raise UsageError(f"nnU-Net writes to {data}/results, and takes no --output")
    use_threads()
    config = config_with(recipe, fold, settings)
    if engine == "nnunet":
        from training.devices import choose_device, out_of_memory_named
        from training.nnunet.running import SETTINGS, train_fold

        check_settings(settings, SETTINGS, "nnU-Net's trainers")
        with out_of_memory_named("with the plan's patch and batch", "prepare again with a smaller --patch"):
            typer.echo(train_fold(data, config, choose_device(config.device)))
        return
    if output is None:
        raise UsageError("our loop needs a folder for the run: --output runs/RECIPE/fold_K")
    from training.dataset import open_dataset
    from training.loop import fit as train

    typer.echo(train(config, open_dataset(data), output, report=say))


def recipes() -> None:
    """List the recipes and what each trains with."""
    from training.recipes import recipes as known

    for name, one in known().items():
        typer.echo(f"{name:22}{one.title}")
