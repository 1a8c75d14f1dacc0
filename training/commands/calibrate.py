"""`glioscope train calibrate`: the weight at which both losses begin equally large."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer


def calibrate(
    data: Annotated[Path, typer.Argument(help="A prepared data set.")],
    recipe: Annotated[str, typer.Option(help="A recipe with a distance loss.")] = "distmap",
    batches: Annotated[int, typer.Option(help="First so many batches are averaged.")] = 20,
    batch: Annotated[int, typer.Option(help="Patches a batch.")] = 2,
    patch: Annotated[str | None, typer.Option(help="Patch z,y,x.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Of the network, NAME=JSON. Repeatable.")] = None,
    seed: Annotated[int, typer.Option(help="Of weights and patches; the paper's is 42.")] = 42,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="Figures as JSON.")] = False,
) -> None:
    """Print the two losses of an untrained network and their ratio, the "gradient-balanced" lambda.

    The paper measures 0.57 / 0.12 and prints 4.70 (the quotient is 4.75). nnU-Net's Dice part lies between -1
    and 0, so 1 is added to compare magnitudes.
    """
    from training.commands.asked import need, options_of, patch_of, use_threads

    need("torch", "batchgeneratorsv2")
    from training.calibration import initial_losses
    from training.config import TrainingConfig
    from training.dataset import open_dataset
    from training.recipes import recipe as recipe_named

    use_threads()
    config = TrainingConfig(
        recipe=recipe_named(recipe), batch=batch, patch=patch_of(patch), seed=seed, workers=0, device=device,
        network_options=options_of(option),
    )  # fmt: skip
    found = initial_losses(config, open_dataset(data), batches)
    if json:
        typer.echo(json_format.dumps(found))
        return
    typer.echo(
        f"region {found['region']:.4f}   distance {found['distance']:.4f}   lambda {found['lambda']:.2f}"
    )
