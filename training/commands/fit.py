"""`glioscope train fit`: train one fold of one recipe."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def fit(
    data: Annotated[Path, typer.Argument(help="A prepared data set (glioscope train prepare).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the run; continued if it exists.")
    ],
    recipe: Annotated[str, typer.Option(help="Which losses and network; `list` prints them.")] = "distmap",
    fold: Annotated[int, typer.Option(help="Which fold is held out.")] = 0,
    epochs: Annotated[int, typer.Option(help="Epochs.")] = 300,
    iterations: Annotated[int, typer.Option(help="Steps an epoch.")] = 250,
    validation_iterations: Annotated[int, typer.Option(help="Validation batches an epoch.")] = 50,
    batch: Annotated[int, typer.Option(help="Patches a step.")] = 2,
    patch: Annotated[str | None, typer.Option(help="Patch z,y,x; the recipe's if not given.")] = None,
    weight: Annotated[float | None, typer.Option(help="Lambda of the distance loss.")] = None,
    weighting: Annotated[str | None, typer.Option(help="fixed, or dwa (Dynamic Weight Average).")] = None,
    network: Annotated[str | None, typer.Option(help="Another network than the recipe's.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Of the network, NAME=JSON. Repeatable.")] = None,
    learning_rate: Annotated[float, typer.Option(help="At the start.")] = 1e-3,
    precision: Annotated[Literal["bf16", "fp32"], typer.Option(help="On a GPU.")] = "bf16",
    seed: Annotated[int, typer.Option(help="Of weights, patches and augmentation.")] = 42,
    workers: Annotated[int, typer.Option(help="Processes that make patches ahead.")] = 4,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    compile: Annotated[bool, typer.Option("--compile", help="Use torch.compile.")] = False,  # noqa: A002 - the flag's name
    engine: Annotated[Literal["loop", "nnunet"], typer.Option(help="Our loop, or nnU-Net.")] = "loop",
) -> None:
    """Train one fold of one recipe, or go on where a killed run stopped.

    Writes checkpoints, log.jsonl and curves.png into the run's folder and prints the last checkpoint's path.
    """
    from training.commands.asked import need, options_of, patch_of, say, use_threads

    need("torch", "batchgeneratorsv2", *(["nnunetv2"] if engine == "nnunet" else []))
    from training.config import TrainingConfig
    from training.dataset import open_dataset
    from training.devices import choose_device
    from training.loop import fit as train
    from training.recipes import recipe as recipe_named
    from training.recipes import recipes, with_changes

    if recipe == "list":
        for name, one in recipes().items():
            typer.echo(f"{name:20} {one.title}")
        return
    use_threads()
    if engine == "nnunet":
        from training.nnunet.running import train_fold

        typer.echo(
            train_fold(data, recipe, fold, epochs=epochs, iterations=iterations, device=choose_device(device))
        )
        return
    chosen = with_changes(recipe_named(recipe), distance_weight=weight, weighting=weighting, network=network)
    config = TrainingConfig(
        recipe=chosen, fold=fold, epochs=epochs, iterations=iterations, validation_iterations=validation_iterations,
        batch=batch, patch=patch_of(patch), learning_rate=learning_rate, precision=precision, seed=seed,
        workers=workers, device=device, compile=compile, network_options=options_of(option),
        channels_last=choose_device(device).type == "cpu",
    )  # fmt: skip
    typer.echo(train(config, open_dataset(data), output, report=say))
