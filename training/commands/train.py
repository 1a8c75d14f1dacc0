"""`glioscope train`: everything from a study to trained models."""

import typer

from training.commands.calibrate import calibrate
from training.commands.fit import fit, recipes
from training.commands.prepare import prepare
from training.commands.sweep import sweep
from training.commands.trainers_path import trainers_path
from training.commands.vote import vote

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Train segmentation models: Baseline, DistMap and others.",
)
for _command in (prepare, recipes, fit, sweep, calibrate, vote):
    app.command()(_command)
app.command("trainers-path")(trainers_path)
