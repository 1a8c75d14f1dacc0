"""`glioscope train fit`: train one fold of one recipe."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from training.commands.settings import Settings


def fit(
    data: Annotated[Path, typer.Argument(help="A prepared data set (glioscope train prepare).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the run; continued if it exists.")
    ],
    recipe: Annotated[str, typer.Option(help="Losses and network: see glioscope train recipes.")] = "distmap",
    fold: Annotated[int, typer.Option(help="Which fold is held out.")] = 0,
    engine: Annotated[Literal["loop", "nnunet"], typer.Option(help="Our loop, or nnU-Net.")] = "loop",
    settings: Settings = None,
) -> None:
    """Train one fold of one recipe, or go on where a killed run stopped.

    Writes checkpoints, log.jsonl and curves.png into the run's folder and prints the last checkpoint's path.
    With nnU-Net, results go to DATA/results, and epochs, iterations and device are the settings it takes.
    """
    from training.commands.asked import need, say, use_threads
    from training.commands.settings import config_with, data_folder

    need("torch", "batchgeneratorsv2", *(["nnunetv2"] if engine == "nnunet" else []))
    data_folder(data)
    use_threads()
    config = config_with(recipe, fold, settings)
    if engine == "nnunet":
        from training.devices import choose_device
        from training.nnunet.running import train_fold

        device = choose_device(config.device)
        typer.echo(
            train_fold(data, recipe, fold, epochs=config.epochs, iterations=config.iterations, device=device)
        )
        return
    from training.dataset import open_dataset
    from training.loop import fit as train

    typer.echo(train(config, open_dataset(data), output, report=say))


def recipes() -> None:
    """List the recipes and what each trains with."""
    from training.recipes import recipes as known

    for name, one in known().items():
        typer.echo(f"{name:22}{one.title}")
