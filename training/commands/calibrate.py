"""`glioscope train calibrate`: the weight at which both losses begin equally large."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from training.commands.settings import Settings


def calibrate(
    data: Annotated[Path, typer.Argument(help="A prepared data set.")],
    recipe: Annotated[str, typer.Option(help="A recipe with a distance loss.")] = "distmap",
    batches: Annotated[int, typer.Option(min=1, help="First so many batches are averaged.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Figures as JSON.")] = False,
    settings: Settings = None,
) -> None:
    """Print the two losses of an untrained network and their ratio, the "gradient-balanced" lambda.

    The paper measures 0.57 / 0.12 with seed 42 and prints 4.70 (the quotient is 4.75). nnU-Net's Dice part
    lies between -1 and 0, so 1 is added to compare magnitudes.
    """
    from training.commands.asked import need, use_threads
    from training.commands.settings import config_with, data_folder

    need("torch", "batchgeneratorsv2")
    data_folder(data)
    from training.calibration import initial_losses
    from training.dataset import open_dataset

    use_threads()
    found = initial_losses(config_with(recipe, 0, settings), open_dataset(data), batches)
    if json:
        typer.echo(json_format.dumps(found))
        return
    typer.echo(
        f"region {found['region']:.4f}   distance {found['distance']:.4f}   lambda {found['lambda']:.2f}"
    )
